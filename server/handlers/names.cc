// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/names.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"

namespace phasic::handlers {
namespace {

bool IsWord(std::string_view text, bool underscores) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inside = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || (underscores && c == '_');
  };
  return !text.empty() && text.size() <= limits::kMaxIdLength && letter(text.front()) &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), inside);
}

// "{collection}/{id}" at the head of the text; nothing when it is not there.
bool TakeSegment(std::string_view collection, std::string_view* text, std::string_view* id) {
  if (!text->starts_with(collection)) return false;
  const size_t end = text->find('/', collection.size());
  *id = text->substr(collection.size(), end - collection.size());
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return IsId(*id);
}

}  // namespace

bool IsId(std::string_view text) { return IsWord(text, false); }
bool IsLabelKey(std::string_view text) { return IsWord(text, true); }

absl::StatusOr<std::string_view> AgentIdOf(const Call& call, std::string_view name,
                                           const std::string& field) {
  std::string_view rest = name, tenant = call.tenant, id;
  if ((rest.starts_with("tenants/") && !TakeSegment("tenants/", &rest, &tenant)) ||
      !TakeSegment("agents/", &rest, &id) || !rest.empty() || name.back() == '/') {
    return InvalidField(
        errors::kBadField, field,
        "must be agents/ID or tenants/TENANT/agents/ID; ids are lower-case letters, "
        "digits and hyphens");
  }
  if (tenant != call.tenant) return errors::AgentNotFound(std::string(name));
  return id;
}

absl::StatusOr<SnapshotPath> SnapshotPathOf(const std::string& name) {
  constexpr std::string_view kSnapshots = "/snapshots/";
  const size_t at = name.find(kSnapshots);
  SnapshotPath path{name.substr(0, at), {}};
  if (at != std::string::npos) path.snapshot = name.substr(at + kSnapshots.size());
  if (IsId(path.snapshot)) return path;
  return InvalidField(errors::kBadField, "name",
                      "must be agents/AGENT/snapshots/SNAPSHOT, with or without tenants/TENANT/ "
                      "before it; ids are lower-case letters, digits and hyphens");
}

absl::Status CheckParent(const Call& call, const std::string& parent) {
  if (parent.empty()) return absl::OkStatus();
  std::string_view rest = parent, tenant;
  if (!TakeSegment("tenants/", &rest, &tenant) || !rest.empty() || parent.back() == '/') {
    return InvalidField(errors::kBadField, "parent", "must be empty or tenants/TENANT");
  }
  return tenant == call.tenant ? absl::OkStatus() : errors::TenantNotFound(parent);
}

absl::StatusOr<AgentPtr> FindAgent(const Call& call, const std::string& name,
                                   const std::string& field) {
  ASSIGN_OR_RETURN(const std::string_view id, AgentIdOf(call, name, field));
  AgentPtr agent = call.env.hosting.Find(id);
  if (agent == nullptr) {
    return errors::AgentNotFound(
        absl::StrCat("tenants/", call.tenant, "/agents/", std::string(id)));
  }
  return agent;
}

absl::StatusOr<AgentPtr> KnownAgent(const Call& call, const std::string& name,
                                    const std::string& field) {
  ASSIGN_OR_RETURN(AgentPtr agent, FindAgent(call, name, field));
  RETURN_IF_ERROR(call.env.hosting.Know(agent, call.patience));
  return agent;
}

absl::StatusOr<Turn> TakeTurn(const Call& call, const AgentPtr& agent) {
  absl::StatusOr<Turn> turn = Turn::Take(agent, call.patience, call.env.journal);
  RETURN_IF_ERROR(call.env.journal.Wait(EndOf(*agent, turn.status())));
  return turn;
}

Journal::Ticket EndOf(const HostedAgent& agent, const absl::Status& status) {
  return absl::IsNotFound(status) ? agent.last_ticket() : 0;
}

uint64_t DrawSeed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

std::string DrawAgentId(const Call& call) {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz234567";
  while (true) {
    std::string id = "agent-";
    uint64_t bits = DrawSeed();
    for (int i = 0; i < 10; ++i, bits >>= 5) id.push_back(kLetters[bits & 31]);
    if (call.env.registry.Find(id) == nullptr) return id;
  }
}

}  // namespace phasic::handlers
