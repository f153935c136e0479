// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace phasic {

// When something happens. Components, a rule's terms and decoders carry one.
struct When {
  enum class Clock : uint8_t {
    kTick,      // every tick
    kEvery,     // every n ticks of the agent's life
    kAt,        // at given times within each step
    kStep,      // at the last tick of each step
    kDelivery,  // when a reward is delivered
    kEpisode,   // when an episode ends
  };
  Clock clock = Clock::kTick;
  int n = 1;               // kEvery: the period in ticks
  std::vector<double> at;  // kAt: ms from the start of the step, ascending

  static When On(Clock clock) {
    When when;
    when.clock = clock;
    return when;
  }
  friend bool operator==(const When&, const When&) = default;
};

}  // namespace phasic
