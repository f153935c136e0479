// SPDX-License-Identifier: Apache-2.0
#include "server/store/check.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/store/agent_rows.h"
#include "server/store/journal_rows.h"
#include "server/store/meta.h"
#include "server/store/snapshot_rows.h"

namespace phasic::store {
namespace {

using Tell = std::function<void(const std::string&)>;

// A damaged row is told and the next one read; a table that cannot be read on is left.
class Checker {
 public:
  Checker(Database* database, const Tell& tell) : database_(database), tell_(tell) {}

  // Fails only when the disk is at fault.
  absl::StatusOr<Store::CheckReport> Run() {
    RETURN_IF_ERROR(Passed(Structure()));
    RETURN_IF_ERROR(Passed(References()));
    RETURN_IF_ERROR(Passed(Circuits()));
    RETURN_IF_ERROR(Passed(Agents()));
    RETURN_IF_ERROR(Passed(Journal()));
    RETURN_IF_ERROR(Passed(Counts()));
    return report_;
  }

 private:
  void Fault(const std::string& what) {
    ++report_.faults;
    tell_(what);
  }

  absl::Status Passed(const absl::Status& status) {
    if (status.ok() || status.code() == absl::StatusCode::kUnavailable) return status;
    Fault(std::string(status.message()));
    return absl::OkStatus();
  }

  absl::Status Structure() {
    ASSIGN_OR_RETURN(Statement s, database_->Query("PRAGMA integrity_check"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, s.Step());
      if (!more) return absl::OkStatus();
      if (s.Bytes(0) != "ok") Fault(s.Text(0));
    }
  }

  absl::Status References() {
    ASSIGN_OR_RETURN(Statement s, database_->Query("PRAGMA foreign_key_check"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, s.Step());
      if (!more) return absl::OkStatus();
      Fault(absl::StrCat(s.Text(0), " has a row ", s.Int(1), " that refers to no row of ",
                         s.Text(2)));
    }
  }

  absl::Status Circuits() {
    ASSIGN_OR_RETURN(Statement s, database_->Query("SELECT key FROM circuits"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, s.Step());
      if (!more) return absl::OkStatus();
      const auto spec = ReadCircuit(database_, s.Uint(0));
      if (spec.ok()) report_.bytes += static_cast<int64_t>(spec->size());
      RETURN_IF_ERROR(Passed(spec.status()));
    }
  }

  absl::Status Agents() {
    ASSIGN_OR_RETURN(Statement s, database_->Query(PHASIC_STORE_SELECT_AGENTS "ORDER BY uid"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, s.Step());
      if (!more) return absl::OkStatus();
      ++report_.agents;
      const uint64_t uid = s.Uint(0);
      const auto row = TakeAgent(*database_, s);
      if (row.ok()) report_.bytes += static_cast<int64_t>(row->card.size());
      RETURN_IF_ERROR(Passed(row.status()));
      RETURN_IF_ERROR(Passed(State(uid)));
      RETURN_IF_ERROR(Passed(Snapshots(uid)));
    }
  }

  absl::Status State(uint64_t agent) {
    ASSIGN_OR_RETURN(const std::optional<StateRow> state, ReadState(database_, agent));
    last_[agent] = state ? state->sequence : 0;
    if (!state) return absl::OkStatus();
    ++report_.states;
    report_.bytes += static_cast<int64_t>(state->bytes.size());
    return absl::OkStatus();
  }

  absl::Status Snapshots(uint64_t agent) {
    ASSIGN_OR_RETURN(const std::vector<SnapshotRow> rows, ReadSnapshots(database_, agent));
    for (const SnapshotRow& row : rows) {
      ++report_.snapshots;
      const auto whole = ReadSnapshot(database_, agent, row.id);
      if (whole.ok() && whole->has_value()) {
        report_.bytes += static_cast<int64_t>((*whole)->bytes.size());
      }
      RETURN_IF_ERROR(Passed(whole.status()));
    }
    return absl::OkStatus();
  }

  absl::Status Journal() {
    ASSIGN_OR_RETURN(Statement s, database_->Query("SELECT row, bytes FROM journal ORDER BY row"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, s.Step());
      if (!more) return absl::OkStatus();
      const auto directory = DecodeJournalRow(s.Uint(0), s.Bytes(1));
      report_.bytes += static_cast<int64_t>(s.Bytes(1).size());
      if (directory.ok()) {
        Records(s.Uint(0), *directory);
      } else {
        Fault(absl::StrCat("journal row ", s.Uint(0), " ", directory.status().message()));
      }
    }
  }

  void Records(uint64_t row, const JournalDirectory& directory) {
    bool needed = false;
    for (const JournalEntry& entry : directory.entries) {
      ++report_.records;
      const auto last = last_.find(entry.agent);
      if (last == last_.end() || entry.sequence <= last->second) continue;
      needed = true;
      if (entry.sequence != last->second + 1) {
        Fault(absl::StrCat("journal row ", row, " has record ", entry.sequence,
                           " of the agent with uid ", entry.agent, " where ", last->second + 1,
                           " should be"));
      }
      last->second = entry.sequence;
    }
    // With a fault above, it may belong to an agent that could not be read.
    if (!needed && report_.faults == 0) {
      Fault(absl::StrCat("journal row ", row, " is needed by no agent"));
    }
  }

  absl::Status Counts() {
    ASSIGN_OR_RETURN(const Meta meta, ReadMeta(database_));
    if (meta.agents != report_.agents) {
      Fault(absl::StrCat("meta counts ", meta.agents, " agents, and there are ", report_.agents));
    }
    return absl::OkStatus();
  }

  Database* const database_;
  const Tell& tell_;
  Store::CheckReport report_;
  absl::flat_hash_map<uint64_t, uint64_t> last_;  // sequences of the agents that can be read
};

}  // namespace

absl::StatusOr<Store::CheckReport> CheckAll(Database* database, const Tell& tell) {
  return Checker(database, tell).Run();
}

}  // namespace phasic::store
