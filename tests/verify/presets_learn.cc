// SPDX-License-Identifier: Apache-2.0
//
// Each preset learns the task that it is for, in at least four of five seeds; without learning, or
// with rewards that have nothing to do with what it does, it does not.
#include <cstdio>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/report.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

constexpr int kSeeds = 5, kMustLearn = 4;

// The scores of all seeds; two run at a time, each alone in its world.
std::vector<double> Scores(const PresetTask& task, Condition condition, uint64_t seed) {
  std::vector<double> scores(kSeeds);
  const auto half = [&](int from) {
    for (int i = from; i < kSeeds; i += 2) scores[i] = task.run(condition, seed + i);
  };
  auto other = std::async(std::launch::async, half, 1);
  half(0);
  other.get();
  return scores;
}

int CountAbove(const std::vector<double>& scores, double bound) {
  int count = 0;
  for (const double score : scores) count += score >= bound;
  return count;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  std::string_view only;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--preset") only = argv[i + 1];
  }
  constexpr struct {
    Condition condition;
    const char* name;
  } kConditions[] = {{Condition::kLearning, "learning"},
                     {Condition::kFrozen, "frozen"},
                     {Condition::kShuffled, "shuffled"}};
  for (const PresetTask* task : PresetTasks()) {
    if (!only.empty() && only != task->preset) continue;
    std::printf("%s: %s (%s)\n", task->preset, task->summary, task->unit);
    for (const auto& [condition, name] : kConditions) {
      const std::vector<double> scores = Scores(*task, condition, report.seed());
      std::printf("  %-8s", name);
      for (const double score : scores) std::printf(" %.3g", score);
      std::printf("\n");
      const std::string result = std::string(task->preset) + "/" + name;
      if (condition == Condition::kLearning) {
        report.AtLeast(result + "-seeds", CountAbove(scores, task->score), kMustLearn);
      } else {
        report.AtMost(result + "-seeds", CountAbove(scores, task->control), 0);
      }
    }
  }
  return report.exit_code();
}
