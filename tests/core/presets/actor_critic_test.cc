// SPDX-License-Identifier: Apache-2.0
//
// How the preset `actor-critic` fits itself to its spaces, and that it learns to control.
#include <gtest/gtest.h>

#include <cmath>

#include "core/presets/presets.h"
#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

using List = std::vector<double>;
constexpr double kInf = std::numeric_limits<double>::infinity();

CircuitSpec Built(const Space& observation, const Space& action, const ParamMap& parameters = {}) {
  std::vector<Violation> violations;
  CircuitSpec spec = BuildPreset("actor-critic", parameters,
                                 {{"observation", observation}, {"action", action}}, &violations);
  for (const Violation& v : violations) ADD_FAILURE() << v.field << ": " << v.description;
  return spec;
}

std::string Fault(const Space& observation, const Space& action, const ParamMap& parameters) {
  std::vector<Violation> violations;
  BuildPreset("actor-critic", parameters, {{"observation", observation}, {"action", action}},
              &violations);
  return violations.empty() ? "" : violations[0].field;
}

const ProjectionSpec& Projection(const CircuitSpec& spec, const std::string& name) {
  for (const ProjectionSpec& p : spec.projections) {
    if (p.name == name) return p;
  }
  ADD_FAILURE() << "no projection " << name;
  std::abort();
}

double Rate(const CircuitSpec& spec, const std::string& name) {
  return std::get<double>(Projection(spec, name).rule.parameters.at("learning_rate"));
}

List Range(const CircuitSpec& spec, const std::string& end) {
  return std::get<List>(spec.inputs[0].parameters.at(end));
}

const Space kTwo = Space::Discrete(2);

TEST(ActorCriticTest, TheGridCoversTheBoundsThatThereAreAndThreeToEachSideOfNone) {
  const CircuitSpec spec =
      Built(Space::Box({5}, {-1, -kInf, 0, -kInf, -3e38}, {2, kInf, kInf, 1, 3e38}), kTwo);
  EXPECT_EQ(Range(spec, "low"), (List{-1, -3, 0, -5, -3}));
  EXPECT_EQ(Range(spec, "high"), (List{2, 3, 6, 1, 3}));
  const CircuitSpec given = Built(Space::Box({2}), kTwo, {{"low", -1.0}, {"high", List{1, 2}}});
  EXPECT_EQ(Range(given, "low"), (List{-1, -1}));
  EXPECT_EQ(Range(given, "high"), (List{1, 2}));
}

TEST(ActorCriticTest, TheGridIsAsFineAsItsSizeAllows) {
  const std::pair<int, int> units[] = {
      {1, 15},  {2, 15 * 15}, {3, 11 * 11 * 11}, {4, 6 * 6 * 6 * 6},
      {6, 729}, {7, 7 * 15},  {100, 100 * 15}};
  for (const auto& [elements, places] : units) {
    EXPECT_EQ(Built(Space::Box({elements}, {0}, {1}), kTwo).populations[0].size, places)
        << elements;
  }
  EXPECT_EQ(Built(Space::Discrete(9), kTwo).populations[0].size, 9);
  EXPECT_EQ(Built(Space::MultiBinary(4), kTwo).populations[0].size, 16);
  EXPECT_EQ(Built(Space::MultiBinary(20), kTwo).populations[0].size, 40);
  EXPECT_EQ(Built(Space::Box({4}), kTwo, {{"bins", List{4, 4, 7, 7}}}).populations[0].size, 784);
}

TEST(ActorCriticTest, RatesAreForACodeOfUnitLength) {
  // The mean squared length of the code, measured on the encoder itself.
  for (const Space& space : {Space::Box({1}, {0}, {1}), Space::Box({2}, {-1}, {1}),
                             Space::Box({8}, {0}, {1}), Space::MultiBinary(3)}) {
    const CircuitSpec spec = Built(space, kTwo, {{"critic_rate", 0.1}, {"actor_rate", 0.2}});
    Probe probe(spec);
    constexpr int kSteps = 4000;
    double power = 0;
    for (int t = 0; t < kSteps; ++t) {
      const Random random(5, 1, static_cast<uint64_t>(t));
      std::vector<float> x;
      for (int i = 0; i < space.size(); ++i) {
        const double u = random.Uniform(static_cast<uint32_t>(i));
        x.push_back(static_cast<float>(space.kind == Space::Kind::kBox
                                           ? space.lower(i) + u * (space.upper(i) - space.lower(i))
                                           : std::floor(2 * u)));
      }
      probe.Step(x);
      for (const Real a : probe.Read("place", "rate")) power += a * a;
    }
    power /= kSteps;
    EXPECT_NEAR(Rate(spec, "value_weights") * power, 0.1, 0.005) << space.ToString();
    EXPECT_NEAR(Rate(spec, "policy_weights") * power, 0.2, 0.01) << space.ToString();
  }
  EXPECT_DOUBLE_EQ(Rate(Built(Space::Discrete(9), kTwo, {{"critic_rate", 0.1}}), "value_weights"),
                   0.1);
}

