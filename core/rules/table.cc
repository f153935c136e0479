// SPDX-License-Identifier: Apache-2.0
#include "core/rules/table.h"

namespace phasic {

extern const Rule kBcmRule, kCovarianceRule, kHebbianRule, kHedonisticRule, kNodePerturbationRule,
    kNodePerturbationTraceRule, kOjaRule, kPolicyGradientRule, kReinforceRule,
    kReinforceOptimalRule, kReinforceTraceRule, kRewardPenaltyRule, kTdActorRule, kTdCriticRule,
    kWeightPerturbationRule;

std::span<const Rule* const> Rules() {
  static constexpr const Rule* kTable[] = {
      &kBcmRule,                    //
      &kCovarianceRule,             //
      &kHebbianRule,                //
      &kHedonisticRule,             //
      &kNodePerturbationRule,       //
      &kNodePerturbationTraceRule,  //
      &kOjaRule,                    //
      &kPolicyGradientRule,         //
      &kReinforceRule,              //
      &kReinforceOptimalRule,       //
      &kReinforceTraceRule,         //
      &kRewardPenaltyRule,          //
      &kTdActorRule,                //
      &kTdCriticRule,               //
      &kWeightPerturbationRule,     //
  };
  return kTable;
}

}  // namespace phasic
