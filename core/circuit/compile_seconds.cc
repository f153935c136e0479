// SPDX-License-Identifier: Apache-2.0
//
// How long a turn takes, roughly, on a slow core with cold caches: what is too long is refused, and
// what is long is done by a worker.
#include <algorithm>

#include "core/circuit/compiler.h"

namespace phasic {
namespace {

// Of a dense projection, and of a synapse with work in a sparse one.
constexpr double kSecondsPerSynapse = 0.3e-9, kSecondsPerEvent = 1.5e-9;
constexpr double kActiveSynapses = 0.2;  // of a sparse projection, in a tick
// Of a rule that a single walk over weights and traces does, and of others.
constexpr double kSecondsPerPlainSynapse = 1e-9, kSecondsPerLearningSynapse = 3e-9;
constexpr double kSecondsPerDraw = 60e-9;
constexpr double kSecondsPerStage = 100e-9;
constexpr double kSecondsPerOutput = 40e-9;

bool LearnsOnDelivery(const Link& link) {
  const auto waits = [](const Gate& gate) {
    return !gate.always() && gate.clock == When::Clock::kDelivery;
  };
  return std::any_of(link.row_gates.begin(), link.row_gates.end(), waits) ||
         std::any_of(link.terms.begin(), link.terms.end(),
                     [&](const BoundTerm& term) { return waits(term.gate); });
}

}  // namespace

void Compiler::EstimateSeconds() {
  double seconds = 0;
  for (const Node& node : circuit_->nodes_) {
    const double unit =
        node.component != nullptr ? node.component->unit_seconds : kSecondsPerOutput;
    seconds += kSecondsPerStage + node.size * unit;
  }
  for (const Link& link : circuit_->links_) {
    const bool dense = link.synapses == nullptr;
    const double synapses = static_cast<double>(link.size()) * (dense ? 1 : kActiveSynapses);
    const double draws = link.transmission.model != nullptr ? synapses * kSecondsPerDraw : 0;
    seconds +=
        kSecondsPerStage + synapses * (dense ? kSecondsPerSynapse : kSecondsPerEvent) + draws;
    if (link.rule == nullptr) continue;
    const double learning =
        synapses * (link.plain ? kSecondsPerPlainSynapse : kSecondsPerLearningSynapse) + draws;
    seconds += learning / spec_.sweeps;
    if (LearnsOnDelivery(link)) circuit_->delivery_seconds_ += kSecondsPerStage + learning;
  }
  circuit_->tick_seconds_ += seconds * spec_.sweeps;
}

}  // namespace phasic
