// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/contest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "tests/bench/support/process.h"

namespace phasic::testing {
namespace {

// Microseconds, if there are any.
std::string Told(double time) { return std::isnan(time) ? "" : std::to_string(std::lround(time)); }

}  // namespace

size_t Contest::Add(std::string name, Load& load, clockid_t cpu, double seconds) {
  contenders_.push_back({std::move(name), load, cpu, seconds});
  return contenders_.size() - 1;
}

bool Contest::Run(int rounds) {
  std::vector<size_t> order(contenders_.size());
  std::iota(order.begin(), order.end(), 0);
  for (int i = -1; i < rounds; ++i) {
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<Slice> round(order.size());
    for (const size_t which : order) {
      if (!Measure(contenders_[which], &round[which])) return false;
    }
    if (i >= 0) rounds_.push_back(std::move(round));
  }
  Print();
  return true;
}

bool Contest::Measure(const Contender& contender, Slice* slice) {
  const double cpu = SecondsOf(contender.cpu);
  const auto begin = Clock::now();
  auto traffic = contender.load.Run(contender.seconds);
  if (!traffic) {
    std::fprintf(stderr, "%s failed\n", contender.name.c_str());
    return false;
  }
  const double waited = 1e-6 * Microseconds(Clock::now() - begin);
  slice->rate = traffic->operations / (traffic->seconds > 0 ? traffic->seconds : waited);
  slice->cpu = 1e6 * (SecondsOf(contender.cpu) - cpu) / traffic->operations;
  slice->answer_bytes = traffic->answer_bytes / traffic->operations;
  slice->p50 = Quantile(traffic->latencies, 0.5);
  slice->p99 = Quantile(std::move(traffic->latencies), 0.99);
  return true;
}

void Contest::Print() const {
  std::printf("%-40s %12s %12s %10s %10s\n", "", "operations/s", "CPU us each", "p50 us", "p99 us");
  for (size_t i = 0; i < contenders_.size(); ++i) {
    const auto median = [&](double Slice::*figure) {
      return Of([&](const auto& round) { return round[i].*figure; }).value;
    };
    std::printf("%-40s %12.0f %12.3f %10s %10s\n", contenders_[i].name.c_str(),
                median(&Slice::rate), median(&Slice::cpu), Told(median(&Slice::p50)).c_str(),
                Told(median(&Slice::p99)).c_str());
  }
  std::fflush(stdout);
}

}  // namespace phasic::testing
