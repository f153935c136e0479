// SPDX-License-Identifier: Apache-2.0
#include "core/base/errors.h"

#include <gtest/gtest.h>

namespace phasic {
namespace {

TEST(ErrorsTest, DetailsRideInTheStatus) {
  const ErrorDetails details{"STEP_MISMATCH",
                             {{"step", "is 3"}, {"a.b[2]", std::string("has \n odd \0 text", 15)}},
                             {{"step", "4"}}};
  const absl::Status status = MakeError(absl::StatusCode::kAborted, "no", details);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "no");
  const ErrorDetails read = DetailsOf(status);
  EXPECT_EQ(read.reason, details.reason);
  ASSERT_EQ(read.violations.size(), 2u);
  EXPECT_EQ(read.violations[1].field, "a.b[2]");
  EXPECT_EQ(read.violations[1].description, details.violations[1].description);
  EXPECT_EQ(read.metadata, details.metadata);
}

TEST(ErrorsTest, AForeignStatusHasNoDetails) {
  const ErrorDetails none = DetailsOf(absl::NotFoundError("x"));
  EXPECT_TRUE(none.reason.empty());
  EXPECT_TRUE(none.violations.empty());
}

TEST(ErrorsTest, AFieldsErrorNamesItInTheMessage) {
  const absl::Status status = InvalidField("BAD_DT", "dt", "is 0");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "dt: is 0");
  EXPECT_EQ(DetailsOf(status).violations[0].field, "dt");
}

TEST(ErrorsTest, ManyFieldsAreCutInTheMessageAndWholeInTheDetails) {
  std::vector<Violation> many;
  for (int i = 0; i < 25; ++i) many.push_back({"f" + std::to_string(i), "is bad"});
  const absl::Status status = InvalidFields("BAD_CIRCUIT", many);
  const std::string message(status.message());
  EXPECT_NE(message.find("f0: is bad"), std::string::npos);
  EXPECT_EQ(message.find("f20"), std::string::npos);
  EXPECT_NE(message.find("15"), std::string::npos) << message;
  EXPECT_EQ(DetailsOf(status).violations.size(), 25u);
}

}  // namespace
}  // namespace phasic
