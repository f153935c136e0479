// SPDX-License-Identifier: Apache-2.0
//
// Reward-based e-prop (Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020): the
// gradient of a recurrent spiking net as eligibility traces, which each synapse computes forward in
// time, times learning signals, which come to each neuron from the read-outs.
//
//   eps_ij   <- alpha_i eps_ij + pre_j                           the potential's derivative
//   e_ij      = psi_i (eps_ij - beta_i eps_a_ij)                 the spike's
//   eps_a_ij <- rho_i eps_a_ij + e_ij                            the adaptation's, for the next
//   tick ebar_ij  <- kappa_i ebar_ij + e_ij                           a leaky read-out's dw_ij =
//   learning_rate delta z_ij,    then at the end of a step z_ij     <- gamma lambda z_ij + L_i
//   ebar_ij
//
// The paper writes the adaptation's line as eps_a <- psi eps + (rho - psi beta) eps_a: the same.
// alpha, rho, beta, kappa and psi are the target's. L_i is what arrives at its site `learning`,
// with the sign of ascent: sum_k B_ik score_k from a policy, plus c B_i from a critic whose error
// is delta. With an error of the output as L, lambda 1 and a gate that is always 1 it is the
// supervised rule.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kLambda };
enum Post { kSlope, kSignal, kLeak, kAdaptationDecay, kStrength, kFilterDecay };
enum Trace { kPotential, kAdaptation, kFiltered, kEligibility };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.001, "Bellec et al. 2020, Pong"),
    factors::Lambda(1, "Bellec et al. 2020: F_gamma"),
};
constexpr FactorInfo kPostFactors[] = {
    {"slope", "psi, the pseudo-derivative of the spike", "slope"},
    {"learning_signal", "L, from the read-outs", "learning_signal"},
    {"leak", "alpha, what a tick leaves of the potential", "leak"},
    {"adaptation_decay", "rho, what a tick leaves of the adaptation", "adaptation_decay"},
    {"adaptation_strength", "beta, what a spike adds to the threshold", "adaptation_strength"},
    {"filter_decay", "kappa, what a tick leaves in the read-out", "filter_decay"},
};
constexpr ColumnInfo Synapse(const char* name, const char* description) {
  return {
      .name = name, .description = description, .extent = Extent::kSynapse, .life = Life::kTrace};
}
constexpr ColumnInfo kColumns[] = {
    Synapse("eps_v", "d potential / d weight, the target's spikes held"),
    Synapse("eps_a", "d adaptation / d weight, likewise, of the next tick"),
    Synapse("filtered", "ebar, d spike / d weight as a leaky read-out sees it"),
    Synapse("trace", "z, learning signal times ebar, summed over steps with discount"),
};

void Row(const RowView& v) noexcept {
  Real* const __restrict w = v.weights;
  Real* const __restrict z = v.traces[kEligibility];
  if (v.open[0]) {
    const Real change = static_cast<Real>(v.params[kLearningRate] * v.gates[0]);
    for (int j = 0; j < v.pre_size; ++j) w[j] += change * z[j];
  }
  if (!v.form) return;
  Real* const __restrict eps = v.traces[kPotential];
  Real* const __restrict eps_a = v.traces[kAdaptation];
  Real* const __restrict ebar = v.traces[kFiltered];
  const Real* const __restrict pre = v.pre[0];
  const Real psi = v.post[kSlope], alpha = v.post[kLeak], rho = v.post[kAdaptationDecay],
             beta = v.post[kStrength], kappa = v.post[kFilterDecay];
  for (int j = 0; j < v.pre_size; ++j) {
    eps[j] = alpha * eps[j] + pre[j];
    const Real e = psi * (eps[j] - beta * eps_a[j]);
    eps_a[j] = rho * eps_a[j] + e;
    ebar[j] = kappa * ebar[j] + e;
  }
  if (!v.step) return;
  const Real decay = static_cast<Real>(v.params[kLambda] * v.discounts[0]);
  const Real signal = v.post[kSignal];
  for (int j = 0; j < v.pre_size; ++j) z[j] = decay * z[j] + signal * ebar[j];
}

}  // namespace

extern const Rule kEPropRule = {
    .name = "e-prop",
    .summary =
        "Reward-based e-prop: eligibility traces of recurrent spiking nets, times learning "
        "signals from the read-outs.",
    .equations =
        "eps_ij <- alpha_i eps_ij + pre_j\n"
        "e_ij = psi_i (eps_ij - beta_i eps_a_ij)\n"
        "eps_a_ij <- rho_i eps_a_ij + e_ij\n"
        "ebar_ij <- kappa_i ebar_ij + e_ij\n"
        "dw_ij = learning_rate delta z_ij\n"
        "z_ij <- gamma lambda z_ij + L_i ebar_ij",
    .source =
        "Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020, Nature "
        "Communications 11",
    .params = kParams,
    .post_factors = kPostFactors,
    .pre_factors = factors::kActivity,
    .gates = factors::kTd,
    .row = Row,
    .synapse_columns = kColumns,
};

}  // namespace phasic
