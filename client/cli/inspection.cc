// SPDX-License-Identifier: Apache-2.0
#include "client/cli/inspection.h"

#include <utility>

#include "phasic/v1/agent_service.grpc.pb.h"

namespace phasic {

absl::StatusOr<std::vector<Variable>> Inspect(Connection& server,
                                              const v1::InspectRequest& request) {
  // The first message of each variable, with the data of all.
  std::vector<v1::InspectResponse> parts;
  const absl::Status status = server.Stream(&v1::AgentService::Stub::Inspect, request,
                                            [&parts](const v1::InspectResponse& message) {
                                              // Only the first message of a variable has the
                                              // summary.
                                              if (!parts.empty() && !message.has_summary()) {
                                                parts.back().mutable_data()->append(message.data());
                                              } else {
                                                parts.push_back(message);
                                              }
                                            });
  if (!status.ok()) return status;

  std::vector<Variable> variables;
  for (v1::InspectResponse& part : parts) {
    absl::StatusOr<Numbers> numbers =
        Numbers::Make(part.dtype(), std::exchange(*part.mutable_data(), {}));
    if (!numbers.ok()) return numbers.status();
    variables.push_back({std::move(part), *std::move(numbers)});
  }
  return variables;
}

const Variable* Find(const std::vector<Variable>& variables, const std::string& name) {
  for (const Variable& variable : variables) {
    if (variable.info.variable() == name) return &variable;
  }
  return nullptr;
}

}  // namespace phasic
