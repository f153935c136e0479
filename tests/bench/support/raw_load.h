// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/bench/support/load.h"
#include "tests/bench/support/raw.h"

namespace phasic::testing {

// Messages to a raw server: on each of its connections one is outstanding.
class RawLoad final : public Load {
 public:
  RawLoad(const std::string& address, int connections);
  ~RawLoad() override;
  std::optional<Traffic> Run(double seconds) override;

 private:
  const raw::Header request_;
  int epoll_ = -1;
  std::vector<raw::Connection> connections_;
};

}  // namespace phasic::testing
