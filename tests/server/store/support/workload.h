// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "server/store/store.h"

namespace phasic::store::testing {

// What a store must hold after some batches, kept in plain maps.
class Model {
 public:
  void Apply(const Batch& batch);
  // All there is, as text. Two that are equal hold the same.
  std::string Text() const;

  struct Agent {
    AgentRow row;
    uint64_t last = 0;  // sequence
    std::optional<StateRow> state;
    std::map<uint64_t, std::string> records;  // after the state
    std::map<std::string, SnapshotRow> snapshots;
  };
  const std::map<uint64_t, Agent>& agents() const { return agents_; }
  uint64_t next_uid() const { return next_uid_; }

 private:
  void Do(const PutCircuit& change) { circuits_.try_emplace(change.key, change.spec); }
  void Do(const PutAgent& change);
  void Do(const PutCard& change) { agents_.at(change.agent).row.card = change.card; }
  void Do(const PutState& change);
  void Do(const DeleteAgent& change) { agents_.erase(change.agent); }
  void Do(const PutSnapshot& change);
  void Do(const DeleteSnapshot& change);

  std::map<uint64_t, std::string> circuits_;
  std::map<uint64_t, Agent> agents_;
  uint64_t next_uid_ = 1;
};

// The same of a store: what its readers tell. An error is part of the text.
std::string TextOf(Store* store);

// The next batch of a random life: agents come and go, learn, and are put down now and then.
Batch NextBatch(const Model& model, std::mt19937_64* random);

}  // namespace phasic::store::testing
