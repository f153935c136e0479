// SPDX-License-Identifier: Apache-2.0
#include "core/model/node.h"

#include <algorithm>

namespace phasic {

Random View::random() const noexcept {
  const uint64_t tick = *state_.data<uint64_t>(kAgentTick);
  uint64_t index = tick;
  switch (node_.when.clock) {
    case When::Clock::kEvery:
      index = tick / node_.when.n;
      break;
    case When::Clock::kStep:
      index = *state_.data<uint64_t>(kAgentStep);
      break;
    case When::Clock::kEpisode:
      index = *state_.data<uint64_t>(kAgentEpisode);
      break;
    default:
      break;
  }
  return Random(*state_.data<uint64_t>(kAgentSeed), node_.stream, index);
}

void View::Force(std::span<Real> draw) const noexcept {
  if (!lane_.forced || node_.forced == kNoColumn) return;
  std::copy(draw.begin(), draw.end(), state_.data<Real>(node_.drawn));
  const auto forced = state_.span<Real>(node_.forced);
  std::copy(forced.begin(), forced.end(), draw.begin());
}

}  // namespace phasic
