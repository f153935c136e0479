// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "core/base/status_macros.h"
#include "tests/server/support/agents.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using absl::StatusCode;
using testing::Fails;
using testing::FailsFor;
using testing::Fields;

// Remembers what it was told, and can be out of memory.
class FakeJournal final : public Journal {
 public:
  struct Entry {
    uint64_t agent, sequence;
    size_t kind;
  };
  absl::StatusOr<Ticket> Append(const JournalRecord& record) override {
    RETURN_IF_ERROR(failing);
    if (full) throw std::bad_alloc();
    entries.push_back({record.agent, record.sequence, record.input.index()});
    return entries.size();
  }
  absl::Status Wait(Ticket) override { return absl::OkStatus(); }
  std::optional<absl::Status> Join(Ticket, Waiter*) override { return absl::OkStatus(); }
  bool IsKept(Ticket) const override { return true; }

  bool full = false;
  absl::Status failing;
  std::vector<Entry> entries;
};

class TurnTest : public ::testing::Test {
 protected:
  TurnTest() : agent_(MakeAgent({})) {}

  AgentPtr MakeAgent(const Settings& settings) {
    const Identity identity{.id = "a", .uid = 7, .seed = 3};
    return testing::Host(identity, Agent(circuit_, 3), settings, *budget_.Take(1), 4, 8);
  }
  static AgentPtr Host(const std::string& id, Inside inside) {
    Card card = inside.card;
    return std::make_shared<HostedAgent>(Identity{.id = id}, std::move(inside), std::move(card),
                                         nullptr, 4);
  }
  Turn Take() { return *Turn::Take(agent_, {}, journal_); }
  uint64_t Digest() { return Take().Digest(); }
  StepArguments Observe() const { return {.observation = observation_}; }
  absl::StatusOr<StepAnswer> Step(const StepArguments& step) {
    return Step(step, absl::OkStatus());
  }
  absl::StatusOr<StepAnswer> Step(const StepArguments& step, const absl::Status& valid) {
    Turn turn = Take();
    return testing::StepOf(turn, step, valid);
  }
  Stats stats() const { return agent_->card().stats; }

  const std::shared_ptr<const Circuit> circuit_ = testing::CompileOrDie(testing::LearnerSpec());
  const std::vector<float> observation_ = {0.5f, -0.25f, 1.0f};
  const std::vector<double> one_ = {1.0};
  Budget budget_{10, 1'000'000};
  FakeJournal journal_;
  AgentPtr agent_;
};

TEST_F(TurnTest, AStepGivesAnActionAndCounts) {
  const auto answer = Step(Observe());
  ASSERT_OK(answer);
  EXPECT_EQ(answer->outcome->step, 0u);
  EXPECT_EQ(answer->outcome->episode, 0u);
  EXPECT_EQ(answer->outcome->time, 1.0);
  ASSERT_EQ(answer->outcome->action.size(), 1u);
  EXPECT_GE(answer->outcome->action[0], 0);
  EXPECT_LT(answer->outcome->action[0], 4);
  EXPECT_FALSE(answer->repeated);
  EXPECT_EQ(stats().steps, 1u);
  EXPECT_EQ(stats().time, 1.0);
  EXPECT_EQ(Step(Observe())->outcome->step, 1u);
}

TEST_F(TurnTest, ACallThatIsKnownIsAnsweredFromMemory) {
  StepArguments step = Observe();
  step.request_id = "call-1";
  const auto first = Step(step);
  ASSERT_OK(first);
  const uint64_t digest = Digest();
  // Even though the index is wrong by now, and whatever the rest says.
  step.step = 0;
  step.observation = {};
  const auto again = Step(step, absl::InvalidArgumentError("bad"));
  ASSERT_OK(again);
  EXPECT_EQ(again->outcome, first->outcome);
  EXPECT_EQ(again->ticket, first->ticket);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(Digest(), digest);
  EXPECT_EQ(stats().steps, 1u);
}

