// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/support/process.h"

namespace phasic::testing {

enum class Transport : bool { kTcp, kUnix };
inline constexpr Transport kTransports[] = {Transport::kTcp, Transport::kUnix};
inline const char* NameOf(Transport transport) {
  return transport == Transport::kTcp ? "TCP" : "Unix socket";
}

// A server in a process of its own, on a free port of loopback and on a Unix socket.
class Server {
 public:
  enum class Kind {
    kPhasicd,  // keeps nothing, unless a flag says so
    kEcho,     // answers the methods of the data plane and does no work (echo_server.cc)
    kRaw,      // sends bytes for bytes, without gRPC (raw_server.cc)
  };
  // The flags are phasicd's; without any it has one thread for the data plane, as the others have.
  // "FOLDER" in them becomes the name of a folder that lives as long as this.
  explicit Server(Kind kind, std::vector<std::string> flags = {"--store=memory:", "--pollers=1"});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // In gRPC's words.
  std::string address(Transport transport) const {
    return transport == Transport::kTcp ? tcp_ : "unix:" + socket_;
  }
  clockid_t cpu_clock() const { return process_->cpu_clock(); }

 private:
  std::filesystem::path folder_;
  std::string tcp_, socket_;
  std::optional<Process> process_;
};

}  // namespace phasic::testing
