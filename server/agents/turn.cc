// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/base/clock.h"

namespace phasic {
namespace {

// When a state should be stored again: when doing the inputs since then again would take long,
// beside what it takes to store the state, or their bytes are many beside its own.
constexpr double kReplaySeconds = 2, kSecondsPerByte = 1e-7;
constexpr int64_t kReplayBytes = 1 << 20;
constexpr size_t kRecordBytes = 48;  // of an input beside its numbers

}  // namespace

absl::StatusOr<Turn> Turn::Take(AgentPtr agent, const Patience& patience, Journal& journal) {
  const Turnstile::Entry entry = agent->turnstile_.Enter(patience);
  return Of(entry, std::move(agent), journal);
}

absl::StatusOr<Turn> Turn::Of(Turnstile::Entry entry, AgentPtr&& agent, Journal& journal) {
  switch (entry) {
    case Turnstile::Entry::kEntered: {
      if (agent->awake()) return Turn(std::move(agent), journal);
      Turn turn(agent, journal);
      RETURN_IF_ERROR(turn.agent_->home_->Wake(*turn.agent_));
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

absl::Status Turn::CheckTaken(const StepArguments& step) const {
  const bool shadow = inside().card.settings.mode == Mode::kShadow;
  if (!shadow && !step.taken_action.empty()) {
    return InvalidField(errors::kBadField, "taken_action",
                        "is given, but the agent is not in SHADOW mode");
  }
  if (shadow && step.end == End::kNone && step.taken_action.empty()) {
    return InvalidField(errors::kBadField, "taken_action",
                        "is missing; the agent is in SHADOW mode and learns from it");
  }
  return absl::OkStatus();
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

void Turn::KeepWayBack(double seconds, std::vector<std::byte>* spare) {
  inside().rewind.Begin(inside().agent, seconds, spare);
}

std::vector<std::byte>* Turn::OwnSpare() {
  thread_local std::vector<std::byte> spare;
  return &spare;
}

absl::Status Turn::UndoIfDiverged() {
  Inside& in = inside();
  const Divergence divergence = in.agent.divergence();
  if (divergence.column == kNoColumn) return absl::OkStatus();
  in.rewind.Undo(&in.agent);
  const Column& column = in.agent.circuit().layout().columns[divergence.column];
  return errors::Diverged(column.component, column.name, divergence.tick);
}

absl::StatusOr<Journal::Ticket> Turn::Append(const JournalRecord::Input& input, double seconds,
                                             size_t bytes) {
  const Identity& identity = agent_->identity();
  Inside& in = inside();
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   journal_->Append({identity.uid, in.sequence + 1, identity.durability, input}));
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

absl::StatusOr<Journal::Ticket> Turn::ResetEpisode(const std::optional<uint64_t>& step) {
  RETURN_IF_ERROR(CheckStep(step));
  Inside& in = inside();
  KeepWayBack(in.agent.circuit().TurnSeconds(1, 0));
  in.rewind.AddReset(learning());
  ASSIGN_OR_RETURN(const Journal::Ticket ticket,
                   Append(ResetArguments{}, in.agent.circuit().TurnSeconds(1, 0), 0));
  in.agent.ResetEpisode(learning());
  RETURN_IF_ERROR(UndoIfDiverged());
  in.rewind.Commit();
  PublishStats();
  Tell();
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
  const bool thaws = in.card.settings.mode == Mode::kFrozen && settings.mode != Mode::kFrozen;
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
  Tell();
  return ticket;
}

void Turn::Close() {
  agent_->turnstile_.Close();
  EndWatch();
}

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
      case Disposition::kPending:
        ++stats.rewards_pending;
        break;
      case Disposition::kExpired:
        ++stats.rewards_expired;
        break;
      case Disposition::kUnknownEvent:
        ++stats.rewards_unknown_event;
        break;
    }
  }
}

void Turn::PublishStats() noexcept {
  const Agent& agent = inside().agent;
  Stats& stats = inside().card.stats;
  stats.steps = agent.steps();
  // A reward for a past step may be of an episode that has ended.
  const bool looks_back = agent.circuit().reward_window().episodes != kNoColumn;
  if (looks_back || stats.episodes != agent.episodes()) {
    stats.episodes = agent.episodes();
    stats.mean_return = agent.MeanReturn(&stats.mean_return_episodes);
  }
  stats.time = agent.time();
  stats.last_active = std::max(AboutNow(), agent_->identity().create_time);
  agent_->stats_.Store(stats);
}

}  // namespace phasic
