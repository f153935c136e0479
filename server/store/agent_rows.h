// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

// The tables `circuits`, `agents` and `states`, with their checksums. Within the
// caller's transaction, if a function runs more than one statement. NOT_FOUND when a write names
// what is not there, ALREADY_EXISTS when it makes what is; DATA_LOSS when a row is not what was
// written.
namespace phasic::store {

absl::Status WriteCircuit(Database* database, uint64_t key, std::string_view spec);
absl::StatusOr<std::string> ReadCircuit(Database* database, uint64_t key);

absl::Status InsertAgent(Database* database, const AgentRow& row);
absl::Status WriteCard(Database* database, uint64_t agent, std::string_view card);
// The caller has checked the sequence.
absl::Status WriteState(Database* database, const PutState& change);
absl::Status EraseAgent(Database* database, uint64_t agent);

// What leads a query whose rows TakeAgent takes.
#define PHASIC_STORE_SELECT_AGENTS \
  "SELECT uid, tenant, id, made_by, circuit, sum, card, card_sum FROM agents "
absl::StatusOr<AgentRow> TakeAgent(const Database& database, const Statement& statement);
// The first row of a query, if there is any.
absl::StatusOr<std::optional<AgentRow>> TakeFirst(const Database& database,
                                                  absl::StatusOr<Statement> statement);

// Of its state; nothing when there is no such agent.
absl::StatusOr<std::optional<uint64_t>> ReadSequence(Database* database, uint64_t agent);
// NOT_FOUND when there is no such agent.
absl::StatusOr<std::optional<StateRow>> ReadState(Database* database, uint64_t agent);

}  // namespace phasic::store
