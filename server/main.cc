// SPDX-License-Identifier: Apache-2.0
//
// phasicd: hosts agents that learn, over gRPC.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>

#include "absl/strings/str_join.h"
#include "server/config.h"
#include "server/server.h"

namespace phasic {
namespace {

enum ExitCode { kDone = 0, kCannotStart = 1, kBadFlags = 2, kForced = 3, kNotSaved = 4 };

// A line that is there at once, also in a pipe.
void Say(std::FILE* file, const std::string& line) {
  std::fprintf(file, "%s\n", line.c_str());
  std::fflush(file);
}

int Serve(const Config& config) {
  // Blocked here, before gRPC starts threads, so that the signal comes to nobody but sigwait: in a
  // handler, which may interrupt anything, a shutdown could deadlock.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto server = Server::Start(config);
  if (!server.ok()) {
    Say(stderr, "phasicd: " + std::string(server.status().message()));
    return kCannotStart;
  }
  Say(stdout,
      "phasicd " PHASIC_VERSION " listens on " + absl::StrJoin((*server)->addresses(), " and "));
  Say(stdout, config.store == "memory:" ? "State is in memory only: agents end with this process."
                                        : "Agents are kept in " + config.store + ".");

  int number = 0;
  sigwait(&stop, &number);
  Say(stderr, "phasicd: stopping; calls in flight may end, a second signal stops at once");
  std::thread([stop] {
    int again = 0;
    sigwait(&stop, &again);
    _exit(kForced);
  }).detach();
  const absl::Status saved = (*server)->Drain(config.drain_seconds);
  if (saved.ok()) return kDone;
  Say(stderr, "phasicd: not every state could be stored: " + std::string(saved.message()));
  return kNotSaved;
}

int Main(std::span<const char* const> arguments) {
  const auto config = ReadConfig(arguments, [](const char* name) { return std::getenv(name); });
  if (!config.ok()) {
    Say(stderr, "phasicd: " + std::string(config.status().message()));
    return kBadFlags;
  }
  if (config->action == Config::Action::kServe) return Serve(*config);
  const bool help = config->action == Config::Action::kHelp;
  Say(stdout, help ? HelpText() : "phasicd " PHASIC_VERSION);
  return kDone;
}

}  // namespace
}  // namespace phasic

int main(int argc, char** argv) {
  const std::span<const char* const> all(argv, argc);
  return phasic::Main(all.empty() ? all : all.subspan(1));
}
