// SPDX-License-Identifier: Apache-2.0
//
// Is what phasic computes fast what the rule says? Every way to compute it, in float, against the
// rule as it is written, in double, over 500 random steps in which weights meet their bounds. And
// the bits: the same by every set of kernels, and with a C library that is told of an older CPU.
//
//   exact --digests    prints those of this process's kernels, for the process that compares
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "core/base/hash.h"
#include "core/base/philox.h"
#include "tests/bench/support/learner.h"
#include "tests/bench/support/process.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kSteps = 500, kSize = 67;  // no multiple of any vector's

struct Variant {
  const char* name;
  LearnerSpec spec;
  double rewarded;  // the share of steps
};

std::vector<Variant> Variants() {
  using Rewards = LearnerSpec::Rewards;
  const Connectivity sparse = {.rule = Connectivity::Rule::kBernoulli, .probability = 0.3};
  const auto spec = [](Rewards rewards, const Connectivity& connectivity = {}) {
    return LearnerSpec{.n = kSize,
                       .rewards = rewards,
                       .rate = 0.05,
                       .bound = 0.05,
                       .transfer = "tanh",
                       .connectivity = connectivity};
  };
  return {{"dense, rewards within ticks", spec(Rewards::kWithinTicks), 1},
          {"dense, rewards between ticks", spec(Rewards::kBetweenTicks), 0.5},
          {"sparse, rewards within ticks", spec(Rewards::kWithinTicks, sparse), 1},
          {"sparse, rewards between ticks", spec(Rewards::kBetweenTicks, sparse), 0.5}};
}

// What happens in a step, drawn from a seed.
struct Happening {
  Happening(uint64_t seed, uint64_t step, double rewarded) : x(kSize) {
    const Random random(seed, 1, step);
    for (uint32_t i = 0; i < kSize; ++i) x[i] = static_cast<float>(0.3 * random.Normal(i));
    if (random.Uniform(kSize) < rewarded) {
      rewards.push_back({.values = {static_cast<Real>(random.Normal(kSize + 1))}});
    }
  }
  std::vector<float> x;
  std::vector<RewardInput> rewards;
};

using Matrix = std::vector<double>;

// Of each synapse its value, by target and source; 0 where there is no synapse.
Matrix Spread(const Agent& agent, const std::vector<Real>& values) {
  const Link& link = agent.circuit().links()[0];
  if (link.synapses == nullptr) return Matrix(values.begin(), values.end());
  Matrix matrix(kSize * kSize);
  for (size_t k = 0; k < values.size(); ++k) {
    matrix[link.synapses->target[k] * kSize + link.synapses->source[k]] = values[k];
  }
  return matrix;
}
std::vector<Real> Weights(const Agent& agent) {
  const auto bytes = agent.Read(agent.circuit().links()[0].weights);
  std::vector<Real> weights(bytes.size() / sizeof(Real));
  std::memcpy(weights.data(), bytes.data(), bytes.size());
  return weights;
}

// The rule, every synapse at every step, in double.
class Naive {
 public:
  Naive(const LearnerSpec& spec, const Agent& agent)
      : spec_(spec),
        synapses_(static_cast<double>(agent.circuit().synapses())),
        w_(Spread(agent, Weights(agent))),
        e_(w_.size()),
        exists_(Spread(agent, std::vector<Real>(Weights(agent).size(), 1))) {}

  std::vector<double> Step(const Happening& happening) {
    double reward = 0;
    for (const RewardInput& delivered : happening.rewards) reward += delivered.values[0];
    const bool within = spec_.rewards == LearnerSpec::Rewards::kWithinTicks;
    if (!within) Apply(reward);
    std::vector<double> y(kSize);
    for (int i = 0; i < kSize; ++i) {
      for (int j = 0; j < kSize; ++j) y[i] += w_[i * kSize + j] * happening.x[j];
      y[i] = std::tanh(y[i]);
    }
    if (within) Apply(reward);
    const auto bound =
        std::ranges::count_if(w_, [&](double w) { return std::fabs(w) == spec_.bound; });
    at_bounds_ += static_cast<double>(bound) / synapses_;
    const double decay = std::exp(-1 / kLearnerTau);
    for (int k = 0; k < kSize * kSize; ++k) {
      e_[k] = decay * e_[k] + exists_[k] * y[k / kSize] * happening.x[k % kSize];
    }
    return y;
  }
  const Matrix& w() const { return w_; }
  // The share of weights that were, summed over the steps.
  double at_bounds() const { return at_bounds_; }

 private:
  void Apply(double reward) {
    for (int k = 0; k < kSize * kSize; ++k) {
      w_[k] += spec_.rate * reward * e_[k];
      w_[k] = exists_[k] * std::clamp(w_[k], -spec_.bound, spec_.bound);
    }
  }

  const LearnerSpec spec_;
  const double synapses_;
  Matrix w_, e_, exists_;
  double at_bounds_ = 0;
};

