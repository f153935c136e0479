// SPDX-License-Identifier: Apache-2.0
//
// The three forms of the covariance rule have one mean (Loewenstein and Seung 2006): the covariance
// of reward and activity, times what comes in. Three Bernoulli neurons on a fixed drive; the reward
// is a table over their eight states, 2 too large, so that the covariance can be listed. Means that
// take in the present only after its use leave no factor (1 - alpha). But two running means of
// finite memory covary themselves, so where both sides are centred the mean is larger by
//
//   Cov(mean R, mean a) / Cov(R, a) = alpha beta / (alpha + beta - alpha beta)
//
// for their rates alpha and beta, which vanishes with either.
#include <array>
#include <cmath>
#include <string_view>

#include "tests/support/report.h"
#include "tests/verify/compiled.h"

namespace phasic::testing {
namespace {

constexpr int kUnits = 3, kStates = 1 << kUnits, kSamples = 1'000'000;
constexpr std::array<double, kUnits> kDrive = {0.4, -0.8, 0.1};
constexpr std::array<double, kStates> kReward = {2.0, 1.2, 3.1, 2.6, 1.7, 0.9, 2.2, 3.4};
constexpr float kInput = 0.5f;
constexpr double kAlpha = 0.05, kBeta = 0.1;  // of the mean activity and the mean reward

struct Form {
  const char *name, *centred, *modulator;
};
constexpr Form kForms[] = {{"both centred", "yes", "baseline"},
                           {"reward centred", "no", "baseline"},
                           {"activity centred", "yes", "raw"}};

// Cov(R, x_i) times the input, by listing.
std::array<double, kUnits> Covariance() {
  std::array<double, kUnits> product{}, mean{};
  double reward = 0;
  for (int state = 0; state < kStates; ++state) {
    double p = 1;
    for (int i = 0; i < kUnits; ++i) {
      const double on = 1 / (1 + std::exp(-kDrive[i]));
      p *= ((state >> i) & 1) != 0 ? on : 1 - on;
    }
    reward += p * kReward[state];
    for (int i = 0; i < kUnits; ++i) {
      const int x = (state >> i) & 1;
      product[i] += p * kReward[state] * x;
      mean[i] += p * x;
    }
  }
  for (int i = 0; i < kUnits; ++i) product[i] = kInput * (product[i] - reward * mean[i]);
  return product;
}

CircuitSpec Net(const Form& form) {
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({1}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = 1},
                   {.name = "h", .model = "bernoulli", .size = kUnits}};
  // The drive comes by weights that stay; those that learn begin at 0, and are put back there.
  ProjectionSpec fixed{.name = "fixed", .source = "in", .target = "h"};
  for (const double drive : kDrive) {
    fixed.initial.values.push_back(static_cast<Real>(drive / kInput));
  }
  ProjectionSpec p{.name = "w", .source = "in", .target = "h"};
  p.rule = {.name = "covariance",
            .parameters = {{"learning_rate", 1.0},
                           {"centred", std::string(form.centred)},
                           {"alpha", kAlpha}},
            .bindings = {{"reward", "reward"}}};
  s.projections = {fixed, p};
  s.modulators = {{.name = "reward", .model = form.modulator}};
  if (std::string_view(form.modulator) == "baseline") s.modulators[0].parameters["alpha"] = kBeta;
  s.outputs = {{.name = "action", .source = "h", .decoder = "bits"}};
  return s;
}

void Run(Report& report) {
  const auto exact = Covariance();
  double most = 0;
  for (const Form& form : kForms) {
    Agent agent(Compiled(Net(form)), report.seed());
    const auto w = WeightsOf(agent, "w");
    std::array<double, kUnits> sum{}, square{};
    const float x = kInput;
    std::array<float, kUnits> action{};
    // The running means find themselves first.
    for (int t = -1000; t < kSamples; ++t) {
      agent.Step({.observation = {&x, 1}}, action);
      int state = 0;
      for (int i = 0; i < kUnits; ++i) state |= static_cast<int>(action[i]) << i;
      agent.Reward({0, {static_cast<Real>(kReward[state])}}, true);
      for (int i = 0; i < kUnits; ++i) {
        const double change = w[i];
        w[i] = 0;
        if (t < 0) continue;
        sum[i] += change;
        square[i] += change * change;
      }
    }
    const bool both = &form == kForms;
    const double factor = both ? 1 + kAlpha * kBeta / (kAlpha + kBeta - kAlpha * kBeta) : 1;
    double worst = 0, variance = 0;
    for (int i = 0; i < kUnits; ++i) {
      const double mean = sum[i] / kSamples, v = square[i] / kSamples - mean * mean;
      worst = std::max(worst, std::abs(mean - factor * exact[i]) / std::sqrt(v / kSamples));
      variance += v;
    }
    const std::string name = form.name;
    report.AtMost(name + ": mean change against the covariance, standard errors", worst, 4);
    report.Measured(name + ": variance of a change", variance);
    if (both) {
      most = variance;
    } else {
      report.AtLeast(name + ": its variance over that of both centred", variance / most, 1);
    }
  }
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  phasic::testing::Run(report);
  return report.exit_code();
}
