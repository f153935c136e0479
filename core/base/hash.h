// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace phasic {

// A 64-bit hash that is the same in every process and version: it names random streams,
// fingerprints circuits and digests states. Not for use against an adversary.
class Hash {
 public:
  Hash& Add(const void* data, size_t size) {
    const char* p = static_cast<const char*>(data);
    for (; size >= 8; size -= 8, p += 8) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      Mix(word);
    }
    if (size > 0) {
      uint64_t word = 0;
      std::memcpy(&word, p, size);
      Mix(word);
      Mix(size);
    }
    return *this;
  }
  Hash& Add(std::string_view text) {
    Mix(text.size());
    return Add(text.data(), text.size());
  }
  Hash& Add(uint64_t word) {
    Mix(word);
    return *this;
  }
  Hash& Add(double x) { return Add(&x, sizeof x); }

  uint64_t value() const {
    uint64_t h = state_;
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 27;
    h *= 0x94d049bb133111ebULL;
    return h ^ (h >> 31);
  }

 private:
  // One multiply and fold per word (splitmix64's constants, Steele, Lea, Flood 2014).
  void Mix(uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 32;
  }
  uint64_t state_ = 0x6a09e667f3bcc908ULL;
};

inline uint64_t HashOf(std::string_view text) { return Hash().Add(text).value(); }

}  // namespace phasic
