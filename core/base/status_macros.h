// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Hands a failed absl::Status to the caller.
#define RETURN_IF_ERROR(expr)                                                           \
  do {                                                                                  \
    if (absl::Status phasic_status = (expr); !phasic_status.ok()) return phasic_status; \
  } while (false)

// Assigns the value of an absl::StatusOr, or hands its failure to the caller.
#define ASSIGN_OR_RETURN(lhs, expr) \
  PHASIC_ASSIGN_OR_RETURN_(PHASIC_CONCAT_(phasic_statusor_, __LINE__), lhs, expr)
#define PHASIC_ASSIGN_OR_RETURN_(name, lhs, expr)  \
  auto name = (expr);                              \
  if (!name.ok()) return std::move(name).status(); \
  lhs = std::move(name).value()
#define PHASIC_CONCAT_(a, b) PHASIC_CONCAT_IMPL_(a, b)
#define PHASIC_CONCAT_IMPL_(a, b) a##b
