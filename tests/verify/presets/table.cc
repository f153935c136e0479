// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/task.h"

namespace phasic::testing {

extern const PresetTask kDistalRewardTask, kEPropTask, kHedonisticTask, kMstdpetTask,
    kNodePerturbationTask, kRStdpTask, kReinforceTask, kReinforceRecurrentTask,
    kSpikingActorCriticTask, kWeightPerturbationTask;

std::span<const PresetTask* const> PresetTasks() {
  static constexpr const PresetTask* kTable[] = {
      &kDistalRewardTask,        //
      &kEPropTask,               //
      &kHedonisticTask,          //
      &kMstdpetTask,             //
      &kNodePerturbationTask,    //
      &kRStdpTask,               //
      &kReinforceTask,           //
      &kReinforceRecurrentTask,  //
      &kSpikingActorCriticTask,  //
      &kWeightPerturbationTask,
  };
  return kTable;
}

}  // namespace phasic::testing
