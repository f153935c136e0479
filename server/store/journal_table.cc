// SPDX-License-Identifier: Apache-2.0
#include "server/store/journal_table.h"

#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/store/agent_rows.h"
#include "server/store/errors.h"
#include "server/store/journal_rows.h"

namespace phasic::store {
namespace {

absl::Status WrongRow(const Database& database, uint64_t row, const absl::Status& why) {
  return Corrupt(database.path(), absl::StrCat("journal row ", row, " ", why.message()));
}

// Reads the beginnings of rows. SQLite's blobs touch only the pages that are read.
class Beginnings {
 public:
  explicit Beginnings(Database* database) : database_(database) {}
  ~Beginnings() { sqlite3_blob_close(blob_); }
  Beginnings(const Beginnings&) = delete;
  Beginnings& operator=(const Beginnings&) = delete;

  absl::StatusOr<JournalDirectory> Directory(uint64_t row) {
    const auto key = static_cast<sqlite3_int64>(row);
    const int code = blob_ == nullptr ? sqlite3_blob_open(database_->handle(), "main", "journal",
                                                          "bytes", key, 0, &blob_)
                                      : sqlite3_blob_reopen(blob_, key);
    if (code != SQLITE_OK) return database_->Error();
    const auto size = static_cast<size_t>(sqlite3_blob_bytes(blob_));
    RETURN_IF_ERROR(Read(std::min(size, kJournalPrefixBytes)));
    const auto bytes = JournalDirectoryBytes(buffer_, size);
    if (!bytes.ok()) return WrongRow(*database_, row, bytes.status());
    RETURN_IF_ERROR(Read(*bytes));
    auto directory = DecodeJournalDirectory(row, buffer_, size);
    if (!directory.ok()) return WrongRow(*database_, row, directory.status());
    return directory;
  }

 private:
  absl::Status Read(size_t bytes) {
    buffer_.resize(bytes);
    const int code = sqlite3_blob_read(blob_, buffer_.data(), static_cast<int>(bytes), 0);
    return code == SQLITE_OK ? absl::OkStatus() : database_->Error();
  }

  Database* const database_;
  sqlite3_blob* blob_ = nullptr;
  std::string buffer_;
};

}  // namespace

absl::StatusOr<LiveJournal> ReadLiveJournal(Database* database) {
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::Read(database));
  ASSIGN_OR_RETURN(Statement statement,
                   database->Query("SELECT row, length(bytes) FROM journal ORDER BY row"));
  LiveJournal journal;
  Beginnings beginnings(database);
  absl::flat_hash_map<uint64_t, std::optional<uint64_t>> sequences;  // of the agents' states
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return journal;
    const uint64_t row = statement.Uint(0);
    ASSIGN_OR_RETURN(const JournalDirectory directory, beginnings.Directory(row));
    absl::flat_hash_map<uint64_t, uint64_t> last;
    for (const JournalEntry& entry : directory.entries) {
      auto state = sequences.find(entry.agent);
      if (state == sequences.end()) {
        ASSIGN_OR_RETURN(const std::optional<uint64_t> sequence,
                         ReadSequence(database, entry.agent));
        state = sequences.emplace(entry.agent, sequence).first;
      }
      if (state->second && entry.sequence > *state->second) last[entry.agent] = entry.sequence;
    }
    std::vector<LiveJournal::Span> spans;
    spans.reserve(last.size());
    for (const auto& [agent, sequence] : last) spans.push_back({agent, sequence});
    if (!spans.empty()) journal.Add(row, static_cast<size_t>(statement.Int(1)), spans);
  }
}

absl::Status ReadRecordsIn(Database* database, const std::vector<uint64_t>& rows, uint64_t agent,
                           uint64_t sequence, const Store::Reader& reader) {
  for (const uint64_t row : rows) {
    ASSIGN_OR_RETURN(Statement statement,
                     database->Query("SELECT bytes FROM journal WHERE row = ?", row));
    ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) return Corrupt(database->path(), absl::StrCat("journal row ", row, " is missing"));
    const std::string_view bytes = statement.Bytes(0);
    const auto directory = DecodeJournalRow(row, bytes);
    if (!directory.ok()) return WrongRow(*database, row, directory.status());
    for (const JournalEntry& entry : directory->entries) {
      if (entry.agent != agent || entry.sequence <= sequence) continue;
      if (entry.sequence != sequence + 1) {
        return Corrupt(
            database->path(),
            absl::StrCat("journal row ", row, " has record ", entry.sequence,
                         " of the agent with uid ", agent, " where ", sequence + 1, " should be"));
      }
      ++sequence;
      RETURN_IF_ERROR(reader({agent, entry.sequence, bytes.substr(entry.offset, entry.size)},
                             directory->header.numerics));
    }
  }
  return absl::OkStatus();
}

}  // namespace phasic::store
