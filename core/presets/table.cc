// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

namespace phasic {

extern const Preset kActorCriticPreset, kBanditPreset, kMstdpetPreset, kRStdpPreset,
    kReinforcePreset, kSpikingActorCriticPreset;

std::span<const Preset* const> Presets() {
  static constexpr const Preset* kTable[] = {
      &kActorCriticPreset,  //
      &kBanditPreset,       //
      &kMstdpetPreset,      //
      &kRStdpPreset,        //
      &kReinforcePreset,    //
      &kSpikingActorCriticPreset,
  };
  return kTable;
}

}  // namespace phasic
