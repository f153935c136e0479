// SPDX-License-Identifier: Apache-2.0
//
// The inputs that come often: steps and rewards.
#include <unordered_set>
#include <utility>

#include "core/base/status_macros.h"
#include "core/circuit/read.h"
#include "server/agents/turn.h"

namespace phasic {
namespace {

// The rewards of one call, ready to deliver: those that are known already, or for another life of
// the agent, have their disposition, the others get it from the circuit.
struct Delivery {
  std::vector<RewardInput> inputs;
  std::vector<Disposition> became;        // of the inputs
  std::vector<size_t> places;             // of the inputs among the rewards
  std::vector<std::string> ids;           // of the inputs
  std::vector<Disposition> dispositions;  // one for each reward of the call
};

Delivery Sort(std::span<const RewardArguments> rewards, const Inside& in) {
  Delivery delivery;
  delivery.inputs.reserve(rewards.size());
  std::unordered_set<std::string_view> seen;
  for (const RewardArguments& reward : rewards) {
    delivery.dispositions.push_back(Disposition::kDuplicate);
    const bool named = !reward.id.empty();
    if (named && (in.reward_ids.Knows(reward.id) || !seen.insert(reward.id).second)) continue;
    delivery.dispositions.back() = Disposition::kUnknownEvent;
    if (reward.incarnation != 0 && reward.incarnation != in.card.incarnation) continue;
    delivery.places.push_back(delivery.dispositions.size() - 1);
    delivery.ids.emplace_back(reward.id);
    delivery.inputs.push_back(
        {reward.channel, {reward.values.begin(), reward.values.end()}, reward.step});
  }
  delivery.became.resize(delivery.inputs.size());
  return delivery;
}

// Once the circuit has them. Only what was taken makes a second one a duplicate.
void Settle(Delivery* delivery, RewardIds* known) {
  for (size_t i = 0; i < delivery->became.size(); ++i) {
    const Disposition became = delivery->became[i];
    delivery->dispositions[delivery->places[i]] = became;
    const bool taken = became != Disposition::kExpired && became != Disposition::kUnknownEvent;
    if (taken && !delivery->ids[i].empty()) known->Add(std::move(delivery->ids[i]));
  }
}

// Room for the asked columns as they may be after the step. The agent must have prepared for it.
std::vector<ColumnCopy> MakeReport(std::span<const ColumnId> columns, State& state) {
  std::vector<ColumnCopy> report;
  report.reserve(columns.size());
  for (const ColumnId column : columns) {
    report.push_back({column, {}});
    report.back().bytes.reserve(state.layout().columns[column].arena >= 0
                                    ? state.arena(column).reserved()
                                    : state.bytes(column).size());
  }
  return report;
}

// Room for every sample.
std::vector<Samples> MakeRecordings(std::span<const RecordArguments> record, const Circuit& circuit,
                                    int ticks) {
  std::vector<Samples> recordings;
  recordings.reserve(record.size());
  for (const RecordArguments& r : record) {
    const Column& column = circuit.layout().columns[r.column];
    Samples samples{r.column, ticks / r.every, {}};
    samples.bytes.resize(samples.count * column.size() * SizeOf(column.type));
    recordings.push_back(std::move(samples));
  }
  return recordings;
}

std::vector<Recorder> RecordersOf(std::span<const RecordArguments> record,
                                  std::vector<Samples>& recordings) {
  std::vector<Recorder> recorders;
  recorders.reserve(record.size());
  for (size_t i = 0; i < record.size(); ++i) {
    recorders.push_back({record[i].column, record[i].every, recordings[i].bytes.data()});
  }
  return recorders;
}

}  // namespace

absl::StatusOr<StepAnswer> Turn::Step(const StepArguments& step, const absl::Status& valid) {
  Inside& in = inside();
  if (const StepAnswer* done = in.answers.Find(step.request_id)) {
    return StepAnswer{done->outcome, done->ticket, true};
  }
  RETURN_IF_ERROR(CheckStep(step.step));
  RETURN_IF_ERROR(valid);
  RETURN_IF_ERROR(CheckRewards(step.rewards));
  RETURN_IF_ERROR(CheckTaken(step));
  Delivery delivery = Sort(step.rewards, in);
  StepInput input;
  input.observation = step.observation;
  input.rewards = delivery.inputs;
  input.end = step.end;
  input.ticks = step.ticks;
  input.greedy = step.greedy;
  input.learning = learning();
  input.forbidden = step.forbidden;
  input.taken_action = step.taken_action;
  input.dispositions = delivery.became;
  RETURN_IF_ERROR(in.agent.Check(input));

  // All the memory that the turn needs, before anything changes.
  const Circuit& circuit = in.agent.circuit();
  const int ticks = step.ticks == 0 ? circuit.spec().ticks_per_step : step.ticks;
  in.agent.state().Prepare(ticks);
  auto outcome = std::make_shared<StepOutcome>();
  outcome->end = step.end;
  if (step.end == End::kNone) outcome->action.resize(circuit.action_size());
  outcome->report = MakeReport(step.report, in.agent.state());
  outcome->recordings =
      MakeRecordings(step.record, circuit, step.end == End::kTerminated ? 0 : ticks);
  const std::vector<Recorder> recorders = RecordersOf(step.record, outcome->recordings);
  input.recorders = recorders;
  outcome->incarnation = in.card.incarnation;
  in.answers.Prepare();
  in.reward_ids.Prepare(delivery.ids.size());
  std::string request_id(step.request_id), run_id(step.run_id);
  const bool new_run = !run_id.empty() && run_id != in.run_id;
  const bool reset = new_run && in.agent.episode_steps() > 0;
  in.rewind.Begin(in.agent, circuit.TurnSeconds(ticks, delivery.inputs.size()));
  if (reset) in.rewind.AddReset(learning());
  in.rewind.AddStep(input);
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   Append(&step, circuit.TurnSeconds(ticks, delivery.inputs.size()),
                          input.observation.size_bytes() + step.forbidden.size()));

