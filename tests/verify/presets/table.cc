// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/task.h"

namespace phasic::testing {

extern const PresetTask kEPropTask, kReinforceTask;

std::span<const PresetTask* const> PresetTasks() {
  static constexpr const PresetTask* kTable[] = {
      &kEPropTask,  //
      &kReinforceTask,
  };
  return kTable;
}

}  // namespace phasic::testing
