// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace phasic::handlers {

// Label tests joined by AND: labels.env = "cartpole" AND labels.owner = "ada". Within quotes, \"
// and \\ stand for " and \.
class LabelFilter {
 public:
  // INVALID_ARGUMENT says where it goes wrong. An empty text lets all through.
  static absl::StatusOr<LabelFilter> Parse(const std::string& text);

  bool Matches(const std::map<std::string, std::string>& labels) const;

 private:
  std::vector<std::pair<std::string, std::string>> tests_;
};

}  // namespace phasic::handlers
