// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/circuit/circuit.h"

namespace phasic {

// The engine: time, rewards and ends of episodes for agents of one circuit. Nothing here allocates
// or fails.

// Runs each lane's `ticks` ticks with the observation and masks that lie in its state, and decodes
// its action.
void RunTicks(const Circuit& circuit, std::span<Lane> lanes) noexcept;

// A reward reaches a modulator between ticks. `values` has one number for each of its units.
void Deliver(const Circuit& circuit, const Lane& lane, int channel,
             std::span<const Real> values) noexcept;

// Tells where a number outside the stores is not finite.
void CheckFinite(const Circuit& circuit, const Lane& lane) noexcept;

// Forgets rewards that no modulator has taken yet.
void EmptyMailboxes(const Circuit& circuit, State* state) noexcept;

// What is known of what follows an episode.
enum class Closing : uint8_t {
  kTerminated,  // it is worth nothing: predictions close against 0
  kObserved,    // the last observation has been through its ticks: predictions close on it
  kUnknown,     // nothing is known: predictions do not close
};
// The episode's learning is completed, its return is kept, and the fast state goes home.
void EndEpisode(const Circuit& circuit, const Lane& lane, Closing closing) noexcept;

}  // namespace phasic
