// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/circuit/agent.h"
#include "server/agents/inputs.h"
#include "server/agents/recall.h"

namespace phasic {

// The rewards of one call on their way to the circuit: those that are known already, or for another
// life of the agent, have their disposition, the others get it from the circuit. It is used again,
// so that it keeps its memory.
class Delivery {
 public:
  void Sort(std::span<const RewardArguments> rewards, const RewardIds& known, uint64_t incarnation);
  // Those for the circuit, and where it says what became of each.
  std::span<const RewardInput> inputs() const { return {inputs_.data(), became_.size()}; }
  std::span<Disposition> became() { return became_; }
  // Once it has. Only what was taken makes a second one a duplicate. `known` is prepared for all of
  // them.
  void Settle(RewardIds* known) noexcept;
  // One for each reward of the call.
  std::span<const Disposition> dispositions() const { return dispositions_; }

 private:
  void Add(const RewardArguments& reward);

  std::vector<RewardInput> inputs_;     // further ones only keep their memory
  std::vector<Disposition> became_;     // of the inputs
  std::vector<size_t> places_;          // of the inputs among the rewards
  std::vector<std::string> ids_;        // of the inputs
  std::vector<std::string_view> seen_;  // the call's ids so far, sorted
  std::vector<Disposition> dispositions_;
};

}  // namespace phasic
