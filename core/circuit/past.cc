// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/past.h"

#include <algorithm>
#include <limits>

#include "core/base/limits.h"
#include "core/circuit/step.h"
#include "core/stores/store.h"

namespace phasic {
namespace {

constexpr uint64_t kNoDecision = std::numeric_limits<uint64_t>::max();

// Whether a channel's rewards wait for each other until their step leaves the window.
bool Waits(const ModulatorSpec& spec) {
  return spec.combine != Combine::kSum || spec.default_reward.has_value();
}

uint64_t& EpisodeOf(const Circuit& circuit, State& s, uint64_t step) noexcept {
  return s.data<uint64_t>(circuit.reward_window().episodes)[step % circuit.spec().reward_window];
}

std::span<Real> PastReward(const Circuit& circuit, State& s, int channel) noexcept {
  return s.span<Real>(circuit.nodes()[circuit.channels()[channel]].past_reward);
}

// The rewards that are held, in the order in which they came.
class Held {
 public:
  Held(const Circuit& circuit, State& s) noexcept
      : width_(circuit.reward_window().width),
        count_(*s.data<uint32_t>(circuit.reward_window().held)),
        channels_(s.data<uint32_t>(circuit.reward_window().held_channel)),
        steps_(s.data<uint64_t>(circuit.reward_window().held_step)),
        values_(s.data<Real>(circuit.reward_window().held_values)) {}

  void Add(int channel, uint64_t step, std::span<const Real> values) noexcept {
    if (count_ == limits::kMaxPendingRewards) return;
    channels_[count_] = static_cast<uint32_t>(channel);
    steps_[count_] = step;
    std::copy(values.begin(), values.end(), values_ + count_ * width_);
    ++count_;
  }
  // Takes out those for which take(channel, step, values) is true.
  template <class F>
  void Take(F&& take) noexcept {
    uint32_t left = 0;
    for (uint32_t i = 0; i < count_; ++i) {
      const Real* const values = values_ + i * width_;
      if (take(static_cast<int>(channels_[i]), steps_[i], values)) continue;
      channels_[left] = channels_[i];
      steps_[left] = steps_[i];
      std::copy_n(values, width_, values_ + left * width_);
      ++left;
    }
    count_ = left;
  }

