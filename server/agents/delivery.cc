// SPDX-License-Identifier: Apache-2.0
#include "server/agents/delivery.h"

#include <algorithm>
#include <utility>

namespace phasic {
namespace {

// False when it is there already.
bool Insert(std::string_view id, std::vector<std::string_view>* sorted) {
  const auto at = std::lower_bound(sorted->begin(), sorted->end(), id);
  if (at != sorted->end() && *at == id) return false;
  sorted->insert(at, id);
  return true;
}

}  // namespace

void Delivery::Sort(std::span<const RewardArguments> rewards, const RewardIds& known,
                    uint64_t incarnation) {
  became_.clear();
  places_.clear();
  ids_.clear();
  seen_.clear();
  dispositions_.clear();
  for (const RewardArguments& reward : rewards) {
    dispositions_.push_back(Disposition::kDuplicate);
    const bool named = !reward.id.empty();
    if (named && (known.Knows(reward.id) || !Insert(reward.id, &seen_))) continue;
    dispositions_.back() = Disposition::kUnknownEvent;
    if (reward.incarnation != 0 && reward.incarnation != incarnation) continue;
    Add(reward);
  }
}

void Delivery::Add(const RewardArguments& reward) {
  if (inputs_.size() == became_.size()) inputs_.emplace_back();
  RewardInput& input = inputs_[became_.size()];
  input.channel = reward.channel;
  input.values.assign(reward.values.begin(), reward.values.end());
  input.step = reward.step;
  became_.push_back(Disposition::kApplied);
  places_.push_back(dispositions_.size() - 1);
  ids_.emplace_back(reward.id);
}

void Delivery::Settle(RewardIds* known) noexcept {
  for (size_t i = 0; i < became_.size(); ++i) {
    const Disposition became = became_[i];
    dispositions_[places_[i]] = became;
    const bool taken = became != Disposition::kExpired && became != Disposition::kUnknownEvent;
    if (taken && !ids_[i].empty()) known->Add(std::move(ids_[i]));
  }
}

}  // namespace phasic
