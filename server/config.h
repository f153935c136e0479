// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/agents/keeper.h"
#include "server/agents/limits.h"

namespace phasic {

// A half of the cores, and at least one.
int DefaultPollers();

// What the command line and the environment ask for, checked.
struct Config {
  enum class Action : uint8_t { kServe, kHelp, kVersion };
  Action action = Action::kServe;
  std::vector<std::string> listen = {"127.0.0.1:50051"};  // HOST:PORT
  std::string unix_path;                                  // empty: no Unix socket
  std::string store;                                      // a URI: store::Open
  Keeper::Habits habits;
  bool insecure = false;
  ServerLimits limits;
  double drain_seconds = 15;
  int pollers = DefaultPollers();  // threads that serve Step, BatchStep and Interact
};

// The value of an environment variable, or null.
using Environment = std::function<const char*(const char*)>;

// Each flag may also come as an environment variable (--max-agents: PHASICD_MAX_AGENTS); the flag
// wins. INVALID_ARGUMENT names what is wrong in one line. `arguments` is without the program's
// name.
absl::StatusOr<Config> ReadConfig(std::span<const char* const> arguments, const Environment& env);

// What --help prints.
std::string HelpText();

// A half of the memory that this process may have: what agents get unless told otherwise.
int64_t DefaultTotalBytes();

}  // namespace phasic
