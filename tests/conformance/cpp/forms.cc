// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/cpp/forms.h"

#include <google/protobuf/util/json_util.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "client/cpp/error.h"

namespace phasic::conformance {
namespace {

// Protobuf's JSON, with the names of the .proto files.
Json FromMessage(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return Json::parse(text);
}

std::string Lower(const std::string& word) { return absl::AsciiStrToLower(word); }

template <class Map>
Json FromMap(const Map& map) {
  Json json = Json::object();
  for (const auto& [key, value] : map) json[key] = value;
  return json;
}

template <class Map>
Json FromMessages(const Map& map) {
  Json json = Json::object();
  for (const auto& [key, message] : map) json[key] = FromMessage(message);
  return json;
}

template <class Field>
Json FromList(const Field& values) {
  Json json = Json::array();
  for (const auto& value : values) json.push_back(value);
  return json;
}

Json FromNumbers(const client::Numbers& numbers) {
  Json json = Json::array();
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers.is_float()) {
      json.push_back(numbers[i]);
    } else {
      json.push_back(numbers.Whole(i));
    }
  }
  return json;
}

Json FromTensors(const google::protobuf::RepeatedPtrField<v1::Tensor>& tensors) {
  Json json = Json::object();
  for (const v1::Tensor& tensor : tensors) {
    const auto numbers = client::Numbers::Make(tensor.dtype(), tensor.data());
    json[tensor.name()] = {{"shape", FromList(tensor.shape())},
                           {"values", numbers.ok() ? FromNumbers(*numbers) : Json()}};
  }
  return json;
}

Json FromPorts(const google::protobuf::RepeatedPtrField<v1::PortInfo>& ports) {
  Json json = Json::array();
  for (const v1::PortInfo& port : ports) {
    json.push_back({{"name", port.name()},
                    {"direction", Lower(v1::PortInfo::Direction_Name(port.direction()))},
                    {"space", FromMessage(port.space())},
                    {"size", port.size()},
                    {"maskable", port.maskable()}});
  }
  return json;
}

Json FromSize(const v1::AgentSize& size) {
  return {{"neurons", size.neurons()},
          {"synapses", size.synapses()},
          {"bytes", size.bytes()},
          {"max_bytes", size.max_bytes()}};
}

Json FromStats(const v1::AgentStats& stats) {
  return {{"steps", stats.steps()},
          {"episodes", stats.episodes()},
          {"mean_return", stats.has_mean_return() ? Json(stats.mean_return()) : Json()},
          {"mean_return_episodes", stats.mean_return_episodes()},
          {"rewards_applied", stats.rewards_applied()},
          {"rewards_duplicate", stats.rewards_duplicate()},
          {"rewards_not_learning", stats.rewards_not_learning()},
          {"rewards_pending", stats.rewards_pending()},
          {"rewards_expired", stats.rewards_expired()},
          {"rewards_unknown_event", stats.rewards_unknown_event()},
          {"time", stats.time()},
          {"residency", Lower(v1::Residency_Name(stats.residency()))}};
}

}  // namespace

Json FromError(const absl::Status& status) {
  const client::ErrorDetails details = client::DetailsOf(status).value_or(client::ErrorDetails());
  Json fields = Json::array();
  for (const auto& violation : details.bad_request.field_violations()) {
    fields.push_back(violation.field());
  }
  return {{"code", absl::StatusCodeToString(status.code())},
          {"reason", details.info.reason()},
          {"fields", fields},
          {"metadata", FromMap(details.info.metadata())},
          {"resource", details.resource.resource_name()}};
}

Json FromAgent(const v1::Agent& agent, const std::string& prefix) {
  const std::string id = agent.name().substr(agent.name().rfind('/') + 1);
  Json channels = Json::array();
  for (const v1::ChannelInfo& channel : agent.channels()) {
    channels.push_back(
        {{"name", channel.name()}, {"model", channel.model()}, {"size", channel.size()}});
  }
  return {{"agent", id.rfind(prefix, 0) == 0 ? id.substr(prefix.size()) : id},
          {"name", agent.name()},
          {"uid", std::to_string(agent.uid())},
          {"incarnation", std::to_string(agent.incarnation())},
          {"etag", agent.etag()},
          {"labels", FromMap(agent.labels())},
          {"mode", Lower(v1::Mode_Name(agent.mode()))},
          {"durability", Lower(v1::Durability_Name(agent.durability()))},
          {"numerics", FromList(agent.numerics())},
          {"seed", std::to_string(agent.seed())},
          {"preset", agent.preset().preset()},
          {"parameters", FromMessages(agent.preset().parameters())},
          {"live_parameters", FromMap(agent.live_parameters())},
          {"size", FromSize(agent.size())},
          {"ports", FromPorts(agent.ports())},
          {"channels", channels},
          {"stats", FromStats(agent.stats())},
          {"digest", std::to_string(agent.digest())}};
}

Json FromAgents(const google::protobuf::RepeatedPtrField<v1::Agent>& agents,
                const std::string& prefix) {
  Json json = Json::array();
  for (const v1::Agent& agent : agents) json.push_back(FromAgent(agent, prefix));
  return json;
}

