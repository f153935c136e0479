// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/support/load.h"
#include "tests/bench/support/process.h"

namespace phasic::testing {

// Loads in processes of their own, which run at once. Each is told for how many seconds, a line at
// a time, and answers with how many operations it has done and, if it was not at them all the time,
// in how many seconds; ServeLoad is such a process. Latencies are not told.
class ProcessLoad final : public Load {
 public:
  // One process for each command.
  explicit ProcessLoad(const std::vector<std::vector<std::string>>& commands);
  std::optional<Traffic> Run(double seconds) override;
  // Of the process of that command.
  clockid_t cpu_clock(size_t command) const { return processes_[command]->cpu_clock(); }

 private:
  std::vector<std::unique_ptr<Process>> processes_;
};

// Does what is said on standard input, until it ends. The exit code.
int ServeLoad(Load& load);

}  // namespace phasic::testing
