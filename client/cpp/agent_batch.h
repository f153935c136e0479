// SPDX-License-Identifier: Apache-2.0
//
// Many agents at once: vectorised environments.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "client/cpp/request_id.h"

namespace phasic::client {

// What one step tells B agents: flat arrays in the agents' order. All but the observations may be
// empty.
struct BatchTurn {
  // B x the size of an observation, row-major; empty when all items are TERMINATED, whose rows are
  // not read.
  std::span<const float> observations = {};
  // B rewards for the first channel, delivered before the observations...
  std::span<const float> rewards = {};
  // ...unless this is false for the item.
  std::span<const bool> has_reward = {};
  // B, how episodes end; or none: all go on.
  std::span<const v1::End> ends = {};
  // B x alternatives: which may be chosen.
  std::span<const bool> allowed = {};
  bool greedy = false;
};

// What came of it. The spans hold until the batch's next Step.
struct BatchResult {
  // Why an item was not done.
  struct Failure {
    int item;
    absl::Status status;
  };

  // B x the size of an action, row-major; 0 for items that end an episode and for those that
  // failed.
  std::span<const float> actions;
  // B each: the index in the agent's life, the episode, and the simulated time after it in
  // milliseconds; 0 where the item failed.
  std::span<const uint64_t> steps;
  std::span<const uint64_t> episodes;
  std::span<const double> times;
  // B v1::Disposition, what became of each reward; 0 where there was none. Empty without rewards.
  std::span<const int> dispositions;
  // The items that failed, in order. The others are done.
  std::vector<Failure> failures;
};

// B agents that take their steps in one message; their observations have one size, and so have
// their actions. It counts steps and names requests as AgentHandle does: an item whose answer is
// lost is tried again and done once. An item that failed has not moved on; after STEP_MISMATCH make
// a new batch. Messages are used again from step to step. Not for several threads at once.
class AgentBatch {
 public:
  // 1 to 4,096 agents, each once, as the server last told.
  AgentBatch(Client client, const google::protobuf::RepeatedPtrField<v1::Agent>& agents);

  size_t size() const { return next_steps_.size(); }

  // One step of each. An error is one of the whole message: nothing was done, unless IsUnanswered.
  absl::StatusOr<BatchResult> Step(const BatchTurn& turn);

 private:
  Client client_;
  std::vector<uint64_t> next_steps_;
  RequestIds ids_;
  v1::BatchStepRequest request_;
  v1::BatchStepResponse response_;
};

}  // namespace phasic::client