Json FromSnapshot(const v1::Snapshot& snapshot) {
  return {{"snapshot", snapshot.name().substr(snapshot.name().rfind('/') + 1)},
          {"step", snapshot.step()},
          {"note", snapshot.note()},
          {"digest", std::to_string(snapshot.digest())}};
}

Json FromCheck(const v1::CheckStoreResponse& check) {
  return {{"agents", check.agents()},       {"states", check.states()},
          {"snapshots", check.snapshots()}, {"records", check.records()},
          {"bytes", check.bytes()},         {"faults", FromList(check.faults())}};
}

Json FromDispositions(const google::protobuf::RepeatedField<int>& dispositions) {
  Json json = Json::array();
  for (const int value : dispositions) {
    const auto disposition = static_cast<v1::Disposition>(value);
    json.push_back(disposition == v1::DISPOSITION_UNSPECIFIED
                       ? Json()
                       : Json(Lower(v1::Disposition_Name(disposition))));
  }
  return json;
}

Json FromStep(const v1::StepResponse& response) {
  Json event;
  if (response.has_event()) {
    event = {{"incarnation", std::to_string(response.event().incarnation())},
             {"step", response.event().step()}};
  }
  return {{"action", FromList(response.action())},
          {"actions", FromTensors(response.actions())},
          {"report", FromTensors(response.report())},
          {"recordings", FromTensors(response.recordings())},
          {"step", response.step()},
          {"episode", response.episode()},
          {"time", response.time()},
          {"dispositions", FromDispositions(response.dispositions())},
          {"event", event}};
}

Json FromBatch(const v1::BatchStepResponse& response) {
  const bool bytes = !response.action_bytes().empty();
  std::vector<float> flat(response.action().begin(), response.action().end());
  if (bytes) {
    flat.resize(response.action_bytes().size() / sizeof(float));
    std::memcpy(flat.data(), response.action_bytes().data(), flat.size() * sizeof(float));
  }
  const size_t rows = response.step_size();
  Json actions = Json::array();
  for (size_t row = 0; row < rows; ++row) {
    const size_t size = flat.size() / rows;
    actions.push_back(
        std::vector<float>(flat.begin() + row * size, flat.begin() + (row + 1) * size));
  }
  Json failures = Json::array();
  for (const auto& failure : response.failures()) {
    failures.push_back(
        {{"item", failure.item()}, {"error", FromError(client::ToStatus(failure.status()))}});
  }
  return {{"actions", actions},
          {"form", bytes ? "bytes" : "floats"},
          {"steps", FromList(response.step())},
          {"episodes", FromList(response.episode())},
          {"time", FromList(response.time())},
          {"dispositions", FromDispositions(response.disposition())},
          {"failures", failures}};
}

Json FromVariables(const std::vector<client::Variable>& variables) {
  Json json = Json::object();
  for (const client::Variable& variable : variables) {
    const v1::InspectResponse& info = variable.info;
    const auto& summary = info.summary();
    const bool any = variable.numbers.size() > 0;
    json[info.component() + "." + info.variable()] = {
        {"life", info.life()},
        {"unit", info.unit()},
        {"shape", FromList(info.shape())},
        {"step", info.step()},
        {"offset", info.offset()},
        {"dtype", any ? Json(Lower(v1::Tensor::Dtype_Name(info.dtype()))) : Json()},
        {"values", FromNumbers(variable.numbers)},
        {"summary",
         {{"count", summary.count()},
          {"min", summary.min()},
          {"max", summary.max()},
          {"mean", summary.mean()},
          {"norm", summary.norm()}}}};
  }
  return json;
}

Json FromValidation(const v1::ValidateCircuitResponse& response) {
  Json violations = Json::array();
  for (const auto& violation : response.violations()) violations.push_back(violation.field());
  return {{"violations", violations},
          {"size", response.has_size() ? FromSize(response.size()) : Json()},
          {"ports", FromPorts(response.ports())}};
}

Json FromCircuit(const v1::Circuit& circuit) {
  Json parameters = Json::array();
  for (const v1::ParameterInfo& parameter : circuit.parameters()) {
    parameters.push_back({{"name", parameter.name()},
                          {"default", parameter.default_value()},
                          {"min", parameter.min()},
                          {"max", parameter.max()}});
  }
  return {{"name", circuit.name().substr(circuit.name().find('/') + 1)},
          {"parameters", parameters},
          {"spaces", FromMessages(circuit.spaces())},
          {"spec", FromMessage(circuit.spec())},
          {"components", FromComponents(circuit.components())}};
}

Json FromComponents(const google::protobuf::RepeatedPtrField<v1::ComponentInfo>& components) {
  Json json = Json::array();
  for (const v1::ComponentInfo& component : components) {
    json.push_back({{"kind", Lower(v1::ComponentInfo::Kind_Name(component.kind()))},
                    {"name", component.name()}});
  }
  return json;
}

Json FromInfo(const v1::ServerInfo& info) {
  // 64-bit counts are numbers here, and words in protobuf's JSON.
  Json limits = FromMessage(info.limits());
  for (Json& limit : limits) {
    if (limit.is_string()) limit = std::stoll(limit.get<std::string>());
  }
  return {{"version", info.version()},
          {"api_version", info.api_version()},
          {"store", info.store()},
          {"limits", limits}};
}

}  // namespace phasic::conformance
