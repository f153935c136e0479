// SPDX-License-Identifier: Apache-2.0
//
// A contextual bandit whose rewards come late: eligibility traces find out which choice each was
// for. Exits with 0 when the agent has learned.
//
//   bandit [TARGET]    the server; without it PHASIC_SERVER, else 127.0.0.1:50051
#include <array>
#include <cstdio>
#include <optional>
#include <random>
#include <string>

#include "client/cpp/agent_handle.h"
#include "client/cpp/client.h"
#include "client/cpp/error.h"
#include "client/cpp/source.h"

namespace {

constexpr int kContexts = 4, kArms = 3, kMaxDelay = 3;
constexpr int kEpisodes = 60, kDecisions = 100;
// Of the choices in the last ten episodes, how many must be the best one. By chance a third is.
constexpr double kLearned = 0.7;

// In each context one arm pays in 9 of 10 cases, the others in 1 of 10. A payment comes 0 to
// kMaxDelay decisions later, and nobody says which decision it is for.
class DelayedBandit {
 public:
  explicit DelayedBandit(unsigned seed) : random_(seed) {
    for (int& arm : best_) arm = Draw(kArms);
  }

  int NextContext() { return context_ = Draw(kContexts); }

  bool IsBest(int arm) const { return arm == best_[context_]; }

  // What falls due after this choice; at the `last` of an episode, all that is owed.
  double Pull(int arm, bool last) {
    due_[Draw(kMaxDelay + 1)] += Draw(10) < (IsBest(arm) ? 9 : 1) ? 1 : 0;
    double pay = due_[0];
    for (int delay = 0; delay < kMaxDelay; ++delay) {
      if (last) pay += due_[delay + 1];
      due_[delay] = last ? 0 : due_[delay + 1];
    }
    due_[kMaxDelay] = 0;
    return pay;
  }

 private:
  int Draw(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::mt19937 random_;
  std::array<int, kContexts> best_;
  // Payments by the number of decisions until they come.
  std::array<double, kMaxDelay + 1> due_ = {};
  int context_ = 0;
};

// Plays one episode; returns the share of choices that were the best one.
absl::StatusOr<double> Play(DelayedBandit& bandit, phasic::client::AgentHandle& agent) {
  std::optional<double> reward;
  int best = 0;
  for (int decision = 1; decision <= kDecisions; ++decision) {
    const std::array observation = {static_cast<float>(bandit.NextContext())};
    // The reward of the last choice, then what there is to see now.
    const auto turn = agent.Step({.observation = observation, .reward = reward});
    if (!turn.ok()) return turn.status();
    const int arm = static_cast<int>(turn->action(0));
    best += bandit.IsBest(arm);
    reward = bandit.Pull(arm, decision == kDecisions);
  }
  // Truncated: the episode is cut off here, though the game could go on.
  const std::array observation = {static_cast<float>(bandit.NextContext())};
  const auto end =
      agent.Step({.observation = observation, .reward = reward, .end = phasic::v1::TRUNCATED});
  if (!end.ok()) return end.status();
  return static_cast<double>(best) / kDecisions;
}

// The share of best choices in the last ten episodes.
absl::StatusOr<double> Run(const std::string& target) {
  const auto client = phasic::client::Client::Connect(target);
  if (!client.ok()) return client.status();

  phasic::v1::CreateAgentRequest request;
  *request.mutable_agent() =
      phasic::client::FromPreset("bandit", {{"observation", phasic::client::Discrete(kContexts)},
                                            {"action", phasic::client::Discrete(kArms)}});
  request.mutable_agent()->set_seed(1);
  const auto made = client->CreateAgent(request);
  if (!made.ok()) return made.status();

  phasic::client::AgentHandle agent(*client, *made);
  DelayedBandit bandit(1);
  std::printf("%s: %d contexts, %d arms\n", made->name().c_str(), kContexts, kArms);
  double sum = 0;
  for (int episode = 1; episode <= kEpisodes; ++episode) {
    const auto best = Play(bandit, agent);
    if (!best.ok()) return best.status();
    if (episode % 10 == 1) sum = 0;
    sum += *best;
    if (episode % 10 == 0) {
      std::printf("episodes %2d to %2d: best arm in %2.0f%% of choices\n", episode - 9, episode,
                  100 * sum / 10);
    }
  }
  return sum / 10;
}

}  // namespace

int main(int argc, char** argv) {
  const auto best = Run(argc > 1 ? argv[1] : phasic::client::DefaultTarget());
  if (!best.ok()) {
    std::fprintf(stderr, "%s\n", phasic::client::ErrorText(best.status()).c_str());
    return 1;
  }
  return *best >= kLearned ? 0 : 1;
}
