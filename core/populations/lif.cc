// SPDX-License-Identifier: Apache-2.0
//
// Leaky integrate-and-fire neurons (Gerstner, Kistler, Naud, Paninski 2014, "Neuronal Dynamics",
// section 1.3):
//
//   tau_m dv/dt = -(v - rest) + resistance I,    v >= threshold: spike, v = reset for `refractory`
//
// The drive I is constant within a tick, so the exponential step is exact. Under a constant drive
// above threshold the interval between spikes is `refractory` plus
// tau_m ln((v_inf - reset) / (v_inf - threshold)), v_inf = rest + resistance I, rounded up to
// ticks.
//
// The potential is kept relative to rest, so that a new agent is at rest whatever rest is.
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kTau, kRest, kThreshold, kReset, kResistance, kRefractory, kTauRate };
enum Site { kDrive };
enum ColumnIndex { kSpike, kRate, kV, kDepolarisation, kTicksLeft };
enum Derived { kDecay, kRefractoryTicks, kRateDecay, kRateJump };

constexpr const char* kExercises = "Neuronal Dynamics, Python exercises, leaky integrate-and-fire";
constexpr ParamInfo kParams[] = {
    {.name = "tau_m",
     .description = "membrane time constant",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-3,
     .max = 1e6,
     .source = "typical of cortical pyramidal cells"},
    {.name = "rest",
     .description = "potential without drive",
     .unit = "mV",
     .default_value = -70,
     .min = -1e3,
     .max = 1e3,
     .source = kExercises},
    {.name = "threshold",
     .description = "potential at which it fires",
     .unit = "mV",
     .default_value = -50,
     .min = -1e3,
     .max = 1e3,
     .source = kExercises},
    {.name = "reset",
     .description = "potential after a spike, below threshold",
     .unit = "mV",
     .default_value = -65,
     .min = -1e3,
     .max = 1e3,
     .source = kExercises},
    {.name = "resistance",
     .description = "membrane resistance; with 1 the drive is in mV",
     .unit = "MOhm",
     .default_value = 10,
     .min = 1e-6,
     .max = 1e6,
     .source = kExercises},
    {.name = "refractory",
     .description = "time at reset after a spike, rounded to ticks",
     .unit = "ms",
     .default_value = 2,
     .min = 0,
     .max = 1e6,
     .source = kExercises},
    {.name = "tau_rate",
     .description = "time constant over which spikes are averaged for the output `rate`",
     .unit = "ms",
     .default_value = 100,
     .min = 1e-3,
     .max = 1e6,
     .source = "a few spikes at 30 Hz"},
};
constexpr SiteInfo kSites[] = {{"drive", "current into the cell", "nA"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "1 in the tick in which it fires, else 0", .output = true},
    {.name = "rate", .description = "spikes, averaged over tau_rate", .unit = "Hz", .output = true},
    {.name = "v",
     .description = "membrane potential as of the last tick",
     .unit = "mV",
     .output = true,
     .initial_parameter = kRest},
    {.name = "depolarisation",
     .description = "membrane potential above rest: what it integrates",
     .unit = "mV",
     .output = true},
    {.name = "refractory",
     .description = "ticks that it stays at reset yet",
     .unit = "ticks",
     .type = Type::kU32},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  if (node.params.number(kReset) < node.params.number(kThreshold)) return;
  violations->push_back({"parameters.reset", "must be below the threshold"});
}

void Derive(Node* node) {
  const Parameters& p = node->params;
  const double rate_decay = Exp(-node->dt / p.number(kTauRate));
  node->derived = {
      Exp(-node->dt / p.number(kTau)),
      // NOLINTNEXTLINE(bugprone-incorrect-roundings)
      static_cast<double>(static_cast<int64_t>(p.number(kRefractory) / node->dt + 0.5)), rate_decay,
      (1 - rate_decay) * 1000 / node->dt,  // the average of n spikes a second is n
  };
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const Parameters& p = node.params;
  const Real rest = static_cast<Real>(p.number(kRest));
  const Real threshold = static_cast<Real>(p.number(kThreshold) - p.number(kRest));
  const Real reset = static_cast<Real>(p.number(kReset) - p.number(kRest));
  const Real resistance = static_cast<Real>(p.number(kResistance));
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const Real decay = static_cast<Real>(v.derived(kDecay));
    const Real rate_decay = static_cast<Real>(v.derived(kRateDecay));
    const Real rate_jump = static_cast<Real>(v.derived(kRateJump));
    const auto drive = v.site(kDrive);
    const auto spike = v.column(kSpike), rate = v.column(kRate), potential = v.column(kV),
               u = v.column(kDepolarisation);
    const auto left = v.column_of<uint32_t>(kTicksLeft);
    for (int i = 0; i < v.size(); ++i) {
      spike[i] = 0;
      if (left[i] > 0) {
        --left[i];
      } else {
        const Real end = resistance * drive[i];
        u[i] = end + (u[i] - end) * decay;
        if (u[i] >= threshold) {
          spike[i] = 1;
          u[i] = reset;
          left[i] = static_cast<uint32_t>(v.derived(kRefractoryTicks));
        }
      }
      potential[i] = rest + u[i];
      rate[i] = rate_decay * rate[i] + rate_jump * spike[i];
    }
  }
}

}  // namespace

extern const Component kLifPopulation = {
    .kind = Kind::kPopulation,
    .name = "lif",
    .summary = "Leaky integrate-and-fire neurons with a refractory period, integrated exactly.",
    .equations =
        "tau_m dv/dt = -(v - rest) + resistance drive\n"
        "v >= threshold: spike = 1, v = reset for `refractory`\n"
        "tau_rate drate/dt = -rate + 1000 spike / dt",
    .source = "Gerstner, Kistler, Naud, Paninski 2014, Neuronal Dynamics, section 1.3",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
    .integrates = true,
    .unit_seconds = 5e-9,
};

}  // namespace phasic
