// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/node.h"
#include "core/model/rule.h"

namespace phasic {

struct Store;
struct Kernels;

// A column that a compiled term reads: one number for each unit, one for all, or the number 1.
struct Source {
  ColumnId column = kNoColumn;  // kNoColumn: the number 1
  bool broadcast = false;       // one number for all units
};

// An output of a modulator that gates what is learned.
struct Gate {
  Source value;                                // no column: always open, and 1
  int node = -1;                               // the modulator, in Circuit::nodes
  When::Clock clock = When::Clock::kDelivery;  // when it updates
  ColumnId fired = kNoColumn;
  double discount = 1;  // what a step away is worth to the modulator
  bool always() const noexcept { return node < 0; }
};

// A term of a rule, bound to the columns that it reads and writes.
struct BoundTerm {
  const Term* term;
  Source post, pre;
  bool pre_is_delivered = false;  // instead: what the projection delivers
  double decay = 1;               // kExp
  int depth = 1;                  // kNone, kDelay: pairs remembered
  Gate gate;
  int form_clock = 0;          // indices into Circuit::clocks
  int apply_clock = 0;         // unless the term applies on delivery or at the end of the episode
  ColumnId trace = kNoColumn;  // kSum, kExp: post x pre
  ColumnId post_ring = kNoColumn;  // kNone, kDelay: depth x post
  ColumnId pre_ring = kNoColumn;   // kNone, kDelay: depth x pre
  ColumnId ring_head = kNoColumn;  // kNone, kDelay: u32, pairs formed so far modulo depth
};

// A projection of a compiled circuit.
struct Link {
  std::string name;
  int index = 0;
  int source = 0, target = 0;  // nodes
  int pre = 0, post = 0;       // sizes
  ColumnId source_column = kNoColumn;
  ColumnId site = kNoColumn;
  Phase phase = Phase::kForward;
  int delay = 0;
  ColumnId history = kNoColumn;  // delay x pre, a ring by tick
  const Store* store = nullptr;
  const Kernels* kernels =
      nullptr;  // fixed when the circuit is compiled; every set gives the same bits
  ColumnId weights = kNoColumn;  // post x pre; of the other link when transposed
  bool transposed = false;       // the weights are pre x post
  bool bounded = false;
  Real min_weight = 0, max_weight = 0;

  const Rule* rule = nullptr;
  Parameters params;
  std::vector<int> live_index;
  ColumnId live = kNoColumn;
  std::vector<BoundTerm> terms;
  // A row function: what it reads, and the columns that it owns.
  std::vector<Source> row_post, row_pre;
  std::vector<bool> row_pre_delivered;
  std::vector<Gate> row_gates;
  std::vector<ColumnId> row_columns;
  int row_clock = 0;
  int step_clock = 0;

  double param(const State& state, int i) const noexcept {
    const int at = live_index[i];
    return at < 0 ? params.number(i) : state.data<double>(live)[at];
  }
  // What the source sent `delay` ticks ago: what the target and the rule see.
  const Real* Delivered(const State& state) const noexcept {
    if (delay == 0) return state.data<Real>(source_column);
    const uint64_t tick = *state.data<uint64_t>(kAgentTick);
    return state.data<Real>(history) + (tick % delay) * pre;
  }
};

}  // namespace phasic
