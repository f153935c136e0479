// SPDX-License-Identifier: Apache-2.0
#include "server/agents/errors.h"

#include "absl/strings/str_cat.h"
#include "server/agents/limits.h"

namespace phasic::errors {
namespace {

using absl::StatusCode;

absl::Status NotFound(const std::string& reason, const std::string& type, const std::string& name,
                      const std::string& message) {
  return MakeError(StatusCode::kNotFound, message,
                   {reason, {}, {{kResourceType, type}, {kResource, name}}});
}

}  // namespace

absl::Status AgentNotFound(const std::string& name) {
  return NotFound("AGENT_NOT_FOUND", "phasic.v1.Agent", name, absl::StrCat("there is no ", name));
}

absl::Status AgentExists(const std::string& name) {
  return MakeError(StatusCode::kAlreadyExists, absl::StrCat(name, " exists already"),
                   {"AGENT_EXISTS", {}, {{kResourceType, "phasic.v1.Agent"}, {kResource, name}}});
}

absl::Status TenantNotFound(const std::string& name) {
  return NotFound("TENANT_NOT_FOUND", "phasic.v1.Tenant", name, absl::StrCat("there is no ", name));
}

absl::Status CircuitNotFound(const std::string& name) {
  return NotFound("CIRCUIT_NOT_FOUND", "phasic.v1.Circuit", name,
                  absl::StrCat("there is no ", name, "; ListCircuits tells which there are"));
}

absl::Status VariableNotFound(const std::string& agent, const std::string& variable) {
  return NotFound("VARIABLE_NOT_FOUND", "phasic.v1.Variable", absl::StrCat(agent, "/", variable),
                  absl::StrCat(agent, " has no variable ", variable));
}

absl::Status BadExport(const std::string& why) { return InvalidField("BAD_EXPORT", "data", why); }

absl::Status EtagMismatch(const std::string& etag) {
  return MakeError(
      StatusCode::kAborted,
      absl::StrCat("the agent has changed since that etag was read; it is ", etag, " now"),
      {"ETAG_MISMATCH", {}, {{"etag", etag}}});
}

absl::Status StepMismatch(uint64_t expected, uint64_t next) {
  return MakeError(StatusCode::kAborted,
                   absl::StrCat("the next step is ", next, ", not ", expected),
                   {"STEP_MISMATCH", {}, {{"step", absl::StrCat(next)}}});
}

absl::Status Diverged(const std::string& component, const std::string& variable, uint64_t tick) {
  const std::string tick_text = absl::StrCat(tick);
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("the agent would diverge: in tick ", tick_text, " a number of ",
                                component, ".", variable,
                                " would not be finite; nothing of this call was kept. A lower "
                                "learning rate, smaller rewards or bounded weights may help"),
                   {"AGENT_DIVERGED",
                    {{absl::StrCat(component, ".", variable), "would not be finite"}},
                    {{"component", component}, {"variable", variable}, {"tick", tick_text}}});
}

absl::Status ServerFull(const std::string& limit, const std::string& description) {
  return MakeError(StatusCode::kResourceExhausted,
                   absl::StrCat("the server is full: ", description),
                   {"SERVER_FULL", {{limit, description}}, {}});
}

absl::Status TooManyWaiting(const std::string& name, int64_t waiting) {
  const std::string text = absl::StrCat(waiting, " calls wait for ", name, " already");
  return MakeError(StatusCode::kResourceExhausted, text,
                   {"TOO_MANY_WAITING", {{"max_waiting_turns", text}}, {{kRetryMs, "100"}}});
}

absl::Status TooMuchInspected() {
  const std::string text = "the copies that other Inspect calls are sending fill their memory";
  return MakeError(StatusCode::kResourceExhausted, text,
                   {"TOO_MUCH_INSPECTED", {{"inspect_bytes", text}}, {{kRetryMs, "1000"}}});
}

absl::Status TooManyWatchers(const std::string& what, int64_t limit) {
  const std::string text = absl::StrCat(limit, " watch ", what, " already");
  return MakeError(StatusCode::kResourceExhausted, text,
                   {"TOO_MANY_WATCHERS", {{"max_watchers", text}}, {{kRetryMs, "1000"}}});
}

absl::Status OutOfMemory() {
  return MakeError(StatusCode::kResourceExhausted, "the server has no memory for this call",
                   {"OUT_OF_MEMORY", {}, {}});
}

absl::Status StoreUnavailable(const std::string& why) {
  return MakeError(StatusCode::kUnavailable, absl::StrCat("the store is not available: ", why),
                   {"STORE_UNAVAILABLE", {}, {{kRetryMs, "500"}}});
}

absl::Status StoreTooSlow() {
  return MakeError(StatusCode::kResourceExhausted,
                   "the store is slower than what comes; nothing has changed",
                   {"STORE_TOO_SLOW", {{"store", "has too much to write"}}, {{kRetryMs, "200"}}});
}

absl::Status Corrupt(const std::string& what) {
  return MakeError(StatusCode::kDataLoss, absl::StrCat("the store gave ", what),
                   {"STORE_CORRUPT", {}, {}});
}

absl::Status UnknownVersion(const std::string& what) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      absl::StrCat("the store gave ", what, ", which is not known here: a newer server wrote it"),
      {"UNKNOWN_VERSION", {{"store", "is of a newer server"}}, {}});
}

absl::Status NoStore(const std::string& what) {
  return MakeError(StatusCode::kFailedPrecondition, absl::StrCat(what, " is kept in no store"),
                   {"NO_STORE", {{what, "is kept in no store"}}, {}});
}

absl::Status SnapshotNotFound(const std::string& name) {
  return NotFound("SNAPSHOT_NOT_FOUND", "phasic.v1.Snapshot", name,
                  absl::StrCat("there is no ", name));
}

absl::Status SnapshotExists(const std::string& name) {
  return MakeError(
      StatusCode::kAlreadyExists, absl::StrCat(name, " exists already"),
      {"SNAPSHOT_EXISTS", {}, {{kResourceType, "phasic.v1.Snapshot"}, {kResource, name}}});
}

absl::Status TooManySnapshots(const std::string& agent) {
  const std::string why = absl::StrCat("has ", limits::kMaxSnapshots, " snapshots already");
  return MakeError(StatusCode::kResourceExhausted, absl::StrCat(agent, " ", why),
                   {"TOO_MANY_SNAPSHOTS", {{agent, why}}, {}});
}

absl::Status Draining() {
  return MakeError(StatusCode::kUnavailable, "the server is going down",
                   {"DRAINING", {}, {{kRetryMs, "1000"}}});
}

absl::Status DeadlineExceeded() {
  return MakeError(StatusCode::kDeadlineExceeded,
                   "the deadline passed before the call's turn came; nothing was done",
                   {"DEADLINE_EXCEEDED", {}, {}});
}

absl::Status Cancelled() {
  return MakeError(StatusCode::kCancelled,
                   "the caller went before the call's turn came; nothing was done",
                   {"CANCELLED", {}, {}});
}

absl::Status Internal(const std::string& what) {
  return MakeError(StatusCode::kInternal, absl::StrCat("a fault of the server: ", what),
                   {"INTERNAL", {}, {}});
}

}  // namespace phasic::errors
