// SPDX-License-Identifier: Apache-2.0
//
// echo-server ADDRESS...: the data plane's methods, answered with messages of the same fields as
// phasicd's and no work done. One completion queue and one thread, which runs all inline: the least
// that gRPC takes for a message.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "phasic/v1/agent_service.grpc.pb.h"

namespace phasic::testing {
namespace {

using Service = v1::AgentService::WithAsyncMethod_Step<v1::AgentService::WithAsyncMethod_BatchStep<
    v1::AgentService::WithAsyncMethod_Interact<v1::AgentService::Service>>>;

constexpr int kAlternatives = 8;  // an answer is one of them
constexpr int kListeners = 128;   // calls of each unary method that wait for callers
constexpr uint64_t kEpisode = 64;

// The number of answers stands for what one would tell.
void Answer(const v1::StepRequest& request, uint64_t number, v1::StepResponse* response) {
  if (request.end() == v1::NONE) response->add_action(static_cast<float>(number % kAlternatives));
  response->set_step(number);
  response->set_episode(number / kEpisode);
  response->set_time(static_cast<double>(number));
  for (int i = 0; i < request.rewards_size(); ++i) response->add_dispositions(v1::APPLIED);
  response->mutable_event()->set_incarnation(~number);
  response->mutable_event()->set_step(number);
}

void Answer(const v1::BatchStepRequest& request, uint64_t number, v1::BatchStepResponse* response) {
  const int items = request.uid_size();
  if (request.observation_bytes().empty()) {
    response->mutable_action()->Resize(items, 1);
  } else {
    response->mutable_action_bytes()->resize(static_cast<size_t>(items) * sizeof(float));
  }
  *response->mutable_step() = request.step();
  response->mutable_episode()->Resize(items, number / kEpisode);
  response->mutable_time()->Resize(items, static_cast<double>(number));
  if (request.reward_size() > 0) response->mutable_disposition()->Resize(items, v1::APPLIED);
}

// What the queue gives back.
class Tag {
 public:
  virtual void Proceed(bool ok) = 0;

 protected:
  ~Tag() = default;
};

struct Queue {
  Service service;
  std::unique_ptr<grpc::ServerCompletionQueue> events;
  uint64_t answers = 0;
};

template <class Request, class Response, auto kListen>
class UnaryCall final : private Tag {
 public:
  explicit UnaryCall(Queue& queue) : queue_(queue) { Listen(); }

 private:
  void Listen() {
    request_.Clear();
    response_.Clear();
    context_.emplace();
    responder_.emplace(&*context_);
    answering_ = false;
    (queue_.service.*kListen)(&*context_, &request_, &*responder_, queue_.events.get(),
                              queue_.events.get(), static_cast<Tag*>(this));
  }
  void Proceed(bool ok) override {
    if (answering_ || !ok) return Listen();
    answering_ = true;
    Answer(request_, queue_.answers++, &response_);
    responder_->Finish(response_, grpc::Status::OK, static_cast<Tag*>(this));
  }

  Queue& queue_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<Response>> responder_;
  Request request_;
  Response response_;
  bool answering_ = false;
};

// A call of Interact. Deletes itself when it has ended.
class StreamCall {
 public:
  explicit StreamCall(Queue& queue) : queue_(queue) {
    queue_.service.RequestInteract(&context_, &stream_, queue_.events.get(), queue_.events.get(),
                                   &begun_);
  }

 private:
  template <void (StreamCall::*kMethod)(bool)>
  struct MethodTag final : Tag {
    explicit MethodTag(StreamCall* to) : call(to) {}
    void Proceed(bool ok) override { (call->*kMethod)(ok); }
    StreamCall* const call;
  };

  void Begun(bool) {
    new StreamCall(queue_);
    stream_.Read(&request_, &read_);
  }

  void Read(bool ok) {
    if (!ok) {
      open_ = false;
      return Finish();
    }
    std::unique_ptr<v1::InteractResponse> response;
    if (spare_.empty()) {
      response = std::make_unique<v1::InteractResponse>();
    } else {
      response = std::move(spare_.back());
      spare_.pop_back();
      response->Clear();
    }
    response->set_id(request_.id());
    if (request_.has_step()) {
      Answer(request_.step(), queue_.answers++, response->mutable_step());
    } else {
      Answer(request_.batch_step(), queue_.answers++, response->mutable_batch_step());
    }
    answers_.push_back(std::move(response));
    if (answers_.size() == 1) stream_.Write(*answers_.front(), &written_);
    stream_.Read(&request_, &read_);
  }

  void Written(bool ok) {
    spare_.push_back(std::move(answers_.front()));
    answers_.pop_front();
    if (!ok) answers_.clear();
    if (!answers_.empty()) stream_.Write(*answers_.front(), &written_);
    Finish();
  }

  void Finish() {
    if (!open_ && answers_.empty()) stream_.Finish(grpc::Status::OK, &ended_);
  }

  void Ended(bool) { delete this; }

  Queue& queue_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<v1::InteractResponse, v1::InteractRequest> stream_{&context_};
  v1::InteractRequest request_;
  std::deque<std::unique_ptr<v1::InteractResponse>> answers_;  // the first is being written
  std::vector<std::unique_ptr<v1::InteractResponse>> spare_;
  bool open_ = true;
  MethodTag<&StreamCall::Begun> begun_{this};
  MethodTag<&StreamCall::Read> read_{this};
  MethodTag<&StreamCall::Written> written_{this};
  MethodTag<&StreamCall::Ended> ended_{this};
};

int Serve(int count, char** addresses) {
  // As phasicd has it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Queue queue;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  for (int i = 0; i < count; ++i) {
    builder.AddListeningPort(addresses[i], grpc::InsecureServerCredentials());
  }
  builder.RegisterService(&queue.service);
  queue.events = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) {
    std::fprintf(stderr, "echo-server: cannot listen\n");
    return 1;
  }
  // The calls live as long as the process, which a signal ends.
  using Step = UnaryCall<v1::StepRequest, v1::StepResponse, &Service::RequestStep>;
  using Batch = UnaryCall<v1::BatchStepRequest, v1::BatchStepResponse, &Service::RequestBatchStep>;
  for (int i = 0; i < kListeners; ++i) {
    new Step(queue);
    new Batch(queue);
  }
  new StreamCall(queue);
  void* tag = nullptr;
  bool ok = false;
  while (queue.events->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
  return 0;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) { return phasic::testing::Serve(argc - 1, argv + 1); }
