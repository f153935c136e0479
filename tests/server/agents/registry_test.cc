// SPDX-License-Identifier: Apache-2.0
#include "server/agents/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/agents/turn.h"
#include "tests/server/support/agents.h"
#include "tests/server/support/circuits.h"

namespace phasic {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  AgentPtr Make(const std::string& id, const std::string& made_by = "") {
    auto room = registry_.budget().Take(circuit_->max_state_bytes());
    if (!room) return nullptr;
    Identity identity{.id = id, .uid = registry_.NewUid(), .made_by = made_by};
    return testing::Host(identity, Agent(circuit_, 1), {}, *std::move(room), 64);
  }
  std::vector<std::string> Ids(const std::string& after, size_t count) {
    std::vector<std::string> ids;
    for (const AgentPtr& agent : registry_.After(after, count)) ids.push_back(agent->identity().id);
    return ids;
  }

  const std::shared_ptr<const Circuit> circuit_ = testing::CompileOrDie(testing::LearnerSpec());
  Registry registry_{1 << 30};
};

TEST_F(RegistryTest, FindsWhatWasAdded) {
  EXPECT_EQ(registry_.Find("a"), nullptr);
  const AgentPtr agent = Make("a");
  EXPECT_EQ(registry_.Add(agent), agent);
  EXPECT_EQ(registry_.Find("a"), agent);
  EXPECT_EQ(registry_.Find("ab"), nullptr);
  registry_.Remove(agent);
  EXPECT_EQ(registry_.Find("a"), nullptr);
}

TEST_F(RegistryTest, TheFirstOfAnIdStays) {
  const AgentPtr first = Make("a"), second = Make("a");
  EXPECT_EQ(registry_.Add(first), first);
  EXPECT_EQ(registry_.Add(second), first);
  // Nor can the second be removed in the first one's place.
  registry_.Remove(second);
  EXPECT_EQ(registry_.Find("a"), first);
}

TEST_F(RegistryTest, KnowsTheCallThatMadeAnAgent) {
  const AgentPtr agent = Make("a", "create//call-1"), retry = Make("b", "create//call-1");
  EXPECT_EQ(registry_.Add(agent), agent);
  EXPECT_EQ(registry_.FindMadeBy("create//call-1"), agent);
  EXPECT_EQ(registry_.Add(retry), agent);
  EXPECT_EQ(registry_.Find("b"), nullptr);
  registry_.Remove(agent);
  EXPECT_EQ(registry_.FindMadeBy("create//call-1"), nullptr);
  EXPECT_EQ(registry_.Add(retry), retry);
}

TEST_F(RegistryTest, CallsWithoutAnIdAreAllDifferent) {
  const AgentPtr a = Make("a"), b = Make("b");
  registry_.Add(a);
  EXPECT_EQ(registry_.Add(b), b);
  EXPECT_EQ(registry_.FindMadeBy(""), nullptr);
}

TEST_F(RegistryTest, ACallThatLosesItsIdIsNotKnown) {
  registry_.Add(Make("a"));
  const AgentPtr late = Make("a", "create/a/call-1");
  EXPECT_NE(registry_.Add(late), late);
  EXPECT_EQ(registry_.FindMadeBy("create/a/call-1"), nullptr);
}

