// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"

namespace phasic {

// Of each sort (factors, gates, columns, parameters), what a rule's functions may have at most:
// stores keep them in fixed arrays. The compiler checks.
inline constexpr size_t kMostRowParts = 8;

// What a learning projection is asked to do at this moment.
struct Moment {
  enum class Kind : uint8_t {
    kTick,      // within a tick: apply what is due or fired, then form what is due
    kDelivery,  // a reward has reached the modulator `node` between ticks: apply what it gates
    kClose,     // a terminated episode: apply what the modulators' last update gates
    kEpisode,   // the end of an episode: apply what waits for it
  };
  Kind kind = Kind::kTick;
  int node = -1;
};

// How the synapses of a projection are kept. The compiler chooses one for each projection from the
// spec alone.
struct Store {
  const char* name;
  // Sums what the source sent into the target's site.
  void (*deliver)(Lanes lanes, const Link& link) noexcept;
  // Changes weights, then traces (APPLY, then TRACE; core/README.md says why in this order).
  void (*learn)(Lanes lanes, const Link& link, Moment moment) noexcept;
  // Rewards that name a step (window.h). Null: this store keeps no past. A step is done, and
  // rewards may name it from now on.
  void (*mark_step)(State* state, const Link& link) noexcept = nullptr;
  // Changes weights by what the modulator `node` gates for a reward to that step, against the
  // traces as they stood at its end.
  void (*apply_past)(const Lane& lane, const Link& link, int node,
                     uint64_t step) noexcept = nullptr;
  // For a store that puts off changes, of columns that are `lazy`. Makes them all now.
  void (*settle)(State* state, const Link& link) noexcept = nullptr;
  // Copies a lazy column as it would be once settled, and leaves the state as it is.
  void (*read)(const State& state, const Link& link, ColumnId column,
               std::byte* to) noexcept = nullptr;
};

extern const Store kDenseStore, kSparseStore;

// Whether a gate lets a change through at this moment, for a term that applies at `apply`. The one
// place that knows FROZEN.
bool Open(const Lane& lane, const Gate& gate, When::Clock apply, int apply_clock,
          Moment moment) noexcept;
// Brings the factors that a rule makes itself up to the present; once a clock, before pairs are
// formed.
void UpdateFactors(State* state, const Link& link) noexcept;
// Whether pairs of this clock are formed at this moment.
bool Forms(const Lane& lane, int form_clock, Moment moment) noexcept;

}  // namespace phasic
