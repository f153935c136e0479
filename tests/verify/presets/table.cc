// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/task.h"

namespace phasic::testing {

extern const PresetTask kMstdpetTask, kRStdpTask, kReinforceTask, kSpikingActorCriticTask;

std::span<const PresetTask* const> PresetTasks() {
  static constexpr const PresetTask* kTable[] = {
      &kMstdpetTask,    //
      &kRStdpTask,      //
      &kReinforceTask,  //
      &kSpikingActorCriticTask,
  };
  return kTable;
}

}  // namespace phasic::testing
