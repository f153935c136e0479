// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <optional>
#include <span>
#include <thread>

#include "absl/strings/str_cat.h"
#include "phasic/rpc/error_details.pb.h"
#include "server/handlers/batch_step_job.h"
#include "server/handlers/names.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;

class BatchStepTest : public HandlerTest {
 protected:
  BatchStepTest() {
    for (const char* id : {"a", "b", "c"}) uids_.push_back(Create(id).uid());
  }
  // A row each for the first `count` agents.
  v1::BatchStepRequest Request(int count = 3, const std::string& more = "") {
    auto request = Proto<v1::BatchStepRequest>(more);
    for (int i = 0; i < count; ++i) {
      request.add_uid(uids_[i]);
      for (const float x : {0.5f, -0.25f, 0.1f * i}) request.add_observation(x);
    }
    return request;
  }
  absl::Status Try(const v1::BatchStepRequest& request, v1::BatchStepResponse* response) {
    response->Clear();
    return Await<handlers::BatchStepJob>(call_, request, response);
  }
  v1::BatchStepResponse Do(const v1::BatchStepRequest& request) {
    v1::BatchStepResponse response;
    EXPECT_OK(Try(request, &response));
    return response;
  }
  void ExpectFault(const v1::BatchStepRequest& request, const std::string& field) {
    std::vector<uint64_t> before;
    for (const char* id : {"a", "b", "c"}) before.push_back(Digest(id));
    v1::BatchStepResponse response;
    const absl::Status status = Try(request, &response);
    EXPECT_THAT(status, Fails(StatusCode::kInvalidArgument, "BAD_FIELD"));
    EXPECT_EQ(DetailsOf(status).violations.at(0).field, field);
    for (const char* id : {"a", "b", "c"}) {
      EXPECT_EQ(Digest(id), before.front());
      before.erase(before.begin());
    }
  }
  // Reason and first field of an item's failure.
  static std::string WhyOf(const v1::BatchStepResponse::Failure& failure) {
    rpc::ErrorInfo info;
    EXPECT_TRUE(info.ParseFromString(failure.status().details(0).value()));
    rpc::BadRequest bad;
    if (failure.status().details_size() < 2 || info.reason() == "AGENT_NOT_FOUND")
      return info.reason();
    EXPECT_TRUE(bad.ParseFromString(failure.status().details(1).value()));
    return absl::StrCat(info.reason(), " ", bad.field_violations(0).field());
  }

  std::vector<uint64_t> uids_;
};

TEST_F(BatchStepTest, DoesWhatStepsWouldDoOneByOne) {
  for (const char* id : {"d", "e", "f"}) Create(id);  // with the same seed
  for (int t = 0; t < 20; ++t) {
    v1::BatchStepRequest batch = Request();
    for (int i = 0; i < 3; ++i) {
      batch.add_reward(0.5f * i);
      batch.add_has_reward(i != 1);
      batch.add_end(t == 10 && i == 2   ? v1::TERMINATED
                    : t == 15 && i == 1 ? v1::TRUNCATED
                                        : v1::NONE);
      batch.add_step(t);
    }
    const v1::BatchStepResponse response = Do(batch);
    ASSERT_EQ(response.failures_size(), 0) << response.failures(0).DebugString();
    for (int i = 0; i < 3; ++i) {
      v1::StepRequest one;
      one.set_name(absl::StrCat("agents/", std::string(1, static_cast<char>('d' + i))));
      for (int j = 0; j < 3; ++j) one.add_observation(batch.observation(3 * i + j));
      if (i != 1) one.add_rewards()->set_value(batch.reward(i));
      one.set_end(static_cast<v1::End>(batch.end(i)));
      const v1::StepResponse alone = Step(one);
      EXPECT_EQ(response.action(i), alone.action_size() > 0 ? alone.action(0) : 0);
      EXPECT_EQ(response.step(i), alone.step());
      EXPECT_EQ(response.episode(i), alone.episode());
      EXPECT_EQ(response.time(i), alone.time());
      EXPECT_EQ(response.disposition(i),
                i == 1 ? v1::DISPOSITION_UNSPECIFIED : alone.dispositions(0));
    }
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Digest(std::string(1, static_cast<char>('a' + i))),
              Digest(std::string(1, static_cast<char>('d' + i))));
  }
}

