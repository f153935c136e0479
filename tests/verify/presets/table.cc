// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/task.h"

namespace phasic::testing {

extern const PresetTask kHedonisticTask, kNodePerturbationTask, kReinforceRecurrentTask,
    kReinforceTask, kWeightPerturbationTask;

std::span<const PresetTask* const> PresetTasks() {
  static constexpr const PresetTask* kTable[] = {
      &kHedonisticTask,          //
      &kNodePerturbationTask,    //
      &kReinforceTask,           //
      &kReinforceRecurrentTask,  //
      &kWeightPerturbationTask,
  };
  return kTable;
}

}  // namespace phasic::testing
