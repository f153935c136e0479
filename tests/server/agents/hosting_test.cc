// SPDX-License-Identifier: Apache-2.0
#include "server/agents/hosting.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/image.h"
#include "server/agents/keeper.h"
#include "server/agents/watcher.h"
#include "tests/server/support/agents.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/loose_store.h"
#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using testing::Fails;

class HostingTest : public ::testing::Test {
 protected:
  HostingTest() { Start(); }
  ~HostingTest() override { End(); }

  void Start() {
    journal_ = std::make_unique<StoreJournal>(store_, [](const absl::Status&) {});
    hosting_ = std::make_unique<Hosting>(
        limits_, &store_, journal_.get(),
        [this](const std::string& spec) -> absl::StatusOr<std::shared_ptr<const Circuit>> {
          EXPECT_EQ(spec, "learner");
          return circuit_;
        });
  }
  void End() {
    hosting_.reset();
    journal_.reset();
  }
  // Another process on the same store.
  void Restart() {
    End();
    store_.Open();
    Start();
  }

  Hosting::Newcomer Newcomer(const std::string& id, Durability durability,
                             const std::string& made_by = "") {
    auto room = hosting_->TakeRoom(*circuit_);
    EXPECT_OK(room);
    Identity identity{.id = id,
                      .uid = hosting_->registry().NewUid(),
                      .seed = 11,
                      .durability = durability,
                      .made_by = made_by};
    return {std::make_shared<HostedAgent>(
                std::move(identity), Inside(Agent(circuit_, 11), *std::move(room)),
                Card{.incarnation = hosting_->registry().NewUid(), .numerics = {1}}, hosting_.get(),
                16),
            "learner"};
  }
  AgentPtr Make(const std::string& id, Durability durability = Durability::kJournaled) {
    const Hosting::Newcomer newcomer = Newcomer(id, durability);
    const auto clash = hosting_->Add({&newcomer, 1}, {});
    EXPECT_OK(clash);
    EXPECT_FALSE(clash->has_value());
    return newcomer.agent;
  }
  absl::StatusOr<Turn> Take(const std::string& id) {
    AgentPtr agent = hosting_->Find(id);
    return Turn::Take(std::move(agent), {}, hosting_->journal());
  }
  // A step with a reward, as the agent's own count has it. Returns when it is kept.
  absl::StatusOr<StepAnswer> Step(const std::string& id, const std::string& request_id = "") {
    StepAnswer answer;
    {
      ASSIGN_OR_RETURN(Turn turn, Take(id));
      const auto n = static_cast<float>(turn.state().data<uint64_t>(kAgentStep)[0] % 7);
      const std::vector<float> observation = {n / 7, 1 - n / 5, -n / 9};
      const std::vector<double> value = {n - 3.0};
      const std::string reward_id = absl::StrCat("r", n);
      const std::vector<RewardArguments> rewards = {{0, value, reward_id, true}};
      const StepArguments step{
          .observation = observation, .rewards = rewards, .request_id = request_id};
      ASSIGN_OR_RETURN(answer, testing::StepOf(turn, step));
    }
    RETURN_IF_ERROR(hosting_->journal().Wait(answer.ticket));
    return answer;
  }
  uint64_t Digest(const std::string& id) {
    const auto turn = Take(id);
    EXPECT_OK(turn);
    return turn.ok() ? turn->Digest() : 0;
  }
  void Sleep(const std::string& id) {
    const AgentPtr agent = hosting_->Find(id);
    while (!hosting_->PutToSleep(agent)) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_FALSE(agent->awake());
  }

  ServerLimits limits_;
  const std::shared_ptr<const Circuit> circuit_ = testing::CompileOrDie(testing::LearnerSpec());
  testing::LooseStore store_;
  std::unique_ptr<StoreJournal> journal_;
  std::unique_ptr<Hosting> hosting_;
};

TEST_F(HostingTest, WhatWasAnsweredIsThereInTheNextProcess) {
  Make("a");
  for (int i = 0; i < 20; ++i) ASSERT_OK(Step("a"));
  const uint64_t digest = Digest("a");
  const Card before = hosting_->Find("a")->card();
  Restart();
  const AgentPtr agent = hosting_->Find("a");
  EXPECT_FALSE(agent->known());
  EXPECT_EQ(Digest("a"), digest);
  EXPECT_TRUE(agent->known());
  EXPECT_EQ(agent->identity().seed, 11u);
  const Card after = agent->card();
  EXPECT_EQ(after.incarnation, before.incarnation);
  EXPECT_EQ(after.stats.steps, 20u);
  EXPECT_EQ(after.stats.rewards_applied, before.stats.rewards_applied);
  EXPECT_EQ(after.stats.rewards_duplicate, before.stats.rewards_duplicate);
  EXPECT_EQ(hosting_->agents(), 1);
}

