// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/naive_learner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace phasic::testing {
namespace {

// The values of synapses, as a matrix.
std::vector<double> Spread(const Link& link, const std::vector<Real>& values) {
  if (link.synapses == nullptr) return {values.begin(), values.end()};
  std::vector<double> matrix(static_cast<size_t>(link.post) * link.pre);
  for (size_t k = 0; k < values.size(); ++k) {
    matrix[link.synapses->target[k] * link.pre + link.synapses->source[k]] = values[k];
  }
  return matrix;
}

std::vector<Real> ReadWeights(const Agent& agent) {
  const auto bytes = agent.Read(agent.circuit().links()[0].weights);
  std::vector<Real> weights(bytes.size() / sizeof(Real));
  std::memcpy(weights.data(), bytes.data(), bytes.size());
  return weights;
}

}  // namespace

std::vector<double> WeightsOf(const Agent& agent) {
  return Spread(agent.circuit().links()[0], ReadWeights(agent));
}

NaiveLearner::NaiveLearner(const LearnerSpec& spec, const Agent& agent)
    : spec_(spec),
      w_(WeightsOf(agent)),
      e_(w_.size()),
      exists_(Spread(agent.circuit().links()[0],
                     std::vector<Real>(ReadWeights(agent).size(), Real{1}))) {}

std::vector<double> NaiveLearner::Step(std::span<const float> x, double reward) {
  const bool within = spec_.rewards == LearnerSpec::Rewards::kWithinTicks;
  if (!within) Apply(reward);
  const size_t n = x.size();
  std::vector<double> y(n);
  for (size_t i = 0; i < n; ++i) {
    y[i] = std::inner_product(x.begin(), x.end(), w_.begin() + static_cast<long>(i * n), 0.0);
    if (spec_.transfer == "tanh") y[i] = std::tanh(y[i]);
  }
  if (within) Apply(reward);
  const double decay = std::exp(-1 / kLearnerTau);
  for (size_t k = 0; k < e_.size(); ++k) {
    e_[k] = decay * e_[k] + exists_[k] * y[k / n] * x[k % n];
  }
  return y;
}

void NaiveLearner::Apply(double reward) {
  for (size_t k = 0; k < w_.size(); ++k) {
    w_[k] = std::clamp(w_[k] + spec_.rate * reward * e_[k], -spec_.bound, spec_.bound);
  }
}

double NaiveLearner::share_at_bounds() const {
  const auto bound =
      std::ranges::count_if(w_, [&](double w) { return std::fabs(w) == spec_.bound; });
  return static_cast<double>(bound) / std::accumulate(exists_.begin(), exists_.end(), 0.0);
}

}  // namespace phasic::testing
