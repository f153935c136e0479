// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/server/support/circuits.h"
#include "tests/server/support/importer.h"

// What the fuzz target `import` begins with.
namespace phasic::testing {

// The circuit of every agent that it imports.
inline std::shared_ptr<const Circuit> FuzzedCircuit() {
  static const std::shared_ptr<const Circuit> circuit = [] {
    CircuitSpec spec = LearnerSpec();
    spec.projections[0].min_weight = -2;
    spec.projections[0].max_weight = 2;
    spec.projections[0].delay = 2;
    return CompileOrDie(spec);
  }();
  return circuit;
}

inline std::string FileOf(const ExportedAgent& exported) {
  std::string file;
  const auto written = WriteAgentFile(exported, {"circuit"}, [&](std::string_view chunk) {
    file += chunk;
    return true;
  });
  return written.ok() ? file : "";
}

inline void StepSome(Agent& agent, int steps) {
  const std::vector<float> observation = {0.5f, -0.25f, 1.0f};
  std::vector<float> action(agent.circuit().action_size());
  const RewardInput reward{0, {Real(0.5)}};
  for (int i = 0; i < steps && agent.divergence().column == kNoColumn; ++i) {
    StepInput input;
    input.observation = observation;
    input.rewards = {&reward, 1};
    input.end = i % 5 == 4 ? End::kTruncated : End::kNone;
    agent.Step(input, action);
  }
}

// Good files: of a new agent, and of one that has lived.
inline std::vector<std::string> ImportSeeds() {
  std::vector<std::string> seeds;
  for (const int steps : {0, 20}) {
    ExportedAgent exported(Agent(FuzzedCircuit(), 5));
    StepSome(exported.agent, steps);
    exported.settings.labels = {{"env", "maze"}};
    exported.reward_ids = {"a", "b"};
    exported.numerics = {1};
    seeds.push_back(FileOf(exported));
  }
  return seeds;
}

}  // namespace phasic::testing