// How far apart two results are, against the largest that should be.
struct Distance {
  double most = 0, scale = 0;
  void Add(double is, double should) {
    most = std::max(most, std::fabs(is - should));
    scale = std::max(scale, std::fabs(should));
  }
  double relative() const { return most / scale; }
};

void CompareWithNaive(const Variant& variant, Report& report) {
  Agent agent(Compiled(variant.spec.circuit()), report.seed());
  Naive naive(variant.spec, agent);
  Distance y, w;
  std::vector<float> action(kSize);
  for (int step = 0; step < kSteps; ++step) {
    const Happening happening(report.seed(), step, variant.rewarded);
    agent.Step({.observation = happening.x, .rewards = happening.rewards}, action);
    const std::vector<double> should = naive.Step(happening);
    for (int i = 0; i < kSize; ++i) y.Add(action[i], should[i]);
    const Matrix is = Spread(agent, Weights(agent));
    for (int k = 0; k < kSize * kSize; ++k) w.Add(is[k], naive.w()[k]);
  }
  const std::string name = variant.name;
  report.AtMost(name + ": y against the naive rule's", y.relative(), 1e-4);
  report.AtMost(name + ": w against the naive rule's", w.relative(), 1e-4);
  report.AtLeast(name + ": share of weights at a bound, over the run", naive.at_bounds() / kSteps,
                 0.01);
}

// Of all that an agent does and is left with.
uint64_t DigestOf(const CircuitSpec& spec, double rewarded, uint64_t seed, Isa isa) {
  Agent agent(Compiled(spec, isa), seed);
  std::vector<float> action(kSize);
  Hash hash;
  for (int step = 0; step < kSteps; ++step) {
    const Happening happening(seed, step, rewarded);
    agent.Step({.observation = happening.x, .rewards = happening.rewards}, action);
    hash.Add(action.data(), action.size() * sizeof(float));
  }
  return hash.Add(agent.Digest()).value();
}

// Of every variant, and of targets that draw and are learned from by what they drew.
std::vector<uint64_t> Digests(uint64_t seed, Isa isa) {
  std::vector<uint64_t> digests;
  for (const Variant& variant : Variants()) {
    CircuitSpec spec = variant.spec.circuit();
    digests.push_back(DigestOf(spec, variant.rewarded, seed, isa));
    for (const char* model : {"bernoulli", "gaussian"}) {
      spec.populations[1] = {.name = "out", .model = model, .size = kSize};
      spec.projections[0].rule.bindings["score"] = "out.score";
      spec.outputs[0].source = "out";
      digests.push_back(DigestOf(spec, variant.rewarded, seed, isa));
    }
  }
  return digests;
}

// Of what the C library makes of many numbers: by its choice of functions, which follows the CPU.
uint64_t LibraryDigest() {
  Hash hash;
  for (int i = 0; i < 100'000; ++i) hash.Add(std::exp(1e-4 * i));
  return hash.value();
}

int PrintDigests(uint64_t seed) {
  for (const uint64_t digest : Digests(seed, ActiveIsa())) std::printf("%" PRIu64 "\n", digest);
  std::printf("%" PRIu64 "\n", LibraryDigest());
  return 0;
}

// How many digests of the same program in another environment are others, and whether its C library
// is.
struct Others {
  int digests = 0;
  bool library = false;
};
Others OthersIn(const std::string& environment, const std::vector<uint64_t>& digests,
                uint64_t seed) {
  Process process(
      {"/usr/bin/env", environment, Beside("exact"), "--digests", "--seed", std::to_string(seed)},
      Process::Pipes::kBoth);
  const auto differs = [&](uint64_t digest) { return process.Hear() != std::to_string(digest); };
  Others others;
  for (const uint64_t digest : digests) others.digests += differs(digest);
  others.library = differs(LibraryDigest());
  return others;
}

void CompareBits(Report& report) {
  const std::vector<uint64_t> digests = Digests(report.seed(), ActiveIsa());
  std::printf("%zu digests by kernels for %s\n", digests.size(), NameOf(ActiveIsa()));
  int differ = 0;
  const std::vector<uint64_t> baseline = Digests(report.seed(), Isa::kBaseline);
  for (size_t i = 0; i < digests.size(); ++i) differ += digests[i] != baseline[i];
  report.AtMost("digests that differ by kernels for the baseline", differ, 0);
  report.AtMost("digests that differ with PHASIC_ISA=baseline",
                OthersIn("PHASIC_ISA=baseline", digests, report.seed()).digests, 0);
  const Others masked = OthersIn("GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-FMA,-FMA4",
                                 digests, report.seed());
  report.AtMost("digests that differ when the C library is told of no AVX and no FMA",
                masked.digests, 0);
  report.Measured("whether its own exp differs then", masked.library);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  if (argc > 1 && std::strcmp(argv[1], "--digests") == 0) return PrintDigests(report.seed());
  for (const Variant& variant : Variants()) CompareWithNaive(variant, report);
  CompareBits(report);
  return report.exit_code();
}
