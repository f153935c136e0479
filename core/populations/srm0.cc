// SPDX-License-Identifier: Apache-2.0
//
// Spike response neurons with escape noise (SRM0: Gerstner, Kistler, Naud, Paninski 2014, "Neuronal
// Dynamics", chapters 6 and 9; the defaults are those of Fremaux, Sprekeler, Gerstner 2013):
//
//   u_i = sum_j w_ij sum_f eps(t - t_j^f) + drive_i + chi e^(-(t - t_i) / tau_m)
//   eps(s) = epsilon / (tau_m - tau_s) (e^(-s / tau_m) - e^(-s / tau_s))
//   rho_i = rho_0 e^((u_i - theta) / delta_u)
//
// with t_j^f the spikes that arrive at the site `spikes` and t_i the neuron's own last one. It
// fires within a tick with the probability p = 1 - e^(-rho dt) of a Poisson process of that rate,
// so whatever dt is
//
//   score = d log P / d drive = (rho dt / delta_u) (spike / p - 1)
//
// has the mean 0; for short ticks it is (spike - rho dt) / delta_u, the factor S - rho of R-max.
//
// A spike may also erase the postsynaptic potentials of what came before it, as the reset of an
// integrate-and-fire neuron does: then, with tau_s 0, this is the leaky integrate-and-fire neuron
// with escape noise. The noise is what the neuron computes with, so greedy steps have it too.
#include <algorithm>

#include "core/base/draws.h"
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kTauM, kTauS, kEpsilon, kRho0, kTheta, kDeltaU, kChi, kErases, kTauRate };
enum Erases { kNo, kYes };
enum Site { kDrive, kSpikes };
enum ColumnIndex { kSpike, kRate, kScore, kRho, kU, kSlow, kFast, kAfter };
enum Derived { kSlowDecay, kFastDecay, kPsp, kRateDecay, kRateJump };

// e^this times rho_0 is the highest rate: beyond it, numbers overflow before anything changes.
constexpr double kMostExponent = 30;

constexpr const char* kErasesChoices[] = {"no", "yes"};
constexpr const char* kFremaux = "Fremaux, Sprekeler, Gerstner 2013";
constexpr ParamInfo kParams[] = {
    {.name = "tau_m",
     .description = "membrane time constant: how postsynaptic potentials, and the one after a "
                    "spike, decay",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-2,
     .max = 1e6,
     .source = kFremaux},
    {.name = "tau_s",
     .description = "synaptic time constant: how postsynaptic potentials rise; below tau_m",
     .unit = "ms",
     .default_value = 5,
     .min = 0,
     .max = 1e6,
     .source = kFremaux},
    {.name = "epsilon",
     .description = "area of the postsynaptic potential of a spike through a weight of 1",
     .unit = "mV ms",
     .default_value = 20,
     .min = 1e-6,
     .max = 1e6,
     .source = kFremaux},
    {.name = "rho_0",
     .description = "escape rate at theta",
     .unit = "Hz",
     .default_value = 60,
     .min = 1e-6,
     .max = 1e6,
     .source = kFremaux},
    {.name = "theta",
     .description = "formal threshold, above rest",
     .unit = "mV",
     .default_value = 16,
     .min = -1e3,
     .max = 1e3,
     .source = kFremaux},
    {.name = "delta_u",
     .description = "width of the escape: over how much the rate grows e-fold",
     .unit = "mV",
     .default_value = 2,
     .min = 1e-2,
     .max = 1e3,
     .source = kFremaux},
    {.name = "chi",
     .description = "potential that a spike leaves, decaying with tau_m: refractoriness",
     .unit = "mV",
     .default_value = -5,
     .min = -1e3,
     .max = 0,
     .source = kFremaux},
    {.name = "erases",
     .description = "whether a spike erases the postsynaptic potentials of earlier arrivals",
     .source = "no: SRM0; yes: Fremaux, Sprekeler, Gerstner 2013, and every reset",
     .choices = kErasesChoices},
    {.name = "tau_rate",
     .description = "time constant over which spikes are averaged for the output `rate`",
     .unit = "ms",
     .default_value = 100,
     .min = 1e-3,
     .max = 1e6,
     .source = "a few spikes at 30 Hz"},
};
constexpr SiteInfo kSites[] = {
    {"drive", "added to the potential as it is", "mV"},
    {"spikes", "weighted spikes: each causes a postsynaptic potential, from the next tick on"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "1 in the tick in which it fires, else 0", .output = true},
    {.name = "rate", .description = "spikes, averaged over tau_rate", .unit = "Hz", .output = true},
    {.name = "score",
     .description = "d log P / d drive of having fired or not",
     .unit = "1/mV",
     .output = true,
     .drawn = true},
    {.name = "rho", .description = "escape rate", .unit = "Hz", .output = true},
    {.name = "u", .description = "membrane potential above rest", .unit = "mV", .output = true},
    {.name = "slow", .description = "arrivals, decaying with tau_m"},
    {.name = "fast", .description = "arrivals, decaying with tau_s"},
    {.name = "after", .description = "what its last spike left", .unit = "mV"},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  if (node.params.number(kTauS) < node.params.number(kTauM)) return;
  violations->push_back({"parameters.tau_s", "must be below tau_m"});
}

