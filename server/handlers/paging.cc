// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/paging.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "server/agents/errors.h"
#include "server/agents/limits.h"

namespace phasic::handlers {
namespace {

std::string Prefix(const std::string& question) {
  return absl::StrCat(absl::Hex(HashOf(question), absl::kZeroPad16), "/");
}

}  // namespace

absl::StatusOr<int> PageSizeOf(int asked) {
  if (asked < 0) return InvalidField(errors::kBadField, "page_size", "must not be negative");
  return asked == 0 ? limits::kDefaultPageSize : std::min(asked, limits::kMaxPageSize);
}

std::string MakePageToken(const std::string& last_id, const std::string& question) {
  return absl::WebSafeBase64Escape(Prefix(question) + last_id);
}

absl::StatusOr<std::string> ReadPageToken(const std::string& token, const std::string& question) {
  if (token.empty()) return std::string();
  std::string text;
  const std::string prefix = Prefix(question);
  if (!absl::WebSafeBase64Unescape(token, &text) || !text.starts_with(prefix)) {
    return InvalidField(errors::kBadField, "page_token",
                        "is not from an earlier page of the same question");
  }
  return text.substr(prefix.size());
}

}  // namespace phasic::handlers