TEST(ActorCriticTest, ABoxActionBeginsInTheMiddleOfItsRange) {
  CircuitSpec spec =
      Built(Space::Box({1}, {0}, {1}), Space::Box({3}, {2, -1, -kInf}, {6, 1, kInf}));
  EXPECT_EQ(std::get<double>(spec.populations[2].parameters.at("sigma")), 0.5);
  Probe probe(spec);
  StepInput greedy;
  greedy.greedy = true;
  for (const float x : {0.f, 0.4f, 1.f}) {
    const auto action = probe.Step({x}, greedy);
    EXPECT_NEAR(action[0], 4, 1e-5);
    EXPECT_NEAR(action[1], 0, 1e-5);
    EXPECT_NEAR(action[2], 0, 1e-5);
  }
}

TEST(ActorCriticTest, ParametersThatTheSpacesLeaveWithoutMeaningAreRefused) {
  const Space box = Space::Box({2}, {0}, {1});
  EXPECT_EQ(Fault(Space::Discrete(3), kTwo, {{"bins", 3.0}}), "parameters.bins");
  EXPECT_EQ(Fault(Space::Discrete(3), kTwo, {{"width", 0.3}}), "parameters.width");
  EXPECT_EQ(Fault(Space::MultiBinary(3), kTwo, {{"low", 0.0}}), "parameters.low");
  EXPECT_EQ(Fault(box, kTwo, {{"sigma", 0.3}}), "parameters.sigma");
  EXPECT_EQ(Fault(box, Space::Box({1}), {{"temperature", 0.3}}), "parameters.temperature");
  EXPECT_EQ(Fault(box, kTwo, {{"high", List{1, 2, 3}}}), "parameters.high");
  EXPECT_EQ(Fault(box, kTwo, {{"low", List{0, 2}}}), "parameters.low");
}

// Gymnasium's CartPole-v1 (Barto, Sutton, Anderson 1983): its dynamics, its limits, its spaces.
class CartPole {
 public:
  explicit CartPole(uint64_t seed) : seed_(seed) { Reset(); }
  static Space Observation() {
    return Space::Box({4}, {-4.8, -kInf, -0.41887903, -kInf}, {4.8, kInf, 0.41887903, kInf});
  }
  void Reset() {
    const Random random(seed_, 9, episode_++);
    double* const state[] = {&x_, &v_, &angle_, &spin_};
    for (uint32_t i = 0; i < 4; ++i) *state[i] = 0.1 * random.Uniform(i) - 0.05;
    steps_ = 0;
  }
  void Step(bool right) {
    const double force = right ? 10 : -10, c = std::cos(angle_), s = std::sin(angle_);
    const double push = (force + 0.05 * spin_ * spin_ * s) / 1.1;
    const double turn = (9.8 * s - c * push) / (0.5 * (4 / 3.0 - 0.1 * c * c / 1.1));
    const double move = push - 0.05 * turn * c / 1.1;
    x_ += 0.02 * v_;
    v_ += 0.02 * move;
    angle_ += 0.02 * spin_;
    spin_ += 0.02 * turn;
    ++steps_;
  }
  std::vector<float> Observe() const {
    return {static_cast<float>(x_), static_cast<float>(v_), static_cast<float>(angle_),
            static_cast<float>(spin_)};
  }
  bool Fallen() const {
    return std::abs(x_) > 2.4 || std::abs(angle_) > 12 * 2 * 3.14159265358979 / 360;
  }
  int steps() const { return steps_; }

 private:
  uint64_t seed_, episode_ = 0;
  double x_ = 0, v_ = 0, angle_ = 0, spin_ = 0;
  int steps_ = 0;
};

// Episodes until the mean return of the last 100 reaches 475; 401 when it does not within 400.
int EpisodesToSolve(uint64_t seed) {
  Probe probe(Built(CartPole::Observation(), kTwo), seed);
  CartPole cart(seed);
  const RewardInput one{0, {1}};
  std::vector<float> unused(1);
  std::vector<int> returns;
  while (returns.size() < 400) {
    cart.Reset();
    StepInput input;
    while (!cart.Fallen() && cart.steps() < 500) {
      cart.Step(probe.Step(cart.Observe(), input)[0] != 0);
      input.rewards = {&one, 1};
    }
    const auto last = cart.Observe();
    input.end = cart.Fallen() ? End::kTerminated : End::kTruncated;
    if (!cart.Fallen()) input.observation = last;
    probe.agent().Step(input, unused);
    returns.push_back(cart.steps());
    int sum = 0;
    for (size_t i = returns.size() < 100 ? 0 : returns.size() - 100; i < returns.size(); ++i) {
      sum += returns[i];
    }
    if (returns.size() >= 100 && sum >= 47'500) return static_cast<int>(returns.size());
  }
  return 401;
}

TEST(ActorCriticTest, SolvesCartPoleFromItsSpacesAlone) {
  for (uint64_t seed = 1; seed <= 3; ++seed) EXPECT_LE(EpisodesToSolve(seed), 400) << seed;
}

}  // namespace
}  // namespace phasic::testing
