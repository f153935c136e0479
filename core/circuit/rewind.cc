// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/rewind.h"

#include <algorithm>

namespace phasic {
namespace {

// A copy of the state costs about what a learning step does, so one in so many is little; and so
// many, or so long, is quickly done again.
constexpr size_t kMostInputs = 64;
constexpr double kMostSeconds = 0.5;
constexpr size_t kFewBytes = 16 << 10;  // of inputs, whatever the size of the state

}  // namespace

void Rewind::Input::Give(Agent* agent) const {
  switch (kind) {
    case Kind::kStep: {
      StepInput input = step;
      input.observation = observation;
      input.rewards = rewards;
      input.forbidden = forbidden;
      input.taken_action = taken_action;
      std::vector<float> action(agent->circuit().action_size());
      return agent->Step(input, action);
    }
    case Kind::kReward:
      agent->Reward(rewards.front(), step.learning);
      return;
    case Kind::kReset:
      return agent->ResetEpisode(step.learning);
  }
}

size_t Rewind::Input::bytes() const {
  size_t bytes =
      sizeof(Input) + forbidden.size() + (observation.size() + taken_action.size()) * sizeof(float);
  for (const RewardInput& reward : rewards) {
    bytes += sizeof reward + reward.values.size() * sizeof(Real);
  }
  return bytes;
}

void Rewind::Begin(const Agent& agent, double seconds) {
  added_ = done_;
  seconds_ += seconds;
  const bool near = before_ && done_ < kMostInputs && seconds_ <= kMostSeconds &&
                    bytes_ <= std::max(agent.state().footprint() / 4, kFewBytes);
  if (near) return;
  if (before_) {
    *before_ = agent.state();
  } else {
    before_.emplace(agent.state());
  }
  added_ = done_ = 0;
  bytes_ = 0;
  seconds_ = seconds;
}

Rewind::Input& Rewind::Add(Input::Kind kind) {
  if (added_ == inputs_.size()) inputs_.emplace_back();
  Input& input = inputs_[added_];
  input.kind = kind;
  input.step = {};
  input.observation.clear();
  input.rewards.clear();
  input.forbidden.clear();
  input.taken_action.clear();
  return input;
}

void Rewind::AddStep(const StepInput& step) {
  Input& input = Add(Input::Kind::kStep);
  input.step = step;
  input.step.recorders = {};
  input.step.dispositions = {};
  input.observation.assign(step.observation.begin(), step.observation.end());
  input.rewards.assign(step.rewards.begin(), step.rewards.end());
  input.forbidden.assign(step.forbidden.begin(), step.forbidden.end());
  input.taken_action.assign(step.taken_action.begin(), step.taken_action.end());
  bytes_ += input.bytes();
  ++added_;
}

void Rewind::AddReward(const RewardInput& reward, bool learning) {
  Input& input = Add(Input::Kind::kReward);
  input.step.learning = learning;
  input.rewards.push_back(reward);
  bytes_ += input.bytes();
  ++added_;
}

void Rewind::AddReset(bool learning) {
  Input& input = Add(Input::Kind::kReset);
  input.step.learning = learning;
  bytes_ += input.bytes();
  ++added_;
}

void Rewind::Undo(Agent* agent) {
  agent->state() = *before_;
  added_ = done_;
  for (size_t i = 0; i < done_; ++i) inputs_[i].Give(agent);
}

}  // namespace phasic
