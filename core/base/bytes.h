// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace phasic {

// Values as bytes, one after the other, little-endian. Lengths come first, as 7 bits a byte.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <class T>
  void Put(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    out_->append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void PutLength(uint64_t length) {
    for (; length >= 0x80; length >>= 7) out_->push_back(static_cast<char>(length | 0x80));
    out_->push_back(static_cast<char>(length));
  }
  void PutText(std::string_view text) {
    PutLength(text.size());
    out_->append(text);
  }
  template <class T>
  void PutList(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    PutLength(values.size());
    out_->append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }

 private:
  std::string* out_;
};

// Takes them back. After the first that is not there, or is longer than what is left, everything is
// 0 or empty, and ok() is false: so a reader asks once, at the end. Never reads outside of `in`,
// and never takes more memory than `in` has bytes for one list.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  bool ok() const { return ok_; }
  // All has been read, and nothing is left.
  bool done() const { return ok_ && in_.empty(); }

  template <class T>
  T Get() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    const std::string_view bytes = Take(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  // What was read makes no sense.
  void Fail() { ok_ = false; }
  // A flag; anything but 0 and 1 is malformed.
  bool GetFlag() {
    const auto byte = Get<uint8_t>();
    if (byte > 1) ok_ = false;
    return byte == 1;
  }
  // An enum's value of at most `last`; anything greater is malformed.
  template <class E>
  E GetEnum(E last) {
    const auto value = Get<std::underlying_type_t<E>>();
    if (value > static_cast<std::underlying_type_t<E>>(last)) ok_ = false;
    return ok_ ? static_cast<E>(value) : E{};
  }
  uint64_t GetLength() {
    uint64_t length = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const auto byte = Get<uint8_t>();
      length |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return length;
    }
    ok_ = false;
    return 0;
  }
  // How many items follow, each of which has at least `least` bytes: no more than can be there.
  size_t GetCount(size_t least = 1) {
    const uint64_t count = GetLength();
    if (count > in_.size() / least) ok_ = false;
    return ok_ ? static_cast<size_t>(count) : 0;
  }
  std::string_view GetText() {
    const uint64_t length = GetLength();
    return Take(length);
  }
  template <class T>
  void GetList(std::vector<T>* values) {
    static_assert(std::is_trivially_copyable_v<T>);
    values->resize(GetCount(sizeof(T)));
    const std::string_view bytes = Take(values->size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(values->data(), bytes.data(), bytes.size());
  }

 private:
  std::string_view Take(uint64_t size) {
    if (!ok_ || size > in_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace phasic
