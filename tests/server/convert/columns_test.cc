// SPDX-License-Identifier: Apache-2.0
#include "server/convert/columns.h"

#include <gtest/gtest.h>

namespace phasic::convert {
namespace {

TEST(Columns, TypesHaveTheirNamesOnTheWire) {
  EXPECT_EQ(DtypeOf(Type::kF32), v1::Tensor::FLOAT32);
  EXPECT_EQ(DtypeOf(Type::kF64), v1::Tensor::FLOAT64);
  EXPECT_EQ(DtypeOf(Type::kU8), v1::Tensor::UINT8);
  EXPECT_EQ(DtypeOf(Type::kU16), v1::Tensor::UINT16);
  EXPECT_EQ(DtypeOf(Type::kU32), v1::Tensor::UINT32);
  EXPECT_EQ(DtypeOf(Type::kU64), v1::Tensor::UINT64);
}

}  // namespace
}  // namespace phasic::convert
