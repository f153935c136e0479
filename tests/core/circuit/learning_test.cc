// SPDX-License-Identifier: Apache-2.0
//
// When a term forms and applies its pairs, against recurrences written down by hand. One input unit
// drives one output unit through one synapse, so every pair is the product of two known numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

using Clock = When::Clock;

// A rule with one term: rate times gate times kernel(1 * pre).
struct OneTerm {
  Term term;
  ParamInfo params[2] = {
      {.name = "learning_rate",
       .description = "",
       .default_value = 1,
       .min = 0,
       .max = 10,
       .live = true},
      {.name = "n", .description = "", .default_value = 2, .min = 0, .max = 1000}};
  FactorInfo post = {"one", "", kOne}, pre = {"pre", "", kPre};
  GateInfo gate = {"reward", ""};
  Rule rule;
  explicit OneTerm(Term t) : term(t) {
    rule = {.name = "one-term",
            .summary = "",
            .equations = "",
            .source = "",
            .params = params,
            .post_factors = {&post, 1},
            .pre_factors = {&pre, 1},
            .gates = {&gate, 1},
            .terms = {&term, 1}};
  }
};

struct World {
  std::shared_ptr<const Circuit> circuit;
  std::unique_ptr<Agent> agent;
  double weight() const { return *agent->state().data<Real>(circuit->links()[0].weights); }
  void Step(float x, std::vector<RewardInput> rewards = {}, End end = End::kNone) {
    float action;
    StepInput input;
    input.observation = {&x, 1};
    input.rewards = rewards;
    input.end = end;
    agent->Step(input, {&action, 1});
  }
  void Reward(double r) { agent->Reward({0, {static_cast<Real>(r)}}, true); }
};

