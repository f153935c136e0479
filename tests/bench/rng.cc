// SPDX-License-Identifier: Apache-2.0
//
// What does a random number cost that needs no state? Those of a tick of 1024 units, drawn as
// populations draw them, against a plain loop over a generator with state (xoshiro256++: Blackman
// and Vigna 2021, "Scrambled linear pseudorandom number generators") and libm.
#include <bit>
#include <cmath>
#include <numbers>

#include "core/base/draws.h"
#include "core/base/real.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/function_load.h"

namespace phasic::testing {
namespace {

constexpr int kUnits = 1'024;

class Xoshiro {
 public:
  explicit Xoshiro(uint64_t seed) {
    const Random random(seed, 0, 0);
    for (uint32_t i = 0; i < 4; ++i) {
      s_[i] = uint64_t{random.Bits(2 * i)} << 32 | random.Bits(2 * i + 1);
    }
  }
  // In [0, 1).
  double Uniform() { return static_cast<double>(static_cast<int64_t>(Next() >> 11)) * 0x1p-53; }

 private:
  uint64_t Next() {
    const uint64_t result = std::rotl(s_[0] + s_[3], 23) + s_[0];
    const uint64_t shifted = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= shifted;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }

  uint64_t s_[4];
};

// Draws for a tick's units, into the same place always.
class Tick {
 public:
  explicit Tick(uint64_t seed) : seed_(seed), plain_(seed) {}

  void Bernoulli() {
    ForUniforms(Next(), 0, kUnits, [&](int64_t i, double u) { drawn_[i] = u < probability_[i]; });
  }
  void Gaussian() {
    ForNormals(Next(), 0, kUnits, [&](int64_t i, double z) { drawn_[i] = static_cast<Real>(z); });
  }
  void PlainBernoulli() {
    for (int i = 0; i < kUnits; ++i) drawn_[i] = plain_.Uniform() < probability_[i];
  }
  void PlainGaussian() {  // by Box and Muller
    for (int i = 0; i < kUnits; i += 2) {
      const double radius = std::sqrt(-2 * std::log(1 - plain_.Uniform()));
      const double angle = 2 * std::numbers::pi * plain_.Uniform();
      drawn_[i] = static_cast<Real>(radius * std::cos(angle));
      drawn_[i + 1] = static_cast<Real>(radius * std::sin(angle));
    }
  }

 private:
  Random Next() { return Random(seed_, 1, ++index_); }

  const uint64_t seed_;
  Xoshiro plain_;
  uint64_t index_ = 0;
  std::vector<Real> probability_ = std::vector<Real>(kUnits, Real(0.1)), drawn_ = probability_;
};

// At most so many nanoseconds a number, or else three times what the plain loop takes.
void Judge(Report& report, const std::string& name, const Contest& contest, size_t ours,
           size_t plain, double most) {
  const Estimate ns = contest.Of([&](const auto& round) { return 1e3 * round[ours].cpu / kUnits; });
  const Estimate ratio = contest.Ratio(&Slice::cpu, ours, plain);
  if (ns.low <= most) {
    AtMost(report, name + ", ns a number", ns, most);
    Measured(report, name + " over plain xoshiro256++", ratio);
  } else {
    Measured(report, name + ", ns a number", ns);
    AtMost(report, name + " over plain xoshiro256++", ratio, 3);
  }
}

int Run(Report& report) {
  Tick tick(report.seed());
  FunctionLoad bernoulli([&] { tick.Bernoulli(); }),
      plain_bernoulli([&] { tick.PlainBernoulli(); });
  FunctionLoad gaussian([&] { tick.Gaussian(); }), plain_gaussian([&] { tick.PlainGaussian(); });
  FunctionLoad again = gaussian;
  Contest contest(report.seed());
  const auto add = [&](const char* name, Load& load) {
    return contest.Add(name, load, CLOCK_THREAD_CPUTIME_ID, 0.05);
  };
  const size_t a = add("1024 Bernoulli", bernoulli), b = add("  plain", plain_bernoulli);
  const size_t c = add("1024 Gaussian", gaussian), d = add("  plain", plain_gaussian);
  const size_t e = add("1024 Gaussian again", again);
  if (!contest.Run()) return 2;
  Judge(report, "Bernoulli", contest, a, b, 1);
  Judge(report, "Gaussian", contest, c, d, 2.5);
  Measured(report, "Gaussian over the same again", contest.Ratio(&Slice::cpu, c, e));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}
