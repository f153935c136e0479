// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "server/convert/spec.h"
#include "server/handlers/handlers.h"
#include "server/handlers/step_job.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/status_matchers.h"

namespace phasic::testing {

// A message in Protobuf's text form.
template <class Message>
Message Proto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Takes a stream's messages in; may stop after some.
template <class Message>
class FakeWriter final : public handlers::Writer<Message> {
 public:
  bool Write(const Message& message) override {
    messages.push_back(message);
    return messages.size() < stop_after;
  }
  size_t stop_after = SIZE_MAX;
  std::vector<Message> messages;
};

// Gives a stream's messages.
template <class Message>
class FakeReader final : public handlers::Reader<Message> {
 public:
  bool Read(Message* message) override {
    if (next == messages.size()) return false;
    *message = messages[next++];
    return true;
  }
  std::vector<Message> messages;
  size_t next = 0;
};

// Does a job and waits for its end.
template <class Job, class Request, class Response>
absl::Status Await(const Call& call, const Request& request, Response* response) {
  struct Waiter final : handlers::Completion {
    void Done(absl::Status status) noexcept override { end.set_value(std::move(status)); }
    std::promise<absl::Status> end;
  } waiter;
  Job job;
  job.Start(call, request, response, &waiter);
  return waiter.end.get_future().get();
}

// A server's handlers without a wire, and agents to try them on.
class HandlerTest : public ::testing::Test {
 protected:
  explicit HandlerTest(ServerLimits limits = {}) : env_(limits) {}

  v1::CreateAgentRequest CreateRequest(const std::string& id,
                                       const CircuitSpec& spec = LearnerSpec()) {
    v1::CreateAgentRequest request;
    request.set_agent_id(id);
    convert::ToProto(spec, request.mutable_agent()->mutable_circuit());
    request.mutable_agent()->set_seed(11);
    return request;
  }
  v1::Agent Create(const v1::CreateAgentRequest& request) {
    v1::Agent agent;
    EXPECT_OK(handlers::CreateAgent(call_, request, &agent));
    return agent;
  }
  v1::Agent Create(const std::string& id) { return Create(CreateRequest(id)); }

  v1::Agent Get(const std::string& id, v1::AgentView view = v1::BASIC) {
    v1::GetAgentRequest request;
    request.set_name("agents/" + id);
    request.set_view(view);
    v1::Agent agent;
    EXPECT_OK(handlers::GetAgent(call_, request, &agent));
    return agent;
  }
  uint64_t Digest(const std::string& id) { return Get(id, v1::FULL).digest(); }

  // The request that an agent of LearnerSpec takes, with more in text form.
  v1::StepRequest StepRequest(const std::string& id, const std::string& more = "") {
    return Proto<v1::StepRequest>("name: 'agents/" + id + "' observation: [0.5, -0.25, 1] " + more);
  }
  absl::Status TryStep(const v1::StepRequest& request, v1::StepResponse* response = nullptr) {
    v1::StepResponse ignored;
    return Await<handlers::StepJob>(call_, request, response == nullptr ? &ignored : response);
  }
  v1::StepResponse Step(const v1::StepRequest& request) {
    v1::StepResponse response;
    EXPECT_OK(TryStep(request, &response));
    return response;
  }
  v1::StepResponse Step(const std::string& id, const std::string& more = "") {
    return Step(StepRequest(id, more));
  }

  Env env_;
  Call call_{env_, {}};
};

}  // namespace phasic::testing
