// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <chrono>
#include <optional>

#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/hosted_agent.h"

namespace phasic::convert {

// Nothing when it is unspecified or unknown.
std::optional<Mode> FromProto(v1::Mode mode);
v1::Mode ToProto(Mode mode);
std::optional<Durability> FromProto(v1::Durability durability);
v1::Durability ToProto(Durability durability);

PresetChoice FromProto(const v1::PresetSource& proto, const std::string& path,
                       std::vector<Violation>* violations);

void ToProto(const PresetChoice& choice, v1::PresetSource* proto);

void SizeToProto(const Circuit& circuit, v1::AgentSize* proto);
void PortsToProto(const Circuit& circuit, google::protobuf::RepeatedPtrField<v1::PortInfo>* protos);

void ToProto(const std::string& name, const SnapshotInfo& info, v1::Snapshot* proto);

// `awake`: the agent's state is in memory.
void ToProto(const Stats& stats, bool awake, v1::AgentStats* proto);

// The BASIC view. An identity without a uid is of an agent that is not made.
void ToProto(const Identity& identity, const Circuit& circuit, const Card& card, bool awake,
             v1::Agent* proto);

}  // namespace phasic::convert
