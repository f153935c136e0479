// SPDX-License-Identifier: Apache-2.0
#include "server/base/published.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace phasic {
namespace {

struct Numbers {
  uint64_t first = 0;
  double middle[9] = {};
  uint32_t last = 0;  // so that the whole is no multiple of a word
};

TEST(Published, GivesWhatWasStored) {
  Published<Numbers> published;
  EXPECT_EQ(published.Load().first, 0u);
  published.Store({7, {1.5}, 8});
  EXPECT_EQ(published.Load().first, 7u);
  EXPECT_EQ(published.Load().middle[0], 1.5);
  EXPECT_EQ(published.Load().last, 8u);
}

TEST(Published, NobodySeesHalfAChange) {
  Published<Numbers> published;
  std::atomic<bool> ended = false;
  std::thread writer([&] {
    Numbers numbers;
    for (uint32_t n = 1; n <= 200'000; ++n) {
      numbers.first = numbers.last = n;
      for (double& x : numbers.middle) x = n;
      published.Store(numbers);
    }
    ended = true;
  });
  uint64_t before = 0;
  while (!ended) {
    const Numbers now = published.Load();
    ASSERT_EQ(now.last, now.first);
    for (const double x : now.middle) ASSERT_EQ(x, static_cast<double>(now.first));
    ASSERT_GE(now.first, before);
    before = now.first;
  }
  writer.join();
  EXPECT_EQ(published.Load().first, 200'000u);
}

}  // namespace
}  // namespace phasic