class BatchTicksTest : public BatchStepTest, public ::testing::WithParamInterface<int> {};

// So many that they take several groups, of two circuits in turn; one would diverge, one is busy.
TEST_P(BatchTicksTest, SideBySideItemsDoWhatTheyWouldDoAlone) {
  constexpr int kItems = 45, kDiverging = 20, kBusy = 30, kSteps = 12, kBadStep = 5;
  CircuitSpec fast = LearnerSpec();
  fast.projections[0].rule.parameters["learning_rate"] = 100.0;
  v1::BatchStepRequest batch;
  batch.set_ticks(GetParam());
  for (int i = 0; i < kItems; ++i) {
    const CircuitSpec spec = i == kDiverging || i % 7 > 4 ? fast : LearnerSpec();
    batch.add_uid(Create(CreateRequest(absl::StrCat("batch-", i), spec)).uid());
    Create(CreateRequest(absl::StrCat("alone-", i), spec));
  }
  std::optional<Budget::Room> others;
  for (int t = 0; t < kSteps; ++t) {
    // So many agents beside these that none of them is in a cache.
    if (t == kSteps / 2) others = env_.registry.budget().Take(int64_t{1} << 30, 0);
    batch.clear_observation();
    batch.clear_reward();
    batch.clear_end();
    for (int i = 0; i < kItems; ++i) {
      for (int j = 0; j < 3; ++j) batch.add_observation(0.1f * static_cast<float>((t + i + j) % 9));
      batch.add_reward(t == kBadStep && i == kDiverging ? 3e38f : 1e-3f * static_cast<float>(i));
      batch.add_end((t + i) % 10 == 9 ? v1::TRUNCATED : v1::NONE);
    }
    v1::BatchStepResponse response;
    std::future<absl::Status> done;
    {
      const auto busy = handlers::FindAgent(call_, absl::StrCat("agents/batch-", kBusy));
      const Turn turn = *Turn::Take(*busy, {}, env_.journal);
      done = std::async(std::launch::async, [&] { return Try(batch, &response); });
      while (Get("batch-44").stats().steps() <= static_cast<uint64_t>(t)) std::this_thread::yield();
    }
    ASSERT_OK(done.get());
    ASSERT_EQ(response.failures_size(), t == kBadStep ? 1 : 0);
    for (int i = 0; i < kItems; ++i) {
      v1::StepRequest one;
      one.set_name(absl::StrCat("agents/alone-", i));
      for (int j = 0; j < 3; ++j) one.add_observation(batch.observation(3 * i + j));
      one.add_rewards()->set_value(batch.reward(i));
      one.set_end(batch.end(i));
      one.set_ticks(GetParam());
      v1::StepResponse alone;
      const absl::Status status = Await<handlers::StepJob>(call_, one, &alone);
      ASSERT_EQ(status.ok(), t != kBadStep || i != kDiverging) << status;
      if (!status.ok()) continue;
      EXPECT_EQ(response.action(i), alone.action_size() > 0 ? alone.action(0) : 0) << i;
      EXPECT_EQ(response.step(i), alone.step());
    }
  }
  for (int i = 0; i < kItems; ++i) {
    EXPECT_EQ(Digest(absl::StrCat("batch-", i)), Digest(absl::StrCat("alone-", i))) << i;
  }
}

// Done here, by workers in groups, and by workers one by one.
INSTANTIATE_TEST_SUITE_P(Ticks, BatchTicksTest, ::testing::Values(1, 20, 500));

