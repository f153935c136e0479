// SPDX-License-Identifier: Apache-2.0
#include "client/cli/source.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/files.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

absl::Status Fault(const std::string& option, const std::string& fault) {
  return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", fault));
}

}  // namespace

const char kPresetForms[] =
    R"(VALUE is JSON (0.5, [8,8], true) or a word (tanh). SPACE is one of
  discrete:N                 one of N alternatives
  multidiscrete:N,M,...      several choices at once: one of N, one of M, ...
  binary:N                   N switches
  box:SHAPE[:LOW[:HIGH]]     real numbers, e.g. box:4, box:2x3:-1:1, box:2:-1,-inf:1,inf)";

std::vector<Option> PresetOptions() {
  return {
      {"preset", Type::kText, "NAME", "The preset to start from; phasic circuits list names them."},
      {"param", Type::kText, "NAME=VALUE",
       "Overrides a parameter of the preset, or COMPONENT.PARAMETER of a part.", true},
      {"space", Type::kText, "PORT=SPACE", "The space of a port.", true},
  };
}

Option DurabilityOption(const std::string& otherwise) {
  return {
      "durability", Type::kChoice, "ephemeral|snapshot|journaled|synced",
      absl::StrCat("What of it survives: nothing, what it knew a minute ago, everything a crash, "
                   "everything also a loss of power. ",
                   otherwise)};
}

v1::Durability DurabilityOf(const Args& args) {
  v1::Durability durability = v1::DURABILITY_UNSPECIFIED;
  v1::Durability_Parse(absl::AsciiStrToUpper(args.Text("durability")), &durability);
  return durability;
}

absl::StatusOr<v1::PresetSource> ReadPreset(const Args& args) {
  v1::PresetSource preset;
  preset.set_preset(args.Text("preset"));
  for (const std::string& text : args.All("param")) {
    const auto pair = ParsePair(text);
    if (!pair.ok()) return Fault("param", std::string(pair.status().message()));
    auto value = ParseValue(pair->second);
    if (!value.ok()) {
      return Fault("param", absl::StrCat(pair->first, ": ", std::string(value.status().message())));
    }
    if (!preset.mutable_parameters()->insert({pair->first, *std::move(value)}).second) {
      return Fault("param", absl::StrCat(pair->first, " is given twice"));
    }
  }
  for (const std::string& text : args.All("space")) {
    const auto pair = ParsePair(text);
    if (!pair.ok()) return Fault("space", std::string(pair.status().message()));
    auto space = ParseSpace(pair->second);
    if (!space.ok()) {
      return Fault("space", absl::StrCat(pair->first, ": ", std::string(space.status().message())));
    }
    if (!preset.mutable_spaces()->insert({pair->first, *std::move(space)}).second) {
      return Fault("space", absl::StrCat(pair->first, " is given twice"));
    }
  }
  return preset;
}

absl::StatusOr<v1::CircuitSpec> ReadCircuit(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadAll(path);
  if (!text.ok()) return text.status();
  v1::CircuitSpec circuit;
  const auto status = google::protobuf::util::JsonStringToMessage(*text, &circuit);
  if (!status.ok()) {
    // Below the first line, protobuf points at the place in a line of its own.
    const std::string message = status.message().ToString();
    return absl::InvalidArgumentError(
        absl::StrCat(FileText(path), ": is no circuit: ", message.substr(0, message.find('\n'))));
  }
  return circuit;
}

}  // namespace phasic
