// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "core/presets/presets.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;

// Takes messages in from another thread.
class Collector final : public handlers::Writer<v1::WatchResponse> {
 public:
  bool Write(const v1::WatchResponse& message) override {
    MutexLock lock(mutex_);
    messages_.push_back(message);
    changed_.NotifyAll();
    return true;
  }
  // What has come once `enough` says so; or after a minute.
  template <class Enough>
  std::vector<v1::WatchResponse> Await(const Enough& enough) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    MutexLock lock(mutex_);
    while (!enough(messages_) && std::chrono::steady_clock::now() < until) {
      changed_.WaitUntil(mutex_, until);
    }
    EXPECT_TRUE(enough(messages_));
    return messages_;
  }
  // The first so many.
  std::vector<v1::WatchResponse> First(size_t count) {
    return Await([&](const auto& messages) { return messages.size() >= count; });
  }
  // All moments, once there have been so many.
  std::vector<v1::WatchResponse::Moment> Moments(size_t count) {
    std::vector<v1::WatchResponse::Moment> moments;
    Await([&](const auto& messages) {
      moments.clear();
      for (const auto& m : messages) {
        moments.insert(moments.end(), m.moments().begin(), m.moments().end());
      }
      return moments.size() >= count;
    });
    return moments;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<v1::WatchResponse> messages_;
};

class WatchTest : public HandlerTest {
 protected:
  // A call of Watch, until it is left.
  class Watching {
   public:
    Watching(Env& env, const std::string& request)
        : thread_([this, &env, request] {
            const Call call{env, {.gone = [this] { return gone_.load(); }}};
            status_ = handlers::Watch(call, Proto<v1::WatchRequest>(request), &messages);
          }) {}
    ~Watching() {
      if (thread_.joinable()) Leave().IgnoreError();
    }
    absl::Status Leave() {
      gone_ = true;
      return End();
    }
    // Of itself.
    absl::Status End() {
      thread_.join();
      return status_;
    }
    Collector messages;

   private:
    std::atomic<bool> gone_ = false;
    absl::Status status_;
    std::thread thread_;
  };

  absl::Status TryWatch(const std::string& request) {
    FakeWriter<v1::WatchResponse> writer;
    writer.stop_after = 1;
    return handlers::Watch(call_, Proto<v1::WatchRequest>(request), &writer);
  }
  void Delete(const std::string& id) {
    google::protobuf::Empty response;
    EXPECT_OK(handlers::DeleteAgent(
        call_, Proto<v1::DeleteAgentRequest>("name: 'agents/" + id + "'"), &response));
  }
};

