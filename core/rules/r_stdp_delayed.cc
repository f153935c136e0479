// SPDX-License-Identifier: Apache-2.0
//
// Reward-modulated STDP whose eligibility peaks at a delay (Legenstein, Pecevski, Maass 2008, "A
// learning theory for reward-modulated spike-timing-dependent plasticity"):
//
//   dw_ij = learning_rate d c_ij,    c_ij(t) = sum_(pairs at t') xi_ij f_c(t - t')
//   f_c(s) = (s / tau_e) e^(-s / tau_e),    xi_ij = P+_j S_i + P-_i S_j
//
// so that a pair counts most for the reward that comes tau_e later. d must be mean-free (reward
// minus its baseline): what is learned is the correlation of d with the pairs, and a mean of d
// moves all weights alike.
#include "core/rules/factors.h"
#include "core/rules/spikes.h"

namespace phasic {
namespace {

enum Param { kRate, kTauE = spikes::kTauMinus + 1 };
enum SynapseColumn { kRising, kTrace };

constexpr const char* kBiPoo = "the widths that Bi and Poo 1998 found";
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    spikes::APlus(1, "the unit of the learning rate"),
    spikes::TauPlus(20, kBiPoo),
    spikes::AMinus(-1, "ours: a balanced window"),
    spikes::TauMinus(20, kBiPoo),
    spikes::Time("tau_e", "after how long a pair counts most", 400,
                 "ours: a reward of half a second ago"),
};
constexpr ColumnInfo kSynapseColumns[] = {{.name = "rising",
                                           .description = "pairs, decaying with tau_e",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace},
                                          {.name = "trace",
                                           .description = "c: pairs through f_c",
                                           .extent = Extent::kSynapse,
                                           .life = Life::kTrace}};

void Row(const RowView& v) noexcept {
  Real* rising = v.traces[kRising];
  Real* trace = v.traces[kTrace];
  const Real gate = static_cast<Real>(v.params[kRate] * v.gates[0]);
  if (gate != 0) {
    for (int j = 0; j < v.pre_size; ++j) v.weights[j] += gate * trace[j];
  }
  if (!v.form) return;
  const Real decay = static_cast<Real>(Exp(-v.dt / v.params[kTauE]));
  const Real growth = static_cast<Real>(v.dt / v.params[kTauE]);
  const Real spike = v.post[0], post_trace = v.post[1];
  for (int j = 0; j < v.pre_size; ++j) {
    trace[j] = decay * (trace[j] + growth * rising[j]);
    rising[j] = decay * rising[j] + (spike * v.pre[1][j] + post_trace * v.pre[0][j]);
  }
}

}  // namespace

extern const Rule kRStdpDelayedRule = {
    .name = "r-stdp-delayed",
    .summary = "Reward-modulated STDP whose eligibility peaks at a delay.",
    .equations =
        "dw_ij = learning_rate reward c_ij\n"
        "c_ij(t) = sum over pairs xi_ij f_c(t - t')\n"
        "f_c(s) = (s / tau_e) e^(-s / tau_e)\n"
        "xi_ij = P+_j S_i + P-_i S_j\n"
        "P+_j <- e^(-dt / tau_plus) P+_j + a_plus S_j\n"
        "P-_i <- e^(-dt / tau_minus) P-_i + a_minus S_i",
    .source = "Legenstein, Pecevski, Maass 2008, PLoS Computational Biology 4",
    .params = kParams,
    .post_factors = spikes::kWindowPost,
    .pre_factors = spikes::kWindowPre,
    .gates = factors::kReward,
    .factor_columns = spikes::kWindowColumns,
    .factors = spikes::UpdateWindow,
    .row = Row,
    .synapse_columns = kSynapseColumns,
};

}  // namespace phasic