  // Nothing fails from here on but what the circuit itself makes of its input.
  if (reset) {
    in.agent.ResetEpisode(learning());
    RETURN_IF_ERROR(UndoIfDiverged());
  }
  outcome->step = in.agent.steps();
  outcome->episode = in.agent.episodes();
  in.agent.Step(input, outcome->action);
  RETURN_IF_ERROR(UndoIfDiverged());
  in.rewind.Commit();
  if (new_run) in.run_id = std::move(run_id);
  outcome->time = in.agent.time();
  for (ColumnCopy& copy : outcome->report) {
    copy.bytes.resize(in.agent.state().bytes(copy.column).size());
    phasic::Read(circuit, in.agent.state(), copy.column, copy.bytes.data());
  }
  Settle(&delivery, &in.reward_ids);
  outcome->dispositions = std::move(delivery.dispositions);
  Count(outcome->dispositions);
  PublishStats();
  Tell(outcome.get(), step.rewards, outcome->dispositions);
  const StepAnswer answer{std::move(outcome), ticket};
  if (!request_id.empty()) in.answers.Add(std::move(request_id), answer);
  return answer;
}

absl::StatusOr<RewardAnswer> Turn::Reward(std::span<const RewardArguments> rewards) {
  Inside& in = inside();
  RETURN_IF_ERROR(CheckRewards(rewards));
  Delivery delivery = Sort(rewards, in);
  RETURN_IF_ERROR(in.agent.CheckTurn(0, delivery.inputs.size()));
  RETURN_IF_ERROR(in.agent.CheckPast(delivery.inputs, learning()));
  in.reward_ids.Prepare(delivery.ids.size());
  in.rewind.Begin(in.agent, in.agent.circuit().TurnSeconds(0, delivery.inputs.size()));
  for (const RewardInput& input : delivery.inputs) in.rewind.AddReward(input, learning());
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   Append(rewards, in.agent.circuit().TurnSeconds(0, delivery.inputs.size()),
                          rewards.size() * sizeof(RewardArguments)));

  for (size_t i = 0; i < delivery.inputs.size(); ++i) {
    delivery.became[i] = in.agent.Reward(delivery.inputs[i], learning());
    RETURN_IF_ERROR(UndoIfDiverged());
  }
  in.rewind.Commit();
  Settle(&delivery, &in.reward_ids);
  Count(delivery.dispositions);
  PublishStats();
  Tell(nullptr, rewards, delivery.dispositions);
  return RewardAnswer{std::move(delivery.dispositions), ticket};
}

}  // namespace phasic
