// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "core/circuit/circuit.h"
#include "phasic/v1/agent_service.pb.h"
#include "server/agents/inputs.h"

namespace phasic::convert {

// A BatchStepRequest as its agents' turns take it, and their outcomes as it is answered. Its memory
// is used again by the next request. After Prepare, items may be read and answered by several
// threads, each item by one.
class BatchStepCall {
 public:
  // INVALID_ARGUMENT when the batch as a whole is malformed. The request must live as long as this
  // is used.
  absl::Status Read(const v1::BatchStepRequest& request);

  int size() const { return request_->uid_size(); }
  std::span<const uint64_t> uids() const { return {request_->uid().data(), size_t(size())}; }
  int ticks() const { return request_->ticks(); }
  int rewards_per_item() const { return request_->reward_size() > 0 ? 1 : 0; }

  // Makes room for the answers. `circuit` says the size of an action: it is of the first agent that
  // there is, or null.
  void Prepare(const Circuit* circuit, v1::BatchStepResponse* response);

  // What the item asks of an agent of this circuit; `reward` holds its reward, if it has one.
  // Returns OK, or what is wrong as far as it shows without the agent.
  absl::Status Arguments(int item, const Circuit& circuit, StepArguments* arguments,
                         RewardArguments* reward) const;
  // The error of the item's step, with fields in the words of this request.
  absl::Status InWordsOfRequest(int item, const absl::Status& error) const;
  void ToProto(int item, const StepOutcome& outcome, v1::BatchStepResponse* response) const;
  // Takes an item's answer back.
  void Clear(int item, v1::BatchStepResponse* response) const;

 private:
  void CheckSizes(std::vector<Violation>* violations) const;
  void CheckUids(std::vector<Violation>* violations);
  bool bytes() const { return !request_->observation_bytes().empty(); }
  bool HasReward(int item) const {
    return request_->reward_size() > 0 &&
           (request_->has_reward_size() == 0 || request_->has_reward(item));
  }

  const v1::BatchStepRequest* request_ = nullptr;
  std::vector<uint64_t> sorted_uids_;
  std::vector<float> from_bytes_;
  std::span<const float> observations_;
  size_t width_ = 0;        // numbers in an item's observation
  size_t action_size_ = 0;  // in its action
  std::vector<double> rewards_;
  std::vector<uint8_t> forbidden_;
  size_t mask_size_ = 0;
};

}  // namespace phasic::convert
