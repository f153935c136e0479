// SPDX-License-Identifier: Apache-2.0
//
// Dynamic node perturbation (Fiete and Seung 2006; Fiete, Fee, Seung 2007 for birdsong): a current
// perturbs the neuron, and reward comes later, out of the net's dynamics:
//
//   e_ij(t) = integral G(t - t') xi_i(t') pre_j(t') dt',    dw_ij = learning_rate r e_ij
//
// xi is the perturbing current minus its mean (bind `noise` to that of an `empiric` population),
// pre the activation of the synapse that learns. G covers the delay of the reward: an exponential
// of tau, or several in series, which weigh most what was (stages - 1) tau ago.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kRate, kTau, kStages };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    {.name = "tau",
     .description = "time constant of each exponential of the kernel G",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: the time that a membrane needs to answer"},
    {.name = "stages",
     .description = "exponentials in series; 1: a plain one",
     .default_value = 1,
     .min = 1,
     .max = kMostStages,
     .source = "ours: reward may come at once",
     .integer = true},
};
constexpr FactorInfo kNoise[] = {{"noise", "what perturbed the target, without its mean", "noise"}};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .kernel = Kernel::kCascade,
                            .decay_parameter = kTau,
                            .stages_parameter = kStages,
                            .rate_parameter = kRate,
                            .gate = 0,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kNodePerturbationTraceRule = {
    .name = "node-perturbation-trace",
    .summary =
        "Dynamic node perturbation: each reward teaches the perturbing currents of the "
        "recent past.",
    .equations =
        "e_ij(t) = sum_t' G(t - t') noise_i(t') pre_j(t')\n"
        "G(s) = (s / tau)^(stages - 1) / (stages - 1)! e^(-s / tau)\n"
        "dw_ij = learning_rate reward e_ij",
    .source = "Fiete and Seung 2006, Physical Review Letters 97",
    .params = kParams,
    .post_factors = kNoise,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic
