// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/unary_load.h"

#include <cstdio>
#include <utility>

#include "tests/bench/support/channel.h"

namespace phasic::testing {

UnaryLoad::UnaryLoad(const std::string& address, std::unique_ptr<Requests> requests,
                     int outstanding)
    : requests_(std::move(requests)),
      stub_(v1::AgentService::NewStub(Connect(address))),
      calls_(static_cast<size_t>(outstanding)) {}

UnaryLoad::~UnaryLoad() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

std::optional<Traffic> UnaryLoad::Run(double seconds) {
  const auto end = Clock::now() + Nanoseconds(seconds);
  const gpr_timespec patience = PatienceAfter(seconds);
  Traffic traffic;
  for (Call& call : calls_) Begin(&call);
  for (size_t outstanding = calls_.size(); outstanding > 0;) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, patience) != grpc::CompletionQueue::GOT_EVENT) {
      std::fprintf(stderr, "Step: no answer\n");
      return {};
    }
    Call* const call = static_cast<Call*>(tag);
    if (!call->status.ok()) {
      std::fprintf(stderr, "Step: %s\n", call->status.error_message().c_str());
      return {};
    }
    const auto now = Clock::now();
    traffic.operations += 1;
    traffic.answer_bytes += static_cast<double>(call->response.ByteSizeLong());
    traffic.latencies.push_back(Microseconds(now - call->begin));
    now < end ? Begin(call) : static_cast<void>(--outstanding);
  }
  return traffic;
}

void UnaryLoad::Begin(Call* call) {
  call->begin = Clock::now();
  call->context.emplace();
  call->reader = stub_->AsyncStep(&*call->context, requests_->Next().step(), &queue_);
  call->reader->Finish(&call->response, &call->status, call);
}

}  // namespace phasic::testing
