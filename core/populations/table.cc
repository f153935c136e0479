// SPDX-License-Identifier: Apache-2.0
#include "core/populations/table.h"

namespace phasic {

extern const Component kBernoulliPopulation, kEmpiricPopulation, kGaussianPopulation,
    kLifPopulation, kNoisyRatePopulation, kRatePopulation, kSoftmaxPopulation;

std::span<const Component* const> Populations() {
  static constexpr const Component* kTable[] = {
      &kBernoulliPopulation,  //
      &kEmpiricPopulation,    //
      &kGaussianPopulation,   //
      &kLifPopulation,        //
      &kNoisyRatePopulation,  //
      &kRatePopulation,       //
      &kSoftmaxPopulation,
  };
  return kTable;
}

}  // namespace phasic
