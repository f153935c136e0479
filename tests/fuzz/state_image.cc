// SPDX-License-Identifier: Apache-2.0
//
// Bytes as the stored image of an agent. What is taken is, written again and read again, the same
// agent, and it lives.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/agents/image.h"
#include "tests/fuzz/seeds.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace phasic;
  const auto circuit = testing::FuzzedCircuit();
  auto read = DecodeImage({reinterpret_cast<const char*>(data), size}, circuit, {});
  if (!read.ok()) return 0;
  const std::string bytes = EncodeImage(*read);
  const auto again = DecodeImage(bytes, circuit, {});
  if (!again.ok() || EncodeImage(*again) != bytes) std::abort();
  testing::StepSome(read->agent, 12);
  return 0;
}