TEST_F(HostingTest, WhoSleptCannotBeToldFromWhoStayed) {
  Make("sleeper");
  Make("stayer");
  for (int i = 0; i < 30; ++i) {
    const std::string request = absl::StrCat("q", i);
    const auto one = Step("sleeper", request), other = Step("stayer", request);
    ASSERT_OK(one);
    ASSERT_OK(other);
    EXPECT_EQ(one->outcome->action, other->outcome->action);
    EXPECT_EQ(one->outcome->dispositions, other->outcome->dispositions);
    // At each power of two.
    if ((i & (i - 1)) == 0) Sleep("sleeper");
  }
  Sleep("sleeper");
  const auto again = Step("sleeper", "q29");
  ASSERT_OK(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->outcome->step, 29u);
  EXPECT_EQ(Digest("sleeper"), Digest("stayer"));
  const Stats slept = hosting_->Find("sleeper")->card().stats;
  const Stats stayed = hosting_->Find("stayer")->card().stats;
  EXPECT_EQ(slept.steps, stayed.steps);
  EXPECT_EQ(slept.rewards_duplicate, stayed.rewards_duplicate);
}

TEST_F(HostingTest, WhoIsWatchedSleepsAndWhatIsDoneAgainIsNoNews) {
  const AgentPtr in_hand = Make("a");
  const auto watcher = std::make_shared<Watcher>(WatchChoice{.actions = true});
  ASSERT_OK(Take("a")->Welcome(watcher));
  const auto told = [&] {
    std::vector<uint64_t> steps;
    for (const Moment& moment : watcher->Await({}, {}).moments) steps.push_back(moment.step);
    return steps;
  };
  for (int i = 0; i < 3; ++i) ASSERT_OK(Step("a"));
  EXPECT_EQ(told(), (std::vector<uint64_t>{0, 1, 2}));
  Sleep("a");
  hosting_->registry().ForgetAsleep();
  EXPECT_EQ(told(), std::vector<uint64_t>{});
  ASSERT_OK(Step("a"));  // wakes it
  EXPECT_EQ(told(), std::vector<uint64_t>{3});
}

TEST_F(HostingTest, AStoredStateSparesTheInputsBeforeIt) {
  Make("a");
  for (int i = 0; i < 5; ++i) ASSERT_OK(Step("a"));
  {
    Turn turn = *Take("a");
    ASSERT_OK(hosting_->Save(turn));
  }
  ASSERT_OK(Step("a"));
  EXPECT_LT(store_.journal_bytes(), 500);
  const uint64_t digest = Digest("a");
  Restart();
  EXPECT_EQ(Digest("a"), digest);
}

