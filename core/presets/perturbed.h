// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/presets/ends.h"

namespace phasic {

// The net that the presets of perturbation share: nothing in it need be known to them but that it
// can be perturbed.
//
//   observation -> input -> hidden (tanh) -> output -> action
//                  bias  -> hidden, output           reward (baseline) gates all four, at once
struct PerturbedNet {
  int hidden = 0;
  double alpha = 0;
  std::string model = {};  // of the hidden and output neurons
  // What makes a neuron of a layer, and a projection to it, explore and learn. `unit` is that in
  // which the drive of the layer is counted.
  std::function<void(PopulationSpec* population, double unit)> neurons = {};
  std::function<void(ProjectionSpec* projection, double unit)> synapses = {};
};
CircuitSpec BuildPerturbed(const PerturbedNet& net, const std::map<std::string, Space>& spaces);

}  // namespace phasic
