// SPDX-License-Identifier: Apache-2.0
//
// Leaky integrate-and-fire neurons with an adaptive threshold, in the discrete time of e-prop
// (Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020):
//
//   v(t+1) = alpha v(t) + drive(t+1) - z(t) threshold,    alpha = e^(-dt / tau_m)
//   A(t)   = threshold + beta a(t),                       z(t) = 1 where v(t) >= A(t)
//   a(t+1) = rho a(t) + z(t),                             rho = e^(-dt / tau_a)
//   slope(t) = damping / threshold max(0, 1 - |v(t) - A(t)| / threshold)
//
// With beta 0 it is the paper's LIF; beta may differ from unit to unit, so one population holds
// both. For `refractory` after a spike there is neither spike nor slope; the potential goes on.
//
// `filtered` is what a leaky read-out sees of the spikes, F_kappa(z), kappa = e^(-dt / tau_out):
// weights from it are those of a read-out with this leak.
//
// The rule e-prop reads its decays from here, so that they are written once.
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kTauM, kThreshold, kBeta, kTauA, kRefractory, kDamping, kTauOut };
enum Site { kDrive, kLearning };
enum ColumnIndex {
  kSpike,
  kFiltered,
  kV,
  kSlope,
  kSignal,
  kAdaptation,
  kLeak,
  kAdaptationDecay,
  kStrength,
  kFilterDecay,
  kTicksLeft
};
enum Derived { kAlpha, kRho, kKappa, kRefractoryTicks };

constexpr const char* kEvidence = "Bellec et al. 2020, evidence accumulation";
constexpr ParamInfo kParams[] = {
    {.name = "tau_m",
     .description = "membrane time constant",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-3,
     .max = 1e6,
     .source = kEvidence},
    {.name = "threshold",
     .description = "potential at which a neuron fires that has not adapted",
     .default_value = 0.6,
     .min = 1e-6,
     .max = 1e6,
     .source = kEvidence},
    {.name = "beta",
     .description = "what a spike adds to the threshold: one number for each unit, or one for all; "
                    "0: no adaptation",
     .default_value = 0.0174,
     .min = 0,
     .max = 1e6,
     .source = kEvidence,
     .list = true},
    {.name = "tau_a",
     .description = "time constant of the adaptation: how long a spike is remembered",
     .unit = "ms",
     .default_value = 2000,
     .min = 1e-3,
     .max = 1e9,
     .source = kEvidence},
    {.name = "refractory",
     .description = "time without a spike after a spike, rounded to ticks",
     .unit = "ms",
     .default_value = 5,
     .min = 0,
     .max = 1e6,
     .source = kEvidence},
    {.name = "damping",
     .description = "gamma_pd: the slope at threshold, times the threshold",
     .default_value = 0.3,
     .min = 0,
     .max = 1e3,
     .source = "Bellec et al. 2020"},
    {.name = "tau_out",
     .description = "time constant of the read-out's leak, for the output `filtered`",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-3,
     .max = 1e6,
     .source = kEvidence},
};
constexpr SiteInfo kSites[] = {
    {"drive", "what moves the potential within a tick"},
    {"learning", "summed learning signals", "", Phase::kFeedback},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "z: 1 in the tick in which it fires, else 0", .output = true},
    {.name = "filtered", .description = "spikes as a leaky read-out sees them", .output = true},
    {.name = "v", .description = "membrane potential", .output = true},
    {.name = "slope",
     .description = "psi: pseudo-derivative of the spike by the potential",
     .output = true},
    {.name = "learning_signal",
     .description = "L: what has arrived at the site `learning`",
     .output = true,
     .written = Phase::kFeedback},
    {.name = "adaptation", .description = "a: past spikes, decaying", .output = true},
    {.name = "leak", .description = "alpha: what a tick leaves of the potential", .output = true},
    {.name = "adaptation_decay",
     .description = "rho: what a tick leaves of the adaptation",
     .output = true},
    {.name = "adaptation_strength", .description = "beta", .output = true},
    {.name = "filter_decay",
     .description = "kappa: what a tick leaves of `filtered`",
     .output = true},
    {.name = "refractory_ticks",
     .description = "ticks that it cannot fire yet",
     .unit = "ticks",
     .type = Type::kU32},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  const size_t n = node.params.list(kBeta).size();
  if (n == 1 || n == static_cast<size_t>(node.size)) return;
  violations->push_back({"parameters.beta", "must have one number for each unit, or one for all"});
}

