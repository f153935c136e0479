// SPDX-License-Identifier: Apache-2.0
//
// TD-LTP: the rule of the spiking actor-critic in continuous time (Fremaux, Sprekeler, Gerstner
// 2013, eq. 17):
//
//   dw_ij = learning_rate delta E_ij,    E_ij = ((S_i psp_ij) * kappa)(t)
//   kappa(s) = (e^(-s / tau_k) - e^(-s / nu_k)) / (tau_k - nu_k)
//
// with psp_ij the postsynaptic potential, at the target's spike, of the source's spikes since the
// target's spike before: for srm0 neurons that erase, what a unit of w_ij has contributed to the
// potential that fired. kappa is the read-out of the critic, so that E is about dV / dw.
//
// With x_j(t) an exponential trace of the source's spikes, what has come since t' is
// x_j(t) - e^(-(t - t') / tau) x_j(t'), so each synapse keeps x_j(t'), touched only when the target
// fires.
#include "core/rules/factors.h"
#include "core/rules/spikes.h"

namespace phasic {
namespace {

enum Param { kRate, kTauM, kTauS, kEpsilon, kTauK, kNuK };
enum FactorColumn { kSlow, kFast, kSince, kInterval };
enum SynapseColumn { kSlowThen, kFastThen, kTauTrace, kNuTrace };
enum PostFactor { kSpike, kPostInterval };
enum PreFactor { kArrived, kPreSlow, kPreFast };

constexpr const char* kFremaux = "Fremaux, Sprekeler, Gerstner 2013";
constexpr const char* kNeuron = "the population srm0";
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    spikes::Time("tau_m", "the target's membrane time constant", 20, kNeuron),
    spikes::Time("tau_s", "the target's synaptic time constant, below tau_m", 5, kNeuron, 0),
    {.name = "epsilon",
     .description = "the target's area of a postsynaptic potential",
     .unit = "mV ms",
     .default_value = 20,
     .min = 1e-6,
     .max = 1e6,
     .source = kNeuron},
    spikes::Time("tau_k", "how the trace decays", 200, kFremaux),
    spikes::Time("nu_k", "how the trace rises, below tau_k", 50, kFremaux, 0),
};
constexpr FactorInfo kPostFactors[] = {
    {"spike", "the target's spikes", "spike"},
    {"interval", "time since the target's spike before this tick", "interval"}};
constexpr FactorInfo kPreFactors[] = {{kPre, "the source's spikes, as delivered", kPre},
                                      {"slow", "the source's spikes, decaying with tau_m", "slow"},
                                      {"fast", "the source's spikes, decaying with tau_s", "fast"}};
constexpr ColumnInfo kFactorColumns[] = {
    {.name = "slow",
     .description = "the source's spikes, decaying with tau_m",
     .extent = Extent::kPre,
     .life = Life::kTrace},
    {.name = "fast",
     .description = "the source's spikes, decaying with tau_s",
     .extent = Extent::kPre,
     .life = Life::kTrace},
    {.name = "since",
     .description = "time since the target's last spike",
     .unit = "ms",
     .extent = Extent::kPost,
     .life = Life::kTrace},
    {.name = "interval",
     .description = "time since the target's spike before this tick",
     .unit = "ms",
     .extent = Extent::kPost,
     .life = Life::kTrace}};
constexpr ColumnInfo kSynapseColumns[] = {{.name = "slow_then",
                                           .description = "`slow` as the target last fired",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace},
                                          {.name = "fast_then",
                                           .description = "`fast` as the target last fired",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace},
                                          {.name = "tau_trace",
                                           .description = "pairs, decaying with tau_k",
                                           .unit = "mV",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace},
                                          {.name = "nu_trace",
                                           .description = "pairs, decaying with nu_k",
                                           .unit = "mV",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace}};

Real DecayOver(double time, double tau) {
  return static_cast<Real>(tau > 0 ? Exp(-time / tau) : 0);
}

void Factors(const FactorView& v) noexcept {
  const double* p = v.params;
  spikes::LowPass(v.columns[kSlow], v.pre[kArrived], p[kTauM], 1, v.dt, v.pre_size);
  spikes::LowPass(v.columns[kFast], v.pre[kArrived], p[kTauS], 1, v.dt, v.pre_size);
  for (int i = 0; i < v.post_size; ++i) {
    Real& since = v.columns[kSince][i];
    v.columns[kInterval][i] = since + static_cast<Real>(v.dt);
    since = v.post[kSpike][i] != 0 ? 0 : v.columns[kInterval][i];
  }
}

// The pairs that a spike of the target forms, into both traces.
void Fire(const RowView& v) noexcept {
  const double* p = v.params;
  const Real slow_left = DecayOver(v.post[kPostInterval], p[kTauM]);
  const Real fast_left = DecayOver(v.post[kPostInterval], p[kTauS]);
  const Real psp = static_cast<Real>(p[kEpsilon] / (p[kTauM] - p[kTauS]));
  const Real* slow = v.pre[kPreSlow];
  const Real* fast = v.pre[kPreFast];
  for (int j = 0; j < v.pre_size; ++j) {
    const Real pair = psp * ((slow[j] - slow_left * v.traces[kSlowThen][j]) -
                             (fast[j] - fast_left * v.traces[kFastThen][j]));
    v.traces[kTauTrace][j] += pair;
    v.traces[kNuTrace][j] += pair;
    v.traces[kSlowThen][j] = slow[j];
    v.traces[kFastThen][j] = fast[j];
  }
}

void Row(const RowView& v) noexcept {
  const double* p = v.params;
  Real* __restrict tau_trace = v.traces[kTauTrace];
  Real* __restrict nu_trace = v.traces[kNuTrace];
  Real* __restrict weights = v.weights;
  const Real gate = static_cast<Real>(p[kRate] * v.gates[0] / (p[kTauK] - p[kNuK]));
  if (gate != 0) {
    for (int j = 0; j < v.pre_size; ++j) weights[j] += gate * (tau_trace[j] - nu_trace[j]);
  }
  if (!v.form) return;
  const Real tau_decay = DecayOver(v.dt, p[kTauK]), nu_decay = DecayOver(v.dt, p[kNuK]);
  for (int j = 0; j < v.pre_size; ++j) {
    tau_trace[j] *= tau_decay;
    nu_trace[j] *= nu_decay;
  }
  if (v.post[kSpike] != 0) Fire(v);
}

}  // namespace

extern const Rule kTdLtpRule = {
    .name = "td-ltp",
    .summary = "Spiking actor-critic: the temporal-difference error times what recently fired.",
    .equations =
        "dw_ij = learning_rate delta ((S_i psp_ij) * kappa)\n"
        "psp_ij = postsynaptic potential of the source's spikes since the target's last\n"
        "kappa(s) = (e^(-s / tau_k) - e^(-s / nu_k)) / (tau_k - nu_k)",
    .source = "Fremaux, Sprekeler, Gerstner 2013, PLoS Computational Biology 9",
    .params = kParams,
    .post_factors = kPostFactors,
    .pre_factors = kPreFactors,
    .gates = factors::kTd,
    .factor_columns = kFactorColumns,
    .factors = Factors,
    .row = Row,
    .synapse_columns = kSynapseColumns,
};

}  // namespace phasic
