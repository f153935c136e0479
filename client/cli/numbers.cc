// SPDX-License-Identifier: Apache-2.0
#include "client/cli/numbers.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace phasic {
namespace {

template <class T>
std::string Shortest(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

}  // namespace

std::string DtypeText(v1::Tensor::Dtype dtype) {
  switch (dtype) {
    case v1::Tensor::DTYPE_UNSPECIFIED:
    case v1::Tensor::FLOAT32:
      return "float32";
    case v1::Tensor::FLOAT64:
      return "float64";
    case v1::Tensor::UINT8:
      return "uint8";
    case v1::Tensor::UINT16:
      return "uint16";
    case v1::Tensor::UINT32:
      return "uint32";
    case v1::Tensor::UINT64:
      return "uint64";
    default:
      return absl::StrCat("type ", dtype);
  }
}

std::string ExactText(double value) { return Shortest(value); }
std::string ExactText(float value) { return Shortest(value); }
std::string ExactText(const client::Numbers& numbers, size_t index) {
  if (!numbers.is_float()) return absl::StrCat(numbers.Whole(index));
  return numbers.width() == sizeof(float) ? ExactText(static_cast<float>(numbers[index]))
                                          : ExactText(numbers[index]);
}

std::string ShortText(double value) {
  // A small negative rounding error must not read as "-0".
  return value == 0 ? "0" : absl::StrFormat("%.6g", value);
}
std::string ShortText(const client::Numbers& numbers, size_t index) {
  return numbers.is_float() ? ShortText(numbers[index]) : absl::StrCat(numbers.Whole(index));
}

std::string BytesText(int64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double size = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (size < 1024) break;
    size /= 1024;
    unit = next;
  }
  return absl::StrFormat("%.4g %s", size, unit);
}

std::string SecondsText(double seconds) {
  if (seconds != 0 && seconds < 1e-3) return absl::StrFormat("%.3g us", seconds * 1e6);
  if (seconds != 0 && seconds < 1) return absl::StrFormat("%.3g ms", seconds * 1e3);
  return absl::StrFormat("%.6g s", seconds);
}

}  // namespace phasic
