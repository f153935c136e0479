// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/circuit/circuit.h"

namespace phasic::testing {

// What every rule, population and modulator of a catalogue must hold, by being in its table. The
// circuits are made from what the blocks declare, so a new one needs no line here.

// A case learns something in so many steps of this script, by an agent of this seed.
inline constexpr int kCaseSteps = 60;
inline constexpr uint64_t kCaseSeed = 1, kCaseScript = 7;

// A building block at work in a small circuit: three raw numbers drive `source`, which drives
// `target` by the projection `w`, which learns by a rule that modulators gate.
struct Case {
  std::string name;  // "rule_population" or "modulator_rule"
  CircuitSpec spec;
  std::vector<std::string> swept;  // the parts whose parameters are taken to their bounds here
};

// Each rule with populations that have the columns it reads, and in a sparse projection where it
// can; and each modulator with a rule. A block that fits into no circuit that learns is in
// `without`.
std::vector<Case> Cases(const Catalogue& catalogue, std::vector<std::string>* without);

// What a check found: empty when all is well.
struct Finding {
  std::string fault;
  std::vector<std::string> notes;  // what is worth telling all the same
};
struct Check {
  const char* name;
  Finding (*run)(const Catalogue& catalogue, const Case& c);
};
std::span<const Check> Checks();

// What is missing from what a block says of itself: texts, and units, ranges and sources of its
// parameters.
std::vector<std::string> ParamFaults(std::span<const ParamInfo> params, const std::string& owner);
std::vector<std::string> RuleFaults(const Rule& rule);

}  // namespace phasic::testing
