// SPDX-License-Identifier: Apache-2.0
#include "server/store/journal_rows.h"

#include <bit>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/status_macros.h"

namespace phasic::store {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

// prefix:    format u32, numerics u32, count u32, reserved u32 (0)
// directory: epoch u64, sum of the records' bytes u64, count times {agent u64, sequence u64,
//            size u32}, sum of all before it u64
constexpr size_t kFixedBytes = kJournalPrefixBytes + 16;
constexpr size_t kSumBytes = 8;

template <typename T>
void Put(std::string* out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof value);
}

template <typename T>
T Get(std::string_view in, size_t offset) {
  T value;
  std::memcpy(&value, in.data() + offset, sizeof value);
  return value;
}

absl::Status Wrong(const std::string& what) { return absl::DataLossError(what); }

uint64_t SumOf(uint64_t row, std::string_view directory) {
  return Hash().Add(row).Add(directory).value();
}

}  // namespace

std::string EncodeJournalRow(uint64_t row, const JournalHeader& header,
                             const std::vector<Record>& records) {
  size_t bytes = 0;
  for (const Record& record : records) bytes += record.bytes.size();
  std::string out;
  out.reserve(kFixedBytes + records.size() * kJournalEntryBytes + kSumBytes + bytes);
  Put(&out, kJournalFormat);
  Put(&out, header.numerics);
  Put(&out, static_cast<uint32_t>(records.size()));
  Put(&out, uint32_t{0});
  Put(&out, header.epoch);
  const size_t sum_at = out.size();
  Put(&out, uint64_t{0});
  for (const Record& record : records) {
    Put(&out, record.agent);
    Put(&out, record.sequence);
    Put(&out, static_cast<uint32_t>(record.bytes.size()));
  }
  const size_t directory_end = out.size();
  Put(&out, uint64_t{0});
  for (const Record& record : records) out.append(record.bytes);
  const std::string_view view = out;
  const uint64_t sum = HashOf(view.substr(directory_end + kSumBytes));
  std::memcpy(out.data() + sum_at, &sum, sizeof sum);
  const uint64_t directory_sum = SumOf(row, view.substr(0, directory_end));
  std::memcpy(out.data() + directory_end, &directory_sum, sizeof directory_sum);
  return out;
}

absl::StatusOr<size_t> JournalDirectoryBytes(std::string_view prefix, size_t row_bytes) {
  if (prefix.size() < kJournalPrefixBytes) return Wrong("is too short");
  const auto format = Get<uint32_t>(prefix, 0);
  if (format != kJournalFormat) return Wrong(absl::StrCat("has the unknown format ", format));
  if (Get<uint32_t>(prefix, 12) != 0) return Wrong("has an unknown flag");
  const size_t bytes = kFixedBytes + kJournalEntryBytes * Get<uint32_t>(prefix, 8) + kSumBytes;
  if (bytes > row_bytes) return Wrong("is shorter than its directory");
  return bytes;
}

absl::StatusOr<JournalDirectory> DecodeJournalDirectory(uint64_t row, std::string_view begin,
                                                        size_t row_bytes) {
  ASSIGN_OR_RETURN(const size_t bytes, JournalDirectoryBytes(begin, row_bytes));
  if (begin.size() < bytes) return Wrong("is shorter than its directory");
  const size_t end = bytes - kSumBytes;
  if (Get<uint64_t>(begin, end) != SumOf(row, begin.substr(0, end))) {
    return Wrong("has a wrong checksum of its directory");
  }
  JournalDirectory directory;
  directory.header = {.numerics = Get<uint32_t>(begin, 4), .epoch = Get<uint64_t>(begin, 16)};
  directory.sum = Get<uint64_t>(begin, 24);
  directory.entries.reserve((end - kFixedBytes) / kJournalEntryBytes);
  size_t offset = bytes;
  for (size_t at = kFixedBytes; at < end; at += kJournalEntryBytes) {
    const size_t size = Get<uint32_t>(begin, at + 16);
    if (size > row_bytes - offset) return Wrong("is shorter than its records");
    directory.entries.push_back(
        {Get<uint64_t>(begin, at), Get<uint64_t>(begin, at + 8), offset, size});
    offset += size;
  }
  if (offset != row_bytes) return Wrong("is longer than its records");
  return directory;
}

absl::StatusOr<JournalDirectory> DecodeJournalRow(uint64_t row, std::string_view bytes) {
  ASSIGN_OR_RETURN(JournalDirectory directory, DecodeJournalDirectory(row, bytes, bytes.size()));
  const size_t begin = directory.entries.empty() ? bytes.size() : directory.entries[0].offset;
  if (HashOf(bytes.substr(begin)) != directory.sum) {
    return Wrong("has a wrong checksum of its records");
  }
  return directory;
}

}  // namespace phasic::store
