// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/circuit/spec.h"
#include "core/model/synapses.h"

namespace phasic {

// The synapses of a projection from `pre` source units to `post` target units. `within`: of one
// population to itself. Every source's synapses come from random numbers of their own, keyed by the
// projection's name and the connectivity's seed, so all agents of all circuits that say the same
// have the same ones.
//
// Null when every source meets every target: then the store is dense, and needs no index. Null as
// well with violations, under `field`.
std::shared_ptr<const Synapses> Connect(const ProjectionSpec& spec, int pre, int post, bool within,
                                        const std::string& field,
                                        std::vector<Violation>* violations);

}  // namespace phasic
