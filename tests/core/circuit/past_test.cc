// SPDX-License-Identifier: Apache-2.0
//
// Rewards that name a step, against copies of every trace taken when it stood.
#include "core/circuit/past.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/errors.h"
#include "core/circuit/write.h"
#include "tests/core/support/probe.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

using Clock = When::Clock;
using ::testing::HasSubstr;

constexpr ParamInfo kParams[] = {
    {.name = "learning_rate", .description = "", .default_value = 0.5, .min = 0, .max = 10},
    {.name = "tau", .description = "", .default_value = 9, .min = 1, .max = 1000},
    {.name = "n", .description = "", .default_value = 3, .min = 1, .max = 100}};
constexpr FactorInfo kPost[] = {{"score", "", "score"}};
constexpr FactorInfo kPreFactor[] = {{"pre", "", kPre}};
constexpr GateInfo kGates[] = {{"reward", ""}};
constexpr Term TermOf(Kernel kernel, bool present = false) {
  return {.post = 0,
          .pre = 0,
          .kernel = kernel,
          .decay_parameter = kernel == Kernel::kDelay ? 2 : 1,
          .gate = 0,
          .present_pair = present};
}
// All kernels side by side.
constexpr Term kTerms[] = {TermOf(Kernel::kExp), TermOf(Kernel::kSum), TermOf(Kernel::kNone),
                           TermOf(Kernel::kDelay), TermOf(Kernel::kExp, true)};

class PastTest : public ::testing::Test {
 protected:
  static constexpr int kWindow = 40, kPreSize = 5, kPostSize = 3;

  static CircuitSpec Spec(int window = kWindow) {
    CircuitSpec s = DrivenPopulation("rate", kPreSize, {}, "rates");
    s.outputs.clear();
    s.reward_window = window;
    s.populations.push_back({.name = "out", .model = "bernoulli", .size = kPostSize});
    ProjectionSpec p{.name = "w", .source = "p", .target = "out"};
    p.rule = {.name = "test", .bindings = {{"reward", "reward"}}};
    s.projections = {p};
    s.modulators = {{.name = "reward", .model = "raw"}};
    s.outputs = {{.name = "action", .source = "out", .decoder = "bits"}};
    return s;
  }
  void Make(const CircuitSpec& spec, std::span<const Term> terms = kTerms) {
    rule_ = {.name = "test",
             .summary = "",
             .equations = "",
             .source = "",
             .params = kParams,
             .post_factors = kPost,
             .pre_factors = kPreFactor,
             .gates = kGates,
             .terms = terms};
    rules_.assign(ToyCatalogue().rules.begin(), ToyCatalogue().rules.end());
    rules_.push_back(&rule_);
    Catalogue catalogue = ToyCatalogue();
    catalogue.rules = rules_;
    std::vector<Violation> violations;
    circuit_ = Circuit::Compile(spec, catalogue, &violations);
    for (const Violation& v : violations) ADD_FAILURE() << v.field << ": " << v.description;
    ASSERT_NE(circuit_, nullptr);
    agent_ = std::make_unique<Agent>(circuit_, 3);
  }

  // One step with numbers of its own; what it was told of the rewards.
  std::vector<Disposition> Step(std::vector<RewardInput> rewards = {}, End end = End::kNone,
                                bool learning = true) {
    std::vector<float> observation(circuit_->observation_size()), action(circuit_->action_size());
    const Random random(11, 0, agent_->steps());
    for (size_t i = 0; i < observation.size(); ++i)
      observation[i] = static_cast<float>(random.Normal(static_cast<uint32_t>(i)));
    std::vector<Disposition> dispositions(rewards.size());
    StepInput input;
    input.observation = observation;
    input.rewards = rewards;
    input.end = end;
    input.learning = learning;
    input.dispositions = dispositions;
    const absl::Status status = agent_->Check(input);
    EXPECT_TRUE(status.ok()) << status;
    agent_->Step(input, action);
    return dispositions;
  }
  static RewardInput For(uint64_t step, double r, int channel = 0) {
    return {channel, {static_cast<Real>(r)}, step};
  }
  Disposition Reward(uint64_t step, double r, bool learning = true, int channel = 0) {
    const RewardInput reward = For(step, r, channel);
    const absl::Status status = agent_->CheckPast({&reward, 1}, learning);
    EXPECT_TRUE(status.ok()) << status;
    return agent_->Reward(reward, learning);
  }
  std::vector<Real> Weights() const {
    const auto w = agent_->state().span<Real>(circuit_->links()[0].weights);
    return {w.begin(), w.end()};
  }
  // What a reward now would meet, by term.
  std::vector<std::vector<Real>> Traces() const {
    const Link& link = circuit_->links()[0];
    const State& s = agent_->state();
    std::vector<std::vector<Real>> all;
    for (const BoundTerm& t : link.terms) {
      std::vector<Real> e(static_cast<size_t>(link.post) * link.pre);
      if (t.trace != kNoColumn) {
        const auto trace = s.span<Real>(t.trace);
        e.assign(trace.begin(), trace.end());
      } else {
        const uint32_t slot = *s.data<uint32_t>(t.ring_head);  // the oldest
        for (int i = 0; i < link.post; ++i) {
          for (int j = 0; j < link.pre; ++j)
            e[i * link.pre + j] = s.data<Real>(t.post_ring)[slot * link.post + i] *
                                  s.data<Real>(t.pre_ring)[slot * link.pre + j];
        }
      }
      all.push_back(std::move(e));
    }
    return all;
  }

