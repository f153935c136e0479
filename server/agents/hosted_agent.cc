// SPDX-License-Identifier: Apache-2.0
#include "server/agents/hosted_agent.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace phasic {

std::string EtagOf(const Card& card) {
  return absl::StrCat(absl::Hex(card.incarnation), "-", card.settings.version);
}

void AddNumerics(uint32_t numerics, std::vector<uint32_t>* known) {
  const auto at = std::lower_bound(known->begin(), known->end(), numerics);
  if (at == known->end() || *at != numerics) known->insert(at, numerics);
}

int64_t HostedAgent::BytesOf(const Circuit& circuit) {
  return circuit.max_state_bytes() * 9 / 4 + limits::kAgentOverheadBytes;
}

HostedAgent::HostedAgent(Identity identity, Inside inside, Card card, Home* home, int max_waiting)
    : identity_(std::move(identity)),
      circuit_(inside.agent.shared_circuit()),
      home_(home),
      turnstile_(max_waiting) {
  inside.card = std::move(card);
  std::vector<double>& parameters = inside.card.settings.live_parameters;
  parameters.clear();
  for (const LiveParameter& parameter : circuit_->live_parameters()) {
    parameters.push_back(inside.agent.live_parameter(parameter));
  }
  Stats& stats = inside.card.stats;
  stats.steps = inside.agent.steps();
  stats.episodes = inside.agent.episodes();
  stats.mean_return = inside.agent.MeanReturn(&stats.mean_return_episodes);
  stats.time = inside.agent.time();
  Enter(std::move(inside));
  known_.store(true, std::memory_order_release);
}

HostedAgent::HostedAgent(const std::string& id, Home* home, int max_waiting)
    : identity_{.id = id}, home_(home), turnstile_(max_waiting) {}

void HostedAgent::Enter(Inside inside) {
  inside_ = std::make_unique<Inside>(std::move(inside));
  Publish();
  awake_.store(true, std::memory_order_release);
}

void HostedAgent::FetchInside() const noexcept {
  const char* const inside = reinterpret_cast<const char*>(inside_.get());
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < sizeof(Inside); at += kLine) __builtin_prefetch(inside + at, /*rw=*/1);
}

void HostedAgent::Publish() {
  Card card = inside_->card;
  MutexLock lock(card_mutex_);
  stats_.Store(card.stats);
  card_ = std::move(card);
}

}  // namespace phasic
