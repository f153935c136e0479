// SPDX-License-Identifier: Apache-2.0
#include "tests/support/allocations.h"

#include <cstdlib>
#include <new>

namespace {
thread_local int64_t allocations = 0;
}  // namespace

namespace phasic::testing {
int64_t Allocations() { return allocations; }
}  // namespace phasic::testing

#ifndef PHASIC_OWN_ALLOCATOR

namespace {

void* Count(size_t size, size_t alignment) {
  ++allocations;
  void* p = alignment > 16
                ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                : std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(size_t size) { return Count(size, 16); }
void* operator new[](size_t size) { return Count(size, 16); }
void* operator new(size_t size, std::align_val_t a) { return Count(size, static_cast<size_t>(a)); }
void* operator new[](size_t size, std::align_val_t a) {
  return Count(size, static_cast<size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { std::free(p); }

#endif  // PHASIC_OWN_ALLOCATOR