World Make(const OneTerm& rule, const std::string& modulator, ParamMap modulator_params = {},
           std::optional<When> modulator_when = {}, int delay = 0, int ticks = 1,
           std::optional<double> max_weight = {}) {
  CircuitSpec s;
  s.ticks_per_step = ticks;
  s.inputs = {{.name = "observation", .space = Space::Box({1}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = 1},
                   {.name = "out", .model = "rate", .size = 1}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out", .delay = delay};
  p.rule = {.name = "one-term", .bindings = {{"reward", "reward.level"}}};
  p.max_weight = max_weight;
  s.projections = {p};
  s.modulators = {{.name = "reward",
                   .model = modulator,
                   .parameters = std::move(modulator_params),
                   .when = std::move(modulator_when)}};
  s.outputs = {{.name = "action", .source = "out", .decoder = "rates"}};
  static std::vector<const Rule*> rules;
  rules = {&rule.rule};
  Catalogue catalogue = Circuit::Standard();
  catalogue.rules = rules;
  std::vector<Violation> violations;
  World w;
  w.circuit = Circuit::Compile(s, catalogue, &violations);
  for (const Violation& v : violations) ADD_FAILURE() << v.field << ": " << v.description;
  w.agent = std::make_unique<Agent>(w.circuit, 1);
  return w;
}

Term SumTerm(Clock apply = Clock::kDelivery) {
  return {.post = 0,
          .pre = 0,
          .kernel = Kernel::kSum,
          .rate_parameter = 0,
          .gate = 0,
          .form = Clock::kTick,
          .apply = apply};
}

TEST(LearningTest, ADeliveryBetweenTicksMeetsTheTraceAsItIs) {
  const OneTerm rule(SumTerm());
  World w = Make(rule, "raw");
  w.Step(2);
  w.Step(3);
  w.Reward(0.5);
  EXPECT_DOUBLE_EQ(w.weight(), 0.5 * (2 + 3));
  w.Reward(0.5);
  EXPECT_DOUBLE_EQ(w.weight(), 2 * 0.5 * (2 + 3));
}

TEST(LearningTest, ARewardThatComesWithTheNextStepMeetsPairsUpToTheLastDecision) {
  const OneTerm rule(SumTerm());
  // At once, and in the next tick: APPLY before TRACE makes them agree.
  for (const auto& when : {std::optional<When>(), std::optional<When>(When::On(Clock::kTick))}) {
    World w = Make(rule, "raw", {}, when);
    w.Step(2);
    w.Step(3, {{0, {Real{1}}}});
    EXPECT_DOUBLE_EQ(w.weight(), 2);
    w.Step(5, {{0, {Real{1}}}});
    EXPECT_DOUBLE_EQ(w.weight(), 2 + (2 + 3));
  }
}

TEST(LearningTest, ATermMayIncludeThePresentPair) {
  Term term = SumTerm();
  term.present_pair = true;
  const OneTerm rule(term);
  World w = Make(rule, "raw", {}, When::On(Clock::kTick));
  w.Step(2);
  w.Step(3, {{0, {Real{1}}}});
  EXPECT_DOUBLE_EQ(w.weight(), 2 + 3);
}

TEST(LearningTest, WithoutAKernelOnlyTheLastPairCounts) {
  Term term = SumTerm();
  term.kernel = Kernel::kNone;
  const OneTerm rule(term);
  World w = Make(rule, "raw");
  w.Step(2);
  w.Step(3);
  w.Reward(1);
  EXPECT_DOUBLE_EQ(w.weight(), 3);
}

TEST(LearningTest, ADelayKernelMeetsThePairOfNTicksAgo) {
  Term term = SumTerm();
  term.kernel = Kernel::kDelay;
  term.decay_parameter = 1;  // n = 2
  const OneTerm rule(term);
  World w = Make(rule, "raw");
  for (const float x : {2.f, 3.f, 5.f}) w.Step(x);
  w.Reward(1);  // applies as in the next tick: the pair formed 2 ticks before it
  EXPECT_DOUBLE_EQ(w.weight(), 3);
}

TEST(LearningTest, AnExponentialTraceDecaysByItsTimeConstant) {
  Term term = SumTerm();
  term.kernel = Kernel::kExp;
  term.decay = Decay::kTau;
  term.decay_parameter = 1;  // tau = 2 ms
  const OneTerm rule(term);
  World w = Make(rule, "raw");
  w.Step(1);
  w.Step(0);
  w.Step(0);
  w.Reward(1);
  EXPECT_NEAR(w.weight(), std::exp(-1.0), 1e-6);
}

TEST(LearningTest, AStepClockFormsOnePairAStepWhateverItsTicks) {
  Term term = SumTerm();
  term.form = Clock::kStep;
  const OneTerm rule(term);
  World w = Make(rule, "raw", {}, {}, 0, /*ticks=*/5);
  w.Step(2);
  w.Step(3);
  w.Reward(1);
  EXPECT_DOUBLE_EQ(w.weight(), 2 + 3);
}

TEST(LearningTest, TheRuleSeesWhatWasDelivered) {
  const OneTerm rule(SumTerm());
  World w = Make(rule, "raw", {}, {}, /*delay=*/2);
  for (const float x : {2.f, 3.f, 5.f}) w.Step(x);
  w.Reward(1);
  EXPECT_DOUBLE_EQ(w.weight(), 2);
}

TEST(LearningTest, EpisodicLearningWaitsForTheEndAndTakesTheSumOfTheRewards) {
  const OneTerm rule(SumTerm(Clock::kEpisode));
  World w = Make(rule, "raw", {}, When::On(Clock::kEpisode));
  w.Step(2);
  w.Reward(1);
  w.Step(3, {{0, {Real{2}}}});
  EXPECT_DOUBLE_EQ(w.weight(), 0);
  w.Step(7, {{0, {Real{1}}}}, End::kTruncated);  // the last observation forms no pair
  EXPECT_DOUBLE_EQ(w.weight(), (1 + 2 + 1) * (2 + 3));
  w.Step(1);
  w.agent->ResetEpisode(true);  // no reward: a return of 0
  EXPECT_DOUBLE_EQ(w.weight(), (1 + 2 + 1) * (2 + 3));
}

TEST(LearningTest, KineticsSpreadARewardOverTheTicksThatFollow) {
  const OneTerm rule(SumTerm(Clock::kTick));
  World w = Make(rule, "raw", {{"tau", 10.0}});
  w.Step(1);
  w.Reward(1);
  EXPECT_DOUBLE_EQ(w.weight(), 0);
  double expected = 0, trace = 1, level = 0;
  for (int t = 0; t < 20; ++t) {
    level = level * std::exp(-0.1) + (t == 0 ? 1 : 0);
    expected += level * trace;
    w.Step(0);
  }
  EXPECT_NEAR(w.weight(), expected, 1e-4);
}

TEST(LearningTest, WeightsStayWithinTheirBounds) {
  const OneTerm rule(SumTerm());
  World w = Make(rule, "raw", {}, {}, 0, 1, /*max_weight=*/0.75);
  w.Step(2);
  w.Reward(100);
  EXPECT_DOUBLE_EQ(w.weight(), 0.75);
  w.Reward(-0.25);
  EXPECT_DOUBLE_EQ(w.weight(), 0.25);
}

TEST(LearningTest, ALiveParameterActsAtOnceAndIsState) {
  const OneTerm rule(SumTerm());
  World w = Make(rule, "raw");
  w.Step(2);
  const uint64_t before = w.agent->Digest();
  for (const LiveParameter& p : w.circuit->live_parameters()) {
    if (p.name == "p.learning_rate") w.agent->set_live_parameter(p, 0.25);
  }
  EXPECT_NE(w.agent->Digest(), before);
  w.Reward(1);
  EXPECT_DOUBLE_EQ(w.weight(), 0.25 * 2);
}

TEST(LearningTest, ATraceThatNothingRenewsDecaysToZeroAndNotIntoDenormals) {
  Term term = SumTerm();
  term.kernel = Kernel::kExp;
  term.decay = Decay::kTau;
  term.decay_parameter = 1;  // tau = 2 ms
  const OneTerm rule(term);
  World w = Make(rule, "raw");
  w.Step(1);
  const ColumnId trace = w.circuit->links()[0].terms[0].trace;
  bool gone = false;
  for (int t = 0; t < 2000; ++t) {
    w.Step(0);
    const Real e = *w.agent->state().data<Real>(trace);
    ASSERT_TRUE(e == 0 || std::isnormal(e)) << "after " << t << " ticks: " << e;
    gone = e == 0;
  }
  EXPECT_TRUE(gone);
}

// Not due in the last tick: the end of the episode empties the mailbox into the weights.
TEST(LearningTest, ARewardStillInTheMailboxIsLearnedFromAtEveryEndOfEpisode) {
  const OneTerm rule(SumTerm());
  When rarely = When::On(Clock::kEvery);
  rarely.n = 1000;
  for (const End end : {End::kTerminated, End::kTruncated, End::kNone}) {
    World w = Make(rule, "raw", {}, rarely);
    w.Step(2);
    w.Step(3);
    if (end == End::kNone) {
      w.Reward(1);
      w.agent->ResetEpisode(true);
    } else {
      w.Step(5, {{0, {Real{1}}}}, end);
    }
    EXPECT_DOUBLE_EQ(w.weight(), 2 + 3);
  }
}

TEST(LearningTest, AnEndOfEpisodeTakesNoTimeSoDopamineGatesNothingMore) {
  const OneTerm rule(SumTerm());
  for (const bool tonic : {false, true}) {
    World w = Make(rule, "raw", {{"tau", 10.0}, {"tonic", tonic ? 0.5 : 0.0}});
    w.Step(2, {{0, {Real{1}}}});
    w.Step(3);
    const double before = w.weight();
    EXPECT_NE(before, 0);
    w.Step(0, {}, End::kTerminated);
    EXPECT_DOUBLE_EQ(w.weight(), before);
  }
}

TEST(LearningTest, RewardsOfAFrozenTimeAreForgottenWhenToldSo) {
  const OneTerm rule(SumTerm());
  for (const bool forget : {false, true}) {
    World w = Make(rule, "raw", {}, When::On(Clock::kStep));
    w.Step(2);
    w.agent->Reward({0, {Real{1}}}, false);
    if (forget) w.agent->ForgetRewards();
    w.Step(3);
    EXPECT_DOUBLE_EQ(w.weight(), forget ? 0 : 2);
  }
}

TEST(LearningTest, ReturnsAreKeptByEpisode) {
  const OneTerm rule(SumTerm());
  World w = Make(rule, "raw");
  int episodes = -1;
  EXPECT_EQ(w.agent->MeanReturn(&episodes), 0);
  EXPECT_EQ(episodes, 0);
  for (int e = 0; e < 150; ++e) {
    w.Step(1);
    w.Step(1, {{0, {static_cast<Real>(e)}}}, End::kTerminated);
  }
  EXPECT_DOUBLE_EQ(w.agent->MeanReturn(&episodes), (50 + 149) / 2.0);
  EXPECT_EQ(episodes, 100);
  EXPECT_EQ(w.agent->episodes(), 150u);
  EXPECT_EQ(w.agent->steps(), 300u);
}

}  // namespace
}  // namespace phasic::testing
