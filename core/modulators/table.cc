// SPDX-License-Identifier: Apache-2.0
#include "core/modulators/table.h"

namespace phasic {

extern const Component kBaselineModulator, kContrastModulator, kRawModulator, kTdModulator,
    kTdContinuousModulator;

std::span<const Component* const> Modulators() {
  static constexpr const Component* kTable[] = {
      &kBaselineModulator,  //
      &kContrastModulator,  //
      &kRawModulator,       //
      &kTdModulator,        //
      &kTdContinuousModulator,
  };
  return kTable;
}

}  // namespace phasic
