// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/store/sqlite_store.h"
#include "server/store/store.h"

namespace phasic::store {

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& uri, const Options& options) {
  constexpr std::string_view kScheme = "sqlite://";
  if (uri == "memory:") return std::unique_ptr<Store>();
  const std::string path = uri.starts_with(kScheme) ? uri.substr(kScheme.size()) : "";
  if (!path.starts_with('/') || path.ends_with('/')) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the store is \"", uri, "\", but must be sqlite:///absolute/path/of/a/file or memory:"));
  }
  return SqliteStore::Open(path, options);
}

}  // namespace phasic::store
