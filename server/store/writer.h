// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/store/journal_rows.h"
#include "server/store/live_journal.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

namespace phasic::store {

// Does one batch within a transaction: its changes and records in order, then the journal's rows.
// What it will have changed beside the file is told, for the caller to take over after COMMIT.
class Writer {
 public:
  // Refers to all of them. `last_row` is the journal's last.
  Writer(Database* database, const LiveJournal& journal, JournalHeader header, uint64_t last_row)
      : database_(database), journal_(journal), header_(header), last_row_(last_row) {}

  absl::Status Write(const Batch& batch);

  int64_t agents_made() const { return agents_made_; }  // less those deleted
  uint64_t last_row() const { return last_row_; }
  // The journal's changes: first Drops, then rows.
  const LiveJournal::Drops& drops() const { return drops_; }
  struct Row {
    uint64_t key;
    size_t bytes;
    std::vector<LiveJournal::Span> spans;
  };
  const std::vector<Row>& rows() const { return rows_; }

 private:
  absl::Status Take(const Record& record);
  absl::Status Do(const PutCircuit& change);
  absl::Status Do(const PutAgent& change);
  absl::Status Do(const PutCard& change);
  absl::Status Do(const PutState& change);
  absl::Status Do(const DeleteAgent& change);
  absl::Status Do(const PutSnapshot& change);
  absl::Status Do(const DeleteSnapshot& change);
  absl::Status WriteRows();
  absl::Status WriteRow(const std::vector<Record>& records);
  // The agent's last sequence as of this point of the batch.
  absl::StatusOr<uint64_t*> LastOf(uint64_t agent);

  Database* const database_;
  const LiveJournal& journal_;
  const JournalHeader header_;
  uint64_t last_row_;
  absl::flat_hash_map<uint64_t, uint64_t> last_;  // of the agents that the batch names
  LiveJournal::Drops drops_;
  std::vector<Record> records_;
  std::vector<Row> rows_;
  int64_t agents_made_ = 0;
};

}  // namespace phasic::store
