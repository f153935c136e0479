// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace phasic {

// Which source unit meets which target unit in a sparse projection. Belongs to the circuit: drawn
// once, shared by all its agents, never changed. Synapses are numbered by source, then by target.
struct Synapses {
  std::vector<uint32_t> first;      // source j has the synapses first[j] to first[j + 1] - 1
  std::vector<uint32_t> source;     // of each synapse
  std::vector<uint32_t> target;     // of each synapse
  std::vector<uint32_t> in_first;   // target i has in[in_first[i]] to in[in_first[i + 1] - 1]
  std::vector<uint32_t> in;         // synapses by target, then by source
  std::vector<uint32_t> in_source;  // the source of each of those

  int64_t size() const { return static_cast<int64_t>(target.size()); }
  int64_t bytes() const;
  // The synapse from j to i, or -1.
  int64_t Find(uint32_t j, uint32_t i) const;
};

}  // namespace phasic
