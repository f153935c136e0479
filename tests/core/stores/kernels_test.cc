// SPDX-License-Identifier: Apache-2.0
#include "core/stores/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/base/philox.h"

namespace phasic {
namespace {

std::vector<Real> Draw(int64_t n, uint64_t stream) {
  const Random random(1, stream, 0);
  std::vector<Real> v(n);
  for (int64_t i = 0; i < n; ++i) v[i] = static_cast<Real>(random.Normal(static_cast<uint32_t>(i)));
  return v;
}

bool SameBits(const std::vector<Real>& a, const std::vector<Real>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
}

constexpr Real kHuge = std::numeric_limits<Real>::max();
constexpr Real kUnbounded = std::numeric_limits<Real>::infinity();

class KernelsTest : public ::testing::TestWithParam<int64_t> {};

TEST_P(KernelsTest, DeliverIsTheMatrixVectorProduct) {
  const int64_t n = GetParam(), m = 7;
  const auto w = Draw(m * n, 1), x = Draw(n, 2);
  std::vector<Real> y(m, Real{0.5});
  KernelsFor(Isa::kBaseline).deliver(w.data(), x.data(), y.data(), m, n);
  for (int64_t i = 0; i < m; ++i) {
    double expected = 0.5;
    for (int64_t j = 0; j < n; ++j) expected += static_cast<double>(w[i * n + j]) * x[j];
    EXPECT_NEAR(y[i], expected, 1e-5 * std::sqrt(static_cast<double>(n) + 1));
  }
}

// The definition of a sum's order: lane l takes in the products l, l + 16, ...; then the lanes are
// folded in halves. However many rows are done at a time.
TEST_P(KernelsTest, DeliverHasTheBitsOfSixteenLanes) {
  const int64_t n = GetParam();
  for (const int64_t m : {1, 3, 4, 5, 8, 11}) {
    const auto w = Draw(m * n, 1), x = Draw(n, 2);
    std::vector<Real> y(m, Real(0.5)), expected = y;
    for (int64_t i = 0; i < m; ++i) {
      volatile Real lane[16] = {};
      for (int64_t j = 0; j < n; ++j) {
        const volatile Real product = w[i * n + j] * x[j];
        lane[j % 16] = lane[j % 16] + product;
      }
      for (int width = 8; width > 0; width /= 2) {
        for (int l = 0; l < width; ++l) lane[l] = lane[l] + lane[l + width];
      }
      expected[i] += lane[0];
    }
    KernelsFor(Isa::kBaseline).deliver(w.data(), x.data(), y.data(), m, n);
    EXPECT_TRUE(SameBits(y, expected)) << m;
  }
}

TEST_P(KernelsTest, DeliverTransposedIsTheTransposedProduct) {
  const int64_t n = GetParam(), m = 7;
  const auto w = Draw(m * n, 1), x = Draw(m, 2);
  std::vector<Real> y(n, Real{0.5});
  KernelsFor(Isa::kBaseline).deliver_transposed(w.data(), x.data(), y.data(), m, n);
  for (int64_t j = 0; j < n; ++j) {
    double expected = 0.5;
    for (int64_t i = 0; i < m; ++i) expected += static_cast<double>(w[i * n + j]) * x[i];
    EXPECT_NEAR(y[j], expected, 1e-5);
  }
}

TEST_P(KernelsTest, FoldHasTheBitsOfOneTraceAfterTheOther) {
  const int64_t n = GetParam();
  if (n < 1) return;
  const int64_t blocks = (n + kFoldColumns - 1) / kFoldColumns;
  for (const int64_t m : {1, 2, 5}) {
    for (const int64_t pairs : {int64_t{0}, int64_t{1}, int64_t{7}, kFoldPairs}) {
      for (const Real decay : {Real{0.9}, Real{1}}) {
        const auto e = Draw(m * n, 1), a = Draw((pairs + 1) * m, 2), b = Draw(pairs * n, 3);
        std::vector<Real> packed(blocks * kFoldColumns * kFoldPairs);
        for (int64_t k = 0; k < pairs; ++k) {
          for (int64_t j = 0; j < n; ++j) {
            const int64_t block = j / kFoldColumns;
            packed[(block * kFoldPairs + k) * kFoldColumns + j % kFoldColumns] = b[k * n + j];
          }
        }
        for (const Isa isa : Isas()) {
          auto expected = e, folded = e;
          for (int64_t k = 0; k < pairs; ++k)
            KernelsFor(isa).trace(expected.data(), decay, &a[k * m], &b[k * n], m, n);
          EXPECT_TRUE(
              KernelsFor(isa).fold(folded.data(), decay, a.data(), packed.data(), pairs, m, n));
          EXPECT_TRUE(SameBits(folded, expected)) << m << " x " << n << ", " << pairs << " pairs";
        }
      }
    }
  }
}

TEST_P(KernelsTest, FoldFindsWhatIsNotFinite) {
  const int64_t n = GetParam();
  if (n < 1) return;
  const int64_t blocks = (n + kFoldColumns - 1) / kFoldColumns;
  const std::vector<Real> packed(blocks * kFoldColumns * kFoldPairs, Real{1});
  const Real a[] = {1, 1};
  for (const Isa isa : Isas()) {
    for (const int64_t bad : {int64_t{0}, n - 1, 2 * n - 1}) {
      std::vector<Real> e(2 * n, Real{1});
      e[bad] = std::numeric_limits<Real>::infinity();
      EXPECT_FALSE(KernelsFor(isa).fold(e.data(), Real{0.5}, a, packed.data(), 1, 2, n));
    }
  }
}

TEST_P(KernelsTest, ElementwiseKernelsEqualTheNaiveFormBitForBit) {
  const int64_t n = GetParam();
  const Kernels& k = KernelsFor(Isa::kBaseline);
  const auto e = Draw(n, 1), b = Draw(n, 2), w0 = Draw(n, 3);
  const Real c = Real(0.37), a = Real(-1.3), decay = Real(0.9);
  // The naive form, kept apart from the compiler's contraction by volatile products.
  std::vector<Real> applied = w0, paired = w0, traced = e, clipped = w0;
  for (int64_t j = 0; j < n; ++j) {
    const volatile Real ce = c * e[j], ab = a * b[j], cab = c * ab, de = decay * e[j];
    applied[j] = w0[j] + ce;
    paired[j] = w0[j] + cab;
    traced[j] = de + ab;
    clipped[j] = std::min(std::max(w0[j], Real(-0.5)), Real(0.25));
  }
  std::vector<Real> w = w0;
  k.apply(w.data(), e.data(), c, n);
  EXPECT_TRUE(SameBits(w, applied));
  w = w0;
  k.apply_pair(w.data(), a, b.data(), c, n);
  EXPECT_TRUE(SameBits(w, paired));
  w = e;
  k.trace(w.data(), decay, &a, b.data(), 1, n);
  EXPECT_TRUE(SameBits(w, traced));
  w = w0;
  k.clip(w.data(), Real(-0.5), Real(0.25), n);
  EXPECT_TRUE(SameBits(w, clipped));
}

TEST_P(KernelsTest, LearningAtOnceHasTheBitsOfItsParts) {
  const int64_t n = GetParam(), m = 5;
  const Kernels& k = KernelsFor(Isa::kBaseline);
  const auto e0 = Draw(m * n, 1), b = Draw(n, 2), w0 = Draw(m * n, 3), c = Draw(m, 4),
             a = Draw(m, 5);
  const Real decay = Real(0.9);
  for (const Real bound : {Real(0.5), kUnbounded}) {
    std::vector<Real> w = w0, e = e0, traced = e0, w_apart = w0, e_apart = e0;
    EXPECT_TRUE(
        k.learn(w.data(), c.data(), -bound, bound, e.data(), decay, a.data(), b.data(), m, n));
    for (int64_t i = 0; i < m; ++i) {
      k.apply(w_apart.data() + i * n, e0.data() + i * n, c[i], n);
      k.clip(w_apart.data() + i * n, -bound, bound, n);
      k.trace(e_apart.data() + i * n, decay, &a[i], b.data(), 1, n);
    }
    EXPECT_TRUE(SameBits(w, w_apart));
    EXPECT_TRUE(SameBits(e, e_apart));
    k.trace(traced.data(), decay, a.data(), b.data(), m, n);
    EXPECT_TRUE(SameBits(traced, e_apart));
    w = w0;
    EXPECT_TRUE(k.change(w.data(), e0.data(), c.data(), -bound, bound, m, n));
    EXPECT_TRUE(SameBits(w, w_apart));
  }
}

TEST_P(KernelsTest, WhatIsNotFiniteIsTold) {
  const int64_t n = GetParam(), m = 3;
  const std::vector<Real> ones(m * n, 1), twos(m, 2), one(m, 1);
  for (const Isa isa : Isas()) {
    const Kernels& k = KernelsFor(isa);
    for (const int64_t at : {int64_t{0}, n / 2, n - 1, m * n - 1}) {
      for (const Real bad : {kUnbounded, -kUnbounded, std::numeric_limits<Real>::quiet_NaN()}) {
        std::vector<Real> x = ones;
        x[at] = bad;
        EXPECT_FALSE(k.finite(x.data(), m * n)) << at;
        EXPECT_FALSE(k.largest(x.data(), m * n) <= kHuge) << at;
      }
      // A product that is too large, without a bound and with one.
      std::vector<Real> e = ones;
      e[at] = kHuge;
      for (const Real high : {kUnbounded, kHuge}) {
        std::vector<Real> w = ones, trace = e;
        const bool told = !k.change(w.data(), e.data(), twos.data(), -kUnbounded, high, m, n);
        EXPECT_EQ(told, high == kUnbounded) << at;
        w = ones;
        EXPECT_EQ(told, !k.learn(w.data(), twos.data(), -kUnbounded, high, trace.data(), 0,
                                 one.data(), ones.data(), m, n))
            << at;
        EXPECT_EQ(told, !k.finite(w.data(), m * n)) << at;
      }
    }
  }
}

TEST_P(KernelsTest, LargestIsOfEitherSign) {
  const int64_t n = GetParam();
  for (const Isa isa : Isas()) {
    for (const int64_t at : {int64_t{0}, n / 2, n - 1}) {
      for (const Real large : {Real{7}, Real{-7}}) {
        std::vector<Real> x(n, Real{-0.5});
        x[at] = large;
        EXPECT_EQ(KernelsFor(isa).largest(x.data(), n), 7);
      }
    }
  }
}

TEST_P(KernelsTest, ModestPairsLeaveTheLargestTraceFinite) {
  const int64_t n = GetParam(), m = 3;
  std::vector<Real> e(m * n, kHuge);
  const std::vector<Real> a(m, 1), b(n, kModest);
  for (int times = 0; times < 100; ++times) {
    KernelsFor(ActiveIsa()).trace(e.data(), 1, a.data(), b.data(), m, n);
  }
  EXPECT_TRUE(KernelsFor(ActiveIsa()).finite(e.data(), m * n));
}

TEST_P(KernelsTest, AReplayedTraceHasTheBitsOfOnePairAfterTheOther) {
  const int64_t n = GetParam(), m = 3, pre = n + 5, pairs = 37;
  const Kernels& k = KernelsFor(Isa::kBaseline);
  const auto e = Draw(n, 1), a = Draw(pairs * m, 2), b = Draw(pairs * pre, 3);
  std::vector<Real> decay(pairs, Real(0.9));
  decay[10] = 0;
  std::vector<Real> sequential = e, replayed = e;
  for (int64_t p = 0; p < pairs; ++p)
    k.trace(sequential.data(), decay[p], &a[p * m + 1], b.data() + p * pre, 1, n);
  k.replay(replayed.data(), decay.data(), a.data() + 1, m, b.data(), pre, pairs, n);
  EXPECT_TRUE(SameBits(replayed, sequential));
}

TEST_P(KernelsTest, EveryInstructionSetGivesTheSameBits) {
  const int64_t n = GetParam(), m = 5;
  const auto w = Draw(m * n, 1), x = Draw(n, 2), z = Draw(m, 3), e = Draw(m * n, 4);
  std::vector<Real> results[3];
  for (const Isa isa : Isas()) {
    const Kernels& k = KernelsFor(isa);
    std::vector<Real> y(m), back(n), row = x, pair = x, trace = e, clip = x, replayed = x,
                                     learned = w, learning = e, changed = w;
    k.deliver(w.data(), x.data(), y.data(), m, n);
    k.deliver_transposed(w.data(), z.data(), back.data(), m, n);
    k.apply(row.data(), w.data(), Real(0.3), n);
    k.apply_pair(pair.data(), Real(0.7), w.data(), Real(0.3), n);
    k.trace(trace.data(), Real(0.9), z.data(), x.data(), m, n);
    k.clip(clip.data(), Real(-0.1), Real(0.1), n);
    k.replay(replayed.data(), z.data(), z.data(), 1, w.data(), n, m, n);
    k.learn(learned.data(), z.data(), Real(-0.7), Real(0.7), learning.data(), Real(0.9), z.data(),
            x.data(), m, n);
    k.change(changed.data(), e.data(), z.data(), Real(-0.7), Real(0.7), m, n);
    auto& all = results[static_cast<int>(isa)];
    for (const auto* v :
         {&y, &back, &row, &pair, &trace, &clip, &replayed, &learned, &learning, &changed})
      all.insert(all.end(), v->begin(), v->end());
  }
  for (const Isa isa : Isas()) {
    EXPECT_TRUE(SameBits(results[0], results[static_cast<int>(isa)])) << NameOf(isa);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, KernelsTest,
                         ::testing::Values(1, 2, 4, 7, 8, 15, 16, 17, 31, 32, 64, 100, 257, 1000));

}  // namespace
}  // namespace phasic
