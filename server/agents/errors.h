// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/base/errors.h"

// Every error of the server that is not about one faulty field, in one place. Metadata keys that
// the wire turns into details of their own: "resource_type" and "resource" (ResourceInfo),
// "retry_ms" (RetryInfo). Violations become BadRequest, QuotaFailure or PreconditionFailure by the
// code.
namespace phasic::errors {

inline constexpr char kResourceType[] = "resource_type";
inline constexpr char kResource[] = "resource";
inline constexpr char kRetryMs[] = "retry_ms";

// Reason of an INVALID_ARGUMENT that is about the request and not about a circuit.
inline constexpr char kBadField[] = "BAD_FIELD";

absl::Status AgentNotFound(const std::string& name);
absl::Status AgentExists(const std::string& name);
absl::Status TenantNotFound(const std::string& name);
absl::Status CircuitNotFound(const std::string& name);
absl::Status VariableNotFound(const std::string& agent, const std::string& variable);

// `why` says what is wrong with the file.
absl::Status BadExport(const std::string& why);

absl::Status EtagMismatch(const std::string& etag);
absl::Status StepMismatch(uint64_t expected, uint64_t next);

// `component` and the tick of its life in which a number of the agent was not finite any more.
absl::Status Diverged(const std::string& component, const std::string& variable, uint64_t tick);

// `limit` is the flag that set it, e.g. "max_agents".
absl::Status ServerFull(const std::string& limit, const std::string& description);
absl::Status TooManyWaiting(const std::string& name, int64_t waiting);
absl::Status TooMuchInspected();
absl::Status TooManyWatchers(const std::string& what, int64_t limit);
absl::Status OutOfMemory();

// The store does not take or give what it should; it may pass.
absl::Status StoreUnavailable(const std::string& why);
// Inputs come faster than the store takes them.
absl::Status StoreTooSlow();
// What the store gave is not what was put there.
absl::Status Corrupt(const std::string& what);
// It was written by a newer phasicd.
absl::Status UnknownVersion(const std::string& what);
// For what cannot be done where nothing is kept.
absl::Status NoStore(const std::string& what);
absl::Status SnapshotNotFound(const std::string& name);
absl::Status SnapshotExists(const std::string& name);
absl::Status TooManySnapshots(const std::string& agent);

absl::Status Draining();
absl::Status DeadlineExceeded();
absl::Status Cancelled();
absl::Status Internal(const std::string& what);

}  // namespace phasic::errors