TEST_F(BatchStepTest, BytesGiveBytes) {
  v1::BatchStepRequest floats = Request(), bytes = floats;
  bytes.clear_observation();
  bytes.set_observation_bytes(floats.observation().data(), 9 * sizeof(float));
  for (const char* id : {"d", "e", "f"}) {
    static int i = 0;
    bytes.set_uid(i++, Create(id).uid());
  }
  const v1::BatchStepResponse a = Do(floats), b = Do(bytes);
  EXPECT_EQ(a.action_bytes(), "");
  EXPECT_EQ(b.action_size(), 0);
  ASSERT_EQ(b.action_bytes().size(), 3 * sizeof(float));
  const auto actions = std::as_bytes(std::span(a.action().data(), 3));
  EXPECT_EQ(std::memcmp(b.action_bytes().data(), actions.data(), actions.size()), 0);
}

TEST_F(BatchStepTest, AnItemFailsAlone) {
  v1::BatchStepRequest request = Request();
  request.set_observation(4, 7);  // out of the space of item 1
  for (int i = 0; i < 3; ++i) request.add_step(i == 2 ? 5 : 0);
  request.add_uid(12345);
  for (int j = 0; j < 3; ++j) request.add_observation(0);
  request.add_step(0);
  const v1::BatchStepResponse response = Do(request);
  ASSERT_EQ(response.failures_size(), 3);
  EXPECT_EQ(response.failures(0).item(), 1);
  EXPECT_EQ(WhyOf(response.failures(0)), "BAD_OBSERVATION observation[4]");
  EXPECT_EQ(response.failures(1).item(), 2);
  EXPECT_EQ(response.failures(1).status().code(), static_cast<int>(StatusCode::kAborted));
  EXPECT_EQ(response.failures(2).item(), 3);
  EXPECT_EQ(WhyOf(response.failures(2)), "AGENT_NOT_FOUND");
  EXPECT_EQ(Get("a").stats().steps(), 1u);
  EXPECT_EQ(Get("b").stats().steps(), 0u);
  EXPECT_EQ(Get("c").stats().steps(), 0u);
}

TEST_F(BatchStepTest, FieldsOfItemsAreInTheWordsOfTheBatch) {
  v1::BatchStepRequest request = Request();
  for (int i = 0; i < 3; ++i) request.add_reward(i == 1 ? NAN : 1);
  EXPECT_EQ(WhyOf(Do(request).failures(0)), "BAD_REWARD reward[1]");

  request = Request();
  for (int i = 0; i < 3; ++i) request.add_end(static_cast<v1::End>(i == 2 ? 9 : 0));
  EXPECT_EQ(WhyOf(Do(request).failures(0)), "BAD_FIELD end[2]");

  request = Request();
  for (int i = 0; i < 12; ++i) request.add_allowed(i / 4 != 1);
  EXPECT_EQ(WhyOf(Do(request).failures(0)), "BAD_ACTION_MASK allowed");

  request = Request();
  request.clear_observation();
  const v1::BatchStepResponse none = Do(request);
  EXPECT_EQ(none.failures_size(), 3);
  EXPECT_EQ(WhyOf(none.failures(0)), "BAD_OBSERVATION observation");
}

TEST_F(BatchStepTest, AMalformedBatchDoesNothing) {
  ExpectFault({}, "uid");
  v1::BatchStepRequest request = Request();
  request.add_observation(1);
  ExpectFault(request, "observation");
  request = Request();
  request.set_uid(2, request.uid(0));
  ExpectFault(request, "uid[2]");
  request = Request();
  request.add_reward(1);
  ExpectFault(request, "reward");
  request = Request();
  request.add_end(v1::NONE);
  ExpectFault(request, "end");
  request = Request();
  request.add_step(0);
  ExpectFault(request, "step");
  request = Request();
  request.set_observation_bytes(std::string(36, '\0'));
  ExpectFault(request, "observation_bytes");
  request.clear_observation();
  request.set_observation_bytes("12345");
  ExpectFault(request, "observation_bytes");
  ExpectFault(Request(3, "ticks: -1"), "ticks");
  ExpectFault(Request(3, "has_reward: [true, true, true]"), "has_reward");
  request = Request();
  request.set_request_id(std::string(64, 'x'));
  ExpectFault(request, "request_id");
  request = Request();
  for (int i = 0; i <= limits::kMaxBatchItems; ++i) request.add_uid(i);
  ExpectFault(request, "uid");
}