TEST_F(WatchTest, TheFirstMessageTellsTheStateAtOnce) {
  Create("a");
  Step("a", "rewards { value: 1 }");
  Watching watching(env_, "name: 'agents/a'");
  const v1::WatchResponse first = watching.messages.First(1)[0];
  EXPECT_EQ(first.moments_size(), 0);
  EXPECT_EQ(first.dropped(), 0u);
  EXPECT_EQ(first.stats().steps(), 1u);
  EXPECT_EQ(first.stats().residency(), v1::RESIDENT);
  EXPECT_THAT(watching.Leave(), Fails(StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(WatchTest, TellsWhatTurnsDo) {
  Create("a");
  Watching watching(env_, "name: 'agents/a' max_rate: 1000");
  watching.messages.First(1);
  const v1::StepResponse step = Step("a", "rewards { value: 0.5 } rewards { value: 2 }");
  v1::RewardResponse answer;
  EXPECT_OK(handlers::Reward(
      call_,
      Proto<v1::RewardRequest>(
          "name: 'agents/a' rewards { channel: 'teacher' values: [1, -1] reward_id: 'r' }"),
      &answer));
  Step("a", "end: TRUNCATED rewards { reward_id: 'r' channel: 'teacher' values: [1, -1] }");
  const auto moments = watching.messages.Moments(3);

  EXPECT_EQ(moments[0].step(), 0u);
  EXPECT_EQ(moments[0].episode(), 0u);
  EXPECT_EQ(moments[0].time(), step.time());
  EXPECT_EQ(moments[0].end(), v1::NONE);
  EXPECT_THAT(moments[0].action(), ElementsAre(step.action(0)));
  ASSERT_EQ(moments[0].rewards_size(), 2);
  EXPECT_EQ(moments[0].rewards(1).channel(), "reward");
  EXPECT_THAT(moments[0].rewards(1).values(), ElementsAre(2));
  EXPECT_EQ(moments[0].rewards(1).disposition(), v1::APPLIED);
  ASSERT_GT(moments[0].modulators_size(), 0);
  EXPECT_EQ(moments[0].modulators(0).component(), "reward");
  EXPECT_EQ(moments[0].modulators(0).variable(), "level");

  EXPECT_FALSE(moments[1].has_step());
  EXPECT_EQ(moments[1].next_step(), 1u);
  EXPECT_THAT(moments[1].rewards(0).values(), ElementsAre(1, -1));
  EXPECT_EQ(moments[1].action_size(), 0);

  EXPECT_EQ(moments[2].step(), 1u);
  EXPECT_EQ(moments[2].end(), v1::TRUNCATED);
  EXPECT_EQ(moments[2].rewards(0).disposition(), v1::DUPLICATE);
  EXPECT_EQ(moments[2].action_size(), 0);
}

TEST_F(WatchTest, SizesAreThoseThatInspectTells) {
  Create("a");
  Step("a");
  Step("a", "rewards { value: 1 }");
  Watching watching(env_, "name: 'agents/a' topics: [WEIGHTS, TRACES]");
  const v1::WatchResponse first = watching.messages.First(1)[0];
  ASSERT_EQ(first.weights_size(), 1);
  ASSERT_GE(first.traces_size(), 1);
  for (const v1::WatchResponse::Size& size : {first.weights(0), first.traces(0)}) {
    v1::InspectRequest request;
    request.set_name("agents/a");
    request.set_component(size.component());
    request.set_variable(size.variable());
    FakeWriter<v1::InspectResponse> writer;
    EXPECT_OK(handlers::Inspect(call_, request, &writer));
    EXPECT_EQ(size.summary().DebugString(), writer.messages[0].summary().DebugString());
    EXPECT_GT(size.summary().norm(), 0);
  }
}

TEST_F(WatchTest, OnlyWhatIsAskedIsTold) {
  Create("a");
  Watching watching(env_, "name: 'agents/a' topics: [ACTIONS] stride: 3 max_rate: 1000");
  watching.messages.First(1);
  for (int i = 0; i < 7; ++i) Step("a", "rewards { value: 1 }");
  const auto moments = watching.messages.Moments(3);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(moments[i].step(), 3 * i);
    EXPECT_EQ(moments[i].action_size(), 1);
    EXPECT_EQ(moments[i].rewards_size(), 0);
    EXPECT_EQ(moments[i].modulators_size(), 0);
  }
  for (const auto& message : watching.messages.First(1)) {
    EXPECT_EQ(message.weights_size() + message.traces_size(), 0);
  }
}

TEST_F(WatchTest, WhatIsNotToldIsCounted) {
  Create("a");
  // So slow that many steps come between two messages, and on most machines too many.
  Watching watching(env_, "name: 'agents/a' max_rate: 1");
  watching.messages.First(1);
  constexpr uint64_t kSteps = 300;
  for (uint64_t i = 0; i < kSteps; ++i) Step("a");
  const auto messages = watching.messages.Await([](const auto& got) {
    uint64_t told = 0;
    for (const auto& m : got) told += m.dropped() + static_cast<uint64_t>(m.moments_size());
    return told == kSteps;
  });
  const v1::WatchResponse& last = messages.back();
  for (const auto& message : messages) EXPECT_LE(message.moments_size(), 256);
  EXPECT_EQ(last.moments(last.moments_size() - 1).step(), kSteps - 1);
  EXPECT_EQ(last.stats().steps(), kSteps);
}

TEST_F(WatchTest, EndsWithItsAgent) {
  Create("a");
  Watching watching(env_, "name: 'agents/a'");
  watching.messages.First(1);
  Delete("a");
  EXPECT_THAT(watching.End(), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

TEST_F(WatchTest, EndsWithTheServer) {
  Create("a");
  Watching watching(env_, "name: 'agents/a'");
  watching.messages.First(1);
  env_.draining = true;
  EXPECT_THAT(watching.End(), Fails(StatusCode::kUnavailable, "DRAINING"));
}

TEST_F(WatchTest, ABadRequestIsToldByField) {
  Create("a");
  EXPECT_THAT(TryWatch("name: 'agents/b'"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryWatch("name: 'agents/a' topics: [WEIGHTS, TOPIC_UNSPECIFIED] stride: -1 "
                       "max_rate: 1001"),
              FailsFor("BAD_FIELD", Fields{"topics[1]", "stride", "max_rate"}));
  EXPECT_THAT(TryWatch("name: 'agents/a' max_rate: nan"),
              FailsFor("BAD_FIELD", Fields{"max_rate"}));
  EXPECT_THAT(TryWatch("name: 'agents/a' max_rate: -1"), FailsFor("BAD_FIELD", Fields{"max_rate"}));
}

TEST_F(WatchTest, SoManyMayWatchAndThoseWhoLeaveMakeRoom) {
  Create("a");
  std::vector<std::unique_ptr<Watching>> all;
  for (size_t i = 0; i < limits::kMaxWatchersOfAgent; ++i) {
    all.push_back(std::make_unique<Watching>(env_, "name: 'agents/a'"));
    all.back()->messages.First(1);
  }
  EXPECT_THAT(TryWatch("name: 'agents/a'"),
              Fails(StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS"));
  all.pop_back();
  Watching another(env_, "name: 'agents/a'");
  another.messages.First(1);
}

// An agent of the preset, with spaces that it serves.
v1::CreateAgentRequest PresetRequest(const Preset& preset, const std::string& id) {
  const Space observation = Space::Box({2}, {-1}, {1});
  for (const Space& action :
       {Space::Discrete(2), Space::MultiBinary(2), Space::Box({2}, {-1}, {1})}) {
    std::vector<Violation> faults;
    const CircuitSpec spec =
        BuildPreset(preset.name, {}, {{"observation", observation}, {"action", action}}, &faults);
    if (!faults.empty()) continue;
    v1::CreateAgentRequest request;
    request.set_agent_id(id);
    convert::ToProto(spec, request.mutable_agent()->mutable_circuit());
    request.mutable_agent()->set_seed(5);
    return request;
  }
  ADD_FAILURE() << preset.name << " takes none of the spaces";
  return {};
}

TEST_F(WatchTest, WatchingChangesNoBitOfAnyPreset) {
  int number = 0;
  for (const Preset* preset : Presets()) {
    const std::string watched = absl::StrCat("w", number), alone = absl::StrCat("a", number);
    ++number;
    Create(PresetRequest(*preset, watched));
    Create(PresetRequest(*preset, alone));
    Watching watching(env_, "name: 'agents/" + watched + "' max_rate: 1000");
    watching.messages.First(1);
    constexpr int kSteps = 40;
    for (int i = 0; i < kSteps; ++i) {
      for (const std::string& id : {watched, alone}) {
        v1::StepRequest request;
        request.set_name("agents/" + id);
        request.add_observation(static_cast<float>(i % 5) / 5);
        request.add_observation(static_cast<float>(i % 3) / -3);
        if (i > 0) request.add_rewards()->set_value(i % 4 - 1);
        if (i == 25) request.set_end(v1::TRUNCATED);
        Step(request);
      }
    }
    EXPECT_EQ(Digest(watched), Digest(alone)) << preset->name;
    EXPECT_EQ(watching.messages.Moments(kSteps).size(), static_cast<size_t>(kSteps));
  }
}

}  // namespace
}  // namespace phasic::testing
