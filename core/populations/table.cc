// SPDX-License-Identifier: Apache-2.0
#include "core/populations/table.h"

namespace phasic {

extern const Component kAlifPopulation, kBernoulliPopulation, kGaussianPopulation, kLifPopulation,
    kRatePopulation, kSoftmaxPopulation;

std::span<const Component* const> Populations() {
  static constexpr const Component* kTable[] = {
      &kAlifPopulation,       //
      &kBernoulliPopulation,  //
      &kGaussianPopulation,   //
      &kLifPopulation,        //
      &kRatePopulation,       //
      &kSoftmaxPopulation,
  };
  return kTable;
}

}  // namespace phasic
