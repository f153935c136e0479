// SPDX-License-Identifier: Apache-2.0
#include "server/convert/space.h"

namespace phasic::convert {

Space FromProto(const v1::Space& proto) {
  switch (proto.kind_case()) {
    case v1::Space::kDiscrete:
      return Space::Discrete(proto.discrete().n());
    case v1::Space::kMultiBinary:
      return Space::MultiBinary(proto.multi_binary().n());
    case v1::Space::kBox: {
      const v1::Box& box = proto.box();
      return Space::Box({box.shape().begin(), box.shape().end()},
                        {box.low().begin(), box.low().end()},
                        {box.high().begin(), box.high().end()});
    }
    case v1::Space::kMultiDiscrete: {
      const auto& nvec = proto.multi_discrete().nvec();
      return Space::MultiDiscrete({nvec.begin(), nvec.end()});
    }
    case v1::Space::KIND_NOT_SET:
      break;
  }
  return {};
}

void ToProto(const Space& space, v1::Space* proto) {
  switch (space.kind) {
    case Space::Kind::kUnset:
      proto->Clear();
      return;
    case Space::Kind::kDiscrete:
      proto->mutable_discrete()->set_n(space.n);
      return;
    case Space::Kind::kMultiBinary:
      proto->mutable_multi_binary()->set_n(space.n);
      return;
    case Space::Kind::kMultiDiscrete:
      proto->mutable_multi_discrete()->mutable_nvec()->Assign(space.nvec.begin(), space.nvec.end());
      return;
    case Space::Kind::kBox: {
      v1::Box* box = proto->mutable_box();
      box->mutable_shape()->Assign(space.shape.begin(), space.shape.end());
      box->mutable_low()->Assign(space.low.begin(), space.low.end());
      box->mutable_high()->Assign(space.high.begin(), space.high.end());
      return;
    }
  }
}

}  // namespace phasic::convert
