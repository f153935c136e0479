// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// Messages over bare sockets: the least that any server must pay for a message.
namespace phasic::testing::raw {

// Before each message: its size, and, in a request, that of the answer wished for.
struct Header {
  uint32_t size = 0;
  uint32_t answer_size = 0;
};

// "127.0.0.1:PORT" or "unix:PATH". End the program when it cannot be had.
int Listen(const std::string& address);
// Tries again while the server starts.
int Connect(const std::string& address);
// -1 when there is none.
int Accept(int listener);

// One end of a connection. Does not own the descriptor.
class Connection {
 public:
  explicit Connection(int descriptor) : descriptor_(descriptor) {}
  int descriptor() const { return descriptor_; }

  // One call of send. False when the message did not go out whole.
  bool Send(const Header& header);
  // One call of recv, once epoll tells that it is ready; `each` is called for each message that is
  // whole by then, and returns whether to go on. False at the end of the connection.
  bool Receive(const std::function<bool(const Header&)>& each);

 private:
  int descriptor_;
  std::vector<char> out_;
  std::vector<char> in_;
};

}  // namespace phasic::testing::raw
