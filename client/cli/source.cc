// SPDX-License-Identifier: Apache-2.0
#include "client/cli/source.h"

#include <google/protobuf/util/json_util.h>

#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

absl::Status Fault(const std::string& option, const std::string& fault) {
  return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", fault));
}

// A file's name for people.
std::string FileText(const std::string& path) { return path == "-" ? "standard input" : path; }

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  // The C library's files, because the streams of libstdc++ throw when they meet a directory.
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  std::string text;
  bool good = file != nullptr;
  std::array<char, 4096> buffer;
  while (good) {
    const size_t read = std::fread(buffer.data(), 1, buffer.size(), file);
    if (read == 0) break;
    text.append(buffer.data(), read);
  }
  good = good && std::ferror(file) == 0;
  if (file != nullptr && file != stdin) std::fclose(file);
  if (!good) return absl::InvalidArgumentError(absl::StrCat(FileText(path), ": cannot be read"));
  return text;
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
