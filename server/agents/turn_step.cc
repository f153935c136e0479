// SPDX-License-Identifier: Apache-2.0
//
// The inputs that come often: steps and rewards.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "core/circuit/read.h"
#include "server/agents/turn.h"

namespace phasic {
namespace {

// Room for the asked columns as they may be after the step. The agent must have prepared for it.
void MakeReport(std::span<const ColumnId> columns, State& state, std::vector<ColumnCopy>* report) {
  report->resize(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    ColumnCopy& copy = (*report)[i];
    copy.column = columns[i];
    copy.bytes.reserve(state.layout().columns[copy.column].arena >= 0
                           ? state.arena(copy.column).reserved()
                           : state.bytes(copy.column).size());
  }
}

// Room for every sample, and who writes them.
void MakeRecordings(std::span<const RecordArguments> record, const Circuit& circuit, int ticks,
                    std::vector<Samples>* recordings, std::vector<Recorder>* recorders) {
  recordings->resize(record.size());
  recorders->clear();
  for (size_t i = 0; i < record.size(); ++i) {
    const RecordArguments& asked = record[i];
    const Column& column = circuit.layout().columns[asked.column];
    Samples& samples = (*recordings)[i];
    samples.column = asked.column;
    samples.count = ticks / asked.every;
    samples.bytes.resize(samples.count * column.size() * SizeOf(column.type));
    recorders->push_back({asked.column, asked.every, samples.bytes.data()});
  }
}

}  // namespace

absl::StatusOr<StepAnswer> Turn::Step(const StepArguments& step, const absl::Status& valid,
                                      StepRoom* room) {
  ASSIGN_OR_RETURN(std::optional<StepAnswer> earlier, BeginStep(step, valid, room, OwnSpare()));
  if (earlier) return *std::move(earlier);
  const Begun begun{this, room};
  StepTogether({&begun, 1});
  return EndStep(step, room);
}

absl::StatusOr<std::optional<StepAnswer>> Turn::BeginStep(const StepArguments& step,
                                                          const absl::Status& valid, StepRoom* room,
                                                          std::vector<std::byte>* spare) {
  Inside& in = inside();
  if (const StepAnswer* done = in.answers.Find(step.request_id)) {
    return StepAnswer{done->outcome, done->ticket, true};
  }
  RETURN_IF_ERROR(CheckStep(step.step));
  RETURN_IF_ERROR(valid);
  RETURN_IF_ERROR(CheckRewards(step.rewards));
  RETURN_IF_ERROR(CheckTaken(step));
  Delivery& delivery = room->delivery;
  delivery.Sort(step.rewards, in.reward_ids, in.card.incarnation);
  StepInput& input = room->input;
  input = {};
  input.observation = step.observation;
  input.rewards = delivery.inputs();
  input.end = step.end;
  input.ticks = step.ticks;
  input.greedy = step.greedy;
  input.learning = learning();
  input.forbidden = step.forbidden;
  input.taken_action = step.taken_action;
  input.dispositions = delivery.became();
  RETURN_IF_ERROR(in.agent.Check(input));

  // All the memory that the turn needs, before anything changes.
  const Circuit& circuit = in.agent.circuit();
  const int ticks = step.ticks == 0 ? circuit.spec().ticks_per_step : step.ticks;
  in.agent.state().Prepare(ticks);
  const bool remembered = !step.request_id.empty();
  room->kept = remembered ? std::make_shared<StepOutcome>() : nullptr;
  StepOutcome* const outcome = &room->result();
  outcome->end = step.end;
  outcome->action.resize(step.end == End::kNone ? circuit.action_size() : 0);
  outcome->dispositions.resize(step.rewards.size());
  MakeReport(step.report, in.agent.state(), &outcome->report);
  MakeRecordings(step.record, circuit, step.end == End::kTerminated ? 0 : ticks,
                 &outcome->recordings, &room->recorders);
  input.recorders = room->recorders;
  outcome->incarnation = in.card.incarnation;
  if (remembered) in.answers.Prepare();
  in.reward_ids.Prepare(delivery.inputs().size());
  room->request_id = step.request_id;
  const bool new_run = !step.run_id.empty() && step.run_id != in.run_id;
  room->run_id = new_run ? step.run_id : "";
  const bool reset = new_run && in.agent.episode_steps() > 0;
  const double seconds = circuit.TurnSeconds(ticks, delivery.inputs().size());
  KeepWayBack(seconds, spare);
  if (reset) in.rewind.AddReset(learning());
  in.rewind.AddStep(input);
  const absl::StatusOr<Journal::Ticket> ticket =
      Append(&step, seconds, input.observation.size_bytes() + step.forbidden.size());
  if (!ticket.ok()) {
    room->kept = nullptr;
    return ticket.status();
  }
  room->ticket = *ticket;

  // Nothing fails from here on but what the circuit itself makes of its input.
  if (reset) {
    in.agent.ResetEpisode(learning());
    RETURN_IF_ERROR(UndoIfDiverged());
  }
  outcome->step = in.agent.steps();
  outcome->episode = in.agent.episodes();
  return std::nullopt;
}

void Turn::StepTogether(std::span<const Begun> begun) noexcept {
  if (begun.size() == 1) {
    const auto [turn, room] = begun[0];
    return turn->inside().agent.Step(room->input, room->result().action);
  }
  Agent* agents[kMostTogether];
  StepInput inputs[kMostTogether];
  std::span<float> actions[kMostTogether];
  size_t count = 0;
  for (size_t i = 0; i < begun.size(); ++i) {
    const auto [turn, room] = begun[i];
    agents[count] = &turn->inside().agent;
    inputs[count] = room->input;
    actions[count] = room->result().action;
    ++count;
    const bool last = i + 1 == begun.size() || count == kMostTogether ||
                      &begun[i + 1].turn->circuit() != &turn->circuit();
    if (!last) continue;
    Agent::StepTogether({agents, count}, {inputs, count}, {actions, count});
    count = 0;
  }
}

absl::StatusOr<StepAnswer> Turn::EndStep(const StepArguments& step, StepRoom* room) {
  Inside& in = inside();
  const Circuit& circuit = in.agent.circuit();
  Delivery& delivery = room->delivery;
  const std::shared_ptr<StepOutcome> kept = std::move(room->kept);
  StepOutcome* const outcome = kept != nullptr ? kept.get() : &room->outcome;
  RETURN_IF_ERROR(UndoIfDiverged());
  in.rewind.Commit();
  if (!room->run_id.empty()) in.run_id = std::move(room->run_id);
  outcome->time = in.agent.time();
  for (ColumnCopy& copy : outcome->report) {
    copy.bytes.resize(in.agent.state().bytes(copy.column).size());
    phasic::Read(circuit, in.agent.state(), copy.column, copy.bytes.data());
  }
  delivery.Settle(&in.reward_ids);
  std::ranges::copy(delivery.dispositions(), outcome->dispositions.begin());
  Count(outcome->dispositions);
  PublishStats();
  Tell(outcome, step.rewards, outcome->dispositions);
  // In the room it has no owner.
  StepAnswer answer{{kept, outcome}, room->ticket};
  if (kept != nullptr) in.answers.Add(std::move(room->request_id), answer);
  return answer;
}

absl::StatusOr<RewardAnswer> Turn::Reward(std::span<const RewardArguments> rewards) {
  Inside& in = inside();
  RETURN_IF_ERROR(CheckRewards(rewards));
  Delivery delivery;
  delivery.Sort(rewards, in.reward_ids, in.card.incarnation);
  const std::span<const RewardInput> inputs = delivery.inputs();
  RETURN_IF_ERROR(in.agent.CheckTurn(0, inputs.size()));
  RETURN_IF_ERROR(in.agent.CheckPast(inputs, learning()));
  RewardAnswer answer;
  answer.dispositions.resize(rewards.size());
  in.reward_ids.Prepare(inputs.size());
  KeepWayBack(in.agent.circuit().TurnSeconds(0, inputs.size()));
  for (const RewardInput& input : inputs) in.rewind.AddReward(input, learning());
  ASSIGN_OR_RETURN(answer.ticket, Append(rewards, in.agent.circuit().TurnSeconds(0, inputs.size()),
                                         rewards.size() * sizeof(RewardArguments)));

  for (size_t i = 0; i < inputs.size(); ++i) {
    delivery.became()[i] = in.agent.Reward(inputs[i], learning());
    RETURN_IF_ERROR(UndoIfDiverged());
  }
  in.rewind.Commit();
  delivery.Settle(&in.reward_ids);
  std::ranges::copy(delivery.dispositions(), answer.dispositions.begin());
  Count(answer.dispositions);
  PublishStats();
  Tell(nullptr, rewards, answer.dispositions);
  return answer;
}

}  // namespace phasic
