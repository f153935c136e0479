// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <queue>
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"

namespace phasic::testing {

// The experiment of Izhikevich 2007, figure 1: whenever the second neuron fires within 20 ms after
// the first, a reward comes one to three seconds later, amid thousands of other spikes.
class DistalWorld {
 public:
  // Uncorrelated: each of those rewards comes 20 to 60 s later, when no trace of its cause is left;
  // so there are as many, and they say nothing.
  DistalWorld(uint64_t seed, bool uncorrelated) : uncorrelated_(uncorrelated), chance_(seed) {
    std::vector<Violation> violations;
    const CircuitSpec spec =
        BuildPreset("distal-reward", {{"network", static_cast<double>(seed)}}, {}, &violations);
    agent_ = std::make_unique<Agent>(Circuit::Compile(spec).value(), seed);
    const auto& links = agent_->circuit().links();
    link_ = &*std::find_if(links.begin(), links.end(),
                           [](const Link& link) { return link.name == "exc_exc"; });
    synapse_ = link_->synapses->Find(0, 1);
  }

  void RunSecond(bool learning) {
    const std::vector<float> nothing(agent_->circuit().observation_size());
    std::vector<float> fired(agent_->circuit().action_size());
    for (int ms = 0; ms < 1000; ++ms, ++now_) {
      StepInput input;
      input.observation = nothing;
      input.learning = learning;
      const RewardInput reward{0, {Real{0.5}}};
      if (!due_.empty() && due_.top() == now_) {
        input.rewards = {&reward, 1};
        while (!due_.empty() && due_.top() == now_) due_.pop();
        ++rewards_;
      }
      agent_->Step(input, fired);
      if (fired[1] != 0 && now_ - first_fired_ < 20) {
        const int64_t late = uncorrelated_ ? 20'000 + static_cast<int64_t>(chance_() % 40'000)
                                           : 1'001 + static_cast<int64_t>(chance_() % 2'000);
        due_.push(now_ + late);
      }
      if (fired[0] != 0) first_fired_ = now_;
    }
  }

  std::vector<Real> Weights() const {
    const auto bytes = agent_->Read(link_->weights);
    std::vector<Real> weights(bytes.size() / sizeof(Real));
    std::memcpy(weights.data(), bytes.data(), bytes.size());
    return weights;
  }
  // In mV: of the synapse from the first neuron to the second.
  double weight() const { return Weights()[synapse_]; }
  int rewards() const { return rewards_; }
  const Agent& agent() const { return *agent_; }

 private:
  const bool uncorrelated_;
  std::mt19937_64 chance_;
  std::unique_ptr<Agent> agent_;
  const Link* link_;
  int64_t synapse_;
  std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>> due_;
  int64_t now_ = 0, first_fired_ = -1'000'000;
  int rewards_ = 0;
};

}  // namespace phasic::testing
