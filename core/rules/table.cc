// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kDaStdpRule, kPolicyGradientRule, kReinforceRule, kReinforceTraceRule,
    kTdActorRule, kTdCriticRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kDaStdpRule,          //
      &kPolicyGradientRule,  //
      &kReinforceRule,       //
      &kReinforceTraceRule,  //
      &kTdActorRule,         //
      &kTdCriticRule,
  };
  return kTable;
}

}  // namespace phasic
