// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/errors.h"

namespace phasic {

// What a building block says of one of its parameters. Checks, documentation and the wire follow
// from it.
struct ParamInfo {
  const char* name;
  const char* description;
  const char* unit = "";  // "ms", "1/ms", "mV"; empty for a pure number
  double default_value = 0;
  double min = 0, max = 0;  // inclusive
  const char* source = "";  // where the default comes from
  bool live = false;        // may change while the agent lives; scalars only
  bool list = false;        // may be a list of numbers; the default is a list of one
  bool integer = false;
  std::span<const char* const> choices =
      {};  // a word instead of a number; the first is the default
};

// A value as a caller writes it.
using ParamValue = std::variant<double, std::vector<double>, std::string>;
using ParamMap = std::map<std::string, ParamValue>;

// Checked values of a block's parameters, by their index in the declaration.
class Parameters {
 public:
  Parameters() = default;

  // Takes `given` over the declared defaults. Each fault (unknown name, wrong type, out of range,
  // not finite, too long a list) becomes a violation under `path`, e.g.
  // "populations[2].parameters.tau".
  Parameters(std::span<const ParamInfo> infos, const ParamMap& given, const std::string& path,
             std::vector<Violation>* violations);

  // A scalar's value, or a list's first.
  double number(int i) const { return values_[i].front(); }
  std::span<const double> list(int i) const { return values_[i]; }
  // The index into the declared choices.
  int choice(int i) const { return static_cast<int>(values_[i].front()); }
  bool given(int i) const { return given_[i]; }
  int size() const { return static_cast<int>(values_.size()); }

 private:
  std::vector<std::vector<double>> values_;
  std::vector<bool> given_;
};

// Checks one number against its declaration; empty when it is good, else what is wrong with it.
std::string CheckNumber(const ParamInfo& info, double value);

}  // namespace phasic
