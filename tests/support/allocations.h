// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// The sanitizers bring an allocator of their own, which must not be replaced.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PHASIC_OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PHASIC_OWN_ALLOCATOR 1
#endif
#endif

namespace phasic::testing {

// How often this thread has taken memory with `new`; always 0 under a sanitizer. A program that
// asks links allocations.cc, which replaces `new` for all of it.
int64_t Allocations();

}  // namespace phasic::testing
