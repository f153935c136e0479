// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/math.h"
#include "core/model/rule.h"

namespace phasic {

// What rules for spiking neurons have in common: low-passed spikes, and the pair-based STDP window
//
//   xi_ij = P+_j S_i + P-_i S_j
//   P+_j <- e^(-dt / tau_plus) P+_j + a_plus S_j,    P-_i <- e^(-dt / tau_minus) P-_i + a_minus S_i
//
// with S_i the target's spikes and S_j the source's, as delivered. Spikes of the same tick count in
// both parts (Florian 2007).
namespace spikes {

// trace <- e^(-dt / tau) trace + jump spike
inline void LowPass(Real* trace, const Real* spike, double tau, double jump, double dt,
                    int n) noexcept {
  const Real decay = static_cast<Real>(tau > 0 ? Exp(-dt / tau) : 0);
  const Real step = static_cast<Real>(jump);
  for (int k = 0; k < n; ++k) trace[k] = decay * trace[k] + step * spike[k];
}

constexpr ParamInfo Time(const char* name, const char* description, double value,
                         const char* source, double min = 1e-3) {
  return {.name = name,
          .description = description,
          .unit = "ms",
          .default_value = value,
          .min = min,
          .max = 1e9,
          .source = source};
}

// The window: its parameters come second to fifth, after the learning rate.
enum WindowParam { kAPlus = 1, kTauPlus, kAMinus, kTauMinus };
constexpr ParamInfo APlus(double value, const char* source) {
  return {.name = "a_plus",
          .description = "what a spike of the source adds to the window of later target spikes",
          .default_value = value,
          .min = -1e6,
          .max = 1e6,
          .source = source};
}
constexpr ParamInfo TauPlus(double value, const char* source) {
  return Time("tau_plus", "time constant of the window, source before target", value, source);
}
constexpr ParamInfo AMinus(double value, const char* source) {
  return {.name = "a_minus",
          .description = "what a spike of the target adds to the window of later source spikes",
          .default_value = value,
          .min = -1e6,
          .max = 1e6,
          .source = source};
}
constexpr ParamInfo TauMinus(double value, const char* source) {
  return Time("tau_minus", "time constant of the window, target before source", value, source);
}

inline constexpr FactorInfo kWindowPost[] = {
    {"spike", "the target's spikes", "spike"},
    {"post_trace", "P-: the target's recent spikes, times a_minus", "post_trace"}};
inline constexpr FactorInfo kWindowPre[] = {
    {kPre, "the source's spikes, as delivered", kPre},
    {"pre_trace", "P+: the source's recent spikes, times a_plus", "pre_trace"}};
inline constexpr ColumnInfo kWindowColumns[] = {
    {.name = "pre_trace",
     .description = "P+: the source's recent spikes, times a_plus",
     .extent = Extent::kPre,
     .life = Life::kTrace},
    {.name = "post_trace",
     .description = "P-: the target's recent spikes, times a_minus",
     .extent = Extent::kPost,
     .life = Life::kTrace}};

inline void UpdateWindow(const FactorView& v) noexcept {
  const double* p = v.params;
  LowPass(v.columns[0], v.pre[0], p[kTauPlus], p[kAPlus], v.dt, v.pre_size);
  LowPass(v.columns[1], v.post[0], p[kTauMinus], p[kAMinus], v.dt, v.post_size);
}

// The two parts of the window as terms of a rule, each P S with this kernel.
constexpr Term TargetFires(Kernel kernel, int decay_parameter = -1) {
  return {.post = 0, .pre = 1, .kernel = kernel, .decay_parameter = decay_parameter, .gate = 0};
}
constexpr Term SourceFires(Kernel kernel, int decay_parameter = -1) {
  return {.post = 1, .pre = 0, .kernel = kernel, .decay_parameter = decay_parameter, .gate = 0};
}

}  // namespace spikes
}  // namespace phasic
