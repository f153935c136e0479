// SPDX-License-Identifier: Apache-2.0
//
// raw-server ADDRESS...: answers each message with one of the size that it asks for. One thread and
// epoll: what a message costs when there is no RPC.
#include <sys/epoll.h>
#include <unistd.h>

#include <map>
#include <set>

#include "tests/bench/support/raw.h"

namespace phasic::testing {
namespace {

class RawServer {
 public:
  explicit RawServer(int count, char** addresses) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < count; ++i) {
      const int listener = raw::Listen(addresses[i]);
      listeners_.insert(listener);
      Watch(listener);
    }
  }

  [[noreturn]] void Serve() {
    epoll_event events[64];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[i].data.fd;
        listeners_.count(descriptor) > 0 ? Welcome(descriptor) : Answer(descriptor);
      }
    }
  }

 private:
  void Watch(int descriptor) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  void Welcome(int listener) {
    const int descriptor = raw::Accept(listener);
    if (descriptor < 0) return;
    connections_.emplace(descriptor, descriptor);
    Watch(descriptor);
  }

  void Answer(int descriptor) {
    raw::Connection& connection = connections_.at(descriptor);
    const bool good = connection.Receive([&](const raw::Header& request) {
      return connection.Send({request.answer_size, 0});
    });
    if (good) return;
    connections_.erase(descriptor);
    close(descriptor);
  }

  const int epoll_;
  std::set<int> listeners_;
  std::map<int, raw::Connection> connections_;
};

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) { phasic::testing::RawServer(argc - 1, argv + 1).Serve(); }
