// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Where agents outlive the process. A store knows bytes, names and numbers; what the bytes mean is
// said in server/agents.
namespace phasic::store {

// An agent as the catalogue has it.
struct AgentRow {
  uint64_t uid = 0;
  std::string tenant, id;    // together unique
  std::string made_by = {};  // the call that made it; unique, or empty
  uint64_t circuit = 0;      // a circuit's key
  std::string card = {};     // all else that is to be known while it sleeps
};

// A whole state.
struct StateRow {
  uint64_t sequence = 0;  // of the last input that is in it
  std::string bytes;
};

struct SnapshotRow {
  std::string id;
  std::string info;   // what is said of it
  std::string bytes;  // the whole state; empty in lists
};

// What a commit changes beside the journal.
struct PutCircuit {  // nothing happens when the key is known
  uint64_t key;
  std::string spec;
};
struct PutAgent {  // a new one
  AgentRow row;
};
struct PutCard {
  uint64_t agent;
  std::string card;
};
// From here on the journal's records up to `sequence` are not needed any more. The sequence is not
// lower than that of the state before; the next record's is one more than the last record's or
// this, whichever is higher.
struct PutState {
  uint64_t agent, sequence;
  std::string bytes, card;
};
struct DeleteAgent {  // with its state, records and snapshots
  uint64_t agent;
};
struct PutSnapshot {  // a new one
  uint64_t agent;
  SnapshotRow row;
};
struct DeleteSnapshot {
  uint64_t agent;
  std::string id;
};
using Change =
    std::variant<PutCircuit, PutAgent, PutCard, PutState, DeleteAgent, PutSnapshot, DeleteSnapshot>;

// An agent's input. Sequences of one agent go up by one, from 1.
struct Record {
  uint64_t agent = 0, sequence = 0;
  std::string_view bytes;
};

// One transaction: changes and records in the order in which they were added.
class Batch {
 public:
  void Add(
      const Record& record);  // copies the bytes; may throw std::bad_alloc, then nothing is added
  void Add(Change change);
  void set_synced() { synced_ = true; }  // it must survive the loss of power
  bool empty() const { return ends_.empty() && changes_.empty(); }
  size_t bytes() const { return bytes_.size() + change_bytes_; }
  void Clear();  // keeps its memory

  bool synced() const { return synced_; }
  size_t records() const { return ends_.size(); }
  Record record(size_t index) const;
  std::span<const Change> changes() const { return changes_; }
  // How many records were added before that change.
  size_t records_before(size_t change) const { return before_[change]; }

 private:
  struct Mark {
    uint64_t agent, sequence;
    size_t end;
  };
  std::string bytes_;
  std::vector<Mark> ends_;
  std::vector<Change> changes_;
  std::vector<size_t> before_;
  size_t change_bytes_ = 0;
  bool synced_ = false;
};

// Reads may come from any thread, and beside a write. Writes (Commit, Prove, ReserveUids) come from
// one thread at a time. Errors are UNAVAILABLE when the disk is at fault or full and it may pass,
// and DATA_LOSS when what was read is not what was written; both name what and where. Reads may
// throw std::bad_alloc.
class Store {
 public:
  virtual ~Store() = default;

  // All of it, or none. When it returns OK, the batch survives the process; if it is synced, the
  // loss of power too (and so does all that was committed before; an empty batch will do for that).
  // ABORTED when another process has taken the store over, or a sequence is not the next: two wrote
  // for one agent. NOT_FOUND when it names an agent, circuit or snapshot that is not there at its
  // place in the batch, ALREADY_EXISTS when it makes one that is, INVALID_ARGUMENT when something
  // is larger than the store can hold: then nothing of the batch is there, and the next may come.
  // After any other error nothing is certain until Prove has returned OK, and until then Commit and
  // ReserveUids return UNAVAILABLE.
  virtual absl::Status Commit(const Batch& batch) = 0;
  // Whether the store can be relied on again after a failed Commit: opens it anew, reads what was
  // committed last, and writes and syncs. The batch that failed is there as a whole or not at all:
  // `held` says which; if not, it may be committed again. Reads that are under way end UNAVAILABLE.
  virtual absl::Status Prove(bool* held) = 0;

  virtual absl::StatusOr<std::optional<AgentRow>> FindAgent(const std::string& tenant,
                                                            const std::string& id) = 0;
  virtual absl::StatusOr<std::optional<AgentRow>> FindAgent(uint64_t uid) = 0;
  virtual absl::StatusOr<std::optional<AgentRow>> FindMadeBy(const std::string& call) = 0;
  // Up to `count` agents of a tenant in the order of their ids, from the first after `after`.
  virtual absl::StatusOr<std::vector<AgentRow>> ListAgents(const std::string& tenant,
                                                           const std::string& after,
                                                           size_t count) = 0;
  virtual absl::StatusOr<int64_t> CountAgents() = 0;
  // NOT_FOUND when the key is not known.
  virtual absl::StatusOr<std::string> LoadCircuit(uint64_t key) = 0;
  // Nothing: the agent is as it was made. NOT_FOUND when there is none.
  virtual absl::StatusOr<std::optional<StateRow>> LoadState(uint64_t agent) = 0;
  // The records after `sequence`, which is at least that of the state, in order. `numerics` is that
  // of the process that wrote the record. Not while a write names the agent.
  using Reader = std::function<absl::Status(const Record& record, uint32_t numerics)>;
  virtual absl::Status ReadRecords(uint64_t agent, uint64_t sequence, const Reader& reader) = 0;
  // By id, without their bytes.
  virtual absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots(uint64_t agent) = 0;
  virtual absl::StatusOr<std::optional<SnapshotRow>> LoadSnapshot(uint64_t agent,
                                                                  const std::string& id) = 0;

  // What the journal holds that some agent still needs: all that was committed together counts as
  // long as some of it is needed.
  virtual int64_t journal_bytes() const = 0;
  // Up to `count` agents whose states, put now, would free the oldest of it.
  virtual std::vector<uint64_t> OldestInJournal(size_t count) const = 0;
  // The first of `count` uids, none lower than `at_least`, that are the caller's: no process was or
  // will be given them.
  virtual absl::StatusOr<uint64_t> ReserveUids(uint64_t at_least, uint64_t count) = 0;

  // Reads everything and checks every checksum and reference. `tell` is called for each fault.
  struct CheckReport {
    int64_t agents = 0, states = 0, snapshots = 0, records = 0, bytes = 0, faults = 0;
  };
  virtual absl::StatusOr<CheckReport> Check(
      const std::function<void(const std::string&)>& tell) = 0;
  // Writes a copy of the store as of one moment, beside ongoing writes, to a new file, and syncs
  // it. ALREADY_EXISTS when there is such a file. After an error there is none.
  virtual absl::Status Backup(const std::string& path) = 0;
  // Where it lies.
  virtual const std::string& path() const = 0;
};

struct Options {
  uint32_t numerics = 0;  // stamped on what is written
  std::string vfs = {};   // the name of SQLite's file layer; empty for its own
};
// `uri` is "sqlite:///absolute/path/phasic.db", or "memory:", which gives null: nothing is kept.
// INVALID_ARGUMENT for another; FAILED_PRECONDITION when another process has the store open, or it
// is of a version that is not known here. Makes the file and its folder if there is none.
absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& uri, const Options& options);

}  // namespace phasic::store
