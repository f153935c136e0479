// SPDX-License-Identifier: Apache-2.0
#include "server/store/agent_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "server/store/errors.h"
#include "server/store/parts.h"

namespace phasic::store {
namespace {

uint64_t SumOfCircuit(uint64_t key, std::string_view spec) {
  return Hash().Add(key).Add(spec).value();
}

uint64_t SumOfNames(const AgentRow& row) {
  return Hash()
      .Add(row.uid)
      .Add(std::string_view(row.tenant))
      .Add(std::string_view(row.id))
      .Add(std::string_view(row.made_by))
      .Add(row.circuit)
      .value();
}

uint64_t SumOfCard(uint64_t agent, std::string_view card) {
  return Hash().Add(agent).Add(card).value();
}

uint64_t SumOfState(uint64_t agent, uint64_t sequence, std::string_view bytes) {
  return Hash().Add(agent).Add(sequence).Add(bytes).value();
}

// Of an agent that has no state yet.
uint64_t SumOfNoState(uint64_t agent) { return Hash().Add(agent).value(); }

absl::Status NoAgent(const Database& database, uint64_t agent) {
  return absl::NotFoundError(
      absl::StrCat("the store ", database.path(), " has no agent with uid ", agent));
}

absl::Status WrongSum(const Database& database, const std::string& what) {
  return Corrupt(database.path(), absl::StrCat(what, " has a wrong checksum"));
}

}  // namespace

absl::Status WriteCircuit(Database* database, uint64_t key, std::string_view spec) {
  return database
      ->Run("INSERT INTO circuits (key, spec, sum) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
            key, Blob{spec}, SumOfCircuit(key, spec))
      .status();
}

absl::StatusOr<std::string> ReadCircuit(Database* database, uint64_t key) {
  ASSIGN_OR_RETURN(Statement s,
                   database->Query("SELECT spec, sum FROM circuits WHERE key = ?", key));
  ASSIGN_OR_RETURN(const bool found, s.Step());
  if (!found) {
    return absl::NotFoundError(
        absl::StrCat("the store ", database->path(), " has no circuit with key ", key));
  }
  std::string spec = s.Text(0);
  if (s.Uint(1) != SumOfCircuit(key, spec)) {
    return WrongSum(*database, absl::StrCat("circuits row ", key));
  }
  return spec;
}

absl::Status InsertAgent(Database* database, const AgentRow& row) {
  constexpr const char* kSql =
      "INSERT INTO agents (uid, tenant, id, made_by, circuit, sum, card, card_sum, sequence,"
      " state_bytes, state_sum) VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, 0, NULL, ?)";
  return database
      ->Run(kSql, row.uid, std::string_view(row.tenant), std::string_view(row.id),
            std::string_view(row.made_by), row.circuit, SumOfNames(row), Blob{row.card},
            SumOfCard(row.uid, row.card), SumOfNoState(row.uid))
      .status();
}

absl::Status WriteCard(Database* database, uint64_t agent, std::string_view card) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   database->Run("UPDATE agents SET card = ?, card_sum = ? WHERE uid = ?",
                                 Blob{card}, SumOfCard(agent, card), agent));
  return changed == 1 ? absl::OkStatus() : NoAgent(*database, agent);
}

absl::Status WriteState(Database* database, const PutState& change) {
  constexpr const char* kSql =
      "UPDATE agents SET card = ?, card_sum = ?, sequence = ?, state_bytes = ?, state_sum = ?"
      " WHERE uid = ?";
  ASSIGN_OR_RETURN(
      const int64_t changed,
      database->Run(kSql, Blob{change.card}, SumOfCard(change.agent, change.card), change.sequence,
                    uint64_t{change.bytes.size()},
                    SumOfState(change.agent, change.sequence, change.bytes), change.agent));
  if (changed == 0) return NoAgent(*database, change.agent);
  return WriteParts(database, {Owner::Table::kStates, change.agent}, change.bytes);
}

absl::Status EraseAgent(Database* database, uint64_t agent) {
  // States, snapshots and their parts go with it, as the tables say.
  ASSIGN_OR_RETURN(const int64_t changed, database->Run("DELETE FROM agents WHERE uid = ?", agent));
  return changed == 1 ? absl::OkStatus() : NoAgent(*database, agent);
}

absl::StatusOr<AgentRow> TakeAgent(const Database& database, const Statement& s) {
  AgentRow row{.uid = s.Uint(0),
               .tenant = s.Text(1),
               .id = s.Text(2),
               .made_by = s.Text(3),
               .circuit = s.Uint(4),
               .card = s.Text(6)};
  if (s.Uint(5) != SumOfNames(row) || s.Uint(7) != SumOfCard(row.uid, row.card)) {
    return WrongSum(database, absl::StrCat("agents row ", row.uid));
  }
  return row;
}

absl::StatusOr<std::optional<AgentRow>> TakeFirst(const Database& database,
                                                  absl::StatusOr<Statement> statement) {
  RETURN_IF_ERROR(statement.status());
  ASSIGN_OR_RETURN(const bool found, statement->Step());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(AgentRow row, TakeAgent(database, *statement));
  return row;
}

absl::StatusOr<std::optional<uint64_t>> ReadSequence(Database* database, uint64_t agent) {
  ASSIGN_OR_RETURN(Statement s,
                   database->Query("SELECT sequence FROM agents WHERE uid = ?", agent));
  ASSIGN_OR_RETURN(const bool found, s.Step());
  if (!found) return std::nullopt;
  return s.Uint(0);
}

absl::StatusOr<std::optional<StateRow>> ReadState(Database* database, uint64_t agent) {
  ASSIGN_OR_RETURN(
      Statement s,
      database->Query("SELECT sequence, state_bytes, state_sum FROM agents WHERE uid = ?", agent));
  ASSIGN_OR_RETURN(const bool found, s.Step());
  if (!found) return NoAgent(*database, agent);
  StateRow row{.sequence = s.Uint(0), .bytes = {}};
  const uint64_t sum = s.Uint(2);
  const std::string name = absl::StrCat("the state of agents row ", agent);
  if (s.IsNull(1)) {
    if (row.sequence != 0 || sum != SumOfNoState(agent)) return WrongSum(*database, name);
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(row.bytes, ReadParts(database, {Owner::Table::kStates, agent}, s.Uint(1)));
  if (sum != SumOfState(agent, row.sequence, row.bytes)) return WrongSum(*database, name);
  return row;
}

}  // namespace phasic::store
