// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/real.h"
#include "core/model/column.h"
#include "core/model/parameter.h"
#include "core/model/when.h"

namespace phasic {

inline constexpr int kMostTransmissionColumns = 4;  // stores keep them in a fixed array

// One agent's view of a projection whose synapses draw.
struct TransmissionView {
  const Parameters* params;
  const double* derived;
  int64_t pre_size;
  const Real* pre;        // what the source sent, as delivered
  Real* const* columns;   // by Transmission::columns
  uint64_t seed, stream;  // name the random numbers, with
  uint64_t index;         // the number of this draw on the transmission's clock
  bool greedy;            // transmit the mean of what would be drawn
};

// How the synapses of a projection pass on what comes to them: without one, y_i = sum_j w_ij x_j.
// Those that draw pass on something else than their weight, and publish the draw's score,
//
//   score_ij = d log P(draw) / d w_ij
//
// to the projection's rule, as populations that draw publish theirs: the synapse is the unit that
// explores. Nothing that is drawn is kept; the counter gives it again where it is needed.
//
// As with components, the functions must not allocate or fail, and loops run in index order. A row
// is one target unit's synapses; weights are those that are learned.
struct Transmission {
  const char* name;       // on the wire and on disk; never renamed
  const char* summary;    // one sentence
  const char* equations;  // as in the paper
  const char* source;     // the paper
  std::span<const ParamInfo> params = {};
  std::span<const ColumnInfo> columns = {};  // kPre, Real
  // What counts its draws: kTick, kStep or kEpisode. One draw holds until the next.
  When::Clock (*hold)(const Parameters& params) = nullptr;
  // Constants from parameters and the tick, in ms.
  std::vector<double> (*derive)(const Parameters& params, double dt) = nullptr;
  // What each synapse of a row weighs in this draw.
  void (*transmit)(const TransmissionView& view, int64_t row, const Real* weights,
                   Real* out) noexcept = nullptr;
  // The scores of this draw.
  void (*score)(const TransmissionView& view, int64_t row, const Real* weights,
                Real* out) noexcept = nullptr;
  // Whether the index alone gives a score again, later, whatever activity and weights are by then.
  bool regenerates = false;
  // At the end of a tick: the columns take in what the source sent.
  void (*advance)(const TransmissionView& view) noexcept = nullptr;
};

}  // namespace phasic
