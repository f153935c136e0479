// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn.h"

#include <algorithm>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"

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

// When a state should be stored again: when doing the inputs since then again would take long,
// beside what it takes to store the state, or their bytes are many beside its own.
constexpr double kReplaySeconds = 2, kSecondsPerByte = 1e-7;
constexpr int64_t kReplayBytes = 1 << 20;
constexpr size_t kRecordBytes = 48;  // of an input beside its numbers

// What a caller's words have been checked for before they became an input.
absl::Status CheckInput(const decltype(JournalRecord::input)& input, const Circuit& circuit) {
  const auto columns = static_cast<ColumnId>(circuit.layout().columns.size());
  const auto known = [&](ColumnId column) { return column >= 0 && column < columns; };
  bool fits = true;
  if (const auto* const* step = std::get_if<const StepArguments*>(&input)) {
    for (const ColumnId column : (*step)->report) fits = fits && known(column);
    for (const RecordArguments& record : (*step)->record) {
      fits = fits && known(record.column) && record.every >= 1;
    }
  }
  if (const auto* writes = std::get_if<std::span<const StateWrite>>(&input)) {
    for (const StateWrite& write : *writes) fits = fits && known(write.column);
  }
  if (const auto* const* change = std::get_if<const SettingsChange*>(&input)) {
    const auto parameters = static_cast<int>(circuit.live_parameters().size());
    for (const auto& [index, value] : (*change)->live_parameters) {
      fits = fits && index >= 0 && index < parameters;
    }
  }
  return fits ? absl::OkStatus() : errors::Corrupt("an input of another circuit");
}

}  // namespace

absl::StatusOr<Turn> Turn::Take(AgentPtr agent, const Patience& patience, Journal& journal) {
  const Turnstile::Entry entry = agent->turnstile_.Enter(patience);
  return Of(entry, std::move(agent), journal);
}

absl::StatusOr<Turn> Turn::Of(Turnstile::Entry entry, AgentPtr agent, Journal& journal) {
  switch (entry) {
    case Turnstile::Entry::kEntered: {
      Turn turn(std::move(agent), journal);
      if (!turn.agent_->awake()) RETURN_IF_ERROR(turn.agent_->home_->Wake(*turn.agent_));
      return turn;
    }
    case Turnstile::Entry::kFull:
      return errors::TooManyWaiting(agent->identity().name(), agent->turnstile_.max_waiting());
    case Turnstile::Entry::kDeadline:
      return errors::DeadlineExceeded();
    case Turnstile::Entry::kGone:
      return errors::Cancelled();
    case Turnstile::Entry::kClosed:
      return errors::AgentNotFound(agent->identity().name());
  }
  return errors::Internal("no such entry");
}

Turn::~Turn() {
  if (agent_ != nullptr) agent_->turnstile_.Leave();
}

absl::Status Turn::CheckStep(const std::optional<uint64_t>& step) const {
  const uint64_t next = inside().agent.steps();
  return !step || *step == next ? absl::OkStatus() : errors::StepMismatch(*step, next);
}

absl::Status Turn::CheckEtag(const std::string& etag) const {
  const std::string now = EtagOf(card());
  return etag.empty() || etag == now ? absl::OkStatus() : errors::EtagMismatch(now);
}

absl::Status Turn::CheckRewards(std::span<const RewardArguments> rewards) const {
  for (size_t i = 0; i < rewards.size(); ++i) {
    const absl::Status status = inside().agent.CheckReward(rewards[i].channel, rewards[i].values);
    if (status.ok()) continue;
    ErrorDetails details = DetailsOf(status);
    for (Violation& violation : details.violations) {
      if (rewards[i].scalar && violation.field.starts_with("values")) violation.field = "value";
      violation.field = absl::StrCat("rewards[", i, "].", violation.field);
    }
    return InvalidFields(details.reason, std::move(details.violations));
  }
  return absl::OkStatus();
}

absl::Status Turn::UndoIfDiverged() {
  Inside& in = inside();
  const Divergence divergence = in.agent.divergence();
  if (divergence.column == kNoColumn) return absl::OkStatus();
  in.rewind.Undo(&in.agent);
  const Column& column = in.agent.circuit().layout().columns[divergence.column];
  return errors::Diverged(column.component, column.name, divergence.tick);
}

absl::StatusOr<Journal::Ticket> Turn::Append(decltype(JournalRecord::input) input, double seconds,
                                             size_t bytes) {
  const Identity& identity = agent_->identity();
  Inside& in = inside();
  ASSIGN_OR_RETURN(
      const Journal::Ticket ticket,
      journal_->Append({identity.uid, in.sequence + 1, identity.durability, std::move(input)}));
  ++in.sequence;
  agent_->set_last_ticket(ticket);
  if (identity.durability < Durability::kJournaled) return ticket;
  in.replay_seconds += seconds;
  in.replay_bytes += static_cast<int64_t>(bytes + kRecordBytes);
  const int64_t state = in.agent.circuit().state_bytes();
  const double bearable = std::max(kReplaySeconds, static_cast<double>(state) * kSecondsPerByte);
  if (in.due || (in.replay_seconds <= bearable && in.replay_bytes <= kReplayBytes + 4 * state)) {
    return ticket;
  }
  in.due = true;
  if (agent_->home_ != nullptr) agent_->home_->Due(*agent_);
  return ticket;
}

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

