// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kBcmRule, kCovarianceRule, kDaStdpRule, kEPropRule, kHebbianRule, kHedonisticRule,
    kMstdpRule, kMstdpetRule, kNodePerturbationRule, kNodePerturbationTraceRule, kOjaRule,
    kPolicyGradientRule, kRMaxRule, kRStdpRule, kRStdpDelayedRule, kReinforceRule,
    kReinforceOptimalRule, kReinforceTraceRule, kRewardPenaltyRule, kTdActorRule, kTdCriticRule,
    kTdCriticReplacingRule, kTdCriticTrueOnlineRule, kTdLtpRule, kWeightPerturbationRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kBcmRule,                    //
      &kCovarianceRule,             //
      &kDaStdpRule,                 //
      &kEPropRule,                  //
      &kHebbianRule,                //
      &kHedonisticRule,             //
      &kMstdpRule,                  //
      &kMstdpetRule,                //
      &kNodePerturbationRule,       //
      &kNodePerturbationTraceRule,  //
      &kOjaRule,                    //
      &kPolicyGradientRule,         //
      &kRMaxRule,                   //
      &kRStdpRule,                  //
      &kRStdpDelayedRule,           //
      &kReinforceRule,              //
      &kReinforceOptimalRule,       //
      &kReinforceTraceRule,         //
      &kRewardPenaltyRule,          //
      &kTdActorRule,                //
      &kTdCriticRule,               //
      &kTdCriticReplacingRule,      //
      &kTdCriticTrueOnlineRule,     //
      &kTdLtpRule,                  //
      &kWeightPerturbationRule,
  };
  return kTable;
}

}  // namespace phasic
