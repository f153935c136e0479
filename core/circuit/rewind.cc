// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/rewind.h"

#include <algorithm>
#include <vector>

#include "core/base/bytes.h"

namespace phasic {
namespace {

// A copy of the state costs about what a learning step does, so one in so many is little; and so
// many, or so long, is quickly done again.
constexpr int kMostTurns = 1024;
constexpr double kMostSeconds = 0.5;
// To note an input costs about as much as to copy such a state.
constexpr size_t kSmallBytes = 16 << 10;

enum class InputKind : uint8_t { kStep, kReward, kReset };

void Put(const RewardInput& reward, ByteWriter* out) {
  out->Put(reward.channel);
  out->PutList(std::span<const Real>(reward.values));
  out->Put(reward.step.has_value());
  if (reward.step) out->Put(*reward.step);
}

RewardInput GetReward(ByteReader* in) {
  RewardInput reward;
  reward.channel = in->Get<int>();
  in->GetList(&reward.values);
  if (in->GetFlag()) reward.step = in->Get<uint64_t>();
  return reward;
}

void RedoStep(ByteReader* in, Agent* agent) {
  StepInput input;
  input.end = in->Get<End>();
  input.ticks = in->Get<int>();
  input.greedy = in->GetFlag();
  input.learning = in->GetFlag();
  std::vector<float> observation, taken_action, action(agent->circuit().action_size());
  std::vector<uint8_t> forbidden;
  in->GetList(&observation);
  in->GetList(&forbidden);
  in->GetList(&taken_action);
  std::vector<RewardInput> rewards(in->GetCount());
  for (RewardInput& reward : rewards) reward = GetReward(in);
  input.observation = observation;
  input.forbidden = forbidden;
  input.taken_action = taken_action;
  input.rewards = rewards;
  agent->Step(input, action);
}

void Redo(ByteReader* in, Agent* agent) {
  switch (in->Get<InputKind>()) {
    case InputKind::kStep:
      return RedoStep(in, agent);
    case InputKind::kReward: {
      const bool learning = in->GetFlag();
      agent->Reward(GetReward(in), learning);
      return;
    }
    case InputKind::kReset:
      return agent->ResetEpisode(in->GetFlag());
  }
}

}  // namespace

void Rewind::Begin(const Agent& agent, double seconds, std::vector<std::byte>* spare) {
  const State& state = agent.state();
  const bool small = state.block().size() <= kSmallBytes && state.layout().arenas == 0;
  small_ = small ? spare : nullptr;
  if (small_ != nullptr) return small_->assign(state.block().begin(), state.block().end());
  inputs_.resize(done_);  // without those of a turn that did not happen
  seconds_ += seconds;
  const bool near =
      before_ && turns_ < kMostTurns && seconds_ <= kMostSeconds && done_ <= state.footprint() / 4;
  if (near) return;
  if (before_) {
    *before_ = state;
  } else {
    before_.emplace(state);
  }
  inputs_.clear();
  done_ = 0;
  turns_ = 0;
  seconds_ = seconds;
}

void Rewind::AddStep(const StepInput& input) {
  if (small_ != nullptr) return;
  ByteWriter out(&inputs_);
  out.Put(InputKind::kStep);
  out.Put(input.end);
  out.Put(input.ticks);
  out.Put(input.greedy);
  out.Put(input.learning);
  out.PutList(input.observation);
  out.PutList(input.forbidden);
  out.PutList(input.taken_action);
  out.PutLength(input.rewards.size());
  for (const RewardInput& reward : input.rewards) Put(reward, &out);
}

void Rewind::AddReward(const RewardInput& reward, bool learning) {
  if (small_ != nullptr) return;
  ByteWriter out(&inputs_);
  out.Put(InputKind::kReward);
  out.Put(learning);
  Put(reward, &out);
}

void Rewind::AddReset(bool learning) {
  if (small_ != nullptr) return;
  ByteWriter out(&inputs_);
  out.Put(InputKind::kReset);
  out.Put(learning);
}

void Rewind::Undo(Agent* agent) {
  if (small_ != nullptr) {
    std::ranges::copy(*small_, agent->state().block().begin());
    return;
  }
  agent->state() = *before_;
  inputs_.resize(done_);
  ByteReader in(inputs_);
  while (!in.done()) Redo(&in, agent);
}

}  // namespace phasic
