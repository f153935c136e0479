// SPDX-License-Identifier: Apache-2.0
#include "core/base/errors.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace phasic {
namespace {

// The payload under which details ride. Its bytes never leave the process: a list of texts, each
// after its length in 4 little-endian bytes: the reason, how many violations and those, metadata.
constexpr const char* kDetailsUrl = "phasic/error-details";

constexpr size_t kMostInMessage = 10;  // violations that a message spells out

void Put(std::string* out, const std::string& text) {
  const auto size = static_cast<uint32_t>(text.size());
  for (int i = 0; i < 4; ++i) out->push_back(static_cast<char>(size >> (8 * i)));
  out->append(text);
}

// The next text; nothing when the bytes end before it does.
std::optional<std::string> Take(std::string_view* in) {
  if (in->size() < 4) return std::nullopt;
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size |= uint32_t{static_cast<uint8_t>((*in)[i])} << (8 * i);
  in->remove_prefix(4);
  if (in->size() < size) return std::nullopt;
  std::string text(in->substr(0, size));
  in->remove_prefix(size);
  return text;
}

std::string Encode(const ErrorDetails& details) {
  std::string out;
  Put(&out, details.reason);
  Put(&out, absl::StrCat(details.violations.size()));
  for (const Violation& v : details.violations) {
    Put(&out, v.field);
    Put(&out, v.description);
  }
  for (const auto& [key, value] : details.metadata) {
    Put(&out, key);
    Put(&out, value);
  }
  return out;
}

ErrorDetails Decode(std::string_view in) {
  ErrorDetails details;
  details.reason = Take(&in).value_or("");
  size_t violations = 0;
  for (const char digit : Take(&in).value_or("")) violations = 10 * violations + (digit - '0');
  while (auto first = Take(&in)) {
    auto second = Take(&in);
    if (!second) break;
    if (details.violations.size() < violations) {
      details.violations.push_back({std::move(*first), std::move(*second)});
    } else {
      details.metadata.emplace(std::move(*first), std::move(*second));
    }
  }
  return details;
}

std::string Say(const Violation& v) {
  return v.field.empty() ? v.description : absl::StrCat(v.field, ": ", v.description);
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, const std::string& message,
                       const ErrorDetails& details) {
  absl::Status status(code, message);
  status.SetPayload(kDetailsUrl, absl::Cord(Encode(details)));
  return status;
}

ErrorDetails DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailsUrl);
  return payload ? Decode(std::string(*payload)) : ErrorDetails();
}

absl::Status InvalidField(const std::string& reason, const std::string& field,
                          const std::string& description) {
  return InvalidFields(reason, {{field, description}});
}

absl::Status InvalidFields(const std::string& reason, std::vector<Violation> violations) {
  std::string message;
  const size_t said = std::min(violations.size(), kMostInMessage);
  for (size_t i = 0; i < said; ++i) {
    absl::StrAppend(&message, i == 0 ? "" : "; ", Say(violations[i]));
  }
  if (said < violations.size()) {
    absl::StrAppend(&message, "; and ", violations.size() - said, " more");
  }
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {.reason = reason, .violations = std::move(violations), .metadata = {}});
}

}  // namespace phasic