TEST_F(BatchStepTest, MasksAreByItem) {
  for (int t = 0; t < 20; ++t) {
    v1::BatchStepRequest request = Request();
    for (int i = 0; i < 12; ++i) request.add_allowed(i % 4 == i / 4);
    const v1::BatchStepResponse response = Do(request);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(response.action(i), i);
  }
}

TEST_F(BatchStepTest, ARetryOfTheSameCallIsAnsweredFromMemory) {
  const v1::BatchStepRequest request = Request(3, "request_id: 'call'");
  const v1::BatchStepResponse first = Do(request), second = Do(request);
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  EXPECT_EQ(Get("a").stats().steps(), 1u);
}

TEST_F(BatchStepTest, AnItemThatWouldDivergeIsNotKept) {
  CircuitSpec spec = LearnerSpec();
  spec.projections[0].rule.parameters["learning_rate"] = 100.0;
  uids_[1] = Create(CreateRequest("d", spec)).uid();
  v1::BatchStepRequest request = Request();
  Do(request);
  for (int i = 0; i < 3; ++i) request.add_reward(i == 1 ? 3e38f : 0);
  const uint64_t before = Digest("d");
  const v1::BatchStepResponse response = Do(request);
  ASSERT_EQ(response.failures_size(), 1);
  EXPECT_EQ(response.failures(0).item(), 1);
  EXPECT_EQ(WhyOf(response.failures(0)).substr(0, 14), "AGENT_DIVERGED");
  EXPECT_EQ(Digest("d"), before);
  EXPECT_EQ(Get("a").stats().steps(), 2u);
}