TEST_F(TurnTest, OnlyEightCallsAreKnown) {
  StepArguments step = Observe();
  step.request_id = "call-1";
  ASSERT_OK(Step(step));
  for (int i = 2; i <= 9; ++i) {
    const std::string id = "call-" + std::to_string(i);
    step.request_id = id;
    ASSERT_OK(Step(step));
  }
  step.request_id = "call-1";
  step.step = 0;
  EXPECT_THAT(Step(step), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
}

TEST_F(TurnTest, AWrongIndexAbortsAndTellsTheRightOne) {
  ASSERT_OK(Step(Observe()));
  const uint64_t digest = Digest();
  StepArguments step = Observe();
  step.step = 0;
  const auto answer = Step(step, absl::InvalidArgumentError("comes later"));
  EXPECT_THAT(answer, Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_EQ(DetailsOf(answer.status()).metadata.at("step"), "1");
  step.step = 1;
  EXPECT_EQ(Step(step, absl::InvalidArgumentError("now")).status().message(), "now");
  EXPECT_EQ(Digest(), digest);
  EXPECT_OK(Step(step));
}

TEST_F(TurnTest, AnErrorChangesNothing) {
  ASSERT_OK(Step(Observe()));
  const uint64_t digest = Digest();
  const size_t entries = journal_.entries.size();
  const std::vector<double> two = {1.0, 2.0}, nan = {std::nan("")};
  const std::vector<uint8_t> all_forbidden(4, 1);

  StepArguments step = Observe();
  step.observation = step.observation.subspan(1);
  EXPECT_THAT(Step(step), FailsFor("BAD_OBSERVATION", Fields{"observation"}));
  const std::vector<float> outside = {0, 2, 0}, no_number = {0, 0, std::nanf("")};
  step.observation = outside;
  EXPECT_THAT(Step(step), FailsFor("BAD_OBSERVATION", Fields{"observation[1]"}));
  step.observation = no_number;
  EXPECT_THAT(Step(step), FailsFor("BAD_OBSERVATION", Fields{"observation[2]"}));
  step = Observe();
  step.ticks = 100'001;
  EXPECT_THAT(Step(step), FailsFor("BAD_TICKS", Fields{"ticks"}));
  step = Observe();
  step.forbidden = all_forbidden;
  EXPECT_THAT(Step(step), FailsFor("BAD_ACTION_MASK", Fields{"action_masks"}));

  // The second reward is bad: the first is not delivered either, and its id stays free.
  step = Observe();
  std::vector<RewardArguments> rewards = {{0, one_, "fresh", true}, {0, two, "", false}};
  step.rewards = rewards;
  EXPECT_THAT(Step(step), FailsFor("BAD_REWARD", Fields{"rewards[1].values"}));
  rewards[1] = {0, nan, "", true};
  EXPECT_THAT(Step(step), FailsFor("BAD_REWARD", Fields{"rewards[1].value"}));
  EXPECT_THAT(Take().Reward(rewards), FailsFor("BAD_REWARD", Fields{"rewards[1].value"}));
  rewards[1] = {1, nan, "", false};
  EXPECT_THAT(Take().Reward(rewards), FailsFor("BAD_REWARD", Fields{"rewards[1].values"}));

  EXPECT_THAT(Take().ResetEpisode(5), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_THAT(Take().Update({}, "stale"), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Take().CheckEtag("stale"), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));

  EXPECT_EQ(Digest(), digest);
  EXPECT_EQ(journal_.entries.size(), entries);
  EXPECT_EQ(stats().rewards_applied, 0u);
  rewards.pop_back();
  const auto answer = Take().Reward(rewards);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->dispositions, std::vector{Disposition::kApplied});
}

TEST_F(TurnTest, WithoutMemoryForTheJournalTheTurnDoesNotHappen) {
  const uint64_t digest = Digest();
  journal_.full = true;
  StepArguments step = Observe();
  step.request_id = "call-1";
  step.run_id = "run-1";
  const std::vector<RewardArguments> rewards = {{0, one_, "r", true}};
  step.rewards = rewards;
  EXPECT_THROW((void)Step(step).ok(), std::bad_alloc);
  EXPECT_THROW((void)Take().Reward(rewards).ok(), std::bad_alloc);
  EXPECT_THROW((void)Take().ResetEpisode({}).ok(), std::bad_alloc);
  EXPECT_THROW((void)Take().Update({.mode = Mode::kFrozen}, "").ok(), std::bad_alloc);
  EXPECT_EQ(Digest(), digest);
  EXPECT_EQ(agent_->card().settings.mode, Mode::kLearning);
  journal_.full = false;
  // Neither the call nor the reward is known.
  const auto answer = Step(step);
  ASSERT_OK(answer);
  EXPECT_FALSE(answer->repeated);
  EXPECT_EQ(answer->outcome->dispositions, std::vector{Disposition::kApplied});
}

TEST_F(TurnTest, ARewardIdCountsOnceEvenWithinOneCall) {
  const std::vector<RewardArguments> rewards = {
      {0, one_, "r", true}, {0, one_, "r", true}, {0, one_, "", true}, {0, one_, "", true}};
  const auto first = Take().Reward(rewards);
  ASSERT_OK(first);
  using enum Disposition;
  EXPECT_EQ(first->dispositions, (std::vector{kApplied, kDuplicate, kApplied, kApplied}));
  StepArguments step = Observe();
  step.rewards = rewards;
  const auto second = Step(step);
  ASSERT_OK(second);
  EXPECT_EQ(second->outcome->dispositions,
            (std::vector{kDuplicate, kDuplicate, kApplied, kApplied}));
  EXPECT_EQ(stats().rewards_applied, 5u);
  EXPECT_EQ(stats().rewards_duplicate, 3u);
}

TEST_F(TurnTest, AFrozenAgentTakesRewardsWithoutLearning) {
  ASSERT_OK(Step(Observe()));
  ASSERT_OK(Take().Update({.mode = Mode::kFrozen}, ""));
  const auto weights = [&] {
    const Turn turn = Take();
    const auto bytes = turn.state().bytes(circuit_->links()[0].weights);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  const auto before = weights();
  const std::vector<RewardArguments> rewards = {{0, one_, "r", true}};
  const auto frozen = Take().Reward(rewards);
  ASSERT_OK(frozen);
  EXPECT_EQ(frozen->dispositions, std::vector{Disposition::kNotLearning});
  EXPECT_EQ(weights(), before);
  EXPECT_EQ(stats().rewards_not_learning, 1u);

  ASSERT_OK(Take().Update({.mode = Mode::kLearning}, ""));
  EXPECT_EQ(Take().Reward(rewards)->dispositions, std::vector{Disposition::kDuplicate});
  const std::vector<RewardArguments> another = {{0, one_, "", true}};
  EXPECT_EQ(Take().Reward(another)->dispositions, std::vector{Disposition::kApplied});
  EXPECT_NE(weights(), before);
}

TEST_F(TurnTest, ThawingForgetsRewardsThatNoModulatorHasTaken) {
  CircuitSpec spec = testing::LearnerSpec();
  spec.modulators[0].when = When::On(When::Clock::kStep);
  const auto circuit = testing::CompileOrDie(spec);
  agent_ = testing::Host({.id = "a"}, Agent(circuit, 3), {}, *budget_.Take(1), 4);
  const std::vector<RewardArguments> rewards = {{0, one_, "", true}};
  const auto pending = [&] {
    const Turn turn = Take();
    const Node& node = circuit->nodes()[circuit->channels()[0]];
    return turn.state().span<Real>(node.pending)[0];
  };
  ASSERT_OK(Take().Reward(rewards));
  ASSERT_OK(Take().Update({.mode = Mode::kLearning}, ""));
  EXPECT_EQ(pending(), 1) << "it has not been frozen";
  for (const Mode mode : {Mode::kLearning, Mode::kShadow}) {
    const Real before = pending();
    ASSERT_OK(Take().Update({.mode = Mode::kFrozen}, ""));
    ASSERT_OK(Take().Reward(rewards));
    EXPECT_EQ(pending(), before + 1);
    ASSERT_OK(Take().Update({.mode = mode}, ""));
    EXPECT_EQ(pending(), 0);
  }
}

class DivergingTurnTest : public TurnTest {
 protected:
  DivergingTurnTest() {
    CircuitSpec spec = testing::LearnerSpec();
    spec.projections[0].rule.parameters["learning_rate"] = 100.0;
    const auto circuit = testing::CompileOrDie(spec);
    agent_ = testing::Host({.id = "a"}, Agent(circuit, 3), {}, *budget_.Take(1), 4);
    for (int i = 0; i < 10; ++i) EXPECT_OK(Step(Observe()));
  }
  const std::vector<double> huge_ = {3e38};
};

TEST_F(DivergingTurnTest, ARewardThatWouldDivergeIsNotKept) {
  const uint64_t before = Digest();
  const std::vector<RewardArguments> rewards = {
      {0, one_, "fine", true}, {0, huge_, "huge", true}, {0, huge_, "more", true}};
  const auto answer = Take().Reward(rewards);
  EXPECT_THAT(answer, Fails(StatusCode::kFailedPrecondition, "AGENT_DIVERGED"));
  EXPECT_EQ(DetailsOf(answer.status()).metadata.at("tick"), "10");
  EXPECT_EQ(Digest(), before);
  EXPECT_EQ(stats().rewards_applied, 0u);
  // Not even their ids: they may come again.
  const auto fine = Take().Reward(std::span(rewards).first(1));
  ASSERT_OK(fine);
  EXPECT_EQ(fine->dispositions, std::vector{Disposition::kApplied});
}

TEST_F(DivergingTurnTest, AStepThatWouldDivergeIsNotKept) {
  const uint64_t before = Digest();
  const std::vector<RewardArguments> rewards = {{0, huge_, "", true}, {0, huge_, "", true}};
  StepArguments step = Observe();
  step.rewards = rewards;
  step.request_id = "call";
  step.run_id = "another-run";
  EXPECT_THAT(Step(step), Fails(StatusCode::kFailedPrecondition, "AGENT_DIVERGED"));
  EXPECT_EQ(Digest(), before);
  EXPECT_EQ(stats().steps, 10u);
  EXPECT_EQ(stats().episodes, 0u) << "the reset of the new run is undone too";
  step.rewards = {};
  const auto again = Step(step);
  ASSERT_OK(again);
  EXPECT_FALSE(again->repeated);
  EXPECT_EQ(again->outcome->step, 10u);
  EXPECT_EQ(again->outcome->episode, 1u) << "and is done now";
}

TEST_F(DivergingTurnTest, AfterwardsTheAgentGoesOnAsIfNothingHadBeen) {
  Agent plain = [&] {
    Agent agent(agent_->shared_circuit(), 3);
    std::vector<float> action(1);
    StepInput input;
    input.observation = observation_;
    for (int i = 0; i < 200; ++i) agent.Step(input, action);
    return agent;
  }();
  const std::vector<RewardArguments> rewards = {{0, huge_, "", true}, {0, huge_, "", true}};
  for (int i = 10; i < 200; ++i) {
    if (i % 9 == 0) {
      EXPECT_FALSE(Take().Reward(rewards).ok());
    }
    ASSERT_OK(Step(Observe()));
  }
  EXPECT_EQ(Digest(), plain.Digest());
}

TEST_F(TurnTest, RecordsWhatItIsAskedTo) {
  const Column& column = circuit_->layout().columns[circuit_->links()[0].weights];
  const std::vector<RecordArguments> record = {{circuit_->links()[0].weights, 3}};
  StepArguments step = Observe();
  step.ticks = 10;
  step.record = record;
  const auto answer = Step(step);
  ASSERT_OK(answer);
  ASSERT_EQ(answer->outcome->recordings.size(), 1u);
  const Samples& samples = answer->outcome->recordings[0];
  EXPECT_EQ(samples.count, 3);
  EXPECT_EQ(samples.bytes.size(), 3 * column.size() * sizeof(Real));
}

TEST_F(TurnTest, ANewRunResetsAnOpenEpisode) {
  StepArguments step = Observe();
  step.run_id = "run-1";
  EXPECT_EQ(Step(step)->outcome->episode, 0u);  // nothing was open
  EXPECT_EQ(Step(step)->outcome->episode, 0u);  // the same run
  step.run_id = "run-2";
  const auto fresh = Step(step);
  EXPECT_EQ(fresh->outcome->episode, 1u);
  EXPECT_EQ(fresh->outcome->step, 2u);
  step.run_id = "";  // says nothing of runs
  EXPECT_EQ(Step(step)->outcome->episode, 1u);
  step.end = End::kTerminated;
  step.observation = {};
  EXPECT_EQ(Step(step)->outcome->episode, 1u);
  step = Observe();
  step.run_id = "run-3";
  EXPECT_EQ(Step(step)->outcome->episode, 2u);  // ended already: no second end
}

TEST_F(TurnTest, ANewRunIsTheSameAsResetAndStep) {
  const AgentPtr first = agent_;
  ASSERT_OK(Step(Observe()));
  StepArguments step = Observe();
  step.run_id = "new";
  ASSERT_OK(Step(step));
  const uint64_t digest = Digest();
  agent_ = MakeAgent({});
  ASSERT_OK(Step(Observe()));
  ASSERT_OK(Take().ResetEpisode(1));
  ASSERT_OK(Step(Observe()));
  EXPECT_EQ(Digest(), digest);
}

TEST_F(TurnTest, AnEndOfEpisodeGivesNoAction) {
  ASSERT_OK(Step(Observe()));
  StepArguments step = Observe();
  step.end = End::kTruncated;
  const auto answer = Step(step);
  ASSERT_OK(answer);
  EXPECT_TRUE(answer->outcome->action.empty());
  EXPECT_EQ(answer->outcome->episode, 0u);
  EXPECT_EQ(stats().episodes, 1u);
  EXPECT_EQ(stats().mean_return_episodes, 1);
}

TEST_F(TurnTest, MeanReturnIsOfTheFirstChannel) {
  const std::vector<double> pair = {5.0, 5.0};
  const std::vector<RewardArguments> rewards = {{0, one_, "", true}, {1, pair, "", false}};
  for (int episode = 0; episode < 2; ++episode) {
    ASSERT_OK(Step(Observe()));
    for (int i = 0; i <= episode; ++i) ASSERT_OK(Take().Reward(rewards));
    ASSERT_OK(Take().ResetEpisode({}));
  }
  EXPECT_EQ(stats().mean_return_episodes, 2);
  EXPECT_DOUBLE_EQ(stats().mean_return, 1.5);
}

TEST_F(TurnTest, ALateRewardIsOfTheReturnOfItsOwnEpisode) {
  CircuitSpec spec = testing::LearnerSpec();
  spec.reward_window = 4;
  const auto circuit = testing::CompileOrDie(spec);
  agent_ = testing::Host({.id = "a"}, Agent(circuit, 3), {}, *budget_.Take(1), 4);
  ASSERT_OK(Step(Observe()));
  ASSERT_OK(Take().ResetEpisode({}));
  EXPECT_DOUBLE_EQ(stats().mean_return, 0);
  const std::vector<RewardArguments> rewards = {{.values = one_, .scalar = true, .step = 0}};
  EXPECT_EQ(Take().Reward(rewards)->dispositions, std::vector{Disposition::kApplied});
  EXPECT_DOUBLE_EQ(stats().mean_return, 1);
}

TEST_F(TurnTest, AReportIsTheStateAfterTheStep) {
  const std::vector<ColumnId> report = {kAgentStep, circuit_->links()[0].weights};
  StepArguments step = Observe();
  step.report = report;
  const auto answer = Step(step);
  ASSERT_OK(answer);
  ASSERT_EQ(answer->outcome->report.size(), 2u);
  const Turn turn = Take();
  for (const ColumnCopy& copy : answer->outcome->report) {
    const auto now = turn.state().bytes(copy.column);
    EXPECT_TRUE(std::equal(copy.bytes.begin(), copy.bytes.end(), now.begin(), now.end()));
  }
}

TEST_F(TurnTest, UpdateChangesWhatItNamesAndTheEtag) {
  agent_ = MakeAgent({.labels = {{"env", "maze"}, {"owner", "ada"}}});
  const Card before = agent_->card();
  const std::string etag = EtagOf(before);
  ASSERT_EQ(before.settings.live_parameters.size(), circuit_->live_parameters().size());
  SettingsChange change;
  change.labels = {{"env", std::nullopt}, {"rig", "two"}};
  change.live_parameters = {{0, 0.25}};
  ASSERT_OK(Take().Update(change, etag));
  const Card after = agent_->card();
  EXPECT_EQ(after.settings.labels,
            (std::map<std::string, std::string>{{"owner", "ada"}, {"rig", "two"}}));
  EXPECT_EQ(after.settings.mode, Mode::kLearning);
  EXPECT_EQ(after.settings.live_parameters[0], 0.25);
  EXPECT_NE(EtagOf(after), etag);
  // The first etag is stale now.
  EXPECT_THAT(Take().Update(change, etag), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  change = {.replace_labels = true, .labels = {{"only", "this"}}};
  ASSERT_OK(Take().Update(change, ""));
  EXPECT_EQ(agent_->card().settings.labels.size(), 1u);
}

TEST_F(TurnTest, LabelsAreBoundedTogether) {
  SettingsChange change;
  for (int i = 0; i < limits::kMaxLabels; ++i) change.labels["l" + std::to_string(i)] = "";
  ASSERT_OK(Take().Update(change, ""));
  EXPECT_THAT(Take().Update({.labels = {{"more", ""}}}, ""),
              FailsFor("BAD_FIELD", Fields{"agent.labels"}));
  EXPECT_EQ(agent_->card().settings.labels.size(), size_t{limits::kMaxLabels});
}

TEST_F(TurnTest, ACloneActsAlikeAndIsItsOwn) {
  const std::vector<RewardArguments> rewards = {{0, one_, "r", true}};
  StepArguments step = Observe();
  step.rewards = rewards;
  step.run_id = "run";
  ASSERT_OK(Step(step));
  const AgentPtr clone = Host("b", Take().Copy({}, *budget_.Take(1)));
  EXPECT_EQ(clone->card().stats.rewards_applied, 1u);
  Turn turn = *Turn::Take(clone, {}, journal_);
  EXPECT_EQ(turn.Digest(), Digest());
  const auto theirs = testing::StepOf(turn, step);
  const auto ours = Step(step);
  EXPECT_EQ(theirs->outcome->action, ours->outcome->action);
  EXPECT_EQ(theirs->outcome->dispositions, std::vector{Disposition::kDuplicate});
  EXPECT_EQ(theirs->outcome->episode, 0u);  // the run goes on
  EXPECT_EQ(turn.Digest(), Digest());
  ASSERT_OK(testing::StepOf(turn, step));
  EXPECT_NE(turn.Digest(), Digest());

  EXPECT_EQ(Take().Copy(99, *budget_.Take(1)).agent.seed(), 99u);
}

TEST_F(TurnTest, WhatTheJournalDoesNotTakeDoesNotHappen) {
  ASSERT_OK(Step(Observe()));
  const uint64_t before = Digest();
  const std::string etag = EtagOf(Take().card());
  const std::vector<RewardArguments> rewards = {{0, one_, "r", true}};
  journal_.failing = absl::UnavailableError("no store");
  EXPECT_EQ(Step(Observe()).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Take().Reward(rewards).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Take().ResetEpisode({}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Take().Update({.mode = Mode::kFrozen}, "").status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Digest(), before);
  EXPECT_EQ(EtagOf(Take().card()), etag);
  journal_.failing = absl::OkStatus();
  EXPECT_EQ(Take().Reward(rewards)->dispositions, std::vector{Disposition::kApplied});
  EXPECT_EQ(journal_.entries.size(), 2u);
}

// The column of that name.
ColumnId ColumnOf(const Circuit& circuit, const std::string& component, const std::string& name) {
  const auto& columns = circuit.layout().columns;
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
    return column.component == component && column.name == name;
  });
  return static_cast<ColumnId>(at - columns.begin());
}

TEST_F(TurnTest, WrittenStateIsStateLikeAnyOther) {
  const ColumnId weights = ColumnOf(*circuit_, "weights", "weights");
  const ColumnId trace = ColumnOf(*circuit_, "weights", "trace");
  // Nothing but the third action is worth something.
  const std::vector<float> drive = {50, 0, 0}, zero = {0}, one = {1};
  const StateWrite writes[] = {{weights, 0, 0, std::as_bytes(std::span(zero))},
                               {weights, 6, 3, std::as_bytes(std::span(drive))},
                               {trace, 0, 0, std::as_bytes(std::span(one))}};
  ASSERT_OK(Step(Observe()));
  const AgentPtr clone = Host("b", Take().Copy({}, *budget_.Take(1)));
  const uint64_t before = Digest();
  ASSERT_OK(Take().WriteState(writes, 1, ""));
  EXPECT_NE(Digest(), before);
  ASSERT_OK(Turn::Take(clone, {}, journal_)->WriteState(writes, {}, ""));
  EXPECT_EQ(Turn::Take(clone, {}, journal_)->Digest(), Digest());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Step(Observe())->outcome->action.at(0), 2);
  // What is written is learned from, and learning goes on.
  const std::vector<RewardArguments> rewards = {{0, one_, "", true}};
  const uint64_t unrewarded = Digest();
  ASSERT_OK(Take().Reward(rewards));
  EXPECT_NE(Digest(), unrewarded);
}

TEST_F(TurnTest, AFaultyWriteChangesNothing) {
  ASSERT_OK(Step(Observe()));
  const uint64_t before = Digest();
  const ColumnId weights = ColumnOf(*circuit_, "weights", "weights");
  const std::vector<float> good = {1}, bad = {1, NAN};
  const StateWrite writes[] = {{weights, 0, 1, std::as_bytes(std::span(good))},
                               {weights, 3, 2, std::as_bytes(std::span(bad))}};
  EXPECT_THAT(Take().WriteState(writes, {}, ""),
              FailsFor("BAD_WRITE", Fields{"writes[1].values[1]"}));
  EXPECT_THAT(Take().WriteState({writes, 1}, 0, ""), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_THAT(Take().WriteState({writes, 1}, 1, "1-1"),
              Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  journal_.full = true;
  EXPECT_THROW(Take().WriteState({writes, 1}, {}, "").status().IgnoreError(), std::bad_alloc);
  EXPECT_EQ(Digest(), before);
  journal_.full = false;
  ASSERT_OK(Take().WriteState({writes, 1}, {}, EtagOf(agent_->card())));
  EXPECT_NE(Digest(), before);
}

TEST_F(TurnTest, AStepThatDivergesIsUndoneToWhatWasWritten) {
  ASSERT_OK(Step(Observe()));
  const ColumnId weights = ColumnOf(*circuit_, "weights", "weights");
  const std::vector<float> huge = {3e38f};
  const StateWrite write{weights, 0, 0, std::as_bytes(std::span(huge))};
  ASSERT_OK(Take().WriteState({&write, 1}, {}, ""));
  const uint64_t written = Digest();
  EXPECT_THAT(Step(Observe()), Fails(StatusCode::kFailedPrecondition, "AGENT_DIVERGED"));
  EXPECT_EQ(Digest(), written);
}

TEST_F(TurnTest, TheJournalHearsEveryInputInOrder) {
  const std::vector<RewardArguments> rewards = {{0, one_, "", true}};
  ASSERT_OK(Step(Observe()));
  ASSERT_OK(Take().Reward(rewards));
  ASSERT_OK(Take().ResetEpisode({}));
  ASSERT_OK(Take().Update({.mode = Mode::kFrozen}, ""));
  ASSERT_OK(Take().WriteState({}, {}, ""));
  ASSERT_EQ(journal_.entries.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(journal_.entries[i].agent, 7u);
    EXPECT_EQ(journal_.entries[i].sequence, i + 1);
    EXPECT_EQ(journal_.entries[i].kind, i);
  }
}

TEST_F(TurnTest, WhoWaitsForADeletedAgentIsTurnedAway) {
  std::thread waiting;
  {
    Turn turn = Take();
    waiting = std::thread([this] {
      EXPECT_THAT(Turn::Take(agent_, {}, journal_),
                  Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    turn.Close();
  }
  waiting.join();
  EXPECT_THAT(Turn::Take(agent_, {}, journal_), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

TEST_F(TurnTest, EveryWayToMissATurnHasItsError) {
  const Turn held = Take();
  const Patience late{std::chrono::steady_clock::now(), {}};
  EXPECT_THAT(Turn::Take(agent_, late, journal_),
              Fails(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  const Patience gone{std::chrono::steady_clock::time_point::max(), [] { return true; }};
  EXPECT_THAT(Turn::Take(agent_, gone, journal_), Fails(StatusCode::kCancelled, "CANCELLED"));
  std::atomic<bool> leave = false;
  const Patience until{std::chrono::steady_clock::time_point::max(), [&] { return leave.load(); }};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      // Whoever is refused because the line is full comes again: in the end all four wait.
      do {
        EXPECT_FALSE(Turn::Take(agent_, until, journal_).ok());
      } while (!leave);
    });
  }
  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::milliseconds(1); };
  absl::Status status;
  do {
    status = Turn::Take(agent_, {soon(), {}}, journal_).status();
  } while (status.code() == StatusCode::kDeadlineExceeded);
  EXPECT_THAT(status, Fails(StatusCode::kResourceExhausted, "TOO_MANY_WAITING"));
  leave = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(TurnTest, StepsFromManyThreadsAreOneSequence) {
  agent_ = testing::Host({.id = "a"}, Agent(circuit_, 3), {}, *budget_.Take(1), 100);
  std::atomic<uint64_t> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        sum += Step(Observe())->outcome->step;
        EXPECT_LE(agent_->card().stats.steps, 200u);  // may be read meanwhile
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 199u * 200 / 2);
  const uint64_t digest = Digest();
  agent_ = MakeAgent({});
  for (int i = 0; i < 200; ++i) ASSERT_OK(Step(Observe()));
  EXPECT_EQ(Digest(), digest);
}

}  // namespace
}  // namespace phasic
