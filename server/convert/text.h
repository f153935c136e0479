// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/errors.h"
#include "server/agents/limits.h"

namespace phasic::convert {

// Characters, not bytes: Protobuf has made sure that the text is UTF-8.
inline int64_t LengthOf(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// Whether a free text (an id of the client's own) is not too long.
inline bool IsShort(std::string_view text) {
  return text.size() <= limits::kMaxIdLength || LengthOf(text) <= limits::kMaxIdLength;
}

// A violation when it is.
inline void CheckLength(std::string_view text, std::string_view field,
                        std::vector<Violation>* violations) {
  if (IsShort(text)) return;
  violations->push_back({std::string(field),
                         absl::StrCat("has ", LengthOf(text), " characters, but may have at most ",
                                      limits::kMaxIdLength)});
}

}  // namespace phasic::convert
