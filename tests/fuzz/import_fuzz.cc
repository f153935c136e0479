// SPDX-License-Identifier: Apache-2.0
//
// The fuzz target `import`: no file does harm. The input is read twice, as a file, and as the state
// of an agent whose file is then good in every other way, so that mutations get past the digest.
// An agent that was let in must live: the sanitizers look on.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/import_seeds.h"

namespace phasic::testing {
namespace {

void Import(std::string_view file, size_t chunk) {
  OneCircuitImporter importer(FuzzedCircuit());
  absl::StatusOr<ExportedAgent> read = ReadAgentFile(importer, file, chunk);
  if (!read.ok()) {
    // Nothing but the file is at fault.
    if (DetailsOf(read.status()).reason != "BAD_EXPORT") std::abort();
    return;
  }
  // What was let in can be written again, to the same bits.
  OneCircuitImporter again(FuzzedCircuit());
  const auto twice = ReadAgentFile(again, FileOf(*read), 4'096);
  if (!twice.ok() || twice->agent.Digest() != read->agent.Digest()) std::abort();
  StepSome(read->agent, 12);
}

// An agent with these bytes as its state, as far as they go.
ExportedAgent WithState(std::string_view bytes) {
  ExportedAgent exported(Agent(FuzzedCircuit(), 5));
  State& state = exported.agent.state();
  for (size_t id = 0; id < state.layout().columns.size() && !bytes.empty(); ++id) {
    const size_t size = std::min(bytes.size(), state.bytes(static_cast<ColumnId>(id)).size());
    std::memcpy(state.elements(static_cast<ColumnId>(id)), bytes.data(), size);
    bytes.remove_prefix(size);
  }
  return exported;
}

}  // namespace
}  // namespace phasic::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  phasic::testing::Import(input, 1 + size % 997);
  phasic::testing::Import(phasic::testing::FileOf(phasic::testing::WithState(input)), 512);
  return 0;
}
