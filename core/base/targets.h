// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// For functions that are compiled for x86-64-v3, or v4, in a build for the baseline. They take and
// give vectors by reference: without AVX they would have another calling convention.
#define PHASIC_V3 __attribute__((target("avx,avx2,bmi,bmi2,fma")))
#define PHASIC_V4 \
  __attribute__((target("avx,avx2,bmi,bmi2,fma,avx512f,avx512vl,avx512dq,avx512bw")))

namespace phasic::v3 {

// Four doubles in a register, and what comparing them gives.
using Vec = double __attribute__((vector_size(32)));
using Mask = int64_t __attribute__((vector_size(32)));
using Ints = int32_t __attribute__((vector_size(16)));

}  // namespace phasic::v3
