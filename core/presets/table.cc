// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

namespace phasic {

extern const Preset kActorCriticPreset, kBanditPreset, kDistalRewardPreset, kEPropPreset,
    kHedonisticPreset, kMstdpetPreset, kNodePerturbationPreset, kRStdpPreset, kReinforcePreset,
    kReinforceRecurrentPreset, kSpikingActorCriticPreset, kWeightPerturbationPreset;

std::span<const Preset* const> Presets() {
  static constexpr const Preset* kTable[] = {
      &kActorCriticPreset,         //
      &kBanditPreset,              //
      &kDistalRewardPreset,        //
      &kEPropPreset,               //
      &kHedonisticPreset,          //
      &kMstdpetPreset,             //
      &kNodePerturbationPreset,    //
      &kRStdpPreset,               //
      &kReinforcePreset,           //
      &kReinforceRecurrentPreset,  //
      &kSpikingActorCriticPreset,  //
      &kWeightPerturbationPreset,
  };
  return kTable;
}

}  // namespace phasic
