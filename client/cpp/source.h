// SPDX-License-Identifier: Apache-2.0
//
// What an agent is to be made of, in few words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "phasic/v1/agent.pb.h"
#include "phasic/v1/space.pb.h"

namespace phasic::client {

// One of n alternatives, as its index.
v1::Space Discrete(int n);
// Several choices at once: element i is an index, 0 to nvec[i] - 1.
v1::Space MultiDiscrete(const std::vector<int>& nvec);
// n switches, each 0 or 1.
v1::Space MultiBinary(int n);
// Real numbers. Bounds: one for each element, or one for all, or none.
v1::Space Box(const std::vector<int>& shape, const std::vector<double>& low = {},
              const std::vector<double>& high = {});

// An agent to create: a preset with its spaces by port ("observation", "action") and parameters.
// Words and lists as parameters, labels, seed and mode are set in the message itself.
v1::Agent FromPreset(const std::string& preset, const std::map<std::string, v1::Space>& spaces = {},
                     const std::map<std::string, double>& parameters = {});

}  // namespace phasic::client
