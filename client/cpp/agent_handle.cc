// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/agent_handle.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace phasic::client {

AgentHandle::AgentHandle(Client client, v1::Agent agent)
    : client_(std::move(client)), agent_(std::move(agent)), next_step_(agent_.stats().steps()) {}

absl::StatusOr<v1::StepResponse> AgentHandle::Step(const Turn& turn) {
  request_.Clear();
  request_.mutable_observation()->Add(turn.observation.begin(), turn.observation.end());
  if (turn.reward.has_value()) request_.add_rewards()->set_value(*turn.reward);
  request_.set_end(turn.end);
  request_.set_greedy(turn.greedy);
  return Send(request_);
}

absl::StatusOr<v1::StepResponse> AgentHandle::Step(v1::StepRequest request) {
  return Send(request);
}

absl::StatusOr<v1::StepResponse> AgentHandle::Send(v1::StepRequest& request) {
  request.set_name(agent_.name());
  request.set_step(next_step_);
  ids_.Name(request);
  absl::StatusOr<v1::StepResponse> response = client_.Step(request);
  ids_.Done(request, response.ok());
  if (response.ok()) next_step_ = response->step() + 1;
  return response;
}

absl::StatusOr<v1::Disposition> AgentHandle::Reward(std::span<const double> values,
                                                    const std::string& channel,
                                                    const v1::Event* event) {
  v1::RewardRequest request;
  request.set_name(agent_.name());
  v1::Reward& reward = *request.add_rewards();
  reward.set_channel(channel);
  reward.set_reward_id(UniqueId());
  if (event != nullptr) *reward.mutable_event() = *event;
  if (values.size() == 1) {
    reward.set_value(values.front());
  } else {
    reward.mutable_values()->Add(values.begin(), values.end());
  }
  const absl::StatusOr<v1::RewardResponse> response = client_.Reward(request);
  if (!response.ok()) return response.status();
  if (response->dispositions_size() != 1) {
    return absl::DataLossError("the server did not say what became of the reward");
  }
  return response->dispositions(0);
}

absl::StatusOr<v1::Disposition> AgentHandle::Reward(double value, const std::string& channel,
                                                    const v1::Event* event) {
  return Reward(std::span<const double>(&value, 1), channel, event);
}

absl::StatusOr<uint64_t> AgentHandle::ResetEpisode() {
  v1::ResetEpisodeRequest request;
  request.set_name(agent_.name());
  request.set_step(next_step_);
  const absl::StatusOr<v1::ResetEpisodeResponse> response = client_.ResetEpisode(request);
  if (!response.ok()) return response.status();
  return response->episode();
}

absl::StatusOr<std::vector<Variable>> AgentHandle::Inspect(const std::string& component,
                                                           const std::string& variable) const {
  v1::InspectRequest request;
  request.set_name(agent_.name());
  request.set_component(component);
  request.set_variable(variable);
  return client_.Inspect(request);
}

absl::StatusOr<uint64_t> AgentHandle::WriteState(std::span<const v1::VariableWrite> writes,
                                                 std::optional<uint64_t> step) const {
  v1::WriteStateRequest request;
  request.set_name(agent_.name());
  request.mutable_writes()->Add(writes.begin(), writes.end());
  if (step.has_value()) request.set_step(*step);
  const absl::StatusOr<v1::WriteStateResponse> response = client_.WriteState(request);
  if (!response.ok()) return response.status();
  return response->digest();
}

absl::StatusOr<v1::Snapshot> AgentHandle::CreateSnapshot(const std::string& id,
                                                         const std::string& note) const {
  v1::CreateSnapshotRequest request;
  request.set_parent(agent_.name());
  request.set_snapshot_id(id);
  request.set_note(note);
  return client_.CreateSnapshot(std::move(request));
}

absl::Status AgentHandle::RestoreSnapshot(const std::string& id) {
  v1::RestoreSnapshotRequest request;
  request.set_name(absl::StrCat(agent_.name(), "/snapshots/", id));
  return Adopt(client_.RestoreSnapshot(request));
}

absl::Status AgentHandle::Export(const Sink& sink, const std::string& snapshot) const {
  v1::ExportAgentRequest request;
  request.set_name(agent_.name());
  request.set_snapshot(snapshot);
  return client_.ExportAgent(request, sink);
}

absl::Status AgentHandle::Refresh() {
  v1::GetAgentRequest request;
  request.set_name(agent_.name());
  return Adopt(client_.GetAgent(request));
}

absl::Status AgentHandle::Adopt(absl::StatusOr<v1::Agent> agent) {
  if (!agent.ok()) return agent.status();
  agent_ = *std::move(agent);
  next_step_ = agent_.stats().steps();
  return absl::OkStatus();
}

}  // namespace phasic::client
