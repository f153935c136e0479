// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>  // sqrt only: it is exact everywhere
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/base/inline.h"

namespace phasic {

// Transcendental functions with the same bits on every x86-64 machine. glibc picks other code, and
// so other last bits, by CPU; these are plain IEEE double operations in a fixed order (no FMA
// contraction: the build passes -ffp-contract=off). Errors are below 2 ulp (4 ulp for Tanh and
// Expm1) over the whole range; float overloads compute in double and round once.

namespace math_internal {

inline constexpr double kLog2E = 1.44269504088896338700;
inline constexpr double kLn2Hi = 6.93147180369123816490e-01;  // ln 2 in its upper 33 bits
inline constexpr double kLn2Lo = 1.90821492927058770002e-10;  // ln 2 - kLn2Hi

inline double FromBits(uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline uint64_t ToBits(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
// 2^k for a normal result.
inline double PowerOfTwo(int k) { return FromBits(static_cast<uint64_t>(k + 1023) << 52); }

// exp(r) - 1 for |r| <= 0.35, by its Taylor series: the first term left out is below 2^-57 of the
// sum. T: one double, or several in a register; so below.
template <class T>
PHASIC_INLINE void Expm1Series(const T& r, T* out) {
  T s = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
  s = s * r + 1.0 / 39916800.0;
  s = s * r + 1.0 / 3628800.0;
  s = s * r + 1.0 / 362880.0;
  s = s * r + 1.0 / 40320.0;
  s = s * r + 1.0 / 5040.0;
  s = s * r + 1.0 / 720.0;
  s = s * r + 1.0 / 120.0;
  s = s * r + 1.0 / 24.0;
  s = s * r + 1.0 / 6.0;
  s = s * r + 0.5;
  *out = r + (r * r) * s;
}
inline double Expm1Series(double r) {
  double e = 0;
  Expm1Series(r, &e);
  return e;
}

// ln(2^k m) with s = (m - 1) / (m + 1), |s| <= 0.1716: ln m = 2 atanh(s).
template <class T>
PHASIC_INLINE void LogOf(const T& k, const T& s, T* out) {
  const T z = s * s;
  T t = z * (1.0 / 23.0) + 1.0 / 21.0;
  t = t * z + 1.0 / 19.0;
  t = t * z + 1.0 / 17.0;
  t = t * z + 1.0 / 15.0;
  t = t * z + 1.0 / 13.0;
  t = t * z + 1.0 / 11.0;
  t = t * z + 1.0 / 9.0;
  t = t * z + 1.0 / 7.0;
  t = t * z + 1.0 / 5.0;
  t = t * z + 1.0 / 3.0;
  const T series = 2.0 * s * z * t;
  *out = k * kLn2Hi + (2.0 * s + (series + k * kLn2Lo));
}

// sine and cosine of 2 pi turns, for |turns| <= 1/8.
template <class T>
PHASIC_INLINE void SinCosSeries(const T& turns, T* sine, T* cosine) {
  const T r = turns * 6.28318530717958647693;
  const T z = r * r;
  T s = z * (1.0 / 355687428096000.0) - 1.0 / 1307674368000.0;
  s = s * z + 1.0 / 6227020800.0;
  s = s * z - 1.0 / 39916800.0;
  s = s * z + 1.0 / 362880.0;
  s = s * z - 1.0 / 5040.0;
  s = s * z + 1.0 / 120.0;
  s = s * z - 1.0 / 6.0;
  *sine = r + r * z * s;
  T c = z * (-1.0 / 6402373705728000.0) + 1.0 / 20922789888000.0;
  c = c * z - 1.0 / 87178291200.0;
  c = c * z + 1.0 / 479001600.0;
  c = c * z - 1.0 / 3628800.0;
  c = c * z + 1.0 / 40320.0;
  c = c * z - 1.0 / 720.0;
  c = c * z + 1.0 / 24.0;
  c = c * z - 0.5;
  *cosine = 1.0 + z * c;
}

}  // namespace math_internal

// e^x. 0 below -745.14, infinity above 709.79, NaN for NaN.
inline double Exp(double x) {
  using namespace math_internal;
  if (!(x == x)) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.1332191019412) return 0.0;
  const double scaled = x * kLog2E;
  const int k = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double r = (x - k * kLn2Hi) - k * kLn2Lo;
  const double e = 1.0 + Expm1Series(r);
  if (k > -1022 && k < 1024) return e * PowerOfTwo(k);
  const int half = k / 2;
  return e * PowerOfTwo(half) * PowerOfTwo(k - half);
}

// e^x - 1, accurate near 0.
inline double Expm1(double x) {
  if (x > -0.35 && x < 0.35) return math_internal::Expm1Series(x);
  return Exp(x) - 1.0;
}

// ln x. -infinity at 0, NaN below.
inline double Log(double x) {
  using namespace math_internal;
  if (!(x == x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (x == std::numeric_limits<double>::infinity()) return x;
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 18014398509481984.0;  // 2^54: out of the subnormals
    exponent = -54;
  }
  uint64_t bits = ToBits(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL;
  double m = FromBits(bits);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double f = m - 1.0;
  double log = 0;
  math_internal::LogOf<double>(exponent, f / (2.0 + f), &log);
  return log;
}

// ln(1 + x), accurate near 0.
inline double Log1p(double x) {
  const double u = 1.0 + x;
  if (u == 1.0) return x;
  if (u == std::numeric_limits<double>::infinity()) return u;
  return Log(u) * (x / (u - 1.0));
}

inline double Tanh(double x) {
  const double a = x < 0 ? -x : x;
  if (a > 22.0) return x < 0 ? -1.0 : 1.0;
  const double e = Expm1(2.0 * a);
  const double t = e / (e + 2.0);
  return x < 0 ? -t : t;
}

// 1 / (1 + e^-x), without overflow.
inline double Logistic(double x) {
  if (x >= 0) return 1.0 / (1.0 + Exp(-x));
  const double e = Exp(x);
  return e / (1.0 + e);
}

// ln(1 + e^x), without overflow.
inline double Softplus(double x) { return x > 0 ? x + Log1p(Exp(-x)) : Log1p(Exp(x)); }

// sine and cosine of 2 pi turns, for turns in [0, 1).
inline void SinCosTurns(double turns, double* sine, double* cosine) {
  const int quadrant = static_cast<int>(turns * 4.0 + 0.5);  // NOLINT(bugprone-incorrect-roundings)
  double sn = 0, cs = 0;
  math_internal::SinCosSeries(turns - quadrant * 0.25, &sn, &cs);
  switch (quadrant & 3) {
    case 0:
      *sine = sn;
      *cosine = cs;
      break;
    case 1:
      *sine = cs;
      *cosine = -sn;
      break;
    case 2:
      *sine = -sn;
      *cosine = -cs;
      break;
    default:
      *sine = -cs;
      *cosine = sn;
      break;
  }
}

inline double Sqrt(double x) { return std::sqrt(x); }

inline float Exp(float x) { return static_cast<float>(Exp(static_cast<double>(x))); }
inline float Log(float x) { return static_cast<float>(Log(static_cast<double>(x))); }
inline float Tanh(float x) { return static_cast<float>(Tanh(static_cast<double>(x))); }
inline float Logistic(float x) { return static_cast<float>(Logistic(static_cast<double>(x))); }
inline float Softplus(float x) { return static_cast<float>(Softplus(static_cast<double>(x))); }

// True for neither NaN nor infinity.
inline bool IsFinite(double x) { return x - x == 0.0; }

}  // namespace phasic
