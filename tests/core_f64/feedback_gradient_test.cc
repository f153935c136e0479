// SPDX-License-Identifier: Apache-2.0
//
// The feedback sweep, proved: a 5-4-3 net of tanh and softmax units whose hidden layer learns from
// the error that comes down through transposed weights. The change that the core makes, averaged
// over the actions, is the gradient of the expected reward.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <map>

#include "core/circuit/agent.h"

namespace phasic {
namespace {

static_assert(sizeof(Real) == 8);
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int kIn = 5, kHidden = 4, kActions = 3;
const Eigen::VectorXd& Observation() {
  static const Eigen::VectorXd x =
      (Eigen::VectorXd(kIn) << 0.5, -1.0, 0.25, 0.75, -0.125).finished();
  return x;
}
const Eigen::Vector3d kReward(1.0, -0.5, 2.0);

Eigen::Vector3d Probabilities(const Matrix& lower, const Matrix& upper) {
  const Eigen::VectorXd hidden = (lower * Observation()).array().tanh();
  const Eigen::Vector3d e = (upper * hidden).array().exp();
  return e / e.sum();
}

CircuitSpec Spec() {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kIn}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kIn},
                   {.name = "hidden",
                    .model = "rate",
                    .size = kHidden,
                    .parameters = {{"transfer", std::string("tanh")}}},
                   {.name = "policy", .model = "softmax", .size = kActions}};
  ProjectionSpec lower{.name = "lower", .source = "in", .target = "hidden"};
  lower.initial = {InitialWeights::Distribution::kNormal, 0, 0.6, {}};
  lower.rule = {.name = "policy-gradient",
                .parameters = {{"learning_rate", 1.0}},
                .bindings = {{"reward", "reward"}}};
  ProjectionSpec upper{.name = "upper", .source = "hidden", .target = "policy"};
  upper.initial = {InitialWeights::Distribution::kNormal, 0, 0.6, {}};
  upper.rule = {.name = "reinforce-trace",
                .parameters = {{"learning_rate", 1.0}},
                .bindings = {{"reward", "reward"}}};
  ProjectionSpec back{.name = "back", .source = "policy.score", .target = "hidden.topdown"};
  back.transpose_of = "upper";
  s.projections = {lower, upper, back};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "action", .source = "policy", .decoder = "index"}};
  return s;
}

TEST(FeedbackGradientTest, TwoLayersLearnTheExactPolicyGradient) {
  auto circuit = Circuit::Compile(Spec());
  ASSERT_TRUE(circuit.ok()) << circuit.status();
  const Agent fresh(*circuit, 1);
  const auto weights = [](const Agent& agent, int link, int rows, int cols) -> Matrix {
    return Eigen::Map<const Matrix>(agent.state().data<Real>(agent.circuit().links()[link].weights),
                                    rows, cols);
  };
  const Matrix lower = weights(fresh, 0, kHidden, kIn),
               upper = weights(fresh, 1, kActions, kHidden);

  // Each action's change, for the same weights: the seed decides which is drawn.
  std::map<int, std::pair<Matrix, Matrix>> changes;
  std::vector<float> observation(Observation().data(), Observation().data() + kIn);
  for (uint64_t seed = 0; changes.size() < kActions && seed < 10'000; ++seed) {
    Agent agent = fresh;
    agent.set_seed(seed);
    float action = 0;
    StepInput input;
    input.observation = observation;
    agent.Step(input, {&action, 1});
    agent.Reward({0, {kReward[static_cast<int>(action)]}}, true);
    changes[static_cast<int>(action)] = {weights(agent, 0, kHidden, kIn) - lower,
                                         weights(agent, 1, kActions, kHidden) - upper};
  }
  ASSERT_EQ(changes.size(), static_cast<size_t>(kActions));
  const Eigen::Vector3d p = Probabilities(lower, upper);
  Matrix lower_gradient = Matrix::Zero(kHidden, kIn),
         upper_gradient = Matrix::Zero(kActions, kHidden);
  for (const auto& [action, change] : changes) {
    lower_gradient += p[action] * change.first;
    upper_gradient += p[action] * change.second;
  }

  constexpr double kStep = 1e-5;
  const auto differences = [&](const Matrix& at, auto&& reward) {
    Matrix g(at.rows(), at.cols());
    for (int n = 0; n < at.size(); ++n) {
      Matrix up = at, down = at;
      up.data()[n] += kStep;
      down.data()[n] -= kStep;
      g.data()[n] = (reward(up) - reward(down)) / (2 * kStep);
    }
    return g;
  };
  const Matrix lower_exact =
      differences(lower, [&](const Matrix& w) { return Probabilities(w, upper).dot(kReward); });
  const Matrix upper_exact =
      differences(upper, [&](const Matrix& w) { return Probabilities(lower, w).dot(kReward); });
  EXPECT_LT((lower_gradient - lower_exact).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT((upper_gradient - upper_exact).cwiseAbs().maxCoeff(), 1e-9);
}

}  // namespace
}  // namespace phasic
