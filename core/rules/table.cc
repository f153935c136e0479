// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kMstdpRule, kMstdpetRule, kPolicyGradientRule, kReinforceRule,
    kReinforceTraceRule, kRMaxRule, kRStdpDelayedRule, kRStdpRule, kTdActorRule, kTdCriticRule,
    kTdLtpRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kMstdpRule,           //
      &kMstdpetRule,         //
      &kPolicyGradientRule,  //
      &kRMaxRule,            //
      &kRStdpRule,           //
      &kRStdpDelayedRule,    //
      &kReinforceRule,       //
      &kReinforceTraceRule,  //
      &kTdActorRule,         //
      &kTdCriticRule,        //
      &kTdLtpRule,
  };
  return kTable;
}

}  // namespace phasic
