// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace phasic::limits {

// Every bound of a circuit and of one agent's step, each with its reason. Sizes are checked against
// these before anything is allocated.

inline constexpr int64_t kMaxNeurons = 10'000'000;         // unit indices stay in 32 bits with room
inline constexpr int64_t kMaxSynapses = 256'000'000;       // 1 GiB of float weights
inline constexpr int64_t kMaxSparseSynapses = 16'000'000;  // a projection: 192 MiB of index
inline constexpr int64_t kMaxDrawnPairs = 64'000'000;      // one by one: a second or two
inline constexpr int64_t kMaxStateBytes = int64_t{1}
                                          << 30;  // one agent; a snapshot must fit in memory twice
inline constexpr int kMaxParts = 4'096;  // ports, populations, projections, modulators together
inline constexpr int kMaxObservationValues = 65'536;  // per step, over all input ports
inline constexpr int kMaxTicksPerStep = 100'000;
inline constexpr int kMaxSweeps = 100;
inline constexpr int kMaxDelayTicks = 10'000;
inline constexpr int kMaxListParameter = 65'536;  // values in one list parameter
inline constexpr int kMaxNameLength = 63;
inline constexpr int kMaxTimesInStep = 16;                // of a clock AT
inline constexpr int kMaxRewardWindow = 65'536;           // steps
inline constexpr int kMaxRewardInterval = 1'000'000'000;  // steps, ModulatorSpec.reward_interval
inline constexpr int kMaxPendingRewards = 1'024;          // held for their events
inline constexpr double kMaxTurnSeconds = 10.0;           // estimated; keeps a drain short
inline constexpr int kReturnsKept = 100;                  // episodes in an agent's mean return
inline constexpr double kMinDt = 1e-3, kMaxDt = 1e6;      // ms

}  // namespace phasic::limits
