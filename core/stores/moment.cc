// SPDX-License-Identifier: Apache-2.0
#include "core/stores/store.h"

namespace phasic {

bool Open(const Lane& lane, const Gate& gate, When::Clock apply, int apply_clock,
          Moment moment) noexcept {
  if (!lane.learning) return false;
  const bool fired = gate.always() || *lane.state->data<uint8_t>(gate.fired) != 0;
  const bool within_ticks =
      gate.clock != When::Clock::kDelivery && gate.clock != When::Clock::kEpisode;
  switch (moment.kind) {
    case Moment::Kind::kTick:
      if (apply == When::Clock::kEpisode) return false;
      if (apply == When::Clock::kDelivery) return within_ticks && fired;
      return fired && ((lane.due >> apply_clock) & 1);
    case Moment::Kind::kDelivery:
      return apply == When::Clock::kDelivery && gate.node == moment.node;
    case Moment::Kind::kClose:
      return apply != When::Clock::kEpisode && !gate.always() && within_ticks && fired;
    case Moment::Kind::kEpisode:
      if (apply == When::Clock::kEpisode) return fired;
      return apply == When::Clock::kDelivery && gate.clock == When::Clock::kEpisode && fired;
  }
  return false;
}

bool Forms(const Lane& lane, int form_clock, Moment moment) noexcept {
  return moment.kind == Moment::Kind::kTick && !lane.closing && ((lane.due >> form_clock) & 1);
}

}  // namespace phasic
