// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a row of the store's journal. What is taken is, written again, the same bytes.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "server/store/journal_rows.h"

namespace phasic::store {
namespace {

constexpr uint64_t kRow = 3;

void Decode(std::string_view bytes) {
  const auto directory = DecodeJournalRow(kRow, bytes);
  if (!directory.ok()) return;
  std::vector<Record> records;
  for (const JournalEntry& entry : directory->entries) {
    records.push_back({entry.agent, entry.sequence, bytes.substr(entry.offset, entry.size)});
  }
  if (EncodeJournalRow(kRow, directory->header, records) != bytes) std::abort();
}

// With right checksums: behind them lies what they keep from being reached.
std::string Mended(std::string bytes) {
  const auto end = JournalDirectoryBytes(bytes, bytes.size());
  if (!end.ok()) return bytes;
  const std::string_view view = bytes;
  const uint64_t records = HashOf(view.substr(*end));
  std::memcpy(bytes.data() + 24, &records, sizeof records);
  const uint64_t directory = Hash().Add(kRow).Add(view.substr(0, *end - 8)).value();
  std::memcpy(bytes.data() + *end - 8, &directory, sizeof directory);
  return bytes;
}

}  // namespace
}  // namespace phasic::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  phasic::store::Decode(bytes);
  phasic::store::Decode(phasic::store::Mended(bytes));
  return 0;
}
