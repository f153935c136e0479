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

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/philox.h"
#include "tests/bench/support/learner.h"
#include "tests/bench/support/naive_learner.h"
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
  const auto spec = [](Rewards rewards, int interval = 0, const Connectivity& connectivity = {}) {
    return LearnerSpec{.n = kSize,
                       .rewards = rewards,
                       .reward_interval = interval,
                       .rate = 0.05,
                       .bound = 0.05,
                       .transfer = "tanh",
                       .connectivity = connectivity};
  };
  return {{"dense, rewards within ticks", spec(Rewards::kWithinTicks), 1},
          {"dense, rewards between ticks", spec(Rewards::kBetweenTicks), 0.5},
          {"dense, rewards said to be rare", spec(Rewards::kBetweenTicks, 100), 0.5},
          {"dense, rare rewards", spec(Rewards::kBetweenTicks, 100), 0.01},
          {"sparse, rewards within ticks", spec(Rewards::kWithinTicks, 0, sparse), 1},
          {"sparse, rewards between ticks", spec(Rewards::kBetweenTicks, 0, sparse), 0.5}};
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
  StepInput input() const { return {.observation = x, .rewards = rewards}; }

  std::vector<float> x;
  std::vector<RewardInput> rewards;
};

// How far apart two results are, against the largest that should be.
struct Distance {
  double most = 0, scale = 0;
  void Add(const auto& is, const auto& should) {
    for (size_t i = 0; i < should.size(); ++i) {
      most = std::max(most, std::fabs(is[i] - should[i]));
      scale = std::max(scale, std::fabs(should[i]));
    }
  }
  double relative() const { return most / scale; }
};

void CompareWithNaive(const Variant& variant, Report& report) {
  Agent agent(Compiled(variant.spec.circuit()), report.seed());
  NaiveLearner naive(variant.spec, agent);
  Distance y, w;
  double at_bounds = 0;
  std::vector<float> action(kSize);
  for (int step = 0; step < kSteps; ++step) {
    const Happening happening(report.seed(), step, variant.rewarded);
    agent.Step(happening.input(), action);
    const double reward = happening.rewards.empty() ? 0 : happening.rewards[0].values[0];
    y.Add(action, naive.Step(happening.x, reward));
    w.Add(WeightsOf(agent), naive.w());
    at_bounds += naive.share_at_bounds() / kSteps;
  }
  const std::string name = variant.name;
  report.AtMost(name + ": y against the naive rule's", y.relative(), 1e-4);
  report.AtMost(name + ": w against the naive rule's", w.relative(), 1e-4);
  report.AtLeast(name + ": share of weights at a bound, over the run", at_bounds, 0.01);
}

// Of all that an agent does and is left with.
uint64_t DigestOf(const CircuitSpec& spec, double rewarded, uint64_t seed, Isa isa) {
  Agent agent(Compiled(spec, isa), seed);
  std::vector<float> action(kSize);
  Hash hash;
  for (int step = 0; step < kSteps; ++step) {
    const Happening happening(seed, step, rewarded);
    agent.Step(happening.input(), action);
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
  for (const Isa isa : Isas().first(Isas().size() - 1)) {
    int differ = 0;
    const std::vector<uint64_t> others = Digests(report.seed(), isa);
    for (size_t i = 0; i < digests.size(); ++i) differ += digests[i] != others[i];
    report.AtMost(absl::StrCat("digests that differ by kernels for ", NameOf(isa)), differ, 0);
    const std::string environment = absl::StrCat("PHASIC_ISA=", NameOf(isa));
    report.AtMost(absl::StrCat("digests that differ with ", environment),
                  OthersIn(environment, digests, report.seed()).digests, 0);
  }
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
