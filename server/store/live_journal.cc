// SPDX-License-Identifier: Apache-2.0
#include "server/store/live_journal.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace phasic::store {

std::optional<uint64_t> LiveJournal::Last(uint64_t agent) const {
  const auto found = agents_.find(agent);
  if (found == agents_.end()) return std::nullopt;
  return found->second.back().last;
}

std::vector<uint64_t> LiveJournal::RowsOf(uint64_t agent, uint64_t sequence) const {
  std::vector<uint64_t> rows;
  const auto found = agents_.find(agent);
  if (found == agents_.end()) return rows;
  for (const Place& place : found->second) {
    if (place.last > sequence) rows.push_back(place.row);
  }
  return rows;
}

std::vector<uint64_t> LiveJournal::FreedBy(const Drops& drops) const {
  std::map<uint64_t, size_t> dropped;  // of a row, by how many
  for (const auto& [agent, upto] : drops) {
    const auto found = agents_.find(agent);
    if (found == agents_.end()) continue;
    for (const Place& place : found->second) {
      if (place.last > upto) break;
      ++dropped[place.row];
    }
  }
  std::vector<uint64_t> rows;
  for (const auto& [row, count] : dropped) {
    if (rows_.at(row).needed == count) rows.push_back(row);
  }
  return rows;
}

bool LiveJournal::Needs(uint64_t agent, uint64_t row) const {
  const auto found = agents_.find(agent);
  if (found == agents_.end()) return false;
  const auto place =
      std::lower_bound(found->second.begin(), found->second.end(), row,
                       [](const Place& p, uint64_t wanted) { return p.row < wanted; });
  return place != found->second.end() && place->row == row;
}

std::vector<uint64_t> LiveJournal::Oldest(size_t count) const {
  std::vector<uint64_t> oldest;
  absl::flat_hash_set<uint64_t> seen;
  for (const auto& [key, row] : rows_) {
    for (const uint64_t agent : row.agents) {
      if (oldest.size() == count) return oldest;
      if (Needs(agent, key) && seen.insert(agent).second) oldest.push_back(agent);
    }
  }
  return oldest;
}

void LiveJournal::Add(uint64_t row, size_t bytes, const std::vector<Span>& spans) {
  Row& added = rows_[row];
  added.bytes = bytes;
  added.needed = spans.size();
  added.agents.reserve(spans.size());
  for (const Span& span : spans) {
    added.agents.push_back(span.agent);
    agents_[span.agent].push_back({row, span.last});
  }
  bytes_ += static_cast<int64_t>(bytes);
}

void LiveJournal::Drop(const Drops& drops) {
  for (const auto& [agent, upto] : drops) {
    const auto found = agents_.find(agent);
    if (found == agents_.end()) continue;
    Places& places = found->second;
    auto end = places.begin();
    for (; end != places.end() && end->last <= upto; ++end) {
      const auto row = rows_.find(end->row);
      if (--row->second.needed > 0) continue;
      bytes_ -= static_cast<int64_t>(row->second.bytes);
      rows_.erase(row);
    }
    places.erase(places.begin(), end);
    if (places.empty()) agents_.erase(found);
  }
}

}  // namespace phasic::store
