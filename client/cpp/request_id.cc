// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/request_id.h"

#include <random>

namespace phasic::client {

std::string UniqueId() {
  std::random_device device;
  const uint64_t bits = (static_cast<uint64_t>(device()) << 32) | device();
  return absl::StrCat(absl::Hex(bits, absl::kZeroPad16));
}

}  // namespace phasic::client
