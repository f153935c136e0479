// SPDX-License-Identifier: Apache-2.0
//
// What an agent holds: the answers of Inspect, put together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/connection.h"
#include "client/cli/numbers.h"
#include "phasic/v1/agent_service.pb.h"

namespace phasic {

// One variable of one component.
struct Variable {
  // The first message of its answer, without the data.
  v1::InspectResponse info;
  // The elements asked for, from info.offset() on; none in a summary.
  Numbers numbers;
};

// The variables that the request asks for, in the server's order, all as they were at one step.
absl::StatusOr<std::vector<Variable>> Inspect(Connection& server,
                                              const v1::InspectRequest& request);

// The variable of that name; null when there is none.
const Variable* Find(const std::vector<Variable>& variables, const std::string& name);

}  // namespace phasic
