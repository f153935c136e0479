// SPDX-License-Identifier: Apache-2.0
//
// Bytes as an input of the journal. What is taken is given to an agent, which may refuse it and
// lives.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "server/agents/record.h"
#include "server/agents/turn.h"
#include "tests/fuzz/seeds.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace phasic;
  DecodedInput input;
  if (!input.Decode({reinterpret_cast<const char*>(data), size}).ok()) return 0;
  std::string bytes;
  EncodeInput({.input = input.input()}, &bytes);
  DecodedInput again;
  if (!again.Decode(bytes).ok()) std::abort();
  static MemoryJournal journal;
  const auto agent = std::make_shared<HostedAgent>(
      Identity{.id = "a"}, Inside(Agent(testing::FuzzedCircuit(), 5), {}), Card{}, nullptr, 1);
  const auto turn = Turn::Take(agent, {}, journal);
  if (!turn.ok()) std::abort();
  Turn::Redo(agent, again.input()).IgnoreError();
  return 0;
}
