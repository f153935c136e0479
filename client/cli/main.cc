// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <iostream>

#include "client/cli/command.h"

int main(int argc, char** argv) {
  // gRPC's own log would come between our lines; what it has to say is in the status of the call.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::ios::sync_with_stdio(false);
  const phasic::Exit exit =
      phasic::Run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr);
  if (!std::cout.flush()) {
    std::cerr << "phasic: cannot write to standard output\n";
    return static_cast<int>(phasic::Exit::kUsage);
  }
  return static_cast<int>(exit);
}