TEST_F(RegistryTest, ListsInTheOrderOfIds) {
  for (const char* id : {"c", "a", "e", "b"}) registry_.Add(Make(id));
  EXPECT_EQ(Ids("", 10), (std::vector<std::string>{"a", "b", "c", "e"}));
  EXPECT_EQ(Ids("", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Ids("b", 2), (std::vector<std::string>{"c", "e"}));
  EXPECT_EQ(Ids("d", 2), (std::vector<std::string>{"e"}));
  EXPECT_TRUE(Ids("e", 2).empty());
}

TEST_F(RegistryTest, FindsByUid) {
  const AgentPtr a = Make("a"), b = Make("b");
  EXPECT_FALSE(registry_.Add(std::vector<AgentPtr>{a, b}).has_value());
  const std::vector<uint64_t> uids = {b->identity().uid, 5, a->identity().uid};
  std::vector<AgentPtr> found;
  registry_.Find(uids, &found);
  EXPECT_EQ(found, (std::vector<AgentPtr>{b, nullptr, a}));
  registry_.Remove(b);
  registry_.Find(uids, &found);
  EXPECT_EQ(found, (std::vector<AgentPtr>{nullptr, nullptr, a}));
}

TEST_F(RegistryTest, SeveralAreEnteredTogetherOrNotAtAll) {
  const AgentPtr first = Make("b", "call-b");
  registry_.Add(first);
  const std::vector<AgentPtr> clash_of_ids = {Make("a"), Make("b"), Make("c")};
  auto clash = registry_.Add(clash_of_ids);
  ASSERT_TRUE(clash.has_value());
  EXPECT_EQ(clash->index, 1u);
  EXPECT_EQ(clash->first, first);
  EXPECT_EQ(Ids("", 10), std::vector<std::string>{"b"});
  const std::vector<AgentPtr> clash_of_calls = {Make("a"), Make("c", "call-b")};
  clash = registry_.Add(clash_of_calls);
  ASSERT_TRUE(clash.has_value());
  EXPECT_EQ(clash->index, 1u);
  EXPECT_EQ(clash->first, first);
  EXPECT_EQ(registry_.Find("a"), nullptr);
}

TEST_F(RegistryTest, RoomComesBackWhenTheLastHolderLetsGo) {
  AgentPtr agent = Make("a");
  registry_.Add(agent);
  EXPECT_EQ(registry_.budget().use().places, 1);
  EXPECT_EQ(registry_.budget().use().bytes, circuit_->max_state_bytes());
  registry_.Remove(agent);
  EXPECT_EQ(registry_.budget().use().places, 1);  // a call still has it
  agent.reset();
  EXPECT_EQ(registry_.budget().use().places, 0);
  EXPECT_EQ(registry_.budget().use().bytes, 0);
}

TEST_F(RegistryTest, UidsAreNeverTheSame) {
  std::set<uint64_t> uids;
  for (int i = 0; i < 1'000; ++i) uids.insert(registry_.NewUid());
  EXPECT_EQ(uids.size(), 1'000u);
  const Registry later(1);
  Registry again(1);
  EXPECT_GT(again.NewUid(), *uids.begin());
}

TEST_F(RegistryTest, ServesThreadsThatMakeUseAndDelete) {
  MemoryJournal journal;
  std::atomic<int> steps = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::vector<float> observation = {0, 0, 0};
      for (int i = 0; i < 100; ++i) {
        // The threads fight for ten ids.
        const std::string id = absl::StrCat("agent-", (i * 7 + t) % 10);
        AgentPtr agent = registry_.Find(id);
        if (agent == nullptr) {
          agent = Make(id);
          ASSERT_NE(agent, nullptr);
          agent = registry_.Add(agent);
        }
        if (auto turn = Turn::Take(agent, {}, journal); turn.ok()) {
          ASSERT_TRUE(testing::StepOf(*turn, {.observation = observation}).ok());
          ++steps;
          if (i % 5 == t) {
            turn->Close();
          }
        }
        if (i % 5 == t) registry_.Remove(agent);
        for (const AgentPtr& other : registry_.After("", 100)) other->card();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(steps, 200);
  const auto left = registry_.After("", 100);
  EXPECT_EQ(registry_.budget().use().places, static_cast<int64_t>(left.size()));
  for (const AgentPtr& agent : left) registry_.Remove(agent);
}

TEST_F(RegistryTest, IsNeverOverfilled) {
  Registry small(3 * circuit_->max_state_bytes());
  std::vector<std::thread> threads;
  std::atomic<int> made = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        auto room = small.budget().Take(circuit_->max_state_bytes());
        if (!room) continue;
        ++made;
        const AgentPtr agent = testing::Host({.id = absl::StrCat("a-", t, "-", i)},
                                             Agent(circuit_, 1), {}, *std::move(room), 1);
        small.Add(agent);
        EXPECT_LE(small.After("", 10).size(), 3u);
        small.Remove(agent);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(made, 0);
  EXPECT_TRUE(small.After("", 10).empty());
}

// Stands where agents sleep, and wakes none.
class NoHome final : public Home {
 public:
  absl::Status Wake(HostedAgent&) override { return absl::UnavailableError("no home"); }
  void Due(HostedAgent&) noexcept override {}
};

TEST_F(RegistryTest, WhoSleepsIsForgottenOnceNobodyHasIt) {
  NoHome home;
  const auto sleeper = [&] { return std::make_shared<HostedAgent>("a", &home, 1); };
  AgentPtr in_hand = registry_.FindOrEnter("a", sleeper);
  EXPECT_EQ(registry_.FindOrEnter("a", sleeper), in_hand);
  EXPECT_TRUE(registry_.Awake().empty());
  AgentPtr again = in_hand;
  EXPECT_FALSE(registry_.Forget(in_hand)) << "somebody else has it";
  registry_.ForgetAsleep();
  EXPECT_EQ(registry_.Find("a"), in_hand);
  again.reset();
  EXPECT_TRUE(registry_.Forget(in_hand));
  EXPECT_EQ(registry_.Find("a"), nullptr);
  registry_.FindOrEnter("a", sleeper);
  registry_.ForgetAsleep();
  EXPECT_EQ(registry_.Find("a"), nullptr);
}

TEST_F(RegistryTest, WhoIsAwakeIsNotForgotten) {
  registry_.Add(Make("a", "call"));
  registry_.ForgetAsleep();
  EXPECT_NE(registry_.Find("a"), nullptr);
  EXPECT_EQ(registry_.Awake().size(), 1u);
}

}  // namespace
}  // namespace phasic
