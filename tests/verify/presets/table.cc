// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/task.h"

namespace phasic::testing {

extern const PresetTask kDistalRewardTask;
extern const PresetTask kReinforceTask;

std::span<const PresetTask* const> PresetTasks() {
  static constexpr const PresetTask* kTable[] = {
      &kDistalRewardTask,
      &kReinforceTask,
  };
  return kTable;
}

}  // namespace phasic::testing
