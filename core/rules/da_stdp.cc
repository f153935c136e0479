// SPDX-License-Identifier: Apache-2.0
//
// Dopamine-modulated STDP (Izhikevich 2007, "Solving the distal reward problem through linkage of
// STDP and dopamine signaling"):
//
//   dw_ij/dt = learning_rate d c_ij,    dc_ij/dt = -c_ij / tau_c + P+_j S_i + P-_i S_j
//
// with d the dopamine, its kinetics those of the modulator that gates. Both decay between ticks,
// and w moves by the integral of their product, in closed form: the result is that of continuous
// time, however long a tick is.
//
// Within a tick spikes arrive first, and then the target fires: what arrives in the tick in which
// the target fires has come before it, and counts for P+ alone.
#include "core/rules/spikes.h"

namespace phasic {
namespace {

enum Param { kRate, kTauC = spikes::kTauMinus + 1 };
enum FactorColumn { kPreTrace, kPostTrace, kPostRecent };

constexpr const char* kDaspnet = "Izhikevich 2007, daspnet.m";
constexpr ParamInfo kParams[] = {
    {.name = "learning_rate",
     .description = "how fast a weight moves for one unit of dopamine times trace",
     .unit = "1/ms",
     .default_value = 0.1,
     .min = 0,
     .max = 1e6,
     .source = "daspnet.m: weights move by dopamine times trace once in 10 ms",
     .live = true},
    spikes::APlus(0.1, kDaspnet),
    spikes::TauPlus(20, kDaspnet),
    spikes::AMinus(-0.15, kDaspnet),
    spikes::TauMinus(20, kDaspnet),
    spikes::Time("tau_c", "time constant of the trace: how late a reward may come", 1000, kDaspnet),
};
constexpr GateInfo kGates[] = {{"dopamine", "extracellular dopamine"}};

constexpr ColumnInfo kFactorColumns[] = {spikes::kWindowColumns[0],
                                         spikes::kWindowColumns[1],
                                         {.name = "post_recent",
                                          .description = "P- with the spikes of this tick",
                                          .extent = Extent::kPost,
                                          .life = Life::kTrace}};

void Update(const FactorView& v) noexcept {
  const double* p = v.params;
  spikes::LowPass(v.columns[kPreTrace], v.pre[0], p[spikes::kTauPlus], p[spikes::kAPlus], v.dt,
                  v.pre_size);
  const Real decay = static_cast<Real>(Exp(-v.dt / p[spikes::kTauMinus]));
  const Real jump = static_cast<Real>(p[spikes::kAMinus]);
  for (int i = 0; i < v.post_size; ++i) {
    v.columns[kPostTrace][i] = decay * v.columns[kPostRecent][i];
    v.columns[kPostRecent][i] = v.columns[kPostTrace][i] + jump * v.post[0][i];
  }
}

constexpr Term InContinuousTime(Term term) {
  term.present_pair = true;
  term.integrated = true;
  return term;
}
constexpr Term kTerms[] = {InContinuousTime(spikes::SourceFires(Kernel::kExp, kTauC)),
                           InContinuousTime(spikes::TargetFires(Kernel::kExp, kTauC))};

}  // namespace

extern const Rule kDaStdpRule = {
    .name = "da-stdp",
    .summary = "Dopamine-modulated STDP: a reward seconds later strengthens what caused it.",
    .equations =
        "dw_ij/dt = learning_rate dopamine c_ij\n"
        "dc_ij/dt = -c_ij / tau_c + P+_j S_i + P-_i S_j\n"
        "tau_plus dP+_j/dt = -P+_j, and + a_plus with a spike of the source\n"
        "tau_minus dP-_i/dt = -P-_i, and + a_minus with a spike of the target",
    .source = "Izhikevich 2007, Cerebral Cortex 17",
    .params = kParams,
    .post_factors = spikes::kWindowPost,
    .pre_factors = spikes::kWindowPre,
    .gates = kGates,
    .terms = kTerms,
    .factor_columns = kFactorColumns,
    .factors = Update,
};

}  // namespace phasic
