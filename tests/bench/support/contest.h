// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/support/estimate.h"
#include "tests/bench/support/load.h"

namespace phasic::testing {

// What one load did in one round.
struct Slice {
  double rate = 0;          // operations a second
  double cpu = 0;           // microseconds of the server's processor time for each operation
  double answer_bytes = 0;  // for each operation
  double p50 = 0, p99 = 0;  // microseconds; NaN of loads that tell none
};

// Runs loads in turn, in an order drawn anew for each round, so that what the machine does besides
// meets all alike. Figures compare the loads within a round, and what counts is their median over
// the rounds.
class Contest {
 public:
  static constexpr int kRounds = 21;
  static constexpr double kSeconds = 0.2;  // of one load in one round

  explicit Contest(uint64_t seed) : random_(seed) {}

  // `cpu` is the server's. The load must live as long. Returns the index of its slices in a round.
  size_t Add(std::string name, Load& load, clockid_t cpu, double seconds = kSeconds);

  // After a round that does not count. False when a load failed. Prints what each did.
  bool Run(int rounds = kRounds);

  // `figure` makes a number of a round, which is the slices of all loads.
  template <class Figure>
  Estimate Of(Figure&& figure) const {
    std::vector<double> values;
    for (const std::vector<Slice>& round : rounds_) values.push_back(figure(round));
    return MedianOf(std::move(values));
  }
  // One load's figure over another's.
  Estimate Ratio(double Slice::*figure, size_t a, size_t b) const {
    return Of([&](const auto& round) { return round[a].*figure / round[b].*figure; });
  }

 private:
  struct Contender {
    std::string name;
    Load& load;
    clockid_t cpu;
    double seconds;
  };
  static bool Measure(const Contender& contender, Slice* slice);
  void Print() const;

  std::mt19937_64 random_;
  std::vector<Contender> contenders_;
  std::vector<std::vector<Slice>> rounds_;
};

}  // namespace phasic::testing
