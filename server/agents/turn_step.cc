// SPDX-License-Identifier: Apache-2.0
//
// The inputs that come often: steps and rewards.
#include <unordered_set>
#include <utility>

#include "core/base/status_macros.h"
#include "server/agents/turn.h"

namespace phasic {
namespace {

// The rewards of one call, ready to deliver.
struct Delivery {
  std::vector<RewardInput> inputs;        // without the duplicates
  std::vector<std::string> ids;           // of those that have one
  std::vector<Disposition> dispositions;  // one for each reward of the call
};

Delivery Sort(std::span<const RewardArguments> rewards, const RewardIds& known, bool learning) {
  Delivery delivery;
  delivery.inputs.reserve(rewards.size());
  delivery.dispositions.reserve(rewards.size());
  std::unordered_set<std::string_view> seen;
  for (const RewardArguments& reward : rewards) {
    if (!reward.id.empty()) {
      if (known.Knows(reward.id) || !seen.insert(reward.id).second) {
        delivery.dispositions.push_back(Disposition::kDuplicate);
        continue;
      }
      delivery.ids.emplace_back(reward.id);
    }
    delivery.inputs.push_back({reward.channel, {reward.values.begin(), reward.values.end()}});
    delivery.dispositions.push_back(learning ? Disposition::kApplied : Disposition::kNotLearning);
  }
  return delivery;
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
  Delivery delivery = Sort(step.rewards, in.reward_ids, learning());
  StepInput input;
  input.observation = step.observation;
  input.rewards = delivery.inputs;
  input.end = step.end;
  input.ticks = step.ticks;
  input.greedy = step.greedy;
  input.learning = learning();
  input.forbidden = step.forbidden;
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
  outcome->dispositions = std::move(delivery.dispositions);
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
    const auto bytes = in.agent.state().bytes(copy.column);
    copy.bytes.assign(bytes.begin(), bytes.end());
  }
  for (std::string& id : delivery.ids) in.reward_ids.Add(std::move(id));
  Count(outcome->dispositions);
  PublishStats();
  const StepAnswer answer{std::move(outcome), ticket};
  if (!request_id.empty()) in.answers.Add(std::move(request_id), answer);
  return answer;
}

absl::StatusOr<RewardAnswer> Turn::Reward(std::span<const RewardArguments> rewards) {
  Inside& in = inside();
  RETURN_IF_ERROR(CheckRewards(rewards));
  Delivery delivery = Sort(rewards, in.reward_ids, learning());
  RETURN_IF_ERROR(in.agent.CheckTurn(0, delivery.inputs.size()));
  in.reward_ids.Prepare(delivery.ids.size());
  in.rewind.Begin(in.agent, in.agent.circuit().TurnSeconds(0, delivery.inputs.size()));
  for (const RewardInput& input : delivery.inputs) in.rewind.AddReward(input, learning());
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   Append(rewards, in.agent.circuit().TurnSeconds(0, delivery.inputs.size()),
                          rewards.size() * sizeof(RewardArguments)));

  for (const RewardInput& input : delivery.inputs) {
    in.agent.Reward(input, learning());
    RETURN_IF_ERROR(UndoIfDiverged());
  }
  in.rewind.Commit();
  for (std::string& id : delivery.ids) in.reward_ids.Add(std::move(id));
  Count(delivery.dispositions);
  PublishStats();
  return RewardAnswer{std::move(delivery.dispositions), ticket};
}

}  // namespace phasic
