// SPDX-License-Identifier: Apache-2.0
//
// What turns tell those who watch their agent. It reads, and changes no bit.
#include <algorithm>
#include <new>

#include "server/agents/errors.h"
#include "server/agents/turn.h"
#include "server/agents/watcher.h"

namespace phasic {
namespace {

std::vector<Moment::SeenReward> SeenRewards(std::span<const RewardArguments> rewards,
                                            std::span<const Disposition> dispositions) {
  std::vector<Moment::SeenReward> seen;
  seen.reserve(rewards.size());
  for (size_t i = 0; i < rewards.size(); ++i) {
    const RewardArguments& reward = rewards[i];
    seen.push_back({reward.channel, {reward.values.begin(), reward.values.end()}, dispositions[i]});
  }
  return seen;
}

std::span<const Real> RealsOf(const State& state, ColumnId column) {
  const std::span<const std::byte> bytes = state.bytes(column);
  return {reinterpret_cast<const Real*>(bytes.data()), bytes.size() / sizeof(Real)};
}

void AddState(const State& state, const WatchChoice& choice, Moment* moment) {
  for (const ColumnId column : choice.levels) {
    const auto values = RealsOf(state, column);
    moment->levels.push_back({column, {values.begin(), values.end()}});
  }
  for (const ColumnId column : choice.spikes) {
    const auto spikes = RealsOf(state, column);
    moment->spikes.push_back({column, {}});
    for (size_t i = 0; i < spikes.size(); ++i) {
      if (spikes[i] != 0) moment->spikes.back().units.push_back(static_cast<uint32_t>(i));
    }
  }
}

}  // namespace

absl::Status Turn::Welcome(std::shared_ptr<Watcher> watcher) {
  auto& watchers = agent_->watchers_;
  std::erase_if(watchers, [](const auto& known) { return known->left(); });
  if (watchers.size() == limits::kMaxWatchersOfAgent) {
    return errors::TooManyWatchers(agent_->identity().name(), limits::kMaxWatchersOfAgent);
  }
  watchers.push_back(std::move(watcher));
  return absl::OkStatus();
}

void Turn::Tell(const StepOutcome* outcome, std::span<const RewardArguments> rewards,
                std::span<const Disposition> dispositions) noexcept {
  // Inputs that are done again while an agent wakes are no news.
  if (agent_->watchers_.empty() || !agent_->awake()) return;
  std::erase_if(agent_->watchers_, [](const auto& watcher) { return watcher->left(); });
  const Agent& agent = inside().agent;
  for (const auto& watcher : agent_->watchers_) {
    const WatchChoice& choice = watcher->choice();
    const bool wanted = outcome != nullptr ? outcome->step % choice.stride == 0
                                           : choice.rewards && !rewards.empty();
    if (!wanted) {
      if (outcome == nullptr) watcher->Stir();
      continue;
    }
    try {
      Moment moment;
      moment.stepped = outcome != nullptr;
      moment.step = outcome != nullptr ? outcome->step : agent.steps();
      moment.episode = outcome != nullptr ? outcome->episode : agent.episodes();
      moment.time = agent.time();
      if (outcome != nullptr) moment.end = outcome->end;
      if (choice.rewards) moment.rewards = SeenRewards(rewards, dispositions);
      if (choice.actions && outcome != nullptr) moment.action = outcome->action;
      AddState(agent.state(), choice, &moment);
      watcher->Tell(std::move(moment));
    } catch (const std::bad_alloc&) {
      watcher->Stir(/*missed=*/true);
    }
  }
}

void Turn::EndWatch() noexcept {
  for (const auto& watcher : agent_->watchers_) watcher->End();
}

}  // namespace phasic
