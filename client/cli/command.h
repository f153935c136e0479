// SPDX-License-Identifier: Apache-2.0
//
// The commands, one file per resource, and what each is given.
#pragma once

#include <ostream>

#include "client/cli/args.h"
#include "client/cpp/client.h"

namespace phasic {

// What a command works with. Its errors it returns; nothing but the answer goes to `out`.
struct Context {
  const Args& args;
  const client::Client& server;
  std::ostream& out;
  bool json;
  // Columns that lines may have; 0 when standard output is no terminal and lines must stay whole.
  int width;
};

Command AgentsCommand();
Command CircuitsCommand();
Command ServerCommand();
Command SnapshotsCommand();
Command StoreCommand();

// ID, the operand of every command about one agent.
Operand AgentOperand();

// Tells of the agent, or gives its error back.
absl::StatusOr<Exit> ShowAgent(const Context& context, const absl::StatusOr<v1::Agent>& agent);

// Members of the agents command that have files of their own: step, reward, reset; inspect; curve;
// watch; write, export, import.
std::vector<Command> TurnCommands();
Command InspectCommand();
Command CurveCommand();
Command WatchCommand();
std::vector<Command> StateCommands();

// Runs the program: `words` are what follows its name. Returns the exit code.
Exit Run(const std::vector<std::string>& words, std::ostream& out, std::ostream& err);

}  // namespace phasic
