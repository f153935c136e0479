// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/variable.h"

#include <gtest/gtest.h>

namespace phasic::client {
namespace {

template <class T>
absl::StatusOr<Numbers> Of(v1::Tensor::Dtype dtype, const std::vector<T>& values) {
  return Numbers::Make(
      dtype, std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
}

TEST(Numbers, ReadsEveryType) {
  EXPECT_EQ((*Of<float>(v1::Tensor::FLOAT32, {1, 2.5}))[1], 2.5);
  EXPECT_EQ((*Of<float>(v1::Tensor::DTYPE_UNSPECIFIED, {2.5}))[0], 2.5);
  EXPECT_EQ((*Of<double>(v1::Tensor::FLOAT64, {1, 0.1}))[1], 0.1);
  EXPECT_EQ((*Of<uint8_t>(v1::Tensor::UINT8, {1, 255}))[1], 255);
  EXPECT_EQ((*Of<uint16_t>(v1::Tensor::UINT16, {1, 65535}))[1], 65535);
  EXPECT_EQ((*Of<uint32_t>(v1::Tensor::UINT32, {7, 4294967295u}))[1], 4294967295);
  const auto large = Of<uint64_t>(v1::Tensor::UINT64, {1, UINT64_MAX});
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(large->size(), 2u);
  EXPECT_EQ(large->Whole(1), UINT64_MAX);
  EXPECT_FALSE(large->is_float());
}

TEST(Numbers, RefusesWhatIsNoTensor) {
  EXPECT_TRUE(absl::IsDataLoss(Numbers::Make(v1::Tensor::FLOAT32, "abc").status()));
  EXPECT_TRUE(absl::IsDataLoss(Numbers::Make(static_cast<v1::Tensor::Dtype>(99), "abcd").status()));
  EXPECT_EQ(Numbers::Make(v1::Tensor::FLOAT64, "")->size(), 0u);
}

}  // namespace
}  // namespace phasic::client
