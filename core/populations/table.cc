// SPDX-License-Identifier: Apache-2.0
#include "core/populations/table.h"

namespace phasic {

extern const Component kAlifPopulation, kBernoulliPopulation, kEmpiricPopulation,
    kGaussianPopulation, kIzhikevichPopulation, kLifPopulation, kNoisyRatePopulation,
    kPoissonPopulation, kRatePopulation, kSoftmaxPopulation, kSrm0Population;

std::span<const Component* const> Populations() {
  static constexpr const Component* kTable[] = {
      &kAlifPopulation,        //
      &kBernoulliPopulation,   //
      &kEmpiricPopulation,     //
      &kGaussianPopulation,    //
      &kIzhikevichPopulation,  //
      &kLifPopulation,         //
      &kNoisyRatePopulation,   //
      &kPoissonPopulation,     //
      &kRatePopulation,        //
      &kSoftmaxPopulation,     //
      &kSrm0Population,
  };
  return kTable;
}

}  // namespace phasic
