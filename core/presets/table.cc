// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

namespace phasic {

extern const Preset kActorCriticPreset, kBanditPreset, kDistalRewardPreset, kReinforcePreset;

std::span<const Preset* const> Presets() {
  static constexpr const Preset* kTable[] = {
      &kActorCriticPreset,   //
      &kBanditPreset,        //
      &kDistalRewardPreset,  //
      &kReinforcePreset,
  };
  return kTable;
}

}  // namespace phasic
