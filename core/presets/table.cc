// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

namespace phasic {

extern const Preset kActorCriticPreset, kBanditPreset, kEPropPreset, kReinforcePreset;

std::span<const Preset* const> Presets() {
  static constexpr const Preset* kTable[] = {
      &kActorCriticPreset,  //
      &kBanditPreset,       //
      &kEPropPreset,        //
      &kReinforcePreset,
  };
  return kTable;
}

}  // namespace phasic
