// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/agent_batch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/error.h"

namespace phasic::client {
namespace {

template <class T, class Field>
void Set(std::span<const T> values, google::protobuf::RepeatedField<Field>* field) {
  field->Clear();
  field->Add(values.begin(), values.end());
}

template <class T>
std::span<const T> View(const google::protobuf::RepeatedField<T>& field) {
  return {field.data(), static_cast<size_t>(field.size())};
}

}  // namespace

AgentBatch::AgentBatch(Client client, const google::protobuf::RepeatedPtrField<v1::Agent>& agents)
    : client_(std::move(client)) {
  for (const v1::Agent& agent : agents) {
    request_.add_uid(agent.uid());
    next_steps_.push_back(agent.stats().steps());
  }
}

absl::StatusOr<BatchResult> AgentBatch::Step(const BatchTurn& turn) {
  Set(turn.observations, request_.mutable_observation());
  Set(turn.rewards, request_.mutable_reward());
  Set(turn.has_reward, request_.mutable_has_reward());
  Set(turn.ends, request_.mutable_end());
  Set(turn.allowed, request_.mutable_allowed());
  Set(std::span<const uint64_t>(next_steps_), request_.mutable_step());
  request_.set_greedy(turn.greedy);
  ids_.Name(request_);
  const absl::Status status = client_.BatchStep(request_, &response_);
  ids_.Done(request_, status.ok());
  if (!status.ok()) return status;
  if (static_cast<size_t>(response_.step_size()) != size()) {
    return absl::DataLossError(
        absl::StrCat("the server answered ", response_.step_size(), " of ", size(), " items"));
  }

  BatchResult result = {.actions = View(response_.action()),
                        .steps = View(response_.step()),
                        .episodes = View(response_.episode()),
                        .times = View(response_.time()),
                        .dispositions = View(response_.disposition()),
                        .failures = {}};
  // An item that is done was done with the index that it carried.
  for (uint64_t& next : next_steps_) ++next;
  for (const v1::BatchStepResponse::Failure& failure : response_.failures()) {
    if (failure.item() < 0 || static_cast<size_t>(failure.item()) >= size()) {
      return absl::DataLossError(absl::StrCat("the server names item ", failure.item()));
    }
    --next_steps_[failure.item()];
    result.failures.push_back({failure.item(), ToStatus(failure.status())});
  }
  return result;
}

}  // namespace phasic::client
