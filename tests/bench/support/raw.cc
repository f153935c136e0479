// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace phasic::testing::raw {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int kTries = 1'000;  // of 20 ms

struct Address {
  union {
    sockaddr plain;
    sockaddr_in tcp;
    sockaddr_un local;
  };
  socklen_t size;
};

Address Parse(const std::string& text) {
  Address address{};
  if (text.starts_with("unix:")) {
    address.local.sun_family = AF_UNIX;
    std::snprintf(address.local.sun_path, sizeof address.local.sun_path, "%s", text.c_str() + 5);
    address.size = sizeof address.local;
    return address;
  }
  address.tcp.sin_family = AF_INET;
  address.tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int port = std::atoi(text.c_str() + text.rfind(':') + 1);
  address.tcp.sin_port = htons(static_cast<uint16_t>(port));
  address.size = sizeof address.tcp;
  return address;
}

[[noreturn]] void Fail(const std::string& address) {
  std::perror(address.c_str());
  std::exit(2);
}

int WithoutDelay(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a Unix socket has none
  return descriptor;
}

}  // namespace

int Listen(const std::string& text) {
  const Address address = Parse(text);
  const int listener = socket(address.plain.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listener, &address.plain, address.size) != 0 || listen(listener, SOMAXCONN) != 0) {
    Fail(text);
  }
  return listener;
}

int Connect(const std::string& text) {
  const Address address = Parse(text);
  for (int i = 0; i < kTries; ++i) {
    const int descriptor = socket(address.plain.sa_family, SOCK_STREAM, 0);
    if (connect(descriptor, &address.plain, address.size) == 0) return WithoutDelay(descriptor);
    close(descriptor);
    usleep(20'000);
  }
  Fail(text);
}

int Accept(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, 0);
  return descriptor < 0 ? -1 : WithoutDelay(descriptor);
}

bool Connection::Send(const Header& header) {
  out_.resize(sizeof header + header.size);
  std::memcpy(out_.data(), &header, sizeof header);
  return send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(out_.size());
}

bool Connection::Receive(const std::function<bool(const Header&)>& each) {
  const size_t before = in_.size();
  in_.resize(before + kReadBytes);
  const ssize_t count = recv(descriptor_, in_.data() + before, kReadBytes, 0);
  if (count <= 0) return false;
  in_.resize(before + static_cast<size_t>(count));
  size_t at = 0;
  for (Header header; in_.size() - at >= sizeof header; at += sizeof header + header.size) {
    std::memcpy(&header, in_.data() + at, sizeof header);
    if (in_.size() - at < sizeof header + header.size) break;
    if (!each(header)) return false;
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<long>(at));
  return true;
}

}  // namespace phasic::testing::raw
