// SPDX-License-Identifier: Apache-2.0
#include "client/cli/args.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/table.h"

namespace phasic {
namespace {

// "phasic agents create", or without the first `skip` names.
std::string PathText(const CommandPath& path, size_t skip = 0) {
  return absl::StrJoin(path.begin() + skip, path.end(), " ",
                       [](std::string* out, const Command* at) { absl::StrAppend(out, at->name); });
}

absl::Status Fault(const CommandPath& path, const std::string& text) {
  const std::string place = path.size() == 1 ? "" : absl::StrCat(PathText(path, 1), ": ");
  return absl::InvalidArgumentError(absl::StrCat(place, text, "; see ", PathText(path), " --help"));
}

// The number of letters to insert, drop or change that makes one word the other.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

// " (did you mean X?)" for the known word that is nearest; nothing when none is near.
std::string Suggestion(const std::string& word, const std::vector<std::string>& known) {
  size_t best = 3;
  std::string nearest;
  for (const std::string& candidate : known) {
    const size_t distance = Distance(word, candidate);
    if (distance < std::min(best, candidate.size())) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)");
}

const Option* FindOption(const CommandPath& path, const std::string& name) {
  for (const Command* command : path) {
    for (const Option& option : command->options) {
      if (option.name == name) return &option;
    }
  }
  return nullptr;
}

const Command* FindCommand(const Command& group, const std::string& name) {
  for (const Command& command : group.commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::string UnknownOption(const CommandPath& path, const std::string& name) {
  std::vector<std::string> known;
  for (const Command* command : path) {
    for (const Option& option : command->options) known.push_back(absl::StrCat("--", option.name));
  }
  const std::string word = absl::StrCat("--", name);
  return absl::StrCat("unknown option ", word, Suggestion(word, known));
}

std::vector<std::string> CommandNames(const Command& group) {
  std::vector<std::string> names;
  for (const Command& command : group.commands) names.push_back(command.name);
  return names;
}

bool ParseFinite(const std::string& text, double* number) {
  return absl::SimpleAtod(text, number) && std::isfinite(*number);
}

// What is wrong with the value; empty when it is good.
std::string CheckValue(const Option& option, const std::string& value) {
  double number;
  uint64_t count;
  switch (option.type) {
    case Type::kSwitch:
    case Type::kText:
      return "";
    case Type::kNumber:
      return ParseFinite(value, &number) ? "" : "is not a number";
    case Type::kPositive:
      return ParseFinite(value, &number) && number > 0 ? "" : "is not a number above 0";
    case Type::kCount:
      return absl::SimpleAtoi(value, &count) ? "" : "is not a whole number from 0 up";
    case Type::kOffset:
      return absl::SimpleAtoi(value, &count) && count <= std::numeric_limits<int64_t>::max()
                 ? ""
                 : "is not a whole number from 0 up";
    case Type::kSize:
      return absl::SimpleAtoi(value, &count) && count >= 1 &&
                     count <= std::numeric_limits<int32_t>::max()
                 ? ""
                 : "is not a whole number from 1 up";
    case Type::kChoice: {
      const std::vector<std::string> choices = absl::StrSplit(option.value, '|');
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) return "";
      return absl::StrCat("is not one of ", absl::StrJoin(choices, ", "));
    }
  }
  return "";
}

// One pass over the words.
class Parser {
 public:
  Parser(const Command& root, const std::vector<std::string>& words) : words_(words) {
    parsed_.path.push_back(&root);
  }

  absl::StatusOr<Parsed> Run() {
    if (WantsHelp()) {
      parsed_.args.Add("help", "");
      return parsed_;
    }
    while (at_ < words_.size()) {
      const std::string word = words_[at_++];
      absl::Status status;
      if (word == "--" && !only_operands_) {
        only_operands_ = true;
      } else if (!only_operands_ && word.rfind("--", 0) == 0) {
        status = TakeOption(word.substr(2));
      } else {
        status = TakeWord(word);
      }
      if (!status.ok()) return status;
    }
    if (const absl::Status status = CheckComplete(); !status.ok()) return status;
    return parsed_;
  }

 private:
  const Command& command() const { return *parsed_.path.back(); }

  // True when --help or -h is among the words; then the path is as far as the words name commands.
  bool WantsHelp() {
    CommandPath path = parsed_.path;
    bool help = false;
    for (size_t i = 0; i < words_.size() && words_[i] != "--"; ++i) {
      const std::string& word = words_[i];
      if (word == "--help" || word == "-h") {
        help = true;
      } else if (word.rfind("--", 0) == 0) {
        const Option* option = FindOption(path, word.substr(2));
        if (option != nullptr && option->type != Type::kSwitch) ++i;
      } else if (const Command* next = FindCommand(*path.back(), word)) {
        path.push_back(next);
      }
    }
    if (help) parsed_.path = path;
    return help;
  }

  absl::Status TakeOption(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = FindOption(parsed_.path, name);
    if (option == nullptr) return Fault(parsed_.path, UnknownOption(parsed_.path, name));
    if (parsed_.args.Has(name) && !option->repeated) {
      return Fault(parsed_.path, absl::StrCat("--", name, " is given twice"));
    }
    std::string value;
    if (option->type == Type::kSwitch) {
      if (equals != std::string::npos) {
        return Fault(parsed_.path, absl::StrCat("--", name, " takes no value"));
      }
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (at_ < words_.size() && words_[at_].rfind("--", 0) != 0) {
      value = words_[at_++];
    } else {
      return Fault(parsed_.path, absl::StrCat("--", name, " needs a value: ", option->value));
    }
    if (const std::string fault = CheckValue(*option, value); !fault.empty()) {
      return Fault(parsed_.path, absl::StrCat("--", name, ": \"", value, "\" ", fault));
    }
    parsed_.args.Add(name, value);
    return absl::OkStatus();
  }

  // A command's name or an operand. A single dash begins an operand (a number, or "-" for standard
  // input).
  absl::Status TakeWord(const std::string& word) {
    if (command().run == nullptr) {
      const Command* next = FindCommand(command(), word);
      if (next == nullptr) {
        return Fault(parsed_.path, absl::StrCat("unknown command ", word,
                                                Suggestion(word, CommandNames(command()))));
      }
      parsed_.path.push_back(next);
      return absl::OkStatus();
    }
    if (operands_ == command().operands.size()) {
      return Fault(parsed_.path, absl::StrCat("\"", word, "\" is one word too many"));
    }
    const Operand& operand = command().operands[operands_++];
    if (word.empty()) return Fault(parsed_.path, absl::StrCat(operand.name, " is empty"));
    parsed_.args.Add(operand.name, word);
    return absl::OkStatus();
  }

  absl::Status CheckComplete() const {
    if (parsed_.args.Has("version")) return absl::OkStatus();
    if (command().run == nullptr) {
      return Fault(parsed_.path,
                   absl::StrCat("name a command: ", absl::StrJoin(CommandNames(command()), ", ")));
    }
    for (size_t i = operands_; i < command().operands.size(); ++i) {
      const Operand& operand = command().operands[i];
      if (operand.required) return Fault(parsed_.path, absl::StrCat(operand.name, " is missing"));
    }
    return absl::OkStatus();
  }

  const std::vector<std::string>& words_;
  size_t at_ = 0;
  size_t operands_ = 0;
  bool only_operands_ = false;
  Parsed parsed_;
};

// The lines that describe options, under a title; nothing when there are none.
std::string OptionLines(const std::string& title, const std::vector<Option>& options, int width) {
  Table table({{""}, {""}});
  for (const Option& option : options) {
    const std::string name =
        absl::StrCat("--", option.name, option.value.empty() ? "" : " ", option.value);
    table.Row(
        {name, option.repeated ? absl::StrCat(option.help, " May be repeated.") : option.help});
  }
  return Section(title, table.Text(width, 2));
}

}  // namespace

std::string Args::Text(const std::string& name, const std::string& fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second.front();
}

std::optional<double> Args::Number(const std::string& name) const {
  double number;
  if (!ParseFinite(Text(name), &number)) return std::nullopt;
  return number;
}

std::optional<uint64_t> Args::Count(const std::string& name) const {
  uint64_t count;
  if (!absl::SimpleAtoi(Text(name), &count)) return std::nullopt;
  return count;
}

std::vector<std::string> Args::All(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

absl::StatusOr<Parsed> Parse(const Command& root, const std::vector<std::string>& words) {
  return Parser(root, words).Run();
}

std::string Help(const CommandPath& path, int width) {
  const Command& command = *path.back();
  std::string text = absl::StrCat("usage: ", PathText(path));
  if (command.run == nullptr) absl::StrAppend(&text, " COMMAND");
  for (const Operand& operand : command.operands) {
    absl::StrAppend(&text, operand.required ? absl::StrCat(" ", operand.name)
                                            : absl::StrCat(" [", operand.name, "]"));
  }
  absl::StrAppend(&text, " [OPTION]...\n\n", Wrap(command.summary, width));

  Table words({{""}, {""}});
  for (const Operand& operand : command.operands) words.Row({operand.name, operand.help});
  for (const Command& next : command.commands) words.Row({next.name, next.summary});
  if (const std::string lines = words.Text(width, 2); !lines.empty()) {
    absl::StrAppend(&text, command.commands.empty() ? "\n" : "\ncommands:\n", lines);
  }
  for (size_t i = path.size(); i-- > 0;) {
    const bool own = i + 1 == path.size();
    absl::StrAppend(
        &text,
        OptionLines(own ? "options" : absl::StrCat("options of every ", path[i]->name, " command"),
                    path[i]->options, width));
  }
  if (!command.details.empty()) absl::StrAppend(&text, "\n", Wrap(command.details, width));
  return text;
}

}  // namespace phasic
