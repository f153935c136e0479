// SPDX-License-Identifier: Apache-2.0
#include "server/convert/rewards.h"

#include "absl/strings/str_cat.h"
#include "server/convert/text.h"

namespace phasic::convert {
namespace {

// The channel's index, or -1. An empty name is the first.
int ChannelOf(const Circuit& circuit, const std::string& name) {
  const std::vector<int>& channels = circuit.channels();
  for (size_t i = 0; i < channels.size(); ++i) {
    if (name.empty() || circuit.nodes()[channels[i]].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

void RewardList::Read(const Protos& protos, const Circuit& circuit,
                      std::vector<Violation>* violations) {
  rewards_.clear();
  scalars_.clear();
  if (protos.size() > limits::kMaxRewardsPerRequest) {
    violations->push_back({"rewards", absl::StrCat("are ", protos.size(), ", but may be at most ",
                                                   limits::kMaxRewardsPerRequest)});
    return;
  }
  rewards_.reserve(protos.size());
  scalars_.reserve(protos.size());
  for (int i = 0; i < protos.size(); ++i) {
    const v1::Reward& proto = protos[i];
    const auto fault = [&](const char* field, const std::string& description) {
      violations->push_back({absl::StrCat("rewards[", i, "].", field), description});
    };
    RewardArguments reward;
    reward.channel = ChannelOf(circuit, proto.channel());
    if (reward.channel < 0) {
      fault("channel", proto.channel().empty() ? "is missing, and the agent has no channel"
                                               : "is no channel of the agent");
    }
    if (proto.has_value() == (proto.values_size() > 0)) {
      fault("value", "or else values must be given, and not both");
    }
    if (proto.has_value()) {
      scalars_.push_back(proto.value());
      reward.values = {&scalars_.back(), 1};
      reward.scalar = true;
    } else {
      reward.values = {proto.values().data(), static_cast<size_t>(proto.values_size())};
    }
    if (!IsShort(proto.reward_id())) {
      CheckLength(proto.reward_id(), absl::StrCat("rewards[", i, "].reward_id"), violations);
    }
    reward.id = proto.reward_id();
    if (proto.has_step()) reward.step = proto.step();
    if (proto.has_event()) {
      reward.step = proto.event().step();
      reward.incarnation = proto.event().incarnation();
      if (reward.incarnation == 0) fault("event.incarnation", "is missing");
    }
    rewards_.push_back(reward);
  }
}

v1::Disposition ToProto(Disposition disposition) {
  switch (disposition) {
    case Disposition::kApplied:
      return v1::APPLIED;
    case Disposition::kDuplicate:
      return v1::DUPLICATE;
    case Disposition::kNotLearning:
      return v1::NOT_LEARNING;
    case Disposition::kPending:
      return v1::PENDING;
    case Disposition::kExpired:
      return v1::EXPIRED;
    case Disposition::kUnknownEvent:
      return v1::UNKNOWN_EVENT;
  }
  return v1::DISPOSITION_UNSPECIFIED;
}

}  // namespace phasic::convert
