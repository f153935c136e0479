// SPDX-License-Identifier: Apache-2.0
//
// Where columns lie, and what a step needs to know of them and of its clocks, worked out once.
#include <algorithm>
#include <numeric>

#include "core/circuit/compiler.h"

namespace phasic {
namespace {

size_t RoundUp(size_t bytes) { return (bytes + 63) & ~size_t{63}; }

// Of these columns, in the order in which they lie, the numbers for which `wanted` holds, in
// stretches as long as can be: what lies between two columns is 0.
template <class Wanted>
std::vector<Circuit::Watched> Stretches(const Layout& layout, Wanted wanted) {
  std::vector<ColumnId> placed;
  for (size_t id = 0; id < layout.columns.size(); ++id) {
    if (layout.columns[id].arena < 0) placed.push_back(static_cast<ColumnId>(id));
  }
  std::sort(placed.begin(), placed.end(), [&](ColumnId a, ColumnId b) {
    return layout.places[a].offset < layout.places[b].offset;
  });
  std::vector<Circuit::Watched> watched;
  bool open = false;
  for (const ColumnId id : placed) {
    const Column& column = layout.columns[id];
    if (column.type != kReal || column.life == Life::kClock || !wanted(id)) {
      open = false;
      continue;
    }
    if (!open) watched.push_back({id, 0});
    open = true;
    const size_t bytes = layout.places[id].offset - layout.places[watched.back().first].offset;
    watched.back().count = static_cast<int64_t>(bytes / sizeof(Real)) + column.size();
  }
  return watched;
}

}  // namespace

// Columns that end with the episode lie side by side, so that returning home is two block moves.
void Compiler::PlaceColumns() {
  Layout& layout = circuit_->layout_;
  layout.places.resize(layout.columns.size());
  // Numbers that are watched side by side, so that it takes few looks.
  std::vector<size_t> order(layout.columns.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t id) { return layout.columns[id].type == kReal; });
  size_t at = 0;
  size_t arena_bytes = 0;
  for (const Life life :
       {Life::kClock, Life::kLearned, Life::kAdaptive, Life::kTrace, Life::kFast}) {
    const size_t start = at;
    for (const size_t id : order) {
      const Column& column = layout.columns[id];
      if (column.life != life) continue;
      const size_t bytes = column.size() * SizeOf(column.type);
      if (column.arena >= 0) {
        arena_bytes += bytes;
        continue;
      }
      // Small columns need no line of their own.
      at = bytes >= 64 ? RoundUp(at) : (at + 7) & ~size_t{7};
      layout.places[id] = {at, static_cast<size_t>(column.size())};
      at += bytes;
    }
    at = RoundUp(at);
    if (life == Life::kTrace) {
      layout.trace_offset = start;
      layout.trace_bytes = at - start;
    } else if (life == Life::kFast) {
      layout.fast_offset = start;
      layout.fast_bytes = at - start;
    }
  }
  layout.block_bytes = at;
  circuit_->max_state_bytes_ = static_cast<int64_t>(at + arena_bytes);
}

// Not weights and traces, which stores check; nor what has been sent before, whose source is
// checked. A reward between ticks changes nothing but its modulator.
void Compiler::WatchColumns() {
  const Layout& layout = circuit_->layout_;
  std::vector<bool> elsewhere(layout.columns.size());
  for (const Link& link : circuit_->links_) {
    elsewhere[link.weights] = true;
    if (link.history != kNoColumn) elsewhere[link.history] = true;
    for (const BoundTerm& term : link.terms) {
      if (term.trace != kNoColumn) elsewhere[term.trace] = true;
    }
    for (const ColumnId column : link.row_columns) elsewhere[column] = true;
  }
  circuit_->watched_ = Stretches(layout, [&](ColumnId id) { return !elsewhere[id]; });
  for (const int channel : circuit_->channels_) {
    const std::string& name = circuit_->nodes_[channel].name;
    circuit_->watched_channels_.push_back(
        Stretches(layout, [&](ColumnId id) { return layout.columns[id].component == name; }));
  }
}

void Compiler::SortClocks() {
  const auto& clocks = circuit_->clocks_;
  for (size_t c = 0; c < clocks.size(); ++c) {
    switch (clocks[c].clock) {
      case When::Clock::kTick:
        circuit_->tick_clocks_ |= uint64_t{1} << c;
        break;
      case When::Clock::kStep:
        circuit_->step_clocks_ |= uint64_t{1} << c;
        break;
      case When::Clock::kEvery:
      case When::Clock::kAt:
        circuit_->counted_clocks_.push_back(static_cast<int>(c));
        break;
      case When::Clock::kDelivery:
      case When::Clock::kEpisode:
        break;
    }
  }
}

}  // namespace phasic
