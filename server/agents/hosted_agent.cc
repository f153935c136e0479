// SPDX-License-Identifier: Apache-2.0
#include "server/agents/hosted_agent.h"

#include "absl/strings/str_cat.h"

namespace phasic {

std::string EtagOf(const Identity& identity, const Settings& settings) {
  return absl::StrCat(absl::Hex(identity.incarnation), "-", settings.version);
}

HostedAgent::HostedAgent(Identity identity, Agent agent, Settings settings, Budget::Room room,
                         int max_waiting)
    : identity_(std::move(identity)),
      circuit_(agent.shared_circuit()),
      room_(std::move(room)),
      turnstile_(max_waiting),
      inside_{.agent = std::move(agent)} {
  settings.live_parameters.clear();
  for (const LiveParameter& parameter : circuit_->live_parameters()) {
    settings.live_parameters.push_back(inside_.agent.live_parameter(parameter));
  }
  Stats& stats = inside_.card.stats;
  stats.steps = inside_.agent.steps();
  stats.episodes = inside_.agent.episodes();
  stats.mean_return = inside_.agent.MeanReturn(&stats.mean_return_episodes);
  stats.time = inside_.agent.time();
  stats.last_active = identity_.create_time;
  inside_.card.settings = std::move(settings);
  card_ = inside_.card;
}

}  // namespace phasic
