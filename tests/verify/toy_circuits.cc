// SPDX-License-Identifier: Apache-2.0
//
// The tests of the toy circuits, each case a result: what every circuit promises of snapshots,
// clones, lanes and modes.
#include <gtest/gtest.h>

#include <cstdio>

namespace {

class ResultPrinter final : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& test) override {
    const testing::TestResult& result = *test.result();
    std::printf("RESULT {\"name\": \"%s.%s\", \"value\": %d, \"bound\": \"== 0\", \"pass\": %s}\n",
                test.test_suite_name(), test.name(), result.total_part_count(),
                result.total_part_count() == 0 ? "true" : "false");
    std::fflush(stdout);
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new ResultPrinter);
  return RUN_ALL_TESTS();
}
