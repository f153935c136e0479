// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/math.h"
#include "core/base/vectors.h"
#include "core/model/component.h"

namespace phasic {

// What rate neurons have in common: rate = phi(drive + bias).
namespace transfer {

enum Function { kIdentity, kTanh, kSoftplus, kLogistic };
inline constexpr const char* kFunctions[] = {"identity", "tanh", "softplus", "logistic"};

inline constexpr ParamInfo kTransfer = {
    .name = "transfer",
    .description = "the transfer function phi from drive to rate",
    .source = "identity: a linear neuron",
    .choices = kFunctions};
inline constexpr ParamInfo kBias = {
    .name = "bias",
    .description = "constant drive: one for each unit, or one for all",
    .default_value = 0,
    .min = -1e6,
    .max = 1e6,
    .source = "0: none",
    .list = true};

inline void CheckBias(const Node& node, int param, std::vector<Violation>* violations) {
  const size_t n = node.params.list(param).size();
  if (n == 1 || n == static_cast<size_t>(node.size)) return;
  violations->push_back({"parameters.bias", "must have one number for each unit, or one for all"});
}

inline Real BiasOf(std::span<const double> bias, size_t i) noexcept {
  return static_cast<Real>(bias[bias.size() == 1 ? 0 : i]);
}

inline Real Phi(int function, Real u) noexcept {
  switch (function) {
    case kTanh:
      return Tanh(u);
    case kSoftplus:
      return Softplus(u);
    case kLogistic:
      return Logistic(u);
    default:
      return u;
  }
}

// phi(drive + bias) of all units.
inline void Rates(int function, std::span<const Real> drive, std::span<const double> bias,
                  std::span<Real> rate) noexcept {
  if (bias.size() == 1) {
    const Real b = BiasOf(bias, 0);
    for (size_t i = 0; i < rate.size(); ++i) rate[i] = drive[i] + b;
  } else {
    for (size_t i = 0; i < rate.size(); ++i) rate[i] = drive[i] + BiasOf(bias, i);
  }
  if (function == kIdentity) return;
  if (function == kLogistic) {
    const auto n = static_cast<int64_t>(rate.size());
    return VectorsFor(ActiveIsa()).logistic(rate.data(), rate.data(), n);
  }
  for (Real& r : rate) r = Phi(function, r);
}

}  // namespace transfer
}  // namespace phasic
