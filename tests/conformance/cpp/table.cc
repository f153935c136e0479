// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/cpp/table.h"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace phasic::conformance {
namespace {

using Variables = std::map<std::string, Json>;
// Why something does not match; nothing when it does.
using Mismatch = std::optional<std::string>;

Json FillIn(const Json& value, const Variables& variables) {
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    for (const auto& [name, replacement] : variables) {
      const std::string key = absl::StrCat("{", name, "}");
      if (text == key) return replacement;
      text = absl::StrReplaceAll(
          text,
          {{key, replacement.is_string() ? replacement.get<std::string>() : replacement.dump()}});
    }
    return text;
  }
  Json filled = value;
  if (value.is_structured()) {
    for (auto item = filled.begin(); item != filled.end(); ++item) *item = FillIn(*item, variables);
  }
  return filled;
}

// The element; null where there is none.
Json ElementOf(const Json& value, const Json& key) {
  if (value.is_array() && key.is_number_unsigned()) {
    return key.get<size_t>() < value.size() ? value[key.get<size_t>()] : Json();
  }
  if (value.is_object() && key.is_string()) return value.value(key.get<std::string>(), Json());
  return Json();
}

Mismatch Match(const Json& wanted, const Json& got, const std::string& place);

bool Contains(const Json& list, const Json& wanted) {
  for (const Json& item : list) {
    if (!Match(wanted, item, "")) return true;
  }
  return false;
}

Mismatch MatchObject(const Json& wanted, const Json& got, const std::string& place) {
  const auto instead = [&](const std::string& of) {
    return absl::StrCat(place, ": ", got.dump(), ", but expected ", of);
  };
  if (wanted.contains("$not")) {
    if (Match(wanted["$not"], got, place)) return std::nullopt;
    return instead("anything else");
  }
  if (wanted.contains("$length")) {
    if (got.is_array() && got.size() == wanted["$length"]) return std::nullopt;
    return instead(absl::StrCat(wanted["$length"].dump(), " elements"));
  }
  if (wanted.contains("$contains")) {
    for (const Json& one : wanted["$contains"]) {
      if (!got.is_array() || !Contains(got, one)) return instead("one that is " + one.dump());
    }
    return std::nullopt;
  }
  if (!got.is_object()) return instead("an object");
  for (const auto& [key, value] : wanted.items()) {
    if (Mismatch why = Match(value, ElementOf(got, key), absl::StrCat(place, ".", key))) return why;
  }
  return std::nullopt;
}

Mismatch Match(const Json& wanted, const Json& got, const std::string& place) {
  if (wanted.is_object()) return MatchObject(wanted, got, place);
  if (wanted.is_array() && got.is_array() && wanted.size() == got.size()) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (Mismatch why = Match(wanted[i], got[i], absl::StrCat(place, "[", i, "]"))) return why;
    }
    return std::nullopt;
  }
  if (wanted == got) return std::nullopt;
  return absl::StrCat(place, ": ", got.dump(), ", but expected ", wanted.dump());
}

Mismatch Play(const Json& row, const std::string& prefix, const Perform& perform) {
  Variables variables = {{"prefix", prefix}};
  int number = 0;
  for (const Json& call : row["calls"]) {
    const std::string op = call["op"];
    const std::string place = absl::StrCat("call ", number++, " (", op, ")");
    Json arguments = FillIn(call, variables);
    for (const char* key : {"op", "expect", "error", "bind"}) arguments.erase(key);
    const Outcome outcome = perform(op, arguments, prefix);
    if (outcome.failed != call.contains("error")) {
      return absl::StrCat(place, outcome.failed ? ": error " : ": reply ", outcome.value.dump());
    }
    const Json wanted =
        FillIn(call.value(outcome.failed ? "error" : "expect", Json::object()), variables);
    if (Mismatch why = Match(wanted, outcome.value, place)) return why;
    const Json bind = call.value("bind", Json::object());
    for (const auto& [name, path] : bind.items()) {
      Json bound = outcome.value;
      for (const Json& key : path) bound = ElementOf(bound, key);
      if (bound.is_null()) return absl::StrCat(place, ": nothing to bind to ", name);
      variables[name] = bound;
    }
  }
  return std::nullopt;
}

}  // namespace

int Run(const Json& cases, const std::set<std::string>& skipped, const Perform& perform) {
  int failed = 0, number = 0;
  for (const Json& row : cases) {
    const std::string name = row["name"];
    std::string missing;
    for (const std::string tag : row.value("needs", Json::array())) {
      if (skipped.count(tag) != 0) missing = tag;
    }
    if (!missing.empty()) {
      std::printf("skip %s: needs %s\n", name.c_str(), missing.c_str());
      continue;
    }
    const std::string prefix = absl::StrCat("c", number++, "-", absl::Hex(getpid()), "-");
    const Mismatch why = Play(row, prefix, perform);
    failed += why.has_value();
    std::printf("%s %s%s%s\n", why ? "FAIL" : "ok", name.c_str(), why ? ": " : "",
                why.value_or("").c_str());
  }
  return failed;
}

}  // namespace phasic::conformance
