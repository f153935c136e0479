// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kEPropRule, kPolicyGradientRule, kReinforceRule, kReinforceTraceRule,
    kTdActorRule, kTdCriticReplacingRule, kTdCriticRule, kTdCriticTrueOnlineRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kEPropRule,              //
      &kPolicyGradientRule,     //
      &kReinforceRule,          //
      &kReinforceTraceRule,     //
      &kTdActorRule,            //
      &kTdCriticRule,           //
      &kTdCriticReplacingRule,  //
      &kTdCriticTrueOnlineRule,
  };
  return kTable;
}

}  // namespace phasic