TEST_F(BatchStepTest, BatchesThatShareAgentsComeThroughFromManyThreads) {
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] {
      for (int t = 0; t < 100; ++t) {
        v1::BatchStepRequest request = Request();
        if (n % 2 == 0) request.mutable_uid()->SwapElements(0, 2);
        EXPECT_EQ(Do(request).failures_size(), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(Get(id).stats().steps(), 400u);
}

TEST_F(BatchStepTest, ALongBatchDoesTheSameAndNoLaterOneOvertakesIt) {
  for (const char* id : {"d", "e", "f"}) Create(id);  // with the same seed
  constexpr int kBatches = 4;
  struct Sent final : handlers::Completion {
    void Done(absl::Status status) noexcept override { end.set_value(std::move(status)); }
    v1::BatchStepRequest request;
    v1::BatchStepResponse response;
    std::promise<absl::Status> end;
    handlers::BatchStepJob job;
  } sent[kBatches];
  // Each far longer than what is done at once, and all of them sent before the first is answered.
  for (Sent& one : sent) {
    one.request = Request(3, "ticks: 5000 greedy: false");
    one.job.Start(call_, one.request, &one.response, &one);
  }
  for (int t = 0; t < kBatches; ++t) {
    ASSERT_OK(sent[t].end.get_future().get());
    ASSERT_EQ(sent[t].response.failures_size(), 0);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(sent[t].response.step(i), static_cast<uint64_t>(t));
      v1::StepRequest alone;
      alone.set_name(absl::StrCat("agents/", i == 0 ? "d" : i == 1 ? "e" : "f"));
      alone.set_ticks(5000);
      for (const float x : {0.5f, -0.25f, 0.1f * static_cast<float>(i)}) alone.add_observation(x);
      Step(alone);
    }
  }
  EXPECT_EQ(Digest("a"), Digest("d"));
  EXPECT_EQ(Digest("b"), Digest("e"));
  EXPECT_EQ(Digest("c"), Digest("f"));
}

TEST_F(BatchStepTest, AnItemOfALongBatchFailsAlone) {
  v1::BatchStepRequest request = Request(3, "ticks: 5000");
  request.set_uid(1, 12345);
  request.add_step(0);
  request.add_step(0);
  request.add_step(7);
  const v1::BatchStepResponse response = Do(request);
  ASSERT_EQ(response.failures_size(), 2);
  EXPECT_EQ(WhyOf(response.failures(0)), "AGENT_NOT_FOUND");
  EXPECT_EQ(response.failures(1).item(), 2);
  EXPECT_EQ(Get("a").stats().steps(), 1u);
  EXPECT_EQ(Get("c").stats().steps(), 0u);
}

class BatchCreateTest : public HandlerTest {
 protected:
  absl::Status Try(const v1::BatchCreateAgentsRequest& request,
                   v1::BatchCreateAgentsResponse* response) {
    response->Clear();
    return handlers::BatchCreateAgents(call_, request, response);
  }
  v1::BatchCreateAgentsRequest Request(const std::vector<std::string>& ids) {
    v1::BatchCreateAgentsRequest request;
    for (const std::string& id : ids) *request.add_requests() = CreateRequest(id);
    return request;
  }
  v1::BatchCreateAgentsResponse response_;
};

TEST_F(BatchCreateTest, MakesAllInOrder) {
  v1::BatchCreateAgentsRequest request = Request({"b", "", "a"});
  request.mutable_requests(2)->mutable_agent()->set_seed(99);
  ASSERT_OK(Try(request, &response_));
  ASSERT_EQ(response_.agents_size(), 3);
  EXPECT_EQ(response_.agents(0).name(), "tenants/default/agents/b");
  EXPECT_EQ(response_.agents(2).name(), "tenants/default/agents/a");
  EXPECT_EQ(response_.agents(2).seed(), 99u);
  EXPECT_EQ(Digest("b"), [&] {
    Create("alone");
    return Digest("alone");
  }());
}

TEST_F(BatchCreateTest, MakesAllOrNone) {
  Create("taken");
  EXPECT_THAT(Try(Request({"a", "taken", "b"}), &response_),
              Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  v1::BatchCreateAgentsRequest request = Request({"a", "b", "c"});
  request.mutable_requests(1)->mutable_agent()->mutable_circuit()->set_dt(-1);
  request.mutable_requests(2)->set_agent_id("No Id");
  const absl::Status status = Try(request, &response_);
  EXPECT_THAT(status, Fails(StatusCode::kInvalidArgument, "BAD_CIRCUIT"));
  ASSERT_EQ(DetailsOf(status).violations.size(), 2u);
  EXPECT_EQ(DetailsOf(status).violations[0].field, "requests[1].agent.circuit.dt");
  EXPECT_EQ(DetailsOf(status).violations[1].field, "requests[2].agent_id");
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(env_.registry.Find(id), nullptr);
  EXPECT_EQ(env_.registry.budget().use().places, 1);
}

TEST_F(BatchCreateTest, ItsOwnShapeIsChecked) {
  const auto fault = [&](const v1::BatchCreateAgentsRequest& request) {
    const absl::Status status = Try(request, &response_);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return DetailsOf(status).violations.at(0).field;
  };
  EXPECT_EQ(fault({}), "requests");
  EXPECT_EQ(fault(Request({"a", "b", "a"})), "requests[2].agent_id");
  v1::BatchCreateAgentsRequest request = Request({"a"});
  request.mutable_requests(0)->set_parent("tenants/default");
  EXPECT_EQ(fault(request), "requests[0].parent");
  request = Request({"a"});
  request.mutable_requests(0)->set_validate_only(true);
  EXPECT_EQ(fault(request), "requests[0].validate_only");
}

TEST_F(BatchCreateTest, ARetryMakesOnlyWhatIsMissing) {
  v1::BatchCreateAgentsRequest request = Request({"a", "b"});
  for (int i = 0; i < 2; ++i) request.mutable_requests(i)->set_request_id("call");
  ASSERT_OK(Try(request, &response_));
  const uint64_t uid = response_.agents(0).uid();
  *request.add_requests() = CreateRequest("c");
  ASSERT_OK(Try(request, &response_));
  EXPECT_EQ(response_.agents(0).uid(), uid);
  EXPECT_EQ(response_.agents(2).name(), "tenants/default/agents/c");
}

}  // namespace
}  // namespace phasic::testing
