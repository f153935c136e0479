// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "core/circuit/agent.h"

namespace phasic::testing {

// The circuit of an experiment's own spec, which has no faults.
inline std::shared_ptr<const Circuit> Compiled(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

// The weights of a projection, to read and to write.
inline std::span<Real> WeightsOf(Agent& agent, std::string_view projection) {
  for (const Link& link : agent.circuit().links()) {
    if (link.name == projection) return agent.state().span<Real>(link.weights);
  }
  std::abort();
}

}  // namespace phasic::testing
