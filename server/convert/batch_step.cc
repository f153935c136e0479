// SPDX-License-Identifier: Apache-2.0
#include "server/convert/batch_step.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "absl/strings/str_cat.h"
#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/convert/rewards.h"
#include "server/convert/text.h"

namespace phasic::convert {

absl::Status BatchStepCall::Read(const v1::BatchStepRequest& request) {
  request_ = &request;
  std::vector<Violation> violations;
  if (size() < 1 || size() > limits::kMaxBatchItems) {
    violations.push_back({"uid", absl::StrCat("has ", size(), " agents, but must have 1 to ",
                                              limits::kMaxBatchItems)});
    return InvalidFields(errors::kBadField, std::move(violations));
  }
  CheckSizes(&violations);
  CheckUids(&violations);
  CheckLength(request.request_id(), "request_id", &violations);
  CheckLength(request.run_id(), "run_id", &violations);
  if (request.ticks() < 0) violations.push_back({"ticks", "must not be negative"});
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));

  observations_ = {request.observation().data(), static_cast<size_t>(request.observation_size())};
  if (bytes()) {
    from_bytes_.resize(request.observation_bytes().size() / sizeof(float));
    std::memcpy(from_bytes_.data(), request.observation_bytes().data(),
                request.observation_bytes().size());
    observations_ = from_bytes_;
  }
  width_ = observations_.size() / size();
  rewards_.assign(request.reward().begin(), request.reward().end());
  mask_size_ = request.allowed_size() / size();
  forbidden_.resize(request.allowed_size());
  std::transform(request.allowed().begin(), request.allowed().end(), forbidden_.begin(),
                 [](bool allowed) { return !allowed; });
  return absl::OkStatus();
}

void BatchStepCall::CheckSizes(std::vector<Violation>* violations) const {
  const auto one_each = [&](const char* field, int count) {
    if (count == 0 || count == size()) return;
    violations->push_back(
        {field, absl::StrCat("has ", count, " values, but the batch has ", size(), " items")});
  };
  one_each("reward", request_->reward_size());
  one_each("has_reward", request_->has_reward_size());
  one_each("end", request_->end_size());
  one_each("step", request_->step_size());
  if (request_->has_reward_size() > 0 && request_->reward_size() == 0) {
    violations->push_back({"has_reward", "is of no use without reward"});
  }
  const auto rows = [&](const char* field, size_t count, const char* what) {
    if (count % size() == 0) return;
    violations->push_back(
        {field, absl::StrCat("has ", count, " ", what, ", no multiple of the ", size(), " items")});
  };
  const size_t byte_count = request_->observation_bytes().size();
  if (byte_count % sizeof(float) != 0) {
    violations->push_back({"observation_bytes", "is no whole number of float32"});
  } else {
    rows("observation_bytes", byte_count / sizeof(float), "numbers");
  }
  rows("observation", request_->observation_size(), "numbers");
  rows("allowed", request_->allowed_size(), "values");
  if (byte_count > 0 && request_->observation_size() > 0) {
    violations->push_back({"observation_bytes", "must not come with an observation"});
  }
}

void BatchStepCall::CheckUids(std::vector<Violation>* violations) {
  const auto& uids = request_->uid();
  const bool ascending =
      std::adjacent_find(uids.begin(), uids.end(), std::greater_equal<>()) == uids.end();
  if (ascending) return;
  sorted_uids_.assign(uids.begin(), uids.end());
  std::sort(sorted_uids_.begin(), sorted_uids_.end());
  const auto twice = std::adjacent_find(sorted_uids_.begin(), sorted_uids_.end());
  if (twice == sorted_uids_.end()) return;
  const auto first = std::find(request_->uid().begin(), request_->uid().end(), *twice);
  const auto second = std::find(first + 1, request_->uid().end(), *twice);
  violations->push_back({absl::StrCat("uid[", second - request_->uid().begin(), "]"),
                         absl::StrCat("is ", *twice, ", as uid[", first - request_->uid().begin(),
                                      "] is: an agent may be in a batch once")});
}

void BatchStepCall::Prepare(const Circuit* circuit, v1::BatchStepResponse* response) {
  action_size_ = circuit == nullptr ? 0 : circuit->action_size();
  const size_t numbers = action_size_ * size();
  response->Clear();
  if (bytes()) {
    response->mutable_action_bytes()->assign(numbers * sizeof(float), '\0');
  } else {
    response->mutable_action()->Resize(static_cast<int>(numbers), 0);
  }
  response->mutable_step()->Resize(size(), 0);
  response->mutable_episode()->Resize(size(), 0);
  response->mutable_time()->Resize(size(), 0);
  if (request_->reward_size() > 0) {
    response->mutable_disposition()->Resize(size(), v1::DISPOSITION_UNSPECIFIED);
  }
}

