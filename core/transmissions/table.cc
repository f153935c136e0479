// SPDX-License-Identifier: Apache-2.0
#include "core/transmissions/table.h"

namespace phasic {

extern const Transmission kNoisyWeightTransmission, kStochasticReleaseTransmission;

std::span<const Transmission* const> Transmissions() {
  static constexpr const Transmission* kTable[] = {
      &kNoisyWeightTransmission,  //
      &kStochasticReleaseTransmission,
  };
  return kTable;
}

}  // namespace phasic
