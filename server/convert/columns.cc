// SPDX-License-Identifier: Apache-2.0
#include "server/convert/columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace phasic::convert {

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

std::vector<int64_t> ShapeOf(const Circuit& circuit, const Column& column, size_t bytes) {
  if (column.arena >= 0) return {static_cast<int64_t>(bytes / SizeOf(column.type))};
  if (column.rows > 1) return {column.rows, column.cols};
  // One row: of a single target unit, or no matrix at all.
  const auto& links = circuit.links();
  const bool matrix = std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.name == column.component && link.post == column.rows && link.pre == column.cols;
  });
  if (matrix) return {column.rows, column.cols};
  return {column.cols};
}

std::string NameOf(const Column& column) {
  return absl::StrCat(column.component, ".", column.name);
}

}  // namespace phasic::convert
