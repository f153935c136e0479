// SPDX-License-Identifier: Apache-2.0
//
// The table of cases: what a driver does with it whatever its language. ../README.md says the
// format.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace phasic::conformance {

// Keeps the order of keys, which is that of inputs.
using Json = nlohmann::ordered_json;

// What a call gave: a reply or an error, both in the table's words.
struct Outcome {
  bool failed;
  Json value;
};

// Makes one call for the case with that prefix.
using Perform =
    std::function<Outcome(const std::string& op, const Json& arguments, const std::string& prefix)>;

// Plays every case but those that need a skipped tag, and prints a line for each; returns how many
// failed.
int Run(const Json& cases, const std::set<std::string>& skipped, const Perform& perform);

}  // namespace phasic::conformance
