// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kDaStdpRule, kMstdpRule, kMstdpetRule, kPolicyGradientRule, kRMaxRule, kRStdpRule,
    kRStdpDelayedRule, kReinforceRule, kReinforceTraceRule, kTdActorRule, kTdCriticRule, kTdLtpRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kDaStdpRule,          //
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
