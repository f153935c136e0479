// SPDX-License-Identifier: Apache-2.0
//
// One agent, turn after turn.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "client/cpp/request_id.h"

namespace phasic::client {

// What a turn tells an agent.
struct Turn {
  // The value of its only input port, inside that port's space. Empty: none, at TERMINATED.
  std::span<const float> observation = {};
  // What came of the last action, for the circuit's first channel; delivered before the
  // observation.
  std::optional<double> reward = std::nullopt;
  v1::End end = v1::NONE;
  // Act without exploring.
  bool greedy = false;
};

// An agent of a server, from what CreateAgent, GetAgent, CloneAgent or ImportAgent answered.
//
// The handle counts the agent's steps, and sends with each the index that it should have and an id.
// So a step whose answer is lost is tried again and done once; calling Step again with the same
// arguments after an error is safe too. When somebody else steps the agent, the next Step
// fails with ABORTED STEP_MISMATCH; Refresh takes over the agent's index. The agent outlives its
// handles. Not for several threads at once.
class AgentHandle {
 public:
  AgentHandle(Client client, v1::Agent agent);

  // One turn: reward, observation, time, action. The response's `action` is the value of the only
  // output port: an index of a Discrete, else a number for each element; none at an end of episode.
  absl::StatusOr<v1::StepResponse> Step(const Turn& turn);
  // The same with all that a request can say: masks, reports, several ports. Its `name`, `step` and
  // `request_id` are set here.
  absl::StatusOr<v1::StepResponse> Step(v1::StepRequest request);

  // A reward that comes by itself; no channel: the circuit's first. One number for each element of
  // the channel. It is for now, or for an event that Step answered. Says what became of it.
  absl::StatusOr<v1::Disposition> Reward(std::span<const double> values,
                                         const std::string& channel = "",
                                         const v1::Event* event = nullptr);
  absl::StatusOr<v1::Disposition> Reward(double value, const std::string& channel = "",
                                         const v1::Event* event = nullptr);

  // Ends the episode as truncated, without a last observation; returns the index of the one that
  // begins. Not tried again by itself.
  absl::StatusOr<uint64_t> ResetEpisode();

  // Weights, traces, activity and all else that it holds; an empty name stands for all.
  absl::StatusOr<std::vector<Variable>> Inspect(const std::string& component = "",
                                                const std::string& variable = "") const;

  // Sets weights and other state, all or none; `Fill` and `Values` of variable.h make the writes.
  // Returns the digest of the state that it gives. With `step`, only if the agent's next step has
  // that index (ABORTED STEP_MISMATCH), and then it is tried again.
  absl::StatusOr<uint64_t> WriteState(std::span<const v1::VariableWrite> writes,
                                      std::optional<uint64_t> step = std::nullopt) const;

  // Stores the state as it is. Without an id, the server draws one.
  absl::StatusOr<v1::Snapshot> CreateSnapshot(const std::string& id = "",
                                              const std::string& note = "") const;
  // Goes on from the agent's snapshot of this id; the handle takes over its step index.
  absl::Status RestoreSnapshot(const std::string& id);
  // The whole agent as a file, with the state of the snapshot of this id or as it is.
  absl::Status Export(const Sink& sink, const std::string& snapshot = "") const;

  // Reads the agent anew, and takes over its step index.
  absl::Status Refresh();

  // As the server last told.
  const v1::Agent& agent() const { return agent_; }
  // The index that the next step will have, as this handle knows it.
  uint64_t next_step() const { return next_step_; }

 private:
  absl::StatusOr<v1::StepResponse> Send(v1::StepRequest& request);
  // Takes what the server told for the agent's present state.
  absl::Status Adopt(absl::StatusOr<v1::Agent> agent);

  Client client_;
  v1::Agent agent_;
  uint64_t next_step_;
  RequestIds ids_;
  // Kept for its memory.
  v1::StepRequest request_;
};

}  // namespace phasic::client
