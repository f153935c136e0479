// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/inputs.h"

namespace phasic::convert {

// The rewards of a request. Refers to the request that was read last, and keeps its memory for the
// next.
class RewardList {
 public:
  using Protos = google::protobuf::RepeatedPtrField<v1::Reward>;

  // Faults become violations ("rewards[0].channel"). Sizes and numbers are left to core.
  void Read(const Protos& protos, const Circuit& circuit, std::vector<Violation>* violations);
  std::span<const RewardArguments> rewards() const { return rewards_; }

 private:
  std::vector<RewardArguments> rewards_;
  std::vector<double> scalars_;  // what rewards_ refer to that is no list of the request
};

v1::Disposition ToProto(Disposition disposition);

}  // namespace phasic::convert
