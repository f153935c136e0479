// SPDX-License-Identifier: Apache-2.0
//
// Weight perturbation (Jabri and Flower 1992; Williams 1992, with the weight as the Gaussian unit):
// a synapse transmits with w + psi instead of w, psi ~ N(0, sigma^2), held for a step or an
// episode. The score is d log p(w + psi) / d w = psi / sigma^2.
//
// Antithetic draws come in pairs, the second the negative of the first: the difference of the two
// rewards (the modulator `contrast`) is free of all that is even in psi, the unperturbed reward
// first of all. The pair's draws are 2k and 2k + 1 of the clock that holds them.
#include "core/base/draws.h"
#include "core/model/transmission.h"

namespace phasic {
namespace {

enum Param { kSigma, kHold, kAntithetic };
enum Hold { kStep, kEpisode };
enum Antithetic { kNo, kYes };

constexpr const char* kHolds[] = {"step", "episode"};
constexpr const char* kAnswers[] = {"no", "yes"};
constexpr ParamInfo kParams[] = {
    {.name = "sigma",
     .description = "standard deviation of the perturbation of each weight",
     .default_value = 0.01,
     .min = 1e-6,
     .max = 1e6,
     .source = "ours: small beside weights of about 1, so that the reward is linear in it"},
    {.name = "hold",
     .description = "how long a draw holds",
     .source = "step: rewards tell of single steps",
     .choices = kHolds},
    {.name = "antithetic",
     .description = "whether every second draw is the negative of the one before",
     .source = "no: each draw by itself",
     .choices = kAnswers},
};

When::Clock HoldOf(const Parameters& params) {
  return params.choice(kHold) == kStep ? When::Clock::kStep : When::Clock::kEpisode;
}

// A row's standard normal numbers, and 1 or, in the mirror of a pair, -1.
double Draw(const TransmissionView& v, int64_t row, Real* out) noexcept {
  const bool paired = v.params->choice(kAntithetic) == kYes;
  const Random random(v.seed, v.stream, paired ? v.index / 2 : v.index);
  ForNormals(random, static_cast<uint32_t>(row * v.pre_size), v.pre_size,
             [&](int64_t j, double normal) { out[j] = static_cast<Real>(normal); });
  return paired && (v.index & 1) != 0 ? -1 : 1;
}

void Transmit(const TransmissionView& v, int64_t row, const Real* weights, Real* out) noexcept {
  if (v.greedy) {
    for (int64_t j = 0; j < v.pre_size; ++j) out[j] = weights[j];
    return;
  }
  const double sign = Draw(v, row, out);
  const Real scale = static_cast<Real>(sign * v.params->number(kSigma));
  for (int64_t j = 0; j < v.pre_size; ++j) out[j] = weights[j] + scale * out[j];
}

void Score(const TransmissionView& v, int64_t row, const Real*, Real* out) noexcept {
  const double sign = Draw(v, row, out);
  const Real scale = static_cast<Real>(sign / v.params->number(kSigma));
  for (int64_t j = 0; j < v.pre_size; ++j) out[j] *= scale;
}

}  // namespace

extern const Transmission kNoisyWeightTransmission = {
    .name = "noisy-weight",
    .summary =
        "Every weight is perturbed by normal noise that holds for a step or an episode; the "
        "noise is regenerated for learning, never stored. Greedy: without noise.",
    .equations =
        "target_i = sum_j (w_ij + psi_ij) pre_j,    psi_ij ~ N(0, sigma^2)\n"
        "score_ij = psi_ij / sigma^2",
    .source =
        "Jabri and Flower 1992, IEEE Transactions on Neural Networks 3; Williams 1992, Machine "
        "Learning 8",
    .params = kParams,
    .hold = HoldOf,
    .transmit = Transmit,
    .score = Score,
    .regenerates = true,
};

}  // namespace phasic
