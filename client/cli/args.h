// SPDX-License-Identifier: Apache-2.0
//
// The command line. One tree of Commands says what may be given; parsing, checking and help all
// follow from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/errors.h"

namespace phasic {

// What the value of an option or operand may be. Parse checks it.
enum class Type {
  kSwitch,    // an option without a value
  kText,      // anything
  kNumber,    // a finite number
  kPositive,  // a finite number above 0
  kCount,     // a whole number, 0 to 2^64 - 1
  kOffset,    // a whole number, 0 to 2^63 - 1
  kSize,      // a whole number, 1 to 2^31 - 1
  kChoice,    // one of the words of Option::value, which '|' separates
};

struct Option {
  std::string name;  // without the dashes
  Type type;
  std::string value;  // what stands for the value in help; empty for a switch
  std::string help;
  bool repeated = false;
};

// A word that is no option: the id of an agent, the name of a file.
struct Operand {
  std::string name;  // in capitals; it must differ from every option's name
  std::string help;
  bool required = true;
};

// What was given, by name of option or operand.
class Args {
 public:
  bool Has(const std::string& name) const { return values_.count(name) != 0; }
  // The value, or `fallback` when the option was not given.
  std::string Text(const std::string& name, const std::string& fallback = "") const;
  std::optional<double> Number(const std::string& name) const;
  std::optional<uint64_t> Count(const std::string& name) const;
  // Every value of a repeated option, in order.
  std::vector<std::string> All(const std::string& name) const;

  void Add(const std::string& name, const std::string& value) { values_[name].push_back(value); }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct Context;

// A command, or a group of commands. The options of a group hold for all that is below it.
struct Command {
  std::string name;
  std::string summary;  // one line
  std::string details;  // what help says after the options: forms, examples, exit codes
  std::vector<Operand> operands;
  std::vector<Option> options;
  // Null for a group.
  absl::StatusOr<Exit> (*run)(const Context& context) = nullptr;
  std::vector<Command> commands;
};

// From the root to what was named.
using CommandPath = std::vector<const Command*>;

struct Parsed {
  CommandPath path;
  Args args;
};

// Reads the words after the program's name. With --help among them nothing is missing and nothing
// is checked. The faults name the command, the fault and, for a misspelt word, the nearest known
// one.
absl::StatusOr<Parsed> Parse(const Command& root, const std::vector<std::string>& words);

// The help text of the last command of the path, for lines of `width` columns.
std::string Help(const CommandPath& path, int width);

}  // namespace phasic
