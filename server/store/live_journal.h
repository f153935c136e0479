// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

namespace phasic::store {

// Which rows of the journal hold records that some agent still needs: those after its state. Not
// thread-safe.
class LiveJournal {
 public:
  // The records of one agent in a row, which follow each other.
  struct Span {
    uint64_t agent;
    uint64_t last;  // sequence
  };
  // Up to which sequence an agent needs its records no more.
  using Drops = absl::flat_hash_map<uint64_t, uint64_t>;

  // The sequence of the agent's last record, if it needs any.
  std::optional<uint64_t> Last(uint64_t agent) const;
  // The rows with the agent's records after `sequence`, in order.
  std::vector<uint64_t> RowsOf(uint64_t agent, uint64_t sequence) const;
  // The rows that nobody will need any more.
  std::vector<uint64_t> FreedBy(const Drops& drops) const;
  // Up to so many agents, those first whose records lie in the oldest rows.
  std::vector<uint64_t> Oldest(size_t count) const;
  int64_t bytes() const { return bytes_; }  // of all rows that are needed

  // A row after all others; each agent once.
  void Add(uint64_t row, size_t bytes, const std::vector<Span>& spans);
  void Drop(const Drops& drops);

 private:
  struct Row {
    size_t bytes = 0;
    size_t needed = 0;             // how many agents need it
    std::vector<uint64_t> agents;  // those who ever did
  };
  struct Place {
    uint64_t row, last;
  };
  using Places = absl::InlinedVector<Place, 1>;  // in order of both

  bool Needs(uint64_t agent, uint64_t row) const;

  std::map<uint64_t, Row> rows_;
  absl::flat_hash_map<uint64_t, Places> agents_;
  int64_t bytes_ = 0;
};

}  // namespace phasic::store
