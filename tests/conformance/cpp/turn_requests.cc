// SPDX-License-Identifier: Apache-2.0
//
// Requests of the loop: steps, rewards and looks at what came of them.
#include <string>
#include <vector>

#include "tests/conformance/cpp/requests.h"
#include "tests/conformance/cpp/values.h"

namespace phasic::conformance {
namespace {

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
  if (json.contains("step")) reward->set_step(json["step"]);
  if (json.contains("event")) {
    reward->mutable_event()->set_incarnation(ToId(json["event"]["incarnation"]));
    reward->mutable_event()->set_step(json["event"]["step"]);
  }
}

}  // namespace

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
  for (const float value : Flat<float>(List("taken_action"))) request.add_taken_action(value);
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

}  // namespace phasic::conformance
