// SPDX-License-Identifier: Apache-2.0
//
// The temporal-difference error in continuous time (Doya 2000, "Reinforcement learning in
// continuous time and space"), of a value that is read from spikes (Fremaux, Sprekeler, Gerstner
// 2013):
//
//   V(t) = nu (S * kappa)(t) + V_0,    kappa(s) = (e^(-s / tau_k) - e^(-s / nu_k)) / (tau_k - nu_k)
//   delta(t) = dV/dt - V / tau_r + r
//
// with S the spikes of the critic, averaged over its neurons: a projection of weights 1 / N ends on
// `spikes`. V and its derivative follow from two traces of S, so nothing is differentiated
// numerically. `delta` is that of one tick, integrated exactly from this tick to the next; rewards
// come as impulses. In discrete time it is r + gamma V - V_before with gamma = e^(-dt / tau_r), up
// to dt^2.
//
// Every episode begins with V = 0: as if the critic had been firing at -V_0 / nu. Where it is
// terminated V drops to 0; where it is truncated the last observation has already had its ticks.
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kTauR, kTauK, kNuK, kNu, kV0 };
enum Site { kSpikes };
enum ColumnIndex { kDelta, kValue, kSlow, kFast };
enum Derived { kSlowDecay, kFastDecay, kScale, kSlowDelta, kFastDelta };

constexpr const char* kFremaux = "Fremaux, Sprekeler, Gerstner 2013";
constexpr ParamInfo kParams[] = {
    {.name = "tau_r",
     .description = "over how long future rewards are discounted",
     .unit = "ms",
     .default_value = 4000,
     .min = 1e-3,
     .max = 1e9,
     .source = kFremaux},
    {.name = "tau_k",
     .description = "how the read-out of a spike decays",
     .unit = "ms",
     .default_value = 200,
     .min = 1e-3,
     .max = 1e9,
     .source = kFremaux},
    {.name = "nu_k",
     .description = "how the read-out of a spike rises, below tau_k",
     .unit = "ms",
     .default_value = 50,
     .min = 1e-3,
     .max = 1e9,
     .source = kFremaux},
    {.name = "nu",
     .description = "value of a critic that fires at 1 Hz more",
     .unit = "s",
     .default_value = 1,
     .min = 1e-6,
     .max = 1e6,
     .source = kFremaux},
    {.name = "v_0",
     .description = "value of a silent critic",
     .default_value = -40,
     .min = -1e6,
     .max = 1e6,
     .source = kFremaux},
};
constexpr SiteInfo kSites[] = {{"spikes", "the critic's spikes, averaged over its neurons"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "delta",
     .description = "the error of this tick: dV/dt - V / tau_r, integrated over it, + r",
     .output = true,
     .written = Phase::kModulator},
    {.name = "value", .description = "V", .output = true, .written = Phase::kModulator},
    {.name = "slow", .description = "spikes beyond -V_0 / nu, decaying with tau_k"},
    {.name = "fast", .description = "spikes beyond -V_0 / nu, decaying with nu_k"},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  if (node.params.number(kNuK) >= node.params.number(kTauK)) {
    violations->push_back({"parameters.nu_k", "must be below tau_k"});
  }
  if (node.when.clock != When::Clock::kTick && node.when.clock != When::Clock::kEvery) {
    violations->push_back({"when.clock", "must be TICK or EVERY: it integrates over time"});
  }
}

void Derive(Node* node) {
  const Parameters& p = node->params;
  const double tau_k = p.number(kTauK), nu_k = p.number(kNuK), tau_r = p.number(kTauR);
  const double slow = Expm1(-node->dt / tau_k), fast = Expm1(-node->dt / nu_k);
  // The integrals over a tick of e^(-s / tau) and of its derivative are -tau slow and slow.
  node->derived = {1 + slow, 1 + fast, 1000 * p.number(kNu) / (tau_k - nu_k),
                   slow * (1 + tau_k / tau_r), -fast * (1 + nu_k / tau_r)};
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real slow_decay = static_cast<Real>(node.derived[kSlowDecay]);
  const Real fast_decay = static_cast<Real>(node.derived[kFastDecay]);
  const Real scale = static_cast<Real>(node.derived[kScale]);
  const Real slow_delta = static_cast<Real>(node.derived[kSlowDelta]);
  const Real fast_delta = static_cast<Real>(node.derived[kFastDelta]);
  const Real rest = static_cast<Real>(-node.params.number(kV0) / node.params.number(kNu) * node.dt /
                                      1000);  // spikes a tick for a value of 0
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto reward = v.pending();
    const auto spikes = v.site(kSpikes);
    const auto delta = v.column(kDelta), value = v.column(kValue), slow = v.column(kSlow),
               fast = v.column(kFast);
    for (int i = 0; i < v.size(); ++i) {
      slow[i] *= slow_decay;
      fast[i] *= fast_decay;
      if (lane.ended) {
        delta[i] = reward[i] - scale * (slow[i] - fast[i]);
        value[i] = 0;
        continue;
      }
      slow[i] += spikes[i] - rest;
      fast[i] += spikes[i] - rest;
      value[i] = scale * (slow[i] - fast[i]);
      delta[i] = scale * (slow_delta * slow[i] + fast_delta * fast[i]) + reward[i];
    }
    v.set_fired(true);
  }
}

}  // namespace

extern const Component kTdContinuousModulator = {
    .kind = Kind::kModulator,
    .name = "td-continuous",
    .summary =
        "The temporal-difference error in continuous time, of a value read from a critic's spikes.",
    .equations =
        "V = nu (spikes * kappa) + v_0\n"
        "kappa(s) = (e^(-s / tau_k) - e^(-s / nu_k)) / (tau_k - nu_k)\n"
        "delta = dV/dt - V / tau_r + r",
    .source =
        "Doya 2000, Neural Computation 12; Fremaux, Sprekeler, Gerstner 2013, PLoS "
        "Computational Biology 9",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
    .bootstraps = true,
};

}  // namespace phasic
