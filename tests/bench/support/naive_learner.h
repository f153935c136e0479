// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tests/bench/support/learner.h"

namespace phasic::testing {

// What a LearnerSpec says, every synapse at every step, in double.
class NaiveLearner {
 public:
  // With the agent's weights.
  NaiveLearner(const LearnerSpec& spec, const Agent& agent);

  // Returns y.
  std::vector<double> Step(std::span<const float> x, double reward);

  // Target by source, 0 where there is no synapse.
  const std::vector<double>& w() const { return w_; }
  double share_at_bounds() const;

 private:
  void Apply(double reward);

  const LearnerSpec spec_;
  std::vector<double> w_, e_, exists_;
};

// An agent's weights in the same order.
std::vector<double> WeightsOf(const Agent& agent);

}  // namespace phasic::testing
