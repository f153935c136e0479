// SPDX-License-Identifier: Apache-2.0
#include "core/model/synapses.h"

#include <algorithm>

namespace phasic {

int64_t Synapses::bytes() const {
  const size_t indices =
      first.size() + source.size() + target.size() + in_first.size() + in.size() + in_source.size();
  return static_cast<int64_t>(indices * sizeof(uint32_t));
}

int64_t Synapses::Find(uint32_t j, uint32_t i) const {
  const auto begin = target.begin() + first[j], end = target.begin() + first[j + 1];
  const auto at = std::lower_bound(begin, end, i);
  return at == end || *at != i ? -1 : at - target.begin();
}

}  // namespace phasic
