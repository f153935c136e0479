// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <random>
#include <string>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {

// Two numbers of -1 to 1 come in; their product and half their difference must come out, which no
// linear net can give. The reward is minus the sum of squared errors. The score is the share of the
// variance that the unperturbed net explains at last: 1 is perfect, 0 as good as the constant mean.
inline double GiveBack(const std::string& preset, int trials, Condition condition, uint64_t seed) {
  constexpr int kJudged = 1000;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(
      preset, {},
      {{"observation", Space::Box({2}, {-1}, {1})}, {"action", Space::Box({2}, {-1}, {1})}},
      &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  std::mt19937_64 world(seed);
  std::uniform_real_distribution<float> number(-1, 1);
  std::vector<float> x(2), y(2);
  double error = 0, variance = 0, before = 0;
  const bool learning = condition != Condition::kFrozen;
  for (int t = 0; t < trials + kJudged; ++t) {
    const bool judged = t >= trials;
    for (float& v : x) v = number(world);
    agent.Step({.observation = x, .greedy = judged, .learning = learning}, y);
    const std::array<float, 2> wanted = {x[0] * x[1], (x[0] - x[1]) / 2};
    double off = 0;
    for (int i = 0; i < 2; ++i) {
      off += (y[i] - wanted[i]) * (y[i] - wanted[i]);
      if (judged) variance += wanted[i] * wanted[i];
    }
    if (judged) {
      error += off;
      continue;
    }
    // Of some trial long before this one.
    const double paid = condition == Condition::kShuffled ? before : -off;
    if (world() % 50 == 0) before = -off;
    agent.Reward({0, {static_cast<Real>(paid)}}, learning);
  }
  return 1 - error / variance;
}

}  // namespace phasic::testing
