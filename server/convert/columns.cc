// SPDX-License-Identifier: Apache-2.0
#include "server/convert/columns.h"

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

}  // namespace phasic::convert