void Derive(Node* node) {
  const Parameters& p = node->params;
  node->derived = {
      Exp(-node->dt / p.number(kTauM)),
      Exp(-node->dt / p.number(kTauA)),
      Exp(-node->dt / p.number(kTauOut)),
      // NOLINTNEXTLINE(bugprone-incorrect-roundings)
      static_cast<double>(static_cast<int64_t>(p.number(kRefractory) / node->dt + 0.5)),
  };
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real threshold = static_cast<Real>(node.params.number(kThreshold));
  const Real damping = static_cast<Real>(node.params.number(kDamping));
  const auto beta = node.params.list(kBeta);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const Real alpha = static_cast<Real>(v.derived(kAlpha));
    const Real rho = static_cast<Real>(v.derived(kRho));
    const Real kappa = static_cast<Real>(v.derived(kKappa));
    const auto drive = v.site(kDrive);
    const auto spike = v.column(kSpike), filtered = v.column(kFiltered), potential = v.column(kV),
               slope = v.column(kSlope), a = v.column(kAdaptation), leak = v.column(kLeak),
               a_decay = v.column(kAdaptationDecay), strength = v.column(kStrength),
               filter_decay = v.column(kFilterDecay);
    const auto left = v.column_of<uint32_t>(kTicksLeft);
    for (int i = 0; i < v.size(); ++i) {
      leak[i] = alpha;
      a_decay[i] = rho;
      strength[i] = static_cast<Real>(beta[beta.size() == 1 ? 0 : i]);
      filter_decay[i] = kappa;
      potential[i] = alpha * potential[i] + drive[i] - spike[i] * threshold;
      a[i] = rho * a[i] + spike[i];
      const Real above = potential[i] - (threshold + strength[i] * a[i]);
      spike[i] = 0;
      slope[i] = 0;
      if (left[i] > 0) {
        --left[i];
      } else {
        const Real distance = (above < 0 ? -above : above) / threshold;
        if (distance < 1) slope[i] = damping / threshold * (1 - distance);
        if (above >= 0) {
          spike[i] = 1;
          left[i] = static_cast<uint32_t>(v.derived(kRefractoryTicks));
        }
      }
      filtered[i] = kappa * filtered[i] + spike[i];
    }
  }
}

void Feedback(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto arrived = v.site(kLearning);
    const auto signal = v.column(kSignal);
    for (int i = 0; i < v.size(); ++i) signal[i] = arrived[i];
  }
}

}  // namespace

extern const Component kAlifPopulation = {
    .kind = Kind::kPopulation,
    .name = "alif",
    .summary =
        "Leaky integrate-and-fire neurons with an adaptive threshold and a pseudo-derivative, for "
        "e-prop; with beta 0, without adaptation.",
    .equations =
        "v <- v e^(-dt / tau_m) + drive - spike threshold\n"
        "a <- a e^(-dt / tau_a) + spike\n"
        "spike = 1 where v >= threshold + beta a, and not refractory\n"
        "slope = damping / threshold max(0, 1 - |v - threshold - beta a| / threshold)\n"
        "filtered <- filtered e^(-dt / tau_out) + spike",
    .source =
        "Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020, Nature "
        "Communications 11",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
    .feedback = Feedback,
    .integrates = true,
    .unit_seconds = 10e-9,
};

}  // namespace phasic
