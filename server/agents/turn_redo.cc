// SPDX-License-Identifier: Apache-2.0
//
// Inputs that are done again, from a journal.
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/turn.h"

namespace phasic {
namespace {

// What a caller's words have been checked for before they became an input.
absl::Status CheckInput(const JournalRecord::Input& input, const Circuit& circuit) {
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

struct Turn::Redoer {
  Turn& turn;
  absl::Status operator()(const StepArguments* step) const {
    StepRoom room;
    return turn.Step(*step, absl::OkStatus(), &room).status();
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

absl::Status Turn::Redo(AgentPtr agent, const JournalRecord::Input& input) {
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

}  // namespace phasic