TEST_F(HostingTest, EachDurabilityKeepsItsPromise) {
  Make("ephemeral", Durability::kEphemeral);
  Make("snapshot", Durability::kSnapshot);
  Make("synced", Durability::kSynced);
  for (const char* id : {"ephemeral", "snapshot", "synced"}) ASSERT_OK(Step(id));
  {
    Turn turn = *Take("snapshot");
    ASSERT_OK(hosting_->SaveIfChanged(turn, milliseconds(0)));
  }
  const uint64_t stored = Digest("snapshot"), synced = Digest("synced");
  ASSERT_OK(Step("snapshot"));
  Restart();
  EXPECT_THAT(Take("ephemeral"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(Digest("snapshot"), stored);
  EXPECT_EQ(Digest("synced"), synced);
  EXPECT_EQ(hosting_->agents(), 2);
}

TEST_F(HostingTest, WhoIsNotThereIsNotFoundAndNotKept) {
  EXPECT_THAT(Take("nobody"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(hosting_->registry().Find("nobody"), nullptr);
  EXPECT_TRUE(*hosting_->IsFree("nobody", {}));
}

TEST_F(HostingTest, WhoSleepsHasItsId) {
  Make("a");
  Restart();
  EXPECT_FALSE(*hosting_->IsFree("a", {}));
  const Hosting::Newcomer second = Newcomer("a", Durability::kJournaled);
  EXPECT_THAT(hosting_->Add({&second, 1}, {}), Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  EXPECT_EQ(hosting_->agents(), 1);
  ASSERT_OK(Step("a"));
}

TEST_F(HostingTest, TheCallThatMadeAnAgentIsKnownInTheNextProcess) {
  uint64_t uid = 0;
  {
    const Hosting::Newcomer first = Newcomer("a", Durability::kJournaled, "call");
    ASSERT_OK(hosting_->Add({&first, 1}, {}));
    uid = first.agent->identity().uid;
    ASSERT_OK(hosting_->journal().Wait(first.agent->last_ticket()));
  }
  Restart();
  const Hosting::Newcomer again = Newcomer("b", Durability::kJournaled, "call");
  const auto clash = hosting_->Add({&again, 1}, {});
  ASSERT_OK(clash);
  ASSERT_TRUE(clash->has_value());
  EXPECT_EQ((*clash)->first->identity().uid, uid);
  EXPECT_EQ((*hosting_->FindMadeBy("call", {}))->identity().uid, uid);
  EXPECT_EQ(*hosting_->FindMadeBy("other", {}), nullptr);
}

TEST_F(HostingTest, FindsByUidWhoSleeps) {
  const uint64_t uid = Make("a")->identity().uid;
  ASSERT_OK(Step("a"));
  Restart();
  std::vector<AgentPtr> agents;
  const std::vector<uint64_t> uids = {uid, uid + 1};
  ASSERT_OK(hosting_->Find(uids, &agents));
  ASSERT_NE(agents[0], nullptr);
  EXPECT_EQ(agents[0]->id(), "a");
  EXPECT_EQ(agents[1], nullptr);
}

TEST_F(HostingTest, WhoIsDeletedStaysSo) {
  Make("a");
  ASSERT_OK(Step("a"));
  EXPECT_THAT(hosting_->Delete(*Take("a"), "stale"), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  ASSERT_OK(hosting_->Delete(*Take("a"), ""));
  EXPECT_THAT(Take("a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(hosting_->agents(), 0);
  Restart();
  EXPECT_THAT(Take("a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  Make("a");
  ASSERT_OK(Step("a"));
  EXPECT_EQ(hosting_->Find("a")->card().stats.steps, 1u);
}

TEST_F(HostingTest, WhatCannotBeDeletedIsNot) {
  Make("a");
  ASSERT_OK(Step("a"));
  store_.failing = true;
  EXPECT_FALSE(Step("a").ok());
  EXPECT_THAT(hosting_->Delete(*Take("a"), ""),
              Fails(StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  EXPECT_OK(Take("a"));
  store_.failing = false;
}

TEST_F(HostingTest, ASnapshotIsRestoredWithEveryBit) {
  Make("a");
  for (int i = 0; i < 4; ++i) ASSERT_OK(Step("a"));
  const uint64_t digest = Digest("a");
  const std::string etag = EtagOf(hosting_->Find("a")->card());
  {
    Turn turn = *Take("a");
    ASSERT_OK(hosting_->ReadSnapshots(turn));
    const auto info = hosting_->TakeSnapshot(turn, "s", {.note = "before"});
    ASSERT_OK(info);
    EXPECT_EQ(info->digest, digest);
    EXPECT_EQ(info->steps, 4u);
  }
  std::vector<std::vector<float>> actions;
  for (int i = 0; i < 4; ++i) actions.push_back(Step("a")->outcome->action);
  const uint64_t later = Digest("a");
  for (int round = 0; round < 2; ++round) {
    const auto image = hosting_->LoadSnapshot(*hosting_->Find("a"), "s", "s");
    ASSERT_OK(image);
    {
      Turn turn = *Take("a");
      ASSERT_OK(hosting_->Restore(turn, *image));
    }
    EXPECT_EQ(Digest("a"), digest);
    EXPECT_NE(EtagOf(hosting_->Find("a")->card()), etag);
    for (const auto& action : actions) EXPECT_EQ(Step("a")->outcome->action, action);
    EXPECT_EQ(Digest("a"), later);
    Restart();
    EXPECT_EQ(Digest("a"), later);
  }
  Turn turn = *Take("a");
  ASSERT_OK(hosting_->ReadSnapshots(turn));
  EXPECT_EQ((*hosting_->ReadSnapshots(turn))->at("s").note, "before");
  ASSERT_OK(hosting_->DropSnapshot(turn, "s"));
  EXPECT_TRUE((*hosting_->ReadSnapshots(turn))->empty());
}

TEST_F(HostingTest, RoomIsMadeByWhoWasUsedLongestAgo) {
  End();
  limits_.max_total_bytes = 3 * HostedAgent::BytesOf(*circuit_) + (3 << 10);
  Start();
  for (int i = 0; i < 10; ++i) {
    const std::string id = absl::StrCat("a", i);
    Make(id);
    ASSERT_OK(Step(id));
  }
  EXPECT_EQ(hosting_->agents(), 10);
  EXPECT_LE(hosting_->registry().budget().use().bytes, limits_.max_total_bytes);
  EXPECT_LE(hosting_->Awake().size(), 3u);
  EXPECT_TRUE(hosting_->Find("a9")->awake());
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(Step(absl::StrCat("a", i)));
    EXPECT_EQ(hosting_->Find(absl::StrCat("a", i))->card().stats.steps, 2u);
  }
}

TEST_F(HostingTest, WhoCannotSleepTakesItsRoom) {
  End();
  limits_.max_total_bytes = 2 * HostedAgent::BytesOf(*circuit_);
  Start();
  Make("a", Durability::kEphemeral);
  Make("b", Durability::kEphemeral);
  EXPECT_THAT(hosting_->TakeRoom(*circuit_), Fails(StatusCode::kResourceExhausted, "SERVER_FULL"));
}

TEST_F(HostingTest, ManyThreadsUseAgentsThatFallAsleep) {
  End();
  limits_.max_total_bytes = 6 * HostedAgent::BytesOf(*circuit_);
  Start();
  for (int i = 0; i < 8; ++i) Make(absl::StrCat("a", i));
  Keeper keeper(*hosting_,
                {.hibernate_after = milliseconds(1), .snapshot_period = milliseconds(5)});
  std::vector<std::thread> threads;
  std::atomic<int> steps = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const auto answer = Step(absl::StrCat("a", (i * 3 + t) % 8));
        EXPECT_OK(answer);
        steps += answer.ok();
        if (i % 10 == 0) std::this_thread::sleep_for(milliseconds(60));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  uint64_t done = 0;
  for (int i = 0; i < 8; ++i) {
    const std::string id = absl::StrCat("a", i);
    // In the turn, so that it stays awake.
    const auto turn = Take(id);
    ASSERT_OK(turn);
    done += turn->card().stats.steps;
  }
  EXPECT_EQ(done, static_cast<uint64_t>(steps));
  ASSERT_OK(keeper.SaveAll());
}

TEST_F(HostingTest, TheKeeperPutsAnIdleAgentToSleep) {
  Make("a");
  ASSERT_OK(Step("a"));
  const uint64_t digest = Digest("a");
  const Keeper keeper(*hosting_, {.hibernate_after = milliseconds(10)});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (hosting_->registry().Find("a") != nullptr && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(hosting_->registry().Find("a"), nullptr);
  EXPECT_EQ(hosting_->registry().budget().use().places, 0);
  EXPECT_EQ(store_.journal_bytes(), 0);
  EXPECT_EQ(Digest("a"), digest);
}

TEST_F(HostingTest, ADamagedImageIsRefused) {
  Make("a");
  for (int i = 0; i < 12; ++i) ASSERT_OK(Step("a", absl::StrCat("q", i)));
  const Turn turn = *Take("a");
  const Inside inside = turn.Copy({}, {});
  const std::string image = EncodeImage(inside);
  EXPECT_EQ(DecodeImage(image, circuit_, {})->agent.Digest(), inside.agent.Digest());
  for (size_t size = 0; size < image.size(); size += 7) {
    EXPECT_FALSE(DecodeImage(image.substr(0, size), circuit_, {}).ok()) << size;
  }
  for (size_t at = 0; at < image.size(); at += 3) {
    std::string damaged = image;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    const auto read = DecodeImage(damaged, circuit_, {});
    // What is not refused is beside the state: the store's checksums are for that.
    if (read.ok()) {
      EXPECT_EQ(read->agent.Digest(), inside.agent.Digest()) << at;
    }
  }
}

}  // namespace
}  // namespace phasic
