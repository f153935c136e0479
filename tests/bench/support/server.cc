// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

namespace phasic::testing {
namespace {

// A port of loopback at which nobody listens just now.
int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(probe, plain, size) != 0 || getsockname(probe, plain, &size) != 0) {
    std::perror("a free port");
    std::exit(2);
  }
  close(probe);
  return ntohs(address.sin_port);
}

std::filesystem::path NewFolder() {
  std::string name = std::filesystem::temp_directory_path() / "phasic-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    std::perror(name.c_str());
    std::exit(2);
  }
  return name;
}

}  // namespace

Server::Server(Kind kind, std::vector<std::string> flags)
    : folder_(NewFolder()),
      tcp_("127.0.0.1:" + std::to_string(FreePort())),
      socket_(folder_ / "socket") {
  std::vector<std::string> command;
  switch (kind) {
    case Kind::kPhasicd: {
      const char* bin = std::getenv("PHASIC_BIN");
      command = {std::string(bin != nullptr ? bin : "build/release/bin") + "/phasicd",
                 "--listen=" + tcp_, "--unix=" + socket_};
      for (std::string& flag : flags) {
        const size_t at = flag.find("FOLDER");
        command.push_back(at == std::string::npos ? flag : flag.replace(at, 6, folder_));
      }
      break;
    }
    case Kind::kEcho:
      command = {Beside("echo-server"), tcp_, "unix:" + socket_};
      break;
    case Kind::kRaw:
      command = {Beside("raw-server"), tcp_, "unix:" + socket_};
  }
  process_.emplace(std::move(command));
}

Server::~Server() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace phasic::testing
