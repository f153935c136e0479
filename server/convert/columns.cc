// SPDX-License-Identifier: Apache-2.0
#include "server/convert/columns.h"

#include <algorithm>
#include <cmath>

namespace phasic::convert {
namespace {

template <class T>
void Summarise(std::span<const std::byte> bytes, v1::InspectResponse::Summary* summary) {
  const std::span<const T> values{reinterpret_cast<const T*>(bytes.data()),
                                  bytes.size() / sizeof(T)};
  summary->set_count(static_cast<int64_t>(values.size()));
  if (values.empty()) return;
  double sum = 0, squares = 0;
  T least = values[0], greatest = values[0];
  for (const T value : values) {
    const double x = static_cast<double>(value);
    sum += x;
    squares += x * x;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  summary->set_min(static_cast<double>(least));
  summary->set_max(static_cast<double>(greatest));
  summary->set_mean(sum / static_cast<double>(values.size()));
  summary->set_norm(std::sqrt(squares));
}

}  // namespace

v1::Tensor::Dtype DtypeOf(Type type) {
  switch (type) {
    case Type::kF32:
      return v1::Tensor::FLOAT32;
    case Type::kF64:
      return v1::Tensor::FLOAT64;
    case Type::kU8:
      return v1::Tensor::UINT8;
    case Type::kU16:
      return v1::Tensor::UINT16;
    case Type::kU32:
      return v1::Tensor::UINT32;
    case Type::kU64:
      return v1::Tensor::UINT64;
  }
  return v1::Tensor::DTYPE_UNSPECIFIED;
}

void Summarise(Type type, std::span<const std::byte> bytes, v1::InspectResponse::Summary* summary) {
  switch (type) {
    case Type::kF32:
      return Summarise<float>(bytes, summary);
    case Type::kF64:
      return Summarise<double>(bytes, summary);
    case Type::kU8:
      return Summarise<uint8_t>(bytes, summary);
    case Type::kU16:
      return Summarise<uint16_t>(bytes, summary);
    case Type::kU32:
      return Summarise<uint32_t>(bytes, summary);
    case Type::kU64:
      return Summarise<uint64_t>(bytes, summary);
  }
}

}  // namespace phasic::convert
