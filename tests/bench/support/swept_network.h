// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/circuit/agent.h"

namespace phasic::testing {

// The network of the preset distal-reward as one would write it first: in each ms, the trace and
// the weight of every synapse that learns are computed anew, in one pass over plain arrays. Its
// neurons, their random drive and its synapses are those of the agent that it is made from, and so
// it does what that agent does.
class SweptNetwork {
 public:
  // Where weights and traces lie: in a matrix of excitatory neurons by all neurons, or one after
  // the other, by source.
  enum class Arrays : bool { kMatrix, kRows };
  // The agent has done no step yet.
  SweptNetwork(const Agent& agent, Arrays arrays);

  // One ms. The reward comes at its beginning.
  void Step(Real reward);

  // Of all neurons, excitatory ones first: 1 of those that have just fired.
  const std::vector<Real>& spikes() const { return spikes_; }

 private:
  struct Synapse {
    size_t at;  // in weights_ and traces_
    uint32_t other;
  };
  // Neurons of one kind, which are side by side.
  struct Cells {
    uint32_t first;
    int size;
    uint64_t stream;
    Real a, d;
  };
  void AddLearning(const Agent& agent, const Link& link, uint32_t first_target);
  void AddCells(const Node& node, Real a, Real d);
  void Send();
  void Pair();

  const Arrays arrays_;
  const uint64_t seed_;
  uint64_t tick_ = 0;
  std::vector<Cells> cells_;
  std::vector<std::vector<Synapse>> out_;  // by neuron; those that learn
  std::vector<std::vector<Synapse>> in_;
  std::vector<std::vector<uint32_t>> inhibited_;  // by neuron; each at -1 mV
  std::vector<Real> weights_, traces_;
  std::vector<Real> v_, u_, drive_, spikes_, sent_;
  std::vector<Real> pre_, post_, post_recent_;  // P+ and P-, as core/rules/da_stdp.cc has them
  double gain_ = 0, offset_ = 0;                // dopamine times trace, over a ms
  Real dopamine_ = 0;
  Real change_ = 0;  // of a weight for a trace of 1, which the next pass makes
};

}  // namespace phasic::testing
