// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>

#include "core/base/real.h"
#include "core/model/space.h"

namespace phasic {

// The one-hot code of a space without amounts: a unit for each alternative of a Discrete value, or
// of each choice of a MultiDiscrete one in turn, or for each switch of a MultiBinary one.
namespace one_hot {

// 0 for a Box, which has no such code.
inline int Units(const Space& space) {
  return space.kind == Space::Kind::kMultiBinary ? space.n : space.alternatives();
}

inline void Encode(const Space& space, std::span<const Real> x, std::span<Real> activity) noexcept {
  if (space.choices() == 0) {
    std::copy(x.begin(), x.end(), activity.begin());
    return;
  }
  std::fill(activity.begin(), activity.end(), Real(0));
  int first = 0;
  for (int i = 0; i < space.choices(); ++i) {
    activity[first + static_cast<int>(x[i])] = 1;
    first += space.alternatives(i);
  }
}

}  // namespace one_hot
}  // namespace phasic
