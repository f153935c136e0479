// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "server/agents/inputs.h"
#include "server/agents/journal.h"
#include "server/agents/limits.h"

namespace phasic {

// What an agent knows of earlier calls, so that nothing is done twice. Both memories are rings that
// grow on demand. Prepare takes all the memory that Add will need, so that Add cannot fail. Not
// thread-safe: under the agent's turn.

// A step that is done, and the journal's ticket for it.
struct StepAnswer {
  std::shared_ptr<const StepOutcome> outcome;
  Journal::Ticket ticket = 0;
  bool repeated = false;  // from memory: nothing was done
};

// The answers to the last steps that carried a request_id.
class AnswerMemory {
 public:
  // Null when there is none, or the id is empty.
  const StepAnswer* Find(std::string_view request_id) const {
    if (request_id.empty()) return nullptr;
    for (const Entry& entry : entries_) {
      if (entry.request_id == request_id) return &entry.answer;
    }
    return nullptr;
  }
  void Prepare() {
    if (entries_.capacity() == 0) entries_.reserve(limits::kResponsesKept);
  }
  void Add(std::string request_id, StepAnswer answer) noexcept {
    // A large answer is kept alone: it is the last that a caller may ask for again.
    if (answer.outcome->bytes() > limits::kLargeAnswerBytes) entries_.clear(), oldest_ = 0;
    Entry entry{std::move(request_id), std::move(answer)};
    if (entries_.size() < limits::kResponsesKept) {
      entries_.push_back(std::move(entry));
    } else {
      entries_[oldest_] = std::move(entry);
      oldest_ = (oldest_ + 1) % limits::kResponsesKept;
    }
  }

 private:
  struct Entry {
    std::string request_id;
    StepAnswer answer;
  };
  std::vector<Entry> entries_;
  size_t oldest_ = 0;
};

// The ids of the last rewards that carried one.
class RewardIds {
 public:
  bool Knows(std::string_view id) const {
    const uint64_t hash = HashOf(id);
    for (size_t i = 0; i < hashes_.size(); ++i) {
      if (hashes_[i] == hash && ids_[i] == id) return true;
    }
    return false;
  }
  // For so many more ids.
  void Prepare(size_t count) {
    const size_t wanted = std::min<size_t>(ids_.size() + count, limits::kRewardIdsKept);
    if (wanted <= ids_.capacity()) return;
    const size_t grown =
        std::min<size_t>(std::max(wanted, 2 * ids_.capacity()), limits::kRewardIdsKept);
    hashes_.reserve(grown);
    ids_.reserve(grown);
  }
  void Add(std::string id) noexcept {
    const uint64_t hash = HashOf(id);
    if (ids_.size() < limits::kRewardIdsKept) {
      hashes_.push_back(hash);
      ids_.push_back(std::move(id));
    } else {
      hashes_[oldest_] = hash;
      ids_[oldest_] = std::move(id);
      oldest_ = (oldest_ + 1) % limits::kRewardIdsKept;
    }
  }
  // visit(id), from the oldest to the newest.
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (size_t i = 0; i < ids_.size(); ++i) visit(ids_[(oldest_ + i) % ids_.size()]);
  }

 private:
  std::vector<uint64_t> hashes_;  // scanned first: they lie side by side
  std::vector<std::string> ids_;
  size_t oldest_ = 0;
};

}  // namespace phasic
