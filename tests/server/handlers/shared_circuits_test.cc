// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/shared_circuits.h"

#include <gtest/gtest.h>

#include "tests/server/support/circuits.h"

namespace phasic::handlers {
namespace {

using testing::CompileOrDie;
using testing::LearnerSpec;

TEST(SharedCircuits, EqualSpecsShareOne) {
  Budget budget(10, 1 << 20);
  SharedCircuits circuits(budget);
  const auto first = circuits.Share(CompileOrDie(LearnerSpec()));
  EXPECT_GT(budget.use().bytes, 0);
  EXPECT_EQ(budget.use().places, 0);
  const int64_t bytes = budget.use().bytes;
  EXPECT_EQ(circuits.Share(CompileOrDie(LearnerSpec())).get(), first.get());
  EXPECT_EQ(budget.use().bytes, bytes);
}

TEST(SharedCircuits, DifferentSpecsDoNot) {
  Budget budget(10, 1 << 20);
  SharedCircuits circuits(budget);
  const auto first = circuits.Share(CompileOrDie(LearnerSpec()));
  CircuitSpec other = LearnerSpec();
  other.projections[0].initial.mean = 0.5;  // shapes no state
  const auto second = circuits.Share(CompileOrDie(other));
  EXPECT_NE(first.get(), second.get());
  EXPECT_EQ(second->spec().projections[0].initial.mean, 0.5);
}

TEST(SharedCircuits, ACircuitGoesWithItsLastAgent) {
  Budget budget(10, 1 << 20);
  SharedCircuits circuits(budget);
  for (int i = 0; i < 100; ++i) {
    CircuitSpec spec = LearnerSpec();
    spec.projections[0].initial.mean = i;
    ASSERT_NE(circuits.Share(CompileOrDie(spec)), nullptr);
    EXPECT_EQ(budget.use().bytes, 0);
  }
}

TEST(SharedCircuits, TakesRoom) {
  Budget tiny(10, 100);
  SharedCircuits circuits(tiny);
  EXPECT_EQ(circuits.Share(CompileOrDie(LearnerSpec())), nullptr);
  CircuitSpec heavy = LearnerSpec();
  const int64_t light_bytes = SharedCircuits::BytesOf(*CompileOrDie(heavy));
  heavy.projections[0].initial = {};
  heavy.projections[0].initial.values.assign(12, 0.5f);
  EXPECT_GT(SharedCircuits::BytesOf(*CompileOrDie(heavy)), light_bytes);
}

}  // namespace
}  // namespace phasic::handlers
