// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>

#include "core/circuit/circuit.h"

namespace phasic {

// Lanes go through the program in groups, so that a selection of them fits on the stack: room for
// one. Only what is in it is touched.
class LaneGroup {
 public:
  static constexpr size_t kMost = 64;
  LaneGroup() = default;
  LaneGroup(const LaneGroup&) = delete;
  LaneGroup& operator=(const LaneGroup&) = delete;

  void Add(const Lane& lane) noexcept { new (room_ + size_++ * sizeof(Lane)) Lane(lane); }
  Lane& Add() noexcept { return *new (room_ + size_++ * sizeof(Lane)) Lane; }
  void Drop() noexcept { --size_; }
  void Clear() noexcept { size_ = 0; }
  size_t size() const noexcept { return size_; }
  std::span<Lane> lanes() noexcept { return {std::launder(reinterpret_cast<Lane*>(room_)), size_}; }

 private:
  static_assert(std::is_trivially_destructible_v<Lane>);
  alignas(Lane) std::byte room_[kMost * sizeof(Lane)];
  size_t size_ = 0;
};

// The engine: time, rewards and ends of episodes for agents of one circuit. Nothing here allocates
// or fails. The caller has set FloatMode.

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
