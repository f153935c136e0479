// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/columns.h"
#include "server/agents/errors.h"
#include "server/convert/writes.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"

namespace phasic::handlers {

absl::Status WriteState(const Call& call, const v1::WriteStateRequest& request,
                        v1::WriteStateResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
  if (request.writes_size() < 1 || request.writes_size() > limits::kMaxWrites) {
    return InvalidField(
        errors::kBadField, "writes",
        absl::StrCat("are ", request.writes_size(), ", but must be 1 to ", limits::kMaxWrites));
  }
  std::vector<ColumnId> columns;
  for (const v1::VariableWrite& write : request.writes()) {
    columns.push_back(FindColumn(agent->circuit(), write.variable()));
    if (columns.back() == kNoColumn) {
      return errors::VariableNotFound(agent->identity().name(), write.variable());
    }
  }
  std::vector<Violation> violations;
  convert::WriteList list;
  list.Read(request.writes(), columns, agent->circuit(), &violations);
  if (!violations.empty()) return InvalidFields("BAD_WRITE", std::move(violations));
  std::optional<uint64_t> step;
  if (request.has_step()) step = request.step();
  Journal::Ticket ticket;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    ASSIGN_OR_RETURN(ticket, turn.WriteState(list.writes(), step, request.etag()));
    response->set_digest(turn.Digest());
  }
  return call.env.journal.Wait(ticket);
}

}  // namespace phasic::handlers
