// SPDX-License-Identifier: Apache-2.0
//
// The distal reward problem (Izhikevich 2007, figure 1): of 64,000 synapses the one whose spikes
// are rewarded one to three seconds later grows to its bound; with as many rewards that come at
// other times it does not.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <future>
#include <vector>

#include "tests/support/report.h"
#include "tests/verify/distal_world.h"

namespace phasic::testing {
namespace {

constexpr int kSeeds = 10, kMostSeconds = 3600;
constexpr double kReached = 3.9;  // mV, of 4

// After how many simulated seconds the synapse has grown, or 0 when it has not.
int SecondsToGrow(uint64_t seed, bool uncorrelated) {
  DistalWorld world(seed, uncorrelated);
  for (int second = 1; second <= kMostSeconds; ++second) {
    world.RunSecond(/*learning=*/true);
    if (world.weight() >= kReached) return second;
  }
  return 0;
}

// All seeds; two run at a time, each alone in its world.
std::vector<int> Run(uint64_t seed, bool uncorrelated) {
  std::vector<int> seconds(kSeeds);
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int i = next++; i < kSeeds; i = next++) seconds[i] = SecondsToGrow(seed + i, uncorrelated);
  };
  auto other = std::async(std::launch::async, work);
  work();
  other.get();
  std::printf("%s:", uncorrelated ? "uncorrelated" : "correlated");
  for (const int s : seconds) std::printf(" %d", s);
  std::printf(" s\n");
  std::fflush(stdout);
  return seconds;
}

int Reached(const std::vector<int>& seconds) {
  return static_cast<int>(std::ranges::count_if(seconds, [](int s) { return s > 0; }));
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  std::vector<int> learned = Run(report.seed(), false);
  report.AtLeast("seeds-that-reach-3.9-mV", Reached(learned), 9);
  for (int& s : learned) s = s == 0 ? kMostSeconds : s;
  std::sort(learned.begin(), learned.end());
  report.Measured("median-seconds", learned[learned.size() / 2]);
  report.AtMost("uncorrelated-seeds-that-do", Reached(Run(report.seed(), true)), 3);
  return report.exit_code();
}
