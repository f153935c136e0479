// SPDX-License-Identifier: Apache-2.0
//
// The items of a batch: each by itself, but for the step of its circuit.
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/agents/errors.h"
#include "server/handlers/batch_step_job.h"
#include "server/handlers/guard.h"
#include "server/handlers/names.h"

namespace phasic::handlers {

// An item under way.
struct BatchStepJob::Place {
  Item* item = nullptr;
  std::optional<Turn> turn;
  StepArguments arguments;
  RewardArguments reward;
  StepRoom room;
  std::vector<std::byte> way_back;
};

std::span<BatchStepJob::Place> BatchStepJob::Places() {
  thread_local std::array<Place, Turn::kMostTogether> places;
  return places;
}

void BatchStepJob::Do(std::span<const int> items) noexcept {
  if (items.empty()) return;
  if (far_) {
    for (const int i : items) items_[i].FetchInside();
    for (const int i : items) items_[i].FetchState();
  }
  const std::span<Place> places = Places();
  size_t begun = 0;
  for (const int i : items) {
    if (items_[i].BeginStep(&places[begun])) ++begun;
  }
  StepAndEnd(places.first(begun));
  End(static_cast<int>(items.size()));
}

void BatchStepJob::StepAndEnd(std::span<Place> begun) noexcept {
  Turn::Begun steps[Turn::kMostTogether];
  for (size_t i = 0; i < begun.size(); ++i) steps[i] = {&*begun[i].turn, &begun[i].room};
  Turn::StepTogether({steps, begun.size()});
  for (Place& place : begun) place.item->EndStep(&place);
}

bool BatchStepJob::Item::Join(BatchStepJob* batch, int index) noexcept {
  batch_ = batch;
  index_ = index;
  status_ = absl::OkStatus();
  ticket_ = 0;
  steps_ = rewards_ = 0;
  AgentPtr agent = std::move(batch->agents_[index]);
  if (agent == nullptr) {
    status_ = errors::AgentNotFound(absl::StrCat("uid ", batch->batch_.uids()[index]));
    batch->End(1);
    return false;
  }
  const Call& call = *batch->call_;
  return TurnJob::Join(std::move(agent), call.patience, call.env.journal, call.env.workers);
}

void BatchStepJob::Item::Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept {
  const std::span<Place> place = Places().first(1);
  if (BeginStep(std::move(turn), refused, &place[0])) StepAndEnd(place);
  batch_->End(1);
}

bool BatchStepJob::Item::BeginStep(Place* place) noexcept {
  AgentPtr refused;
  absl::StatusOr<Turn> turn = Take(&refused);
  return BeginStep(std::move(turn), refused, place);
}

bool BatchStepJob::Item::BeginStep(absl::StatusOr<Turn> turn, const AgentPtr& refused,
                                   Place* place) noexcept {
  if (!turn.ok()) {
    status_ = turn.status();
    ticket_ = EndOf(*refused, status_);
    return false;
  }
  bool begun = false;
  status_ = Guarded([&] {
    const convert::BatchStepCall& batch = batch_->batch_;
    place->item = this;
    place->arguments = {};
    const absl::Status valid =
        batch.Arguments(index_, turn->circuit(), &place->arguments, &place->reward);
    const auto earlier = turn->BeginStep(place->arguments, valid, &place->room, &place->way_back);
    if (!earlier.ok()) return batch.InWordsOfRequest(index_, earlier.status());
    begun = !earlier->has_value();
    return begun ? absl::OkStatus() : Answer(**earlier);
  });
  if (begun) place->turn.emplace(*std::move(turn));
  return begun;
}

void BatchStepJob::Item::EndStep(Place* place) noexcept {
  status_ = Guarded([&] {
    const absl::StatusOr<StepAnswer> done = place->turn->EndStep(place->arguments, &place->room);
    if (!done.ok()) return batch_->batch_.InWordsOfRequest(index_, done.status());
    return Answer(*done);
  });
  place->turn.reset();
}

absl::Status BatchStepJob::Item::Answer(const StepAnswer& answer) {
  ticket_ = answer.ticket;
  if (!answer.repeated) {
    steps_ = 1;
    rewards_ = Delivered(answer.outcome->dispositions);
  }
  batch_->batch_.ToProto(index_, *answer.outcome, batch_->response_);
  return absl::OkStatus();
}

}  // namespace phasic::handlers