absl::StatusOr<Journal::Ticket> Turn::ResetEpisode(const std::optional<uint64_t>& step) {
  RETURN_IF_ERROR(CheckStep(step));
  Inside& in = inside();
  in.rewind.Begin(in.agent, in.agent.circuit().TurnSeconds(1, 0));
  in.rewind.AddReset(learning());
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   Append(ResetArguments{}, in.agent.circuit().TurnSeconds(1, 0), 0));
  in.agent.ResetEpisode(learning());
  RETURN_IF_ERROR(UndoIfDiverged());
  in.rewind.Commit();
  PublishStats();
  return ticket;
}

absl::StatusOr<Journal::Ticket> Turn::Update(const SettingsChange& change,
                                             const std::string& etag) {
  Inside& in = inside();
  RETURN_IF_ERROR(CheckEtag(etag));
  Settings settings = in.card.settings;
  if (change.mode) settings.mode = *change.mode;
  if (change.replace_labels) settings.labels.clear();
  for (const auto& [key, value] : change.labels) {
    if (value) {
      settings.labels[key] = *value;
    } else {
      settings.labels.erase(key);
    }
  }
  if (settings.labels.size() > limits::kMaxLabels) {
    return InvalidField(errors::kBadField, "agent.labels",
                        absl::StrCat("would be ", settings.labels.size(), ", but at most ",
                                     limits::kMaxLabels, " are allowed"));
  }
  for (const auto& [index, value] : change.live_parameters) {
    settings.live_parameters[index] = value;
  }
  ++settings.version;
  Settings published = settings;
  ASSIGN_OR_RETURN(const Journal::Ticket ticket, Append(&change, 0, 0));

  in.rewind.Forget();
  for (const auto& [index, value] : change.live_parameters) {
    in.agent.set_live_parameter(in.agent.circuit().live_parameters()[index], value);
  }
  const bool thaws = in.card.settings.mode == Mode::kFrozen && settings.mode == Mode::kLearning;
  if (thaws) in.agent.ForgetRewards();
  in.card.settings = std::move(settings);
  MutexLock lock(agent_->card_mutex_);
  agent_->card_.settings = std::move(published);
  return ticket;
}

absl::StatusOr<Journal::Ticket> Turn::WriteState(std::span<const StateWrite> writes,
                                                 const std::optional<uint64_t>& step,
                                                 const std::string& etag) {
  Inside& in = inside();
  RETURN_IF_ERROR(CheckEtag(etag));
  RETURN_IF_ERROR(CheckStep(step));
  RETURN_IF_ERROR(CheckWrites(in.agent, writes));
  size_t bytes = 0;
  for (const StateWrite& write : writes) bytes += write.values.size() + sizeof write;
  ASSIGN_OR_RETURN(const Journal::Ticket ticket, Append(writes, 0, bytes));
  in.rewind.Forget();
  Write(writes, &in.agent);
  PublishStats();
  return ticket;
}

void Turn::Close() { agent_->turnstile_.Close(); }

Inside Turn::Copy(std::optional<uint64_t> seed, Budget::Room room) const {
  const Inside& in = inside();
  Inside copy(in.agent, std::move(room));
  if (seed) copy.agent.set_seed(*seed);
  // Not the answers: they are to calls that named the original.
  copy.card = in.card;
  copy.reward_ids = in.reward_ids;
  copy.run_id = in.run_id;
  return copy;
}

struct Turn::Redoer {
  Turn& turn;
  absl::Status operator()(const StepArguments* step) const {
    return turn.Step(*step, absl::OkStatus()).status();
  }
  absl::Status operator()(std::span<const RewardArguments> rewards) const {
    return turn.Reward(rewards).status();
  }
  absl::Status operator()(ResetArguments) const { return turn.ResetEpisode({}).status(); }
  absl::Status operator()(const SettingsChange* change) const {
    return turn.Update(*change, "").status();
  }
  absl::Status operator()(std::span<const StateWrite> writes) const {
    return turn.WriteState(writes, {}, "").status();
  }
};

absl::Status Turn::Redo(AgentPtr agent, const decltype(JournalRecord::input)& input) {
  MemoryJournal nowhere;
  Turn turn(std::move(agent), nowhere);
  RETURN_IF_ERROR(CheckInput(input, turn.agent_->circuit()));
  const uint64_t before = turn.inside().sequence;
  const absl::Status status = std::visit(Redoer{turn}, input);
  const bool taken = turn.inside().sequence == before + 1;
  turn.agent_ = nullptr;  // The turn is the caller's.
  // A step that diverged then does so again, and is undone again.
  if (taken || absl::IsResourceExhausted(status)) return taken ? absl::OkStatus() : status;
  return errors::Corrupt(absl::StrCat("an input that the agent refuses: ", status.message()));
}

void Turn::Count(std::span<const Disposition> dispositions) noexcept {
  Stats& stats = inside().card.stats;
  for (const Disposition disposition : dispositions) {
    switch (disposition) {
      case Disposition::kApplied:
        ++stats.rewards_applied;
        break;
      case Disposition::kDuplicate:
        ++stats.rewards_duplicate;
        break;
      case Disposition::kNotLearning:
        ++stats.rewards_not_learning;
        break;
    }
  }
}

void Turn::PublishStats() noexcept {
  const Agent& agent = inside().agent;
  Stats& stats = inside().card.stats;
  stats.steps = agent.steps();
  if (stats.episodes != agent.episodes()) {
    stats.episodes = agent.episodes();
    stats.mean_return = agent.MeanReturn(&stats.mean_return_episodes);
  }
  stats.time = agent.time();
  stats.last_active = std::chrono::system_clock::now();
  MutexLock lock(agent_->card_mutex_);
  agent_->card_.stats = stats;
}

}  // namespace phasic
