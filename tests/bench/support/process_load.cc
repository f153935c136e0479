// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/process_load.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace phasic::testing {

ProcessLoad::ProcessLoad(const std::vector<std::vector<std::string>>& commands) {
  for (const auto& command : commands) {
    processes_.push_back(std::make_unique<Process>(command, Process::Pipes::kBoth));
  }
}

std::optional<Traffic> ProcessLoad::Run(double seconds) {
  for (const auto& process : processes_) {
    if (!process->Say(std::to_string(seconds))) return {};
  }
  Traffic traffic;
  for (const auto& process : processes_) {
    const auto line = process->Hear();
    if (!line) return {};
    char* rest = nullptr;
    traffic.operations += std::strtod(line->c_str(), &rest);
    traffic.seconds = std::max(traffic.seconds, std::strtod(rest, nullptr));
  }
  return traffic;
}

int ServeLoad(Load& load) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto traffic = load.Run(std::strtod(line.c_str(), nullptr));
    if (!traffic) return 1;
    std::printf("%.0f\n", traffic->operations);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace phasic::testing
