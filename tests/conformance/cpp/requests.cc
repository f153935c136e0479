// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/cpp/requests.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "tests/conformance/cpp/values.h"

namespace phasic::conformance {
namespace {

// A message of protobuf's JSON. What is wrong with it the server tells.
void Parse(const Json& json, google::protobuf::Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), message);
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", json.dump().c_str(), status.ToString().c_str());
    std::abort();
  }
}

}  // namespace

std::string Requests::Name() const {
  return Has("name") ? Or("name", std::string()) : "agents/" + prefix_ + Or("agent", std::string());
}

template <class Message>
void Requests::SetSource(Message* message) const {
  if (Has("preset")) {
    v1::PresetSource& preset = *message->mutable_preset();
    preset.set_preset(Or("preset", std::string()));
    for (const auto& [name, value] : Object("parameters")) {
      Parse(value, &(*preset.mutable_parameters())[name]);
    }
    for (const auto& [port, space] : Object("spaces")) {
      Parse(space, &(*preset.mutable_spaces())[port]);
    }
  } else if (Has("circuit")) {
    Parse(arguments_["circuit"], message->mutable_circuit());
  }
}

void Requests::SetAgent(v1::Agent* agent) const {
  for (const auto& [key, value] : Object("labels")) {
    if (!value.is_null()) (*agent->mutable_labels())[key] = value;
  }
  for (const auto& [key, value] : Object("live_parameters")) {
    (*agent->mutable_live_parameters())[key] = ToNumber(value);
  }
  v1::Mode mode = v1::MODE_UNSPECIFIED;
  v1::Mode_Parse(absl::AsciiStrToUpper(Or("mode", std::string())), &mode);
  agent->set_mode(mode);
}

v1::CreateAgentRequest Requests::Create() const {
  v1::CreateAgentRequest request;
  request.set_parent(Or("parent", std::string()));
  request.set_agent_id(Has("agent") ? prefix_ + Or("agent", std::string())
                                    : Or("id", std::string()));
  request.set_request_id(Or("request_id", std::string()));
  request.set_validate_only(Or("validate_only", false));
  SetAgent(request.mutable_agent());
  request.mutable_agent()->set_durability(ToDurability());
  SetSource(request.mutable_agent());
  if (Has("seed")) request.mutable_agent()->set_seed(ToId(arguments_["seed"]));
  return request;
}

v1::BatchCreateAgentsRequest Requests::BatchCreate() const {
  v1::BatchCreateAgentsRequest request;
  request.set_parent(Or("parent", std::string()));
  for (const Json& one : List("requests"))
    *request.add_requests() = Requests(one, prefix_).Create();
  return request;
}

v1::GetAgentRequest Requests::Get() const {
  v1::GetAgentRequest request;
  request.set_name(Name());
  request.set_view(Or("view", std::string()) == "full" ? v1::FULL : v1::BASIC);
  return request;
}

v1::ListAgentsRequest Requests::List() const {
  v1::ListAgentsRequest request;
  request.set_filter(Or("filter", std::string()));
  request.set_page_size(Or("page_size", 0));
  request.set_page_token(Or("page_token", std::string()));
  return request;
}

v1::UpdateAgentRequest Requests::Update() const {
  v1::UpdateAgentRequest request;
  v1::Agent& agent = *request.mutable_agent();
  agent.set_name(Name());
  agent.set_etag(Or("etag", std::string()));
  SetAgent(&agent);
  auto& paths = *request.mutable_update_mask()->mutable_paths();
  if (Has("paths")) {
    for (const std::string path : List("paths")) *paths.Add() = path;
    return request;
  }
  if (Has("mode")) *paths.Add() = "mode";
  for (const auto& [key, value] : Object("labels")) *paths.Add() = "labels." + key;
  if (Has("live_parameters")) *paths.Add() = "live_parameters";
  return request;
}

v1::DeleteAgentRequest Requests::Delete() const {
  v1::DeleteAgentRequest request;
  request.set_name(Name());
  request.set_etag(Or("etag", std::string()));
  return request;
}

v1::CloneAgentRequest Requests::Clone() const {
  v1::CloneAgentRequest request;
  request.set_name(Name());
  request.set_agent_id(prefix_ + Or("to", std::string()));
  request.set_request_id(Or("request_id", std::string()));
  request.set_snapshot(Or("snapshot", std::string()));
  if (Has("seed")) request.set_seed(ToId(arguments_["seed"]));
  for (const auto& [key, value] : Object("labels")) (*request.mutable_labels())[key] = value;
  return request;
}

v1::Durability Requests::ToDurability() const {
  v1::Durability durability = v1::DURABILITY_UNSPECIFIED;
  v1::Durability_Parse(absl::AsciiStrToUpper(Or("durability", std::string())), &durability);
  return durability;
}

v1::WriteStateRequest Requests::WriteState() const {
  v1::WriteStateRequest request;
  request.set_name(Name());
  request.set_etag(Or("etag", std::string()));
  if (Has("step")) request.set_step(arguments_["step"]);
  for (const Json& one : List("writes")) {
    v1::VariableWrite& write = *request.add_writes();
    write.set_variable(one["variable"]);
    write.set_offset(one.value("offset", int64_t{0}));
    write.set_count(one.value("count", int64_t{0}));
    if (one.contains("fill")) write.set_fill(ToNumber(one["fill"]));
    for (const double value : Flat<double>(one.value("values", Json::array()))) {
      write.add_values(value);
    }
  }
  return request;
}

v1::CreateSnapshotRequest Requests::CreateSnapshot() const {
  v1::CreateSnapshotRequest request;
  request.set_parent(Name());
  request.set_snapshot_id(Or("snapshot", std::string()));
  request.set_note(Or("note", std::string()));
  return request;
}

v1::ListSnapshotsRequest Requests::ListSnapshots() const {
  v1::ListSnapshotsRequest request;
  request.set_parent(Name());
  return request;
}

v1::RestoreSnapshotRequest Requests::RestoreSnapshot() const {
  auto request = OfSnapshot<v1::RestoreSnapshotRequest>();
  request.set_etag(Or("etag", std::string()));
  return request;
}

v1::ExportAgentRequest Requests::Export() const {
  v1::ExportAgentRequest request;
  request.set_name(Name());
  request.set_snapshot(Or("snapshot", std::string()));
  return request;
}

v1::ImportAgentRequest Requests::Import() const {
  v1::ImportAgentRequest request;
  request.set_agent_id(prefix_ + Or("to", std::string()));
  request.set_request_id(Or("request_id", std::string()));
  request.set_durability(ToDurability());
  std::string file;
  absl::Base64Unescape(Or("file", std::string()), &file);
  request.set_data(file);
  return request;
}

v1::ValidateCircuitRequest Requests::Validate() const {
  v1::ValidateCircuitRequest request;
  SetSource(&request);
  return request;
}

v1::GetCircuitRequest Requests::Circuit() const {
  v1::GetCircuitRequest request;
  request.set_name("circuits/" + Or("circuit", std::string()));
  return request;
}

v1::ListComponentsRequest Requests::Components() const {
  v1::ListComponentsRequest request;
  v1::ComponentInfo::Kind kind = v1::ComponentInfo::KIND_UNSPECIFIED;
  v1::ComponentInfo::Kind_Parse(absl::AsciiStrToUpper(Or("kind", std::string())), &kind);
  request.set_kind(kind);
  return request;
}

}  // namespace phasic::conformance
