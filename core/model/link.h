// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/component.h"
#include "core/model/node.h"
#include "core/model/rule.h"
#include "core/model/synapses.h"
#include "core/model/transmission.h"

namespace phasic {

struct Store;
struct Kernels;

// A column that a compiled term reads: one number for each unit, one for all, or the number 1.
struct Source {
  ColumnId column = kNoColumn;            // kNoColumn: the number 1
  bool broadcast = false;                 // one number for all units
  Real (*of)(Real x) noexcept = nullptr;  // a function of it
};

// An output of a modulator that gates what is learned.
struct Gate {
  Source value;                                // no column: always open, and 1
  int node = -1;                               // the modulator, in Circuit::nodes
  When::Clock clock = When::Clock::kDelivery;  // when it updates
  ColumnId fired = kNoColumn;
  Source past = {};        // the same output for a reward that names a step (Component::recall)
  Kinetics kinetics = {};  // what it does until the next update
  double discount = 1;     // what a step away is worth to the modulator
  bool always() const noexcept { return node < 0; }
};

// What a term keeps so that a reward can meet the trace of a past step: the pairs of the steps in
// the window, as their factors, and the trace before the oldest of them.
struct TermWindow {
  int64_t capacity = 0;          // pairs; 0: nothing is kept
  uint64_t reach = 0;            // pairs after which nothing of one is left in the trace
  ColumnId post = kNoColumn;     // capacity x post, a ring by pair
  ColumnId pre = kNoColumn;      // capacity x pre
  ColumnId decay = kNoColumn;    // capacity; 0 for the first pair after the trace was cleared
  ColumnId base = kNoColumn;     // kSum, kExp: post x pre
  ColumnId formed = kNoColumn;   // u64: pairs in the agent's life
  ColumnId kept = kNoColumn;     // u32: of those, the last so many are in the rings
  ColumnId lasting = kNoColumn;  // u64: pairs since the trace was cleared
  ColumnId step_formed = kNoColumn, step_lasting = kNoColumn;  // both at the ends of the window's
                                                               // steps, rings by step
};

// A trace that is seldom applied: the pairs that it has yet to take in (core/stores/factored.h).
// All derived: a snapshot has the trace with them.
struct FactoredTrace {
  ColumnId count = kNoColumn;  // u32; kNoColumn: the trace takes in each pair at once
  ColumnId post = kNoColumn;   // pairs x post
  ColumnId pre = kNoColumn;    // as Kernels::fold has them
};

// A change that waits for the next delivery (core/stores/waiting.h). All derived: a snapshot has
// weights and trace with it.
struct WaitingChange {
  ColumnId due = kNoColumn;     // u8: whether one waits; kNoColumn: each is made at once
  ColumnId change = kNoColumn;  // post: what a row's trace is multiplied with
  ColumnId post = kNoColumn, pre = kNoColumn;  // the pair that the trace takes in then
};

// A term of a rule, bound to the columns that it reads and writes.
struct BoundTerm {
  const Term* term;
  Source post, pre;
  bool pre_is_delivered = false;  // instead: what the projection delivers
  bool synapse_score = false;     // instead: the scores of what the synapses drew
  double decay = 1;               // kExp, kCascade
  int stages = 1;                 // kCascade
  double step = 0;                // kCascade: from one pair to the next, in units of tau
  int depth = 1;                  // kNone, kDelay: pairs remembered
  Gate gate;
  double gain = 1, offset = 0;  // a change is rate times (gain gate + offset) times trace
  int form_clock = 0;           // indices into Circuit::clocks
  int apply_clock = 0;          // unless the term applies on delivery or at the end of the episode
  // kSum, kExp: post x pre. kCascade: one for each stage, the last stage first.
  ColumnId trace = kNoColumn;
  ColumnId post_ring = kNoColumn;  // kNone, kDelay: depth x post
  ColumnId pre_ring = kNoColumn;   // kNone, kDelay: depth x pre; of a synapse's score
  ColumnId draw_ring = kNoColumn;  // instead: depth x 1, the indices of the draws
  ColumnId ring_head = kNoColumn;  // kNone, kDelay: u32, pairs formed so far modulo depth
  TermWindow window = {};
  FactoredTrace factored = {};
  WaitingChange waiting = {};
};

// What a sparse projection that learns keeps beside weights and traces (core/stores/sparse.cc).
struct Lazy {
  ColumnId since = kNoColumn;      // u16, by synapse: the slot in which it was last touched
  ColumnId pending = kNoColumn;    // f64, by slot: what a trace of 1 in that slot has gated since
  ColumnId slot = kNoColumn;       // u32: the present one
  ColumnId direction = kNoColumn;  // u8: of what is pending: 0 none, 1 up, 2 down
  std::vector<double> powers;      // by slot, of the decay: the last is 1, the one before it decay
};

// How a projection transmits when it does not do so exactly.
struct BoundTransmission {
  const Transmission* model = nullptr;  // null: exactly
  Parameters params;
  std::vector<double> derived;
  std::vector<ColumnId> columns;
  ColumnId rows = kNoColumn;  // 2 x pre: a row at work; derived
  uint64_t stream = 0;
  When::Clock hold = When::Clock::kTick;
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
  ColumnId weights = kNoColumn;              // post x pre; of the other link when transposed
  bool transposed = false;                   // the weights are pre x post
  std::shared_ptr<const Synapses> synapses;  // sparse: weights are one for each; null: all to all
  Lazy lazy;
  bool bounded = false;
  Real min_weight = 0, max_weight = 0;
  BoundTransmission transmission;

  const Rule* rule = nullptr;
  Parameters params;
  std::vector<int> live_index;
  ColumnId live = kNoColumn;
  std::vector<BoundTerm> terms;
  // Its rule has one term, with no factors of its own, whose trace is of one stage and takes in
  // pairs of two vectors: what most agents learn by.
  bool plain = false;
  // A row function, or a rule with factors of its own: what it reads, and the columns that it owns.
  std::vector<Source> row_post, row_pre;
  std::vector<bool> row_pre_delivered;
  std::vector<Gate> row_gates;
  std::vector<ColumnId> row_columns, row_post_columns, factor_columns;
  int row_clock = 0;
  double row_period = 1;  // ms from one strike of that clock to the next
  int step_clock = 0;

  int64_t size() const {
    return synapses != nullptr ? synapses->size() : static_cast<int64_t>(pre) * post;
  }
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
