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

// A violation when a free text (an id of the client's own) is too long.
inline void CheckLength(const std::string& text, const std::string& field,
                        std::vector<Violation>* violations) {
  if (const int64_t length = LengthOf(text); length > limits::kMaxIdLength) {
    violations->push_back({field, absl::StrCat("has ", length, " characters, but may have at most ",
                                               limits::kMaxIdLength)});
  }
}

}  // namespace phasic::convert
