// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/transfer.h"

namespace phasic::client {
namespace {

constexpr std::streamsize kChunkBytes = 1 << 20;

}  // namespace

Sink Into(std::ostream& out) {
  return [&out](const std::string& bytes) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return out.good() ? absl::OkStatus() : absl::DataLossError("the stream takes no more bytes");
  };
}

Source From(std::istream& in) {
  return [&in]() -> absl::StatusOr<std::string> {
    std::string bytes(kChunkBytes, '\0');
    in.read(bytes.data(), kChunkBytes);
    // At the end it fails too.
    if (in.bad() || (in.fail() && !in.eof()))
      return absl::DataLossError("the stream gives no more bytes");
    bytes.resize(static_cast<size_t>(in.gcount()));
    return bytes;
  };
}

}  // namespace phasic::client
