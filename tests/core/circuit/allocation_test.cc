// SPDX-License-Identifier: Apache-2.0
//
// A step allocates nothing once the arenas are prepared, whatever the circuit.
#include <gtest/gtest.h>

#include "core/circuit/rewind.h"
#include "tests/core/support/toy_circuits.h"
#include "tests/support/allocations.h"

namespace phasic::testing {
namespace {

TEST(AllocationTest, AStepAllocatesNothing) {
  for (const ToyCircuit& toy : ToyCircuits()) {
    const auto circuit = CompileToy(toy.spec);
    ASSERT_NE(circuit, nullptr);
    Agent agent(circuit, 1);
    Script script(*circuit, 2);
    std::vector<float> action(circuit->action_size());
    agent.state().Prepare(10'000);
    for (int i = 0; i < 300; ++i) {
      const StepInput& input = script.At(i);
      const int64_t before = Allocations();
      agent.Step(input, action);
      ASSERT_EQ(Allocations(), before) << toy.name << ", step " << i;
    }
    const RewardInput reward{0, {Real{1}}};
    const int64_t before = Allocations();
    agent.Reward(reward, true);
    agent.ResetEpisode(true);
    EXPECT_EQ(Allocations(), before) << toy.name;
  }
}

void ExpectWayBackKeepsItsMemory(const ToyCircuit& toy, std::vector<std::byte>* spare) {
  const auto circuit = CompileToy(toy.spec);
  Agent agent(circuit, 1);
  Script script(*circuit, 2);
  std::vector<float> action(circuit->action_size());
  Rewind rewind;
  int64_t taken = 0;
  for (int i = 0; i < 600; ++i) {
    const StepInput& input = script.At(i);
    agent.state().Prepare(100);
    const int64_t before = Allocations();
    rewind.Begin(agent, 1e-6, spare);
    rewind.AddStep(input);
    agent.Step(input, action);
    rewind.Commit();
    if (i >= 300) taken += Allocations() - before;
  }
  // What grows, now and then, is the copy of an arena.
  EXPECT_LE(taken, circuit->layout().arenas == 0 ? 0 : 16) << toy.name;
}

TEST(AllocationTest, TheWayBackKeepsItsMemory) {
  std::vector<std::byte> spare;
  for (const ToyCircuit& toy : ToyCircuits()) {
    ExpectWayBackKeepsItsMemory(toy, nullptr);
    ExpectWayBackKeepsItsMemory(toy, &spare);
  }
}

}  // namespace
}  // namespace phasic::testing
