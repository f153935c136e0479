// SPDX-License-Identifier: Apache-2.0
#include "server/store/writer.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/store/agent_rows.h"
#include "server/store/errors.h"
#include "server/store/snapshot_rows.h"

namespace phasic::store {

absl::Status Writer::Write(const Batch& batch) {
  size_t record = 0;
  for (size_t i = 0; i < batch.changes().size(); ++i) {
    for (; record < batch.records_before(i); ++record) {
      RETURN_IF_ERROR(Take(batch.record(record)));
    }
    RETURN_IF_ERROR(
        std::visit([this](const auto& change) { return Do(change); }, batch.changes()[i]));
  }
  for (; record < batch.records(); ++record) RETURN_IF_ERROR(Take(batch.record(record)));
  for (const uint64_t row : journal_.FreedBy(drops_)) {
    RETURN_IF_ERROR(database_->Run("DELETE FROM journal WHERE row = ?", row).status());
  }
  return WriteRows();
}

absl::StatusOr<uint64_t*> Writer::LastOf(uint64_t agent) {
  if (const auto known = last_.find(agent); known != last_.end()) return &known->second;
  std::optional<uint64_t> last;
  // One that this batch has deleted is looked for where it is not any more.
  if (!drops_.contains(agent)) last = journal_.Last(agent);
  if (!last) {
    ASSIGN_OR_RETURN(last, ReadSequence(database_, agent));
  }
  if (!last) {
    return absl::NotFoundError(
        absl::StrCat("the store ", database_->path(), " has no agent with uid ", agent));
  }
  return &last_.emplace(agent, *last).first->second;
}

absl::Status Writer::Take(const Record& record) {
  if (record.bytes.size() > kMostRecordBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a record of the agent with uid ", record.agent,
                                                   " has ", record.bytes.size(), " bytes; ",
                                                   kMostRecordBytes, " are the most"));
  }
  ASSIGN_OR_RETURN(uint64_t* const last, LastOf(record.agent));
  if (record.sequence != *last + 1) {
    return Conflict(database_->path(),
                    absl::StrCat("the next record of the agent with uid ", record.agent, " is ",
                                 *last + 1, ", not ", record.sequence));
  }
  ++*last;
  records_.push_back(record);
  return absl::OkStatus();
}

absl::Status Writer::Do(const PutCircuit& change) {
  return WriteCircuit(database_, change.key, change.spec);
}

absl::Status Writer::Do(const PutAgent& change) {
  if (drops_.contains(change.row.uid)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the agent with uid ", change.row.uid, " was there before"));
  }
  ++agents_made_;
  return InsertAgent(database_, change.row);
}

absl::Status Writer::Do(const PutCard& change) {
  return WriteCard(database_, change.agent, change.card);
}

absl::Status Writer::Do(const PutState& change) {
  ASSIGN_OR_RETURN(const std::optional<uint64_t> there, ReadSequence(database_, change.agent));
  if (there && *there > change.sequence) {
    return Conflict(
        database_->path(),
        absl::StrCat("the state of the agent with uid ", change.agent, " is that of sequence ",
                     *there, " already, and not older than ", change.sequence));
  }
  ASSIGN_OR_RETURN(uint64_t* const last, LastOf(change.agent));
  *last = std::max(*last, change.sequence);
  drops_[change.agent] = change.sequence;
  return WriteState(database_, change);
}

absl::Status Writer::Do(const DeleteAgent& change) {
  --agents_made_;
  last_.erase(change.agent);
  drops_[change.agent] = std::numeric_limits<uint64_t>::max();
  return EraseAgent(database_, change.agent);
}

absl::Status Writer::Do(const PutSnapshot& change) {
  return InsertSnapshot(database_, change.agent, change.row);
}

absl::Status Writer::Do(const DeleteSnapshot& change) {
  return EraseSnapshot(database_, change.agent, change.id);
}

absl::Status Writer::WriteRows() {
  // What a later change of the batch has made unneeded is not written.
  std::erase_if(records_, [this](const Record& record) {
    const auto drop = drops_.find(record.agent);
    return drop != drops_.end() && record.sequence <= drop->second;
  });
  std::vector<Record> row;
  size_t bytes = 0;
  for (const Record& record : records_) {
    const size_t size = record.bytes.size() + kJournalEntryBytes;
    if (!row.empty() && bytes + size > kMostRowBytes) {
      RETURN_IF_ERROR(WriteRow(row));
      row.clear();
      bytes = 0;
    }
    row.push_back(record);
    bytes += size;
  }
  return row.empty() ? absl::OkStatus() : WriteRow(row);
}

absl::Status Writer::WriteRow(const std::vector<Record>& records) {
  const uint64_t key = ++last_row_;
  const std::string bytes = EncodeJournalRow(key, header_, records);
  RETURN_IF_ERROR(
      database_->Run("INSERT INTO journal (row, bytes) VALUES (?, ?)", key, Blob{bytes}).status());
  absl::flat_hash_map<uint64_t, uint64_t> last;
  for (const Record& record : records) last[record.agent] = record.sequence;
  Row row{.key = key, .bytes = bytes.size(), .spans = {}};
  row.spans.reserve(last.size());
  for (const auto& [agent, sequence] : last) row.spans.push_back({agent, sequence});
  rows_.push_back(std::move(row));
  return absl::OkStatus();
}

}  // namespace phasic::store
