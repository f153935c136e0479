// SPDX-License-Identifier: Apache-2.0
//
// Numbers: out of a tensor's bytes, and as text.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "phasic/v1/agent.pb.h"

namespace phasic {

// The values of a tensor: little-endian bytes of one type.
class Numbers {
 public:
  // DATA_LOSS when the type is unknown or the bytes are no whole number of values.
  static absl::StatusOr<Numbers> Make(v1::Tensor::Dtype dtype, std::string bytes);

  size_t size() const { return bytes_.size() / width_; }
  // The value as a double; integers above 2^53 are rounded.
  double operator[](size_t index) const;
  // In the fewest digits that give the value back exactly; "NaN", "Infinity", "-Infinity".
  std::string Exact(size_t index) const;
  // In at most six significant digits; whole numbers in full.
  std::string Short(size_t index) const;

 private:
  Numbers(v1::Tensor::Dtype dtype, size_t width, std::string bytes)
      : dtype_(dtype), width_(width), bytes_(std::move(bytes)) {}

  template <class T>
  T Read(size_t index) const;
  uint64_t Whole(size_t index) const;
  bool is_float() const;

  v1::Tensor::Dtype dtype_;
  size_t width_;
  std::string bytes_;
};

// "float32" and so on.
std::string DtypeText(v1::Tensor::Dtype dtype);

// In the fewest digits that give the value back exactly; "NaN", "Infinity", "-Infinity".
std::string ExactText(double value);
std::string ExactText(float value);

// In at most six significant digits.
std::string ShortText(double value);

// E.g. "512 B", "1.5 MiB".
std::string BytesText(int64_t bytes);

// E.g. "12 us", "3.5 s".
std::string SecondsText(double seconds);

}  // namespace phasic
