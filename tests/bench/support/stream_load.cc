// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/stream_load.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/bench/support/channel.h"

namespace phasic::testing {

StreamLoad::StreamLoad(const std::string& address, std::unique_ptr<Requests> requests,
                       int outstanding)
    : requests_(std::move(requests)),
      outstanding_(static_cast<size_t>(outstanding)),
      stub_(v1::AgentService::NewStub(Connect(address))),
      stream_(stub_->PrepareAsyncInteract(&context_, &queue_)) {
  patience_ = PatienceAfter(0);
  stream_->StartCall(&tags_[kBegun]);
  Tag tag{};
  if (!Next(&tag)) {
    std::fprintf(stderr, "Interact does not begin at %s\n", address.c_str());
    std::exit(2);
  }
}

StreamLoad::~StreamLoad() {
  context_.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

std::optional<Traffic> StreamLoad::Run(double seconds) {
  const auto end = Clock::now() + Nanoseconds(seconds);
  patience_ = PatienceAfter(seconds);
  Traffic traffic;
  sending_ = true;
  for (Begin(); reading_ || writing_; Begin()) {
    Tag tag{};
    if (!Next(&tag)) {
      std::fprintf(stderr, "Interact ended, or there was no answer\n");
      return {};
    }
    if (tag == kWritten) writing_ = false;
    if (tag != kRead) continue;
    if (!Read(&traffic)) {
      std::fprintf(stderr, "Interact: %.300s\n", response_.ShortDebugString().c_str());
      return {};
    }
    if (sending_ && Clock::now() >= end) sending_ = false;
  }
  return traffic;
}

void StreamLoad::Begin() {
  if (sending_ && !writing_ && sent_.size() < outstanding_) {
    v1::InteractRequest& request = requests_->Next();
    request.set_id(next_id_++);
    sent_.push_back(Clock::now());
    writing_ = true;
    stream_->Write(request, &tags_[kWritten]);
  }
  if (!reading_ && !sent_.empty()) {
    reading_ = true;
    stream_->Read(&response_, &tags_[kRead]);
  }
}

bool StreamLoad::Next(Tag* tag) {
  void* which = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&which, &ok, patience_) != grpc::CompletionQueue::GOT_EVENT) return false;
  *tag = *static_cast<const Tag*>(which);
  return ok;
}

bool StreamLoad::Read(Traffic* traffic) {
  reading_ = false;
  if (response_.id() != next_answer_++ || !Good(response_)) return false;
  traffic->operations += requests_->operations();
  traffic->answer_bytes += static_cast<double>(response_.ByteSizeLong());
  traffic->latencies.push_back(Microseconds(Clock::now() - sent_.front()));
  sent_.pop_front();
  return true;
}

}  // namespace phasic::testing
