// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/cpp/requests.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

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

uint64_t ToId(const Json& text) {
  return std::strtoull(text.get<std::string>().c_str(), nullptr, 10);
}

// Numbers that JSON cannot say come as words.
double ToNumber(const Json& value) {
  if (!value.is_string()) return value.get<double>();
  return value == "NaN" ? NAN : value == "Infinity" ? INFINITY : -INFINITY;
}

// A number, or a list of numbers and lists, as one flat list.
template <class T>
std::vector<T> Flat(const Json& value) {
  if (!value.is_array()) return {static_cast<T>(ToNumber(value))};
  std::vector<T> flat;
  for (const Json& item : value) {
    const std::vector<T> part = Flat<T>(item);
    flat.insert(flat.end(), part.begin(), part.end());
  }
  return flat;
}

template <class T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

v1::End ToEnd(const Json& end) {
  if (end.is_null()) return v1::NONE;
  return end == "terminated" ? v1::TERMINATED : v1::TRUNCATED;
}

void SetReward(const Json& json, v1::Reward* reward) {
  reward->set_channel(json.value("channel", ""));
  reward->set_reward_id(json.value("reward_id", ""));
  if (json.contains("value")) reward->set_value(ToNumber(json["value"]));
  for (const double value : Flat<double>(json.value("values", Json::array()))) {
    reward->add_values(value);
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
  if (Has("mode")) agent->set_mode(arguments_["mode"] == "frozen" ? v1::FROZEN : v1::LEARNING);
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

v1::StepRequest Requests::Step() const {
  v1::StepRequest request;
  request.set_name(Name());
  for (const float value : Flat<float>(List("observation"))) request.add_observation(value);
  for (const auto& [port, value] : Object("inputs")) {
    const std::vector<float> values = Flat<float>(value);
    v1::Tensor& tensor = *request.add_inputs();
    tensor.set_name(port);
    if (value.is_array()) tensor.add_shape(static_cast<int64_t>(values.size()));
    tensor.set_dtype(v1::Tensor::FLOAT32);
    tensor.set_data(Bytes(values));
  }
  if (Has("reward")) request.add_rewards()->set_value(ToNumber(arguments_["reward"]));
  for (const Json& reward : List("rewards")) SetReward(reward, request.add_rewards());
  if (Has("end")) request.set_end(ToEnd(arguments_["end"]));
  if (Has("step")) request.set_step(arguments_["step"]);
  request.set_request_id(Or("request_id", std::string()));
  request.set_run_id(Or("run_id", std::string()));
  request.set_greedy(Or("greedy", false));
  request.set_ticks(Or("ticks", 0));
  Json masks(Object("masks"));
  if (Has("mask")) masks[""] = arguments_["mask"];
  for (const auto& [port, allowed] : masks.items()) {
    v1::ActionMask& mask = *request.add_action_masks();
    mask.set_port(port);
    for (const bool one : allowed) mask.add_allowed(one);
  }
  for (const std::string name : List("report")) request.add_report(name);
  for (const Json& wanted : List("record")) {
    v1::Recording& recording = *request.add_record();
    recording.set_variable(wanted["variable"]);
    recording.set_every(wanted.value("every", 0));
  }
  return request;
}

v1::RewardRequest Requests::Reward() const {
  v1::RewardRequest request;
  request.set_name(Name());
  for (const Json& reward : List("rewards")) SetReward(reward, request.add_rewards());
  return request;
}

v1::ResetEpisodeRequest Requests::Reset() const {
  v1::ResetEpisodeRequest request;
  request.set_name(Name());
  if (Has("step")) request.set_step(arguments_["step"]);
  return request;
}

v1::InspectRequest Requests::Inspect() const {
  v1::InspectRequest request;
  request.set_name(Name());
  request.set_component(Or("component", std::string()));
  request.set_variable(Or("variable", std::string()));
  request.set_offset(Or("offset", int64_t{0}));
  request.set_count(Or("count", int64_t{0}));
  request.set_summary_only(Or("summary_only", false));
  return request;
}

v1::BatchStepRequest Requests::Batch() const {
  v1::BatchStepRequest request;
  for (const Json& uid : List("uids")) request.add_uid(ToId(uid));
  const std::vector<float> observations = Flat<float>(List("observations"));
  if (Or("form", std::string()) == "bytes") {
    request.set_observation_bytes(Bytes(observations));
  } else {
    request.mutable_observation()->Add(observations.begin(), observations.end());
  }
  for (const float reward : Flat<float>(List("rewards"))) request.add_reward(reward);
  for (const bool has : List("has_reward")) request.add_has_reward(has);
  for (const Json& end : List("ends")) request.add_end(ToEnd(end));
  for (const uint64_t step : List("steps")) request.add_step(step);
  request.set_request_id(Or("request_id", std::string()));
  request.set_run_id(Or("run_id", std::string()));
  request.set_greedy(Or("greedy", false));
  request.set_ticks(Or("ticks", 0));
  for (const Json& row : List("allowed")) {
    for (const bool one : row) request.add_allowed(one);
  }
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