 private:
  size_t width_;
  uint32_t& count_;
  uint32_t* channels_;
  uint64_t* steps_;
  Real* values_;
};

// What lies in the modulator's past reward is part of its episode's return, on the first channel.
void Credit(const Circuit& circuit, State& s, int channel, uint64_t step) noexcept {
  if (channel != 0) return;
  const uint64_t episode = EpisodeOf(circuit, s, step), now = *s.data<uint64_t>(kAgentEpisode);
  double* to = nullptr;
  if (episode == now) to = s.data<double>(kAgentEpisodeReturn);
  if (episode < now && now - episode <= limits::kReturnsKept)
    to = s.data<double>(kAgentReturns) + episode % limits::kReturnsKept;
  if (to == nullptr) return;
  for (const Real value : PastReward(circuit, s, channel)) *to += value;
}

// The modulator's past reward meets the traces of that step.
void Apply(const Circuit& circuit, const Lane& lane, int channel, uint64_t step) noexcept {
  Credit(circuit, *lane.state, channel, step);
  if (!lane.learning) return;
  const int index = circuit.channels()[channel];
  const Node& node = circuit.nodes()[index];
  node.component->recall({&lane, 1}, node);
  CheckFinite(circuit, lane);
  for (const int l : circuit.learning_links()) {
    const Link& link = circuit.links()[l];
    if (link.store->apply_past != nullptr) link.store->apply_past(lane, link, index, step);
  }
}

// `to` takes in the next of several rewards; `count` came before it.
void Add(Combine combine, int count, const Real* values, std::span<Real> to) noexcept {
  for (size_t i = 0; i < to.size(); ++i) {
    if (count == 0 || combine == Combine::kLatest) {
      to[i] = values[i];
    } else if (combine == Combine::kSum || combine == Combine::kMean) {
      to[i] += values[i];
    } else if (combine == Combine::kMin) {
      to[i] = std::min(to[i], values[i]);
    } else if (combine == Combine::kMax) {
      to[i] = std::max(to[i], values[i]);
    }
  }
}

}  // namespace

Disposition Judge(const Circuit& circuit, const State& state, bool learning, int channel,
                  uint64_t step) noexcept {
  const ModulatorSpec& spec = circuit.spec().modulators[channel];
  const uint64_t steps = *state.data<uint64_t>(kAgentStep);
  const auto window = static_cast<uint64_t>(circuit.spec().reward_window);
  if (step >= steps) {
    if (step - steps >= static_cast<uint64_t>(spec.early_window)) return Disposition::kUnknownEvent;
    return learning ? Disposition::kPending : Disposition::kNotLearning;
  }
  if (steps - step > window) return Disposition::kExpired;
  const auto episodes = state.span<uint64_t>(circuit.reward_window().episodes);
  if (episodes[step % window] == kNoDecision) return Disposition::kUnknownEvent;
  if (!learning) return Disposition::kNotLearning;
  return Waits(spec) ? Disposition::kPending : Disposition::kApplied;
}

Disposition DeliverPast(const Circuit& circuit, const Lane& lane, int channel, uint64_t step,
                        std::span<const Real> values) noexcept {
  State& s = *lane.state;
  const Disposition disposition = Judge(circuit, s, lane.learning, channel, step);
  if (disposition == Disposition::kPending) Held(circuit, s).Add(channel, step, values);
  const bool done = step < *s.data<uint64_t>(kAgentStep);
  if (disposition == Disposition::kApplied || (disposition == Disposition::kNotLearning && done)) {
    std::copy(values.begin(), values.end(), PastReward(circuit, s, channel).begin());
    Apply(circuit, lane, channel, step);
  }
  return disposition;
}

void CloseWindow(const Circuit& circuit, const Lane& lane) noexcept {
  if (circuit.reward_window().episodes == kNoColumn) return;
  State& s = *lane.state;
  const uint64_t steps = *s.data<uint64_t>(kAgentStep);
  const auto window = static_cast<uint64_t>(circuit.spec().reward_window);
  if (steps < window || EpisodeOf(circuit, s, steps - window) == kNoDecision) return;
  const uint64_t leaving = steps - window;
  const auto& modulators = circuit.spec().modulators;
  for (int channel = 0; channel < static_cast<int>(modulators.size()); ++channel) {
    const ModulatorSpec& spec = modulators[channel];
    if (!Waits(spec)) continue;
    const auto reward = PastReward(circuit, s, channel);
    int count = 0;
    Held(circuit, s).Take([&](int to, uint64_t step, const Real* values) {
      if (to != channel || step != leaving) return false;
      Add(spec.combine, count++, values, reward);
      return true;
    });
    if (count == 0 && !spec.default_reward) continue;
    for (Real& value : reward) {
      if (count == 0) value = static_cast<Real>(*spec.default_reward);
      if (spec.combine == Combine::kMean && count > 1) value /= static_cast<Real>(count);
    }
    Apply(circuit, lane, channel, leaving);
  }
}

void OpenWindow(const Circuit& circuit, const Lane& lane, bool decided) noexcept {
  if (circuit.reward_window().episodes == kNoColumn) return;
  State& s = *lane.state;
  const uint64_t present = *s.data<uint64_t>(kAgentStep);
  EpisodeOf(circuit, s, present) = decided ? *s.data<uint64_t>(kAgentEpisode) : kNoDecision;
  if (decided) {
    for (const int l : circuit.learning_links()) {
      const Link& link = circuit.links()[l];
      if (link.store->mark_step != nullptr) link.store->mark_step(&s, link);
    }
  }
  Held(circuit, s).Take([&](int channel, uint64_t step, const Real* values) {
    if (step != present) return false;
    if (!decided) return true;  // an end of episode: there is nothing that it could be for
    if (Waits(circuit.spec().modulators[channel])) return false;
    const auto reward = PastReward(circuit, s, channel);
    std::copy_n(values, reward.size(), reward.begin());
    Apply(circuit, lane, channel, present);
    return true;
  });
}

}  // namespace phasic
