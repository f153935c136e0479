// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/circuit/agent.h"
#include "phasic/v1/agent_service.pb.h"

namespace phasic::testing {

// What the agents of a measurement are, and what they are told: the same over the wire and in
// process.
struct AgentKind {
  const char* preset = "";
  std::map<std::string, double> parameters = {};
  bool own_spaces = false;  // the preset's, instead of kInputs and kAlternatives
};
// 32 inputs, 64 hidden neurons, 8 alternatives.
inline const AgentKind kHiddenAgent = {"reinforce", {{"hidden", 64}}};
// 32 inputs straight to 8 alternatives.
inline const AgentKind kLinearAgent = {"bandit"};

inline constexpr int kInputs = 32, kAlternatives = 8;
inline constexpr float kReward = 0.01f;  // so small that no weight runs away
inline constexpr uint64_t kEpisode = 64;

float ObservationOf(int agent, int input);
// Whether the agent's episode is cut off with that step. Only few end at once.
inline bool Ends(int agent, uint64_t step) {
  return (step + static_cast<uint64_t>(agent)) % kEpisode == kEpisode - 1;
}

// Agents PREFIX-0, PREFIX-1... of a server; ends the program when it refuses. Returns their uids.
std::vector<uint64_t> CreateAgents(const std::string& address, const AgentKind& kind,
                                   const std::string& prefix, int count,
                                   v1::Durability durability = v1::EPHEMERAL);
inline std::string NameOf(const std::string& prefix, int agent) {
  return "agents/" + prefix + "-" + std::to_string(agent);
}

// Such agents in this process.
std::vector<Agent> MakeAgents(const AgentKind& kind, int count);

}  // namespace phasic::testing
