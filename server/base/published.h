// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <thread>
#include <type_traits>

namespace phasic {

// A value that one thread after the other changes and any thread may read, without a lock: who
// reads while it changes reads again. Zeros before the first Store. (A seqlock; Boehm 2012, "Can
// seqlocks get along with programming language memory models?": the words are atomic and ordered,
// which on x86-64 costs nothing.)
template <class T>
class Published {
  static_assert(std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>);

 public:
  void Store(const T& value) noexcept {
    Words words = {};
    std::memcpy(words.data(), &value, sizeof value);
    const uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    for (size_t i = 0; i < words.size(); ++i) {
      words_[i].store(words[i], std::memory_order_release);
    }
    version_.store(version + 2, std::memory_order_release);
  }

  T Load() const noexcept {
    while (true) {
      const uint64_t version = version_.load(std::memory_order_acquire);
      Words words;
      for (size_t i = 0; i < words.size(); ++i) {
        words[i] = words_[i].load(std::memory_order_acquire);
      }
      if (version % 2 == 0 && version_.load(std::memory_order_relaxed) == version) {
        T value;
        std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
        return value;
      }
      std::this_thread::yield();
    }
  }

 private:
  using Words = std::array<uint64_t, (sizeof(T) + 7) / 8>;
  std::atomic<uint64_t> version_ = 0;  // odd while it changes
  std::array<std::atomic<uint64_t>, std::tuple_size_v<Words>> words_ = {};
};

}  // namespace phasic
