// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/eigen.h"

// Eigen's own functions too are compiled for each set, and the linker keeps one of each name: with
// another name for the whole of Eigen no set runs the other's.
#ifdef __AVX512F__
#define Eigen EigenV4
#define PHASIC_EIGEN kEigenV4
#elif defined(__AVX2__)
#define Eigen EigenV3
#define PHASIC_EIGEN kEigenV3
#else
#define PHASIC_EIGEN kEigenBaseline
#endif
#include <Eigen/Core>

namespace phasic::testing {
namespace {

using Eigen::Map;
using Eigen::MatrixXf;
using Eigen::VectorXf;

void Product(const float* w, const float* x, float* y, int64_t n) {
  Map<VectorXf>(y, n).noalias() = Map<const MatrixXf>(w, n, n) * Map<const VectorXf>(x, n);
}

void Learn(float* weights, float* trace, const float* input, float* output, int64_t n) {
  Map<MatrixXf> w(weights, n, n), e(trace, n, n);
  const Map<const VectorXf> x(input, n);
  Map<VectorXf> y(output, n);
  w = (w + kNaiveRate * e).cwiseMax(-kNaiveBound).cwiseMin(kNaiveBound);
  y = w * x;
  e = kNaiveDecay * e + y * x.transpose();
}

}  // namespace

extern const EigenFunctions PHASIC_EIGEN = {Product, Learn};

}  // namespace phasic::testing
