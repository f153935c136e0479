// SPDX-License-Identifier: Apache-2.0
#include "server/convert/space.h"

#include <gtest/gtest.h>

namespace phasic::convert {
namespace {

TEST(SpaceConversion, RoundTrips) {
  for (const Space& space :
       {Space::Discrete(5), Space::MultiBinary(3), Space::Box({2, 3}), Space::MultiDiscrete({2, 3}),
        Space::MultiDiscrete({-1}), Space::Box({2}, {-1}, {1, 2}), Space(),
        // Faults travel too: core judges them.
        Space::Discrete(-1), Space::Box({}), Space::Box({0, -2}, {1, 2, 3})}) {
    v1::Space proto;
    ToProto(space, &proto);
    EXPECT_EQ(FromProto(proto), space) << space.ToString();
  }
}

TEST(SpaceConversion, AKindWithoutContentIsThatKind) {
  v1::Space proto;
  proto.mutable_box();
  EXPECT_EQ(FromProto(proto).kind, Space::Kind::kBox);
  proto.mutable_multi_discrete();
  EXPECT_EQ(FromProto(proto).kind, Space::Kind::kMultiDiscrete);
  EXPECT_EQ(FromProto(v1::Space()).kind, Space::Kind::kUnset);
}

}  // namespace
}  // namespace phasic::convert
