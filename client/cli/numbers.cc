// SPDX-License-Identifier: Apache-2.0
#include "client/cli/numbers.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace phasic {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

// Bytes of one value; 0 for an unknown type.
size_t WidthOf(v1::Tensor::Dtype dtype) {
  switch (dtype) {
    case v1::Tensor::DTYPE_UNSPECIFIED:
    case v1::Tensor::FLOAT32:
    case v1::Tensor::UINT32:
      return 4;
    case v1::Tensor::FLOAT64:
    case v1::Tensor::UINT64:
      return 8;
    case v1::Tensor::UINT8:
      return 1;
    case v1::Tensor::UINT16:
      return 2;
    default:
      return 0;
  }
}

template <class T>
std::string Shortest(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

}  // namespace

absl::StatusOr<Numbers> Numbers::Make(v1::Tensor::Dtype dtype, std::string bytes) {
  const size_t width = WidthOf(dtype);
  if (width == 0) {
    return absl::DataLossError(absl::StrCat("the server sent a tensor of unknown type ", dtype));
  }
  if (bytes.size() % width != 0) {
    return absl::DataLossError(absl::StrCat("the server sent ", bytes.size(), " bytes of ",
                                            DtypeText(dtype), ", no whole number of values"));
  }
  return Numbers(dtype, width, std::move(bytes));
}

template <class T>
T Numbers::Read(size_t index) const {
  T value;
  std::memcpy(&value, bytes_.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool Numbers::is_float() const {
  return dtype_ == v1::Tensor::DTYPE_UNSPECIFIED || dtype_ == v1::Tensor::FLOAT32 ||
         dtype_ == v1::Tensor::FLOAT64;
}

uint64_t Numbers::Whole(size_t index) const {
  switch (width_) {
    case 1:
      return Read<uint8_t>(index);
    case 2:
      return Read<uint16_t>(index);
    case 4:
      return Read<uint32_t>(index);
    default:
      return Read<uint64_t>(index);
  }
}

double Numbers::operator[](size_t index) const {
  if (!is_float()) return static_cast<double>(Whole(index));
  return width_ == 4 ? Read<float>(index) : Read<double>(index);
}

std::string Numbers::Exact(size_t index) const {
  if (!is_float()) return absl::StrCat(Whole(index));
  return width_ == 4 ? ExactText(Read<float>(index)) : ExactText(Read<double>(index));
}

std::string Numbers::Short(size_t index) const {
  return is_float() ? ShortText((*this)[index]) : absl::StrCat(Whole(index));
}

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

std::string ShortText(double value) {
  // A small negative rounding error must not read as "-0".
  return value == 0 ? "0" : absl::StrFormat("%.6g", value);
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