void Derive(Node* node) {
  const Parameters& p = node->params;
  const double tau_m = p.number(kTauM), tau_s = p.number(kTauS);
  const double rate_decay = Exp(-node->dt / p.number(kTauRate));
  node->derived = {
      Exp(-node->dt / tau_m),
      tau_s > 0 ? Exp(-node->dt / tau_s) : 0,
      p.number(kEpsilon) / (tau_m - tau_s),
      rate_decay,
      (1 - rate_decay) * 1000 / node->dt,  // the average of n spikes a second is n
  };
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const Parameters& p = node.params;
  const double seconds = node.dt / 1000, rho_0 = p.number(kRho0), theta = p.number(kTheta),
               delta_u = p.number(kDeltaU);
  const Real chi = static_cast<Real>(p.number(kChi));
  const bool erases = p.choice(kErases) == kYes;
  const Real slow_decay = static_cast<Real>(node.derived[kSlowDecay]);
  const Real fast_decay = static_cast<Real>(node.derived[kFastDecay]);
  const Real psp = static_cast<Real>(node.derived[kPsp]);
  const Real rate_decay = static_cast<Real>(node.derived[kRateDecay]);
  const Real rate_jump = static_cast<Real>(node.derived[kRateJump]);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto drive = v.site(kDrive), arrived = v.site(kSpikes);
    const auto spike = v.column(kSpike), rate = v.column(kRate), score = v.column(kScore),
               rho = v.column(kRho), u = v.column(kU), slow = v.column(kSlow),
               fast = v.column(kFast), after = v.column(kAfter);
    ForUniforms(v.random(), 0, v.size(), [&](int64_t i, double chance) {
      slow[i] = slow_decay * slow[i] + arrived[i];
      fast[i] = fast_decay * fast[i] + arrived[i];
      after[i] *= slow_decay;
      u[i] = psp * (slow[i] - fast[i]) + drive[i] + after[i];
      const double hertz = rho_0 * Exp(std::min((u[i] - theta) / delta_u, kMostExponent));
      const double expected = hertz * seconds;
      const double probability = -Expm1(-expected);
      rho[i] = static_cast<Real>(hertz);
      spike[i] = chance < probability ? 1 : 0;
      // At a rate so low that p is 0, it does not fire.
      const double surprise = spike[i] != 0 ? 1 / probability - 1 : -1;
      score[i] = static_cast<Real>(expected / delta_u * surprise);
      rate[i] = rate_decay * rate[i] + rate_jump * spike[i];
      if (spike[i] == 0) return;
      after[i] = chi;
      if (erases) slow[i] = fast[i] = 0;
    });
  }
}

}  // namespace

extern const Component kSrm0Population = {
    .kind = Kind::kPopulation,
    .name = "srm0",
    .summary = "Spike response neurons with escape noise, which publish the score of their spikes.",
    .equations =
        "u = sum of postsynaptic potentials + drive + chi e^(-(t - last spike) / tau_m)\n"
        "eps(s) = epsilon / (tau_m - tau_s) (e^(-s / tau_m) - e^(-s / tau_s))\n"
        "rho = rho_0 e^((u - theta) / delta_u)\n"
        "p = 1 - e^(-rho dt), spike ~ Bernoulli(p)\n"
        "score = (rho dt / delta_u) (spike / p - 1)",
    .source =
        "Gerstner, Kistler, Naud, Paninski 2014, Neuronal Dynamics, chapters 6 and 9; "
        "Fremaux, Sprekeler, Gerstner 2013, PLoS Computational Biology 9",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
    .integrates = true,
};

}  // namespace phasic
