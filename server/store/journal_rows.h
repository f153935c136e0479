// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/store.h"

// One row of the journal, to bytes and back; FORMAT.md says which. Bytes that were damaged, or come
// from elsewhere, are DATA_LOSS.
namespace phasic::store {

inline constexpr uint32_t kJournalFormat = 1;
// More records than this go into another row: one value of SQLite's ends at 1e9 bytes.
inline constexpr size_t kMostRowBytes = size_t{64} << 20;
inline constexpr size_t kJournalEntryBytes = 20;  // of each record, beside its own
inline constexpr size_t kMostRecordBytes = size_t{512} << 20;

struct JournalHeader {
  uint32_t numerics = 0;
  uint64_t epoch = 0;
};

// `row` is its key, which the checksum covers.
std::string EncodeJournalRow(uint64_t row, const JournalHeader& header,
                             const std::vector<Record>& records);

// Of one record; its bytes lie at `offset` of the row.
struct JournalEntry {
  uint64_t agent, sequence;
  size_t offset, size;
};
struct JournalDirectory {
  JournalHeader header;
  std::vector<JournalEntry> entries;
  uint64_t sum = 0;  // of the records' bytes
};

// The bytes of a row before the directory, which tell its size.
inline constexpr size_t kJournalPrefixBytes = 16;
// How many bytes the prefix and the directory have together, in a row of `row_bytes` bytes.
absl::StatusOr<size_t> JournalDirectoryBytes(std::string_view prefix, size_t row_bytes);
// From at least these bytes, without the records'.
absl::StatusOr<JournalDirectory> DecodeJournalDirectory(uint64_t row, std::string_view begin,
                                                        size_t row_bytes);
// From a whole row. Checks all of it.
absl::StatusOr<JournalDirectory> DecodeJournalRow(uint64_t row, std::string_view bytes);

}  // namespace phasic::store
