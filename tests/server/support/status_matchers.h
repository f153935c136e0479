// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/errors.h"

namespace phasic::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status) {
  return status.status();
}

// A failure with this code and reason.
MATCHER_P2(Fails, code, reason, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << ", reason " << DetailsOf(status).reason;
  return status.code() == code && DetailsOf(status).reason == reason;
}

// INVALID_ARGUMENT with this reason, for these fields and no others, in this order.
MATCHER_P2(FailsFor, reason, fields, "") {
  const absl::Status& status = StatusOf(arg);
  const ErrorDetails details = DetailsOf(status);
  *result_listener << status.ToString() << ", reason " << details.reason;
  std::vector<std::string> found;
  for (const Violation& violation : details.violations) {
    if (violation.description.empty()) return false;
    found.push_back(violation.field);
  }
  return status.code() == absl::StatusCode::kInvalidArgument && details.reason == reason &&
         found == std::vector<std::string>(fields);
}
using Fields = std::vector<std::string>;

}  // namespace phasic::testing

#define ASSERT_OK(expr) ASSERT_TRUE((expr).ok()) << ::phasic::testing::StatusOf(expr)
#define EXPECT_OK(expr)                                                            \
  do {                                                                             \
    const auto& phasic_result = (expr);                                            \
    EXPECT_TRUE(phasic_result.ok()) << ::phasic::testing::StatusOf(phasic_result); \
  } while (false)
