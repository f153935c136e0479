// SPDX-License-Identifier: Apache-2.0
//
// A step allocates nothing once the arenas are prepared, whatever the circuit.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/core/support/toy_circuits.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PHASIC_OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PHASIC_OWN_ALLOCATOR 1
#endif
#endif

// The sanitizers bring an allocator of their own, which must not be replaced.
#ifndef PHASIC_OWN_ALLOCATOR

namespace {
thread_local int64_t allocations = 0;

void* Count(size_t size, size_t alignment) {
  ++allocations;
  void* p = alignment > 16
                ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                : std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(size_t size) { return Count(size, 16); }
void* operator new[](size_t size) { return Count(size, 16); }
void* operator new(size_t size, std::align_val_t a) { return Count(size, static_cast<size_t>(a)); }
void* operator new[](size_t size, std::align_val_t a) {
  return Count(size, static_cast<size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { std::free(p); }

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
      const int64_t before = allocations;
      agent.Step(input, action);
      ASSERT_EQ(allocations, before) << toy.name << ", step " << i;
    }
    const RewardInput reward{0, {Real{1}}};
    const int64_t before = allocations;
    agent.Reward(reward, true);
    agent.ResetEpisode(true);
    EXPECT_EQ(allocations, before) << toy.name;
  }
}

}  // namespace
}  // namespace phasic::testing

#endif  // PHASIC_OWN_ALLOCATOR
