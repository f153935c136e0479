// SPDX-License-Identifier: Apache-2.0
//
// A step takes no memory once steps like it have been done.
#include <gtest/gtest.h>

#include "server/handlers/batch_step_job.h"
#include "tests/server/support/handler_test.h"
#include "tests/support/allocations.h"

namespace phasic::testing {
namespace {

constexpr int kWarm = 200, kSteps = 300;

class StepAllocationTest : public HandlerTest, private handlers::Completion {
 protected:
  // Does the request again and again; returns how often memory was taken after a while.
  template <class Job, class Request, class Response>
  int64_t Count(const Request& request, Response* response) {
    Job job;
    int64_t taken = 0;
    for (int i = 0; i < kWarm + kSteps; ++i) {
      const int64_t before = Allocations();
      job.Start(call_, request, response, this);
      if (i >= kWarm) taken += Allocations() - before;
      EXPECT_TRUE(done_) << "by another thread";
      EXPECT_OK(status_);
      done_ = false;
    }
    return taken;
  }
  int64_t CountSteps(const std::string& more) {
    v1::StepResponse response;
    return Count<handlers::StepJob>(StepRequest("a", more), &response);
  }

 private:
  void Done(absl::Status status) noexcept override {
    status_ = std::move(status);
    done_ = true;
  }
  bool done_ = false;
  absl::Status status_;
};

TEST_F(StepAllocationTest, ATurnTakesNone) {
  Create("a");
  const AgentPtr agent = env_.registry.Find("a");
  const std::vector<float> observation = {0.5f, -0.25f, 1};
  const std::vector<double> one = {1.0}, two = {0.5, -0.5};
  const std::vector<RewardArguments> rewards = {{.channel = 0, .values = one, .scalar = true},
                                                {.channel = 1, .values = two}};
  StepRoom room;
  int64_t taken = 0;
  for (int i = 0; i < kWarm + kSteps; ++i) {
    const int64_t before = Allocations();
    Turn turn = *Turn::Take(agent, {}, env_.journal);
    StepArguments step{.observation = observation, .rewards = rewards, .run_id = "run"};
    if (i % 3 == 0) step.rewards = {};
    if (i % 7 == 0) step.end = End::kTruncated;
    const bool done = turn.Step(step, absl::OkStatus(), &room).ok();
    if (i >= kWarm) taken += Allocations() - before;
    EXPECT_TRUE(done);
  }
  EXPECT_EQ(taken, 0);
}

TEST_F(StepAllocationTest, AStepTakesNone) {
  Create("a");
  EXPECT_EQ(CountSteps(""), 0);
  EXPECT_EQ(CountSteps("rewards { value: 1 } rewards { channel: 'teacher' values: [1, 2] }"), 0);
  EXPECT_EQ(CountSteps("greedy: true ticks: 3 run_id: 'a name that is not so very short'"), 0);
  EXPECT_EQ(CountSteps("action_masks { allowed: [true, false, true, true] }"), 0);
  EXPECT_EQ(CountSteps("end: TRUNCATED"), 0);
}

TEST_F(StepAllocationTest, ARequestIdIsRemembered) {
  Create("a");
  Step("a", "request_id: 'call'");
  EXPECT_EQ(CountSteps("request_id: 'call'"), 0) << "to be answered from memory";
}

TEST_F(StepAllocationTest, AnItemOfABatchTakesNone) {
  for (const bool bytes : {false, true}) {
    v1::BatchStepRequest request;
    std::vector<float> observations;
    for (int i = 0; i < 5; ++i) {
      request.add_uid(Create(absl::StrCat(bytes ? "b" : "f", i)).uid());
      request.add_reward(0.5f);
      request.add_has_reward(i != 3);
      request.add_end(i == 4 ? v1::TRUNCATED : v1::NONE);
      for (const float x : {0.5f, -0.25f, 0.1f * static_cast<float>(i)}) observations.push_back(x);
    }
    if (bytes) {
      request.set_observation_bytes(observations.data(), observations.size() * sizeof(float));
    } else {
      request.mutable_observation()->Assign(observations.begin(), observations.end());
    }
    v1::BatchStepResponse response;
    EXPECT_EQ(Count<handlers::BatchStepJob>(request, &response), 0) << bytes;
    EXPECT_EQ(response.failures_size(), 0);
  }
}

}  // namespace
}  // namespace phasic::testing
