// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/presets/presets.h"

namespace phasic {

// The two ends that presets share: every preset has the input port `observation` and the output
// port `action`, and takes whatever spaces they are given.
namespace ends {

// A bound of a space beyond this is none: nobody means to spread a code over it.
inline constexpr double kHugeBound = 1e6;

// Whether element i of a Box has two bounds that mean something.
bool Bounded(const Space& box, int i);

// Linear rate neurons; and a bias unit, `bias`: always 1.
PopulationSpec Rate(const char* name, int size);
PopulationSpec Bias();

// Drives the population `target` from `observation`: one-hot for a Discrete space, and for each
// choice of a MultiDiscrete one; for a Box within bounds, its numbers scaled to -1..1; without
// them, normalised by running statistics; bits as they are. Returns the number of units that the
// target must have.
int AddPlainObservation(const Space& space, const std::string& target, CircuitSpec* spec);

// The parameters of AddPolicy, by position.
inline constexpr ParamInfo kTemperature = {
    .name = "temperature",
    .description = "of the softmax that draws a Discrete or MultiDiscrete action: high is random",
    .default_value = 1,
    .min = 1e-6,
    .max = 1e6,
    .source = "Sutton and Barto 2018, eq. 13.2"};
inline constexpr ParamInfo kSigma = {
    .name = "sigma",
    .description =
        "standard deviation with which a Box action is drawn; 0: a quarter of the "
        "narrowest range, or 1 where there are no bounds",
    .default_value = 0,
    .min = 0,
    .max = 1e6,
    .source = "ours: explores the range, seldom beyond it"};

// The population that draws the action, `name`, and the port that gives it.
struct Policy {
  int units = 0;
  // What a learning rate that is meant for a score of about 1 must be multiplied by: sigma^2 for
  // Gaussian units, whose score has the variance 1 / sigma^2 (Williams 1992), else 1.
  double rate_scale = 1;
  // The drive of each unit that stands for no preference: the middle of its range; 0 where it has
  // none.
  std::vector<double> neutral;
};
Policy AddPolicy(const std::string& name, const Space& action, const Parameters& params,
                 int temperature, int sigma, CircuitSpec* spec, std::vector<Violation>* violations);

// The population that gives the action as it is, by no draw of its own: `model` is one of rate
// neurons. As Policy, with the unit in which its drive is counted: half of the narrowest range of a
// Box action, else 1; rate_scale is its square.
struct Readout : Policy {
  double unit = 1;
};
Readout AddReadout(const std::string& name, const Space& action, const std::string& model,
                   CircuitSpec* spec);

// First weights by which n sources that sum to `sum` (a bias unit alone: n = 1) give the neutral
// drive.
InitialWeights NeutralWeights(const Policy& policy, int n, int sum = 1);

}  // namespace ends
}  // namespace phasic
