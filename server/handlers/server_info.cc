// SPDX-License-Identifier: Apache-2.0
#include "core/base/isa.h"
#include "server/handlers/handlers.h"

namespace phasic::handlers {

absl::Status GetServerInfo(const Call& call, const v1::GetServerInfoRequest&,
                           v1::ServerInfo* response) {
  const Env& env = call.env;
  response->set_version(PHASIC_VERSION);
  response->set_api_version("v1");
  response->set_isa(NameOf(ActiveIsa()));
  response->set_store(env.store == nullptr ? "memory" : "sqlite");

  v1::Limits* bounds = response->mutable_limits();
  bounds->set_max_message_bytes(env.limits.max_message_bytes);
  bounds->set_max_observation_values(limits::kMaxObservationValues);
  bounds->set_max_ticks_per_step(limits::kMaxTicksPerStep);
  bounds->set_max_agent_bytes(env.limits.max_agent_bytes);
  bounds->set_max_neurons(limits::kMaxNeurons);
  bounds->set_max_synapses(limits::kMaxSynapses);
  bounds->set_max_waiting_turns(env.limits.max_waiting_turns);
  bounds->set_max_total_bytes(env.limits.max_total_bytes);
  bounds->set_max_agents(env.limits.max_agents);
  bounds->set_max_rewards_per_request(limits::kMaxRewardsPerRequest);
  bounds->set_max_turn_seconds(limits::kMaxTurnSeconds);
  bounds->set_max_reward_window(limits::kMaxRewardWindow);
  bounds->set_max_pending_rewards(limits::kMaxPendingRewards);

  const Budget::Use use = call.env.registry.budget().use();
  v1::Load* load = response->mutable_load();
  load->set_agents(env.hosting.agents());
  load->set_resident_agents(use.places);
  if (env.store != nullptr) load->set_journal_bytes(env.store->journal_bytes());
  load->set_agent_bytes(use.bytes);
  load->set_steps(env.steps.load(std::memory_order_relaxed));
  load->set_rewards(env.rewards.load(std::memory_order_relaxed));
  load->set_uptime_seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - env.start).count());
  return absl::OkStatus();
}

}  // namespace phasic::handlers
