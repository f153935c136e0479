// SPDX-License-Identifier: Apache-2.0
//
// What the library gives, in the forms of the table.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/variable.h"
#include "phasic/v1/agent_service.pb.h"
#include "phasic/v1/circuit_service.pb.h"
#include "phasic/v1/server_service.pb.h"
#include "tests/conformance/cpp/table.h"

namespace phasic::conformance {

Json FromError(const absl::Status& status);
Json FromAgent(const v1::Agent& agent, const std::string& prefix);
Json FromAgents(const google::protobuf::RepeatedPtrField<v1::Agent>& agents,
                const std::string& prefix);
Json FromSnapshot(const v1::Snapshot& snapshot);
Json FromCheck(const v1::CheckStoreResponse& check);
Json FromStep(const v1::StepResponse& response);
Json FromBatch(const v1::BatchStepResponse& response);
Json FromDispositions(const google::protobuf::RepeatedField<int>& dispositions);
Json FromVariables(const std::vector<client::Variable>& variables);
Json FromValidation(const v1::ValidateCircuitResponse& response);
Json FromCircuit(const v1::Circuit& circuit);
Json FromComponents(const google::protobuf::RepeatedPtrField<v1::ComponentInfo>& components);
Json FromInfo(const v1::ServerInfo& info);

}  // namespace phasic::conformance