absl::Status BatchStepCall::Arguments(int item, const Circuit& circuit, StepArguments* arguments,
                                      RewardArguments* reward) const {
  std::vector<Violation> violations;
  const auto fault = [&](const std::string& field, const std::string& description) {
    violations.push_back({field, description});
  };
  arguments->request_id = request_->request_id();
  arguments->run_id = request_->run_id();
  arguments->greedy = request_->greedy();
  arguments->ticks = request_->ticks();
  if (request_->step_size() > 0) arguments->step = request_->step(item);
  if (request_->end_size() > 0) {
    const int end = request_->end(item);
    if (end < v1::NONE || end > v1::TRUNCATED) {
      fault(absl::StrCat("end[", item, "]"), "is unknown");
    } else {
      arguments->end = static_cast<End>(end);
    }
  }
  if (arguments->end != End::kTerminated) {
    arguments->observation = observations_.subspan(item * width_, width_);
  }
  if (HasReward(item)) {
    *reward = {.channel = 0, .values = {&rewards_[item], 1}, .scalar = true};
    arguments->rewards = {reward, 1};
  }
  if (mask_size_ > 0) {
    arguments->forbidden = std::span(forbidden_).subspan(item * mask_size_, mask_size_);
    if (circuit.outputs().size() > 1)
      fault("allowed", "serves one port, but the agent has several");
  }
  if (static_cast<size_t>(circuit.action_size()) != action_size_) {
    fault(absl::StrCat("uid[", item, "]"),
          absl::StrCat("is an agent whose action has ", circuit.action_size(),
                       " numbers, but the batch's have ", action_size_));
  }
  return violations.empty() ? absl::OkStatus()
                            : InvalidFields(errors::kBadField, std::move(violations));
}

absl::Status BatchStepCall::InWordsOfRequest(int item, const absl::Status& error) const {
  ErrorDetails details = DetailsOf(error);
  for (Violation& violation : details.violations) {
    std::string& field = violation.field;
    constexpr std::string_view kObservation = "observation", kReward = "rewards[0]";
    if (field.starts_with(kObservation)) {
      const char* const name = bytes() ? "observation_bytes" : "observation";
      const bool element = field.size() > kObservation.size();
      const size_t i = element ? std::atoi(field.c_str() + kObservation.size() + 1) : 0;
      field = element ? absl::StrCat(name, "[", item * width_ + i, "]") : name;
    } else if (field.starts_with(kReward)) {
      field = absl::StrCat("reward[", item, "]");
    } else if (field == "action_masks") {
      field = "allowed";
    }
  }
  if (details.violations.empty()) return error;
  if (absl::IsInvalidArgument(error)) {
    return InvalidFields(details.reason, std::move(details.violations));
  }
  return MakeError(error.code(), std::string(error.message()), details);
}

void BatchStepCall::ToProto(int item, const StepOutcome& outcome,
                            v1::BatchStepResponse* response) const {
  // Each item has elements of its own, so items need no lock.
  if (outcome.end == End::kNone && bytes()) {
    const size_t row = action_size_ * sizeof(float);
    std::memcpy(response->mutable_action_bytes()->data() + item * row, outcome.action.data(), row);
  } else if (outcome.end == End::kNone) {
    std::copy(outcome.action.begin(), outcome.action.end(),
              response->mutable_action()->mutable_data() + item * action_size_);
  }
  response->mutable_step()->mutable_data()[item] = outcome.step;
  response->mutable_episode()->mutable_data()[item] = outcome.episode;
  response->mutable_time()->mutable_data()[item] = outcome.time;
  if (!outcome.dispositions.empty()) {
    response->mutable_disposition()->mutable_data()[item] =
        convert::ToProto(outcome.dispositions.front());
  }
}

void BatchStepCall::Clear(int item, v1::BatchStepResponse* response) const {
  if (bytes()) {
    const size_t row = action_size_ * sizeof(float);
    std::memset(response->mutable_action_bytes()->data() + item * row, 0, row);
  } else {
    std::fill_n(response->mutable_action()->mutable_data() + item * action_size_, action_size_, 0);
  }
  response->set_step(item, 0);
  response->set_episode(item, 0);
  response->set_time(item, 0);
  if (response->disposition_size() > 0) {
    response->set_disposition(item, v1::DISPOSITION_UNSPECIFIED);
  }
}

}  // namespace phasic::convert
