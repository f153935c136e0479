// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/circuit/agent.h"
#include "core/circuit/rewind.h"
#include "server/agents/budget.h"
#include "server/agents/inputs.h"
#include "server/agents/recall.h"
#include "server/agents/turnstile.h"

namespace phasic {

// The preset that an agent was made from, as its maker wrote it.
struct PresetChoice {
  std::string preset;
  ParamMap parameters;
  std::map<std::string, Space> spaces;
};

// What of an agent never changes.
struct Identity {
  std::string id = {};
  uint64_t uid = 0;
  uint64_t incarnation = 0;
  std::chrono::system_clock::time_point create_time = {};
  uint64_t seed = 0;
  std::optional<PresetChoice> preset = {};  // nothing: made from a circuit
  std::string made_by = {};  // the call that made it, when that can be told from others

  std::string name() const { return "tenants/default/agents/" + id; }
};

// What people set.
struct Settings {
  Mode mode = Mode::kLearning;
  std::map<std::string, std::string> labels = {};
  std::vector<double> live_parameters = {};  // as Circuit::live_parameters
  uint64_t version = 1;                      // one more with every change
};

// What an agent has lived through.
struct Stats {
  uint64_t steps = 0, episodes = 0;
  double mean_return = 0;
  int mean_return_episodes = 0;
  uint64_t rewards_applied = 0, rewards_duplicate = 0, rewards_not_learning = 0;
  double time = 0;  // simulated ms
  std::chrono::system_clock::time_point last_active;
};

// An agent as the last turn left it.
struct Card {
  Settings settings;
  Stats stats;
};
std::string EtagOf(const Identity& identity, const Settings& settings);

// An agent and all that the server knows of it. What may change is reached through a Turn alone;
// everything here may be called from any thread.
class HostedAgent {
 public:
  // `agent` has the seed and the live parameters already; `settings.live_parameters` is taken from
  // it.
  HostedAgent(Identity identity, Agent agent, Settings settings, Budget::Room room,
              int max_waiting);

  const Identity& identity() const { return identity_; }
  const Circuit& circuit() const { return *circuit_; }
  const std::shared_ptr<const Circuit>& shared_circuit() const { return circuit_; }
  Card card() const PHASIC_EXCLUDES(card_mutex_) {
    MutexLock lock(card_mutex_);
    return card_;
  }

 private:
  friend class Turn;
  friend class TurnJob;

  // Reached under the turn only.
  struct Inside {
    Agent agent;
    Rewind rewind = {};
    Card card = {};  // the one that card() copies is published at the end of a turn
    AnswerMemory answers = {};
    RewardIds reward_ids = {};
    std::string run_id = {};
    uint64_t sequence = 0;  // of inputs, for the journal
  };

  const Identity identity_;
  const std::shared_ptr<const Circuit> circuit_;
  const Budget::Room room_;
  Turnstile turnstile_;
  Inside inside_;
  mutable Mutex card_mutex_;
  Card card_ PHASIC_GUARDED_BY(card_mutex_);
};

using AgentPtr = std::shared_ptr<HostedAgent>;

}  // namespace phasic
