// SPDX-License-Identifier: Apache-2.0
#include "core/stores/transmit.h"

#include <algorithm>

namespace phasic {
namespace {

ColumnId Counter(When::Clock hold) {
  switch (hold) {
    case When::Clock::kStep:
      return kAgentStep;
    case When::Clock::kEpisode:
      return kAgentEpisode;
    default:
      return kAgentTick;
  }
}

}  // namespace

Drawn::Drawn(const Lane& lane, const Link& link) noexcept
    : link_(link),
      state_(*lane.state),
      greedy_(lane.greedy),
      index_(*state_.data<uint64_t>(Counter(link.transmission.hold))),
      now_(state_.data<Real>(link.transmission.rows)),
      earlier_(now_ + link.pre) {
  for (size_t n = 0; n < link.transmission.columns.size(); ++n) {
    columns_[n] = state_.data<Real>(link.transmission.columns[n]);
  }
}

TransmissionView Drawn::View(uint64_t index) const noexcept {
  const BoundTransmission& t = link_.transmission;
  return {&t.params, t.derived.data(),
          link_.pre, link_.Delivered(state_),
          columns_,  *state_.data<uint64_t>(kAgentSeed),
          t.stream,  index,
          greedy_};
}

const Real* Drawn::Weights(int64_t i) const noexcept {
  const Real* w = state_.data<Real>(link_.weights) + i * link_.pre;
  link_.transmission.model->transmit(View(index_), i, w, now_);
  return now_;
}

const Real* Drawn::Scores(int64_t i) const noexcept {
  const Real* w = state_.data<Real>(link_.weights) + i * link_.pre;
  if (greedy_) {
    std::fill_n(now_, link_.pre, Real{0});
  } else {
    link_.transmission.model->score(View(index_), i, w, now_);
  }
  return now_;
}

const Real* Drawn::Regenerate(uint64_t index, int64_t i) const noexcept {
  const Real* w = state_.data<Real>(link_.weights) + i * link_.pre;
  link_.transmission.model->score(View(index), i, w, earlier_);
  return earlier_;
}

void Drawn::Advance() const noexcept {
  if (link_.transmission.model->advance != nullptr) {
    link_.transmission.model->advance(View(index_));
  }
}

}  // namespace phasic
