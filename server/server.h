// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace phasic {

// A running server.
class Server {
 public:
  // Listens at every address of the configuration, or fails and listens nowhere.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, with the ports that it was given for 0, e.g. "127.0.0.1:50051",
  // "unix:/run/phasic.sock".
  const std::vector<std::string>& addresses() const;

  // Health says NOT_SERVING, new calls are answered UNAVAILABLE, calls in flight end by themselves;
  // those that still run after so many seconds are cancelled, which waits for a turn that has
  // begun. Then every state is stored; returns when all is over, with an error if one could not be.
  absl::Status Drain(double seconds);

 private:
  struct Inside;
  explicit Server(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace phasic
