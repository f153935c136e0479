// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/raw_load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "tests/bench/support/requests.h"

namespace phasic::testing {
namespace {

constexpr int kPatienceMillis = 20'000;
constexpr uint32_t kAnswerBytes = 48;  // of a StepResponse with one number of action

uint32_t RequestBytes() {
  StepRequests requests("agent", 1);
  return static_cast<uint32_t>(requests.Next().step().ByteSizeLong());
}

}  // namespace

RawLoad::RawLoad(const std::string& address, int connections)
    : request_{RequestBytes(), kAnswerBytes}, epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (int i = 0; i < connections; ++i) {
    connections_.emplace_back(raw::Connect(address));
    epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<uint32_t>(i)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().descriptor(), &event);
  }
}

RawLoad::~RawLoad() {
  for (const raw::Connection& connection : connections_) close(connection.descriptor());
  close(epoll_);
}

std::optional<Traffic> RawLoad::Run(double seconds) {
  const auto end = Clock::now() + Nanoseconds(seconds);
  Traffic traffic;
  size_t outstanding = connections_.size();
  std::vector<Clock::time_point> begin(outstanding, Clock::now());
  for (raw::Connection& connection : connections_) {
    if (!connection.Send(request_)) return {};
  }
  std::vector<epoll_event> events(outstanding);
  while (outstanding > 0) {
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kPatienceMillis);
    if (count <= 0) return {};
    for (int i = 0; i < count; ++i) {
      const uint32_t which = events[static_cast<size_t>(i)].data.u32;
      raw::Connection& connection = connections_[which];
      const bool good = connection.Receive([&](const raw::Header& answer) {
        const auto now = Clock::now();
        traffic.operations += 1;
        traffic.answer_bytes += answer.size;
        traffic.latencies.push_back(Microseconds(now - begin[which]));
        if (now >= end) {
          --outstanding;
          return true;
        }
        begin[which] = now;
        return connection.Send(request_);
      });
      if (!good) return {};
    }
  }
  return traffic;
}

}  // namespace phasic::testing
