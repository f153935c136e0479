// SPDX-License-Identifier: Apache-2.0
//
// Agents as text for people.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "client/cli/table.h"
#include "phasic/v1/agent.pb.h"

namespace phasic {

// All that the message says of one agent.
std::string AgentText(const v1::Agent& agent, int width);

// A line for each agent.
std::string AgentsText(const google::protobuf::RepeatedPtrField<v1::Agent>& agents);

// To the second, in UTC; "-" for the time that never was.
std::string TimeText(const google::protobuf::Timestamp& time);

// What an agent takes, as rows of two cells.
void AddSize(const v1::AgentSize& size, Table& table);

// A line for each port, with its space.
std::string PortsText(const google::protobuf::RepeatedPtrField<v1::PortInfo>& ports, int indent);

}  // namespace phasic
