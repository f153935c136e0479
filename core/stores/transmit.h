// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"

namespace phasic {

// A projection whose synapses draw, for one agent: rows of what they pass on, and of its scores.
// Both are made anew whenever they are asked for, in a column that is of the agent but not of its
// state; a row is good until the next of its kind.
class Drawn {
 public:
  // The draw in force.
  Drawn(const Lane& lane, const Link& link) noexcept;

  uint64_t index() const noexcept { return index_; }
  // What the synapses of target unit i weigh.
  const Real* Weights(int64_t i) const noexcept;
  // The scores of the draw in force; 0 when greedy.
  const Real* Scores(int64_t i) const noexcept;
  // Those of an earlier draw, of a transmission that regenerates.
  const Real* Regenerate(uint64_t index, int64_t i) const noexcept;
  // At the end of a tick.
  void Advance() const noexcept;

 private:
  TransmissionView View(uint64_t index) const noexcept;

  const Link& link_;
  State& state_;
  bool greedy_;
  uint64_t index_;
  Real* columns_[kMostTransmissionColumns];
  Real *now_, *earlier_;
};

}  // namespace phasic
