// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/presets/presets.h"

namespace phasic {

// What presets of spiking neurons share: one layer that decides by vote.
//
//   observation -> code -> input (Poisson) -> output (srm0) -> vote -> action
//                                             output inhibits other alternatives
namespace spiking {

// The parameters of AddVoters, by position.
enum Param { kFibres, kNeurons, kLearningRate, kInhibition, kVoterParams };
inline constexpr ParamInfo kFibresParam = {
    .name = "fibres",
    .description = "Poisson neurons that carry each unit of the observation's code",
    .default_value = 10,
    .min = 1,
    .max = 1000,
    .source = "ours: enough spikes in a step to tell what is seen",
    .integer = true};
inline constexpr ParamInfo kNeuronsParam = {
    .name = "neurons",
    .description = "spiking neurons that vote for each alternative",
    .default_value = 10,
    .min = 1,
    .max = 1000,
    .source = "ours: a vote that differs from trial to trial, but not all the time",
    .integer = true};
constexpr ParamInfo LearningRateParam(double value, const char* source) {
  return {.name = "learning_rate",
          .description = "of the weights, in units of their first value",
          .default_value = value,
          .min = 0,
          .max = 1e6,
          .source = source};
}
inline constexpr ParamInfo kInhibitionParam = {
    .name = "inhibition",
    .description =
        "how strongly the neurons of other alternatives inhibit: the weight of all of "
        "an alternative's neurons together",
    .default_value = 10,
    .min = 0,
    .max = 1e6,
    .source = "ours: at 30 Hz it takes 6 mV away"};

// The layer, with `rule` from input to output; its gate `reward` and its modulator are the
// caller's. A step lasts `ticks` of 1 ms. Only an action of choices can be voted on; others become
// violations.
void AddVoters(const Parameters& params, const std::map<std::string, Space>& spaces, int ticks,
               RuleSpec rule, CircuitSpec* spec, std::vector<Violation>* violations);

// Weights post x pre by which each of n units goes to `copies` units, or the other way round.
std::vector<Real> FanOut(int n, int copies, double weight);
std::vector<Real> FanIn(int n, int copies, double weight);

}  // namespace spiking
}  // namespace phasic
