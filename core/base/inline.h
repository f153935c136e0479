// SPDX-License-Identifier: Apache-2.0
#pragma once

// For code that is compiled for several instruction sets: it takes that of the function that it
// ends up in.
#define PHASIC_INLINE inline __attribute__((always_inline))
