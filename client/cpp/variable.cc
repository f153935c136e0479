// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/variable.h"

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace phasic::client {
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

}  // namespace

absl::StatusOr<Numbers> Numbers::Make(v1::Tensor::Dtype dtype, std::string bytes) {
  const size_t width = WidthOf(dtype);
  if (width == 0) {
    return absl::DataLossError(absl::StrCat("the server sent a tensor of unknown type ", dtype));
  }
  if (bytes.size() % width != 0) {
    return absl::DataLossError(absl::StrCat("the server sent ", bytes.size(), " bytes of ",
                                            v1::Tensor::Dtype_Name(dtype),
                                            ", no whole number of values"));
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

const Variable* Find(const std::vector<Variable>& variables, const std::string& name) {
  for (const Variable& variable : variables) {
    if (variable.info.variable() == name) return &variable;
  }
  return nullptr;
}

v1::VariableWrite Fill(const std::string& variable, double value, int64_t offset, int64_t count) {
  v1::VariableWrite write;
  write.set_variable(variable);
  write.set_offset(offset);
  write.set_fill(value);
  write.set_count(count);
  return write;
}

v1::VariableWrite Values(const std::string& variable, std::span<const double> values,
                         int64_t offset) {
  v1::VariableWrite write;
  write.set_variable(variable);
  write.set_offset(offset);
  write.mutable_values()->Add(values.begin(), values.end());
  return write;
}

}  // namespace phasic::client