  Rule rule_;
  std::vector<const Rule*> rules_;
  std::shared_ptr<const Circuit> circuit_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(PastTest, ARewardMeetsTheVeryTraceOfItsStep) {
  for (const int ticks : {1, 3}) {
    CircuitSpec spec = Spec();
    spec.ticks_per_step = ticks;
    Make(spec);
    std::vector<std::vector<std::vector<Real>>> traces;  // by step; none: nothing was decided
    for (int t = 0; t < 400; ++t) {
      const Random random(5, 0, t);
      const uint32_t chance = random.Bits(0) % 40;
      const End end = chance == 0 ? End::kTerminated : chance == 1 ? End::kTruncated : End::kNone;
      Step({}, end);
      traces.push_back(end == End::kNone ? Traces() : std::vector<std::vector<Real>>());
      if (chance == 2) agent_->ResetEpisode(true);
      if (chance == 3) {
        ASSERT_TRUE(agent_->Load(agent_->Save()).ok());
      }
      const uint64_t back = 1 + random.Bits(1) % kWindow;
      if (back > agent_->steps()) continue;
      const uint64_t step = agent_->steps() - back;
      std::vector<Real> expected = Weights();
      const Real c = static_cast<Real>(0.5 * static_cast<Real>(random.Normal(2)));
      const Disposition disposition = Reward(step, static_cast<Real>(random.Normal(2)));
      if (traces[step].empty()) {
        EXPECT_EQ(disposition, Disposition::kUnknownEvent);
      } else {
        EXPECT_EQ(disposition, Disposition::kApplied);
        for (const auto& e : traces[step]) {
          for (size_t i = 0; i < e.size(); ++i) expected[i] += c * e[i];
        }
      }
      ASSERT_EQ(Weights(), expected) << "step " << step << " after " << t;
    }
  }
}

TEST_F(PastTest, AReplayNeedsNoPairsOfWhichNothingIsLeft) {
  const Term term[] = {TermOf(Kernel::kExp)};
  CircuitSpec spec = Spec(200);
  spec.projections[0].rule.parameters = {{"tau", 1.0}};
  Make(spec, term);
  ASSERT_LT(circuit_->links()[0].terms[0].window.reach, 100u);
  std::vector<std::vector<Real>> traces;
  for (int t = 0; t < 500; ++t) {
    Step();
    traces.push_back(Traces()[0]);
    if (t % 7 != 0 || t < 200) continue;
    std::vector<Real> expected = Weights();
    const uint64_t step = t - 29 * (t % 6);
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += Real(0.5) * traces[step][i];
    Reward(step, 1);
    ASSERT_EQ(Weights(), expected);
  }
}

TEST_F(PastTest, ForTheLastStepItIsARewardNow) {
  Make(Spec(1));
  for (int t = 0; t < 100; ++t) {
    Step();
    auto now = std::make_unique<Agent>(*agent_);
    Reward(agent_->steps() - 1, 0.7);
    const std::vector<Real> weights = Weights();
    agent_ = std::move(now);
    agent_->Reward({0, {Real(0.7)}}, true);
    ASSERT_EQ(Weights(), weights);
  }
}

TEST_F(PastTest, EveryDispositionIsTold) {
  CircuitSpec spec = Spec(4);
  spec.modulators[0].early_window = 2;
  Make(spec);
  for (int t = 0; t < 6; ++t) Step();
  EXPECT_EQ(Reward(5, 1), Disposition::kApplied);
  EXPECT_EQ(Reward(2, 1), Disposition::kApplied);
  EXPECT_EQ(Reward(1, 1), Disposition::kExpired);
  EXPECT_EQ(Reward(0, 1), Disposition::kExpired);
  EXPECT_EQ(Reward(8, 1), Disposition::kUnknownEvent);
  EXPECT_EQ(Reward(5, 1, /*learning=*/false), Disposition::kNotLearning);
  EXPECT_EQ(Reward(6, 1, /*learning=*/false), Disposition::kNotLearning);
  EXPECT_EQ(Reward(7, 1), Disposition::kPending);
  EXPECT_EQ(Step({For(6, 1), For(3, 1), For(1, 1)}),
            (std::vector<Disposition>{Disposition::kPending, Disposition::kApplied,
                                      Disposition::kExpired}));
  Step({}, End::kTerminated);  // step 7 decides nothing
  EXPECT_EQ(Reward(7, 1), Disposition::kUnknownEvent);
  EXPECT_EQ(Reward(6, 1), Disposition::kApplied);
  EXPECT_EQ(agent_->Reward({0, {Real{1}}}, true), Disposition::kApplied);
  EXPECT_EQ(agent_->Reward({0, {Real{1}}}, false), Disposition::kNotLearning);
}

TEST_F(PastTest, AnEarlyRewardIsAppliedWhenItsStepIsDone) {
  CircuitSpec spec = Spec(4);
  spec.modulators[0].early_window = 3;
  Make(spec);
  Step();
  auto late = std::make_unique<Agent>(*agent_);
  EXPECT_EQ(Reward(3, 0.5), Disposition::kPending);
  EXPECT_EQ(Reward(3, 0.25), Disposition::kPending);
  const std::vector<Real> before = Weights();
  Step();
  Step();
  EXPECT_EQ(Weights(), before);
  Step();
  const std::vector<Real> early = Weights();
  EXPECT_NE(early, before);
  agent_ = std::move(late);
  for (int t = 0; t < 3; ++t) Step();
  Reward(3, 0.5);
  Reward(3, 0.25);
  EXPECT_EQ(Weights(), early);
}

TEST_F(PastTest, RewardsForOneStepCombineWhenItLeavesTheWindow) {
  const std::vector<double> rewards = {0.5, -1, 2, 0.25};
  const std::pair<Combine, double> cases[] = {{Combine::kMean, 0.4375},
                                              {Combine::kMin, -1},
                                              {Combine::kMax, 2},
                                              {Combine::kEarliest, 0.5},
                                              {Combine::kLatest, 0.25}};
  for (const auto& [combine, combined] : cases) {
    CircuitSpec spec = Spec(4);
    spec.modulators[0].combine = combine;
    spec.modulators[0].early_window = 1;
    Make(spec);
    Step();
    const std::vector<Real> before = Weights();
    EXPECT_EQ(Reward(1, rewards[0]), Disposition::kPending);
    Step();
    const auto traces = Traces();
    for (size_t i = 1; i < rewards.size(); ++i) {
      EXPECT_EQ(Reward(1, rewards[i]), Disposition::kPending);
      EXPECT_EQ(Reward(0, 7), Disposition::kPending) << "for another step";
      EXPECT_EQ(Weights(), before);
      if (i < 3) Step();
    }
    Step();  // with this, step 0 leaves the window
    std::vector<Real> expected = Weights();
    EXPECT_NE(expected, before);
    for (const auto& e : traces) {
      for (size_t i = 0; i < e.size(); ++i)
        expected[i] += static_cast<Real>(0.5 * static_cast<Real>(combined)) * e[i];
    }
    Step();  // with this, step 1
    EXPECT_EQ(Weights(), expected);
    const std::vector<Real> after = Weights();
    for (int t = 0; t < 5; ++t) Step();
    EXPECT_EQ(Weights(), after);
  }
}

TEST_F(PastTest, EventsWithoutARewardGetTheDefault) {
  CircuitSpec spec = Spec(3);
  spec.modulators[0].default_reward = -0.5;
  Make(spec);
  Step();
  const auto first = Traces();
  Step();
  Reward(1, 2);
  const auto second = Traces();
  const std::vector<Real> before = Weights();
  Step();
  EXPECT_EQ(Weights(), before);
  std::vector<Real> expected = before;
  const auto add = [&](const std::vector<std::vector<Real>>& traces, double r) {
    for (const auto& e : traces) {
      for (size_t i = 0; i < e.size(); ++i) expected[i] += static_cast<Real>(0.5 * r) * e[i];
    }
  };
  Step();
  add(first, -0.5);
  EXPECT_EQ(Weights(), expected);
  Step();
  add(second, 2);
  EXPECT_EQ(Weights(), expected);
  Step({}, End::kNone, /*learning=*/false);
  EXPECT_EQ(Weights(), expected) << "frozen";
}

TEST_F(PastTest, TheTransformIsTodaysAndKineticsGiveTheirWholeIntegral) {
  const Term term[] = {TermOf(Kernel::kExp)};
  CircuitSpec spec = Spec();
  spec.modulators[0] = {.name = "reward", .model = "baseline", .parameters = {{"alpha", 0.5}}};
  Make(spec, term);
  Step();
  const auto trace = Traces()[0];
  Step();
  agent_->Reward({0, {Real{4}}}, true);  // the baseline is 2
  std::vector<Real> expected = Weights();
  Reward(0, 5);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += Real(0.5 * 3) * trace[i];
  EXPECT_EQ(Weights(), expected);
  const Node& node = circuit_->nodes()[circuit_->channels()[0]];
  EXPECT_EQ(*agent_->state().data<Real>(node.columns[3]), Real(3.5));

  spec.modulators[0] = {.name = "reward", .model = "raw", .parameters = {{"tau", 10.0}}};
  Make(spec, term);
  Step();
  const auto early = Traces()[0];
  Step();
  const std::vector<Real> before = Weights();
  Reward(0, 1);
  const double integral = 1 / (1 - std::exp(-0.1));
  for (size_t i = 0; i < early.size(); ++i)
    EXPECT_NEAR(Weights()[i], before[i] + 0.5 * integral * early[i], 1e-5);
  const std::vector<Real> after = Weights();
  Step();
  EXPECT_EQ(Weights(), after) << "nothing of it is left in the present";
}

TEST_F(PastTest, AReturnGetsTheRewardsOfItsEpisode) {
  Make(Spec());
  for (int e = 0; e < 3; ++e) {
    Step();
    Step();
    Step({}, End::kTerminated);
  }
  Step();
  Reward(0, 1);
  Reward(7, 2);
  Reward(9, 4);
  const double* returns = agent_->state().data<double>(kAgentReturns);
  EXPECT_EQ(returns[0], 1);
  EXPECT_EQ(returns[1], 0);
  EXPECT_EQ(returns[2], 2);
  EXPECT_EQ(*agent_->state().data<double>(kAgentEpisodeReturn), 4);
}

TEST_F(PastTest, NoMoreAreHeldThanMayBe) {
  CircuitSpec spec = Spec();
  spec.modulators[0].combine = Combine::kMax;
  Make(spec);
  Step();
  for (int i = 0; i < 1024; ++i) EXPECT_EQ(Reward(0, 1), Disposition::kPending);
  const RewardInput more = For(0, 1);
  EXPECT_EQ(agent_->CheckPast({&more, 1}, true).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(DetailsOf(agent_->CheckPast({&more, 1}, true)).reason, "TOO_MANY_PENDING_REWARDS");
  EXPECT_TRUE(agent_->CheckPast({&more, 1}, /*learning=*/false).ok());
  for (int t = 0; t < kWindow; ++t) Step();
  EXPECT_TRUE(agent_->CheckPast({&more, 1}, true).ok());
}

TEST_F(PastTest, WhatCannotKeepAPastSaysSo) {
  Make(Spec(0));
  EXPECT_THAT(circuit_->WhyNoWindow(0), HasSubstr("no reward window"));
  const RewardInput reward = For(0, 1);
  EXPECT_EQ(agent_->CheckPast({&reward, 1}, true).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailsOf(agent_->CheckPast({&reward, 1}, true)).reason, "NO_REWARD_WINDOW");

  CircuitSpec spec = Spec();
  spec.projections[0].rule.name = "row-hebb";
  Make(spec);
  EXPECT_THAT(circuit_->WhyNoWindow(0), HasSubstr("\"row-hebb\" of \"w\""));
  spec.modulators[0].combine = Combine::kMin;
  std::vector<Violation> violations;
  EXPECT_EQ(Circuit::Compile(spec, ToyCatalogue(), &violations), nullptr);
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].field, "modulators[0].combine");
}

TEST_F(PastTest, WhatWouldSpoilThePastIsRefused) {
  Make(Spec());
  StepInput input;
  const std::vector<float> observation(kPreSize);
  input.observation = observation;
  input.ticks = 2;
  EXPECT_THAT(std::string(agent_->Check(input).message()), HasSubstr("reward window"));
  const Real zero = 0;
  const StateWrite write{circuit_->links()[0].terms[0].trace, 0, 0,
                         std::as_bytes(std::span(&zero, 1))};
  EXPECT_THAT(std::string(CheckWrites(*agent_, {&write, 1}).message()), HasSubstr("reward window"));
}

}  // namespace
}  // namespace phasic::testing
