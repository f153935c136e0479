// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/swept_network.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/draws.h"

namespace phasic::testing {
namespace {

// For the instruction set that phasic's kernels have.
#define PHASIC_BEST_ISA __attribute__((target_clones("arch=x86-64-v3", "default")))

// Izhikevich 2007.
constexpr Real kLow = 0, kHigh = 4, kInhibition = -1, kNoise = 6.5;
constexpr Real kTonic = 0.002f;
constexpr double kLearningRate = 0.1;
const Real kTraceDecay = static_cast<Real>(std::exp(-1 / 1000.0));
const Real kWindowDecay = static_cast<Real>(std::exp(-1 / 20.0));
const Real kDopamineDecay = static_cast<Real>(std::exp(-1 / 200.0));
constexpr Real kPreJump = 0.1f, kPostJump = -0.15f;

PHASIC_BEST_ISA void Sweep(Real* __restrict w, Real* __restrict e, Real change, Real decay,
                           size_t n) {
#pragma omp simd
  for (size_t k = 0; k < n; ++k) {
    const Real moved = w[k] + change * e[k];
    const Real raised = moved < kLow ? kLow : moved;
    w[k] = raised > kHigh ? kHigh : raised;
    e[k] *= decay;
  }
}

// The draws lie where the spikes will.
PHASIC_BEST_ISA void Fire(Real a, Real d, const Real* __restrict drive, Real* __restrict spike,
                          Real* __restrict v, Real* __restrict u, int n) {
  const auto slope = [](Real x, Real rest) { return (Real{0.04f} * x + Real{5}) * x + rest; };
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    const Real rest = Real{140} - u[i] + (drive[i] + kNoise * (2 * spike[i] - 1));
    Real x = v[i] + Real{0.5f} * slope(v[i], rest);
    x += Real{0.5f} * slope(x, rest);
    const Real y = u[i] + a * (Real{0.2f} * x - u[i]);
    const bool fires = x >= 30;
    spike[i] = fires ? Real{1} : Real{0};
    v[i] = fires ? Real{-65} : x;
    u[i] = y + (fires ? d : Real{0});
  }
}

PHASIC_BEST_ISA void LowPass(Real* __restrict trace, const Real* __restrict spike, Real decay,
                             Real jump, size_t n) {
#pragma omp simd
  for (size_t i = 0; i < n; ++i) trace[i] = decay * trace[i] + jump * spike[i];
}

template <class All>
const auto& Named(const All& all, const char* name) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

}  // namespace

SweptNetwork::SweptNetwork(const Agent& agent, Arrays arrays)
    : arrays_(arrays), seed_(agent.seed()) {
  const auto& nodes = agent.circuit().nodes();
  const auto& links = agent.circuit().links();
  AddCells(Named(nodes, "exc"), 0.02f, 8);
  AddCells(Named(nodes, "inh"), 0.1f, 2);
  const auto excitatory = static_cast<uint32_t>(cells_[0].size);
  const size_t all = spikes_.size();
  out_.resize(all);
  in_.resize(all);
  inhibited_.resize(all);
  if (arrays == Arrays::kMatrix) weights_.resize(excitatory * all);
  AddLearning(agent, Named(links, "exc_exc"), 0);
  AddLearning(agent, Named(links, "exc_inh"), excitatory);
  traces_.resize(weights_.size());
  const Synapses& inhibition = *Named(links, "inh_exc").synapses;
  for (int64_t k = 0; k < inhibition.size(); ++k) {
    inhibited_[excitatory + inhibition.source[k]].push_back(inhibition.target[k]);
  }
  const BoundTerm& term = Named(links, "exc_exc").terms.front();
  gain_ = term.gain;
  offset_ = term.offset;
}

void SweptNetwork::AddCells(const Node& node, Real a, Real d) {
  cells_.push_back({static_cast<uint32_t>(spikes_.size()), node.size, node.stream, a, d});
  const size_t all = spikes_.size() + static_cast<size_t>(node.size);
  v_.resize(all, -65);
  u_.resize(all, -13);
  for (auto* zero : {&drive_, &spikes_, &sent_, &pre_, &post_, &post_recent_}) zero->resize(all);
}

void SweptNetwork::AddLearning(const Agent& agent, const Link& link, uint32_t first_target) {
  const Synapses& synapses = *link.synapses;
  const std::vector<std::byte> initial = agent.Read(link.weights);
  for (int64_t k = 0; k < synapses.size(); ++k) {
    const uint32_t source = synapses.source[k], target = first_target + synapses.target[k];
    const size_t at = arrays_ == Arrays::kRows ? weights_.size() : source * spikes_.size() + target;
    if (arrays_ == Arrays::kRows) weights_.emplace_back();
    std::memcpy(&weights_[at], initial.data() + k * sizeof(Real), sizeof(Real));
    out_[source].push_back({at, target});
    in_[target].push_back({at, source});
  }
}

void SweptNetwork::Step(Real reward) {
  Sweep(weights_.data(), traces_.data(), change_, kTraceDecay, weights_.size());
  sent_.swap(spikes_);
  Send();
  for (const Cells& cells : cells_) {
    const uint32_t i = cells.first;
    ForUniforms(Random(seed_, cells.stream, tick_), 0, cells.size,
                [&](int64_t k, double draw) { spikes_[i + k] = static_cast<Real>(draw); });
    Fire(cells.a, cells.d, &drive_[i], &spikes_[i], &v_[i], &u_[i], cells.size);
  }
  ++tick_;
  LowPass(pre_.data(), sent_.data(), kWindowDecay, kPreJump, sent_.size());
  for (size_t i = 0; i < post_.size(); ++i) {
    post_[i] = kWindowDecay * post_recent_[i];
    post_recent_[i] = post_[i] + kPostJump * spikes_[i];
  }
  Pair();
  dopamine_ = kDopamineDecay * dopamine_ + reward;
  change_ = static_cast<Real>(kLearningRate * (gain_ * (kTonic + dopamine_) + offset_));
}

void SweptNetwork::Send() {
  std::fill(drive_.begin(), drive_.end(), Real{0});
  for (size_t j = 0; j < sent_.size(); ++j) {
    if (sent_[j] == 0) continue;
    for (const Synapse& synapse : out_[j]) drive_[synapse.other] += weights_[synapse.at];
    for (const uint32_t target : inhibited_[j]) drive_[target] += kInhibition;
  }
}

void SweptNetwork::Pair() {
  for (size_t j = 0; j < sent_.size(); ++j) {
    if (sent_[j] == 0) continue;
    for (const Synapse& synapse : out_[j]) traces_[synapse.at] += post_[synapse.other];
  }
  for (size_t i = 0; i < spikes_.size(); ++i) {
    if (spikes_[i] == 0) continue;
    for (const Synapse& synapse : in_[i]) traces_[synapse.at] += pre_[synapse.other];
  }
}

}  // namespace phasic::testing
