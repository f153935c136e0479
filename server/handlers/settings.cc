// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/settings.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/convert/text.h"
#include "server/handlers/names.h"

namespace phasic::handlers {

void CheckLabel(const std::string& key, const std::string& value, const std::string& path,
                std::vector<Violation>* violations) {
  const std::string field = absl::StrCat(path, ".", key);
  if (!IsLabelKey(key)) {
    violations->push_back({field,
                           "is no label key: a lower-case letter, then lower-case letters, "
                           "digits, '-' and '_', up to 63 characters"});
  }
  if (const int64_t length = convert::LengthOf(value); length > limits::kMaxLabelLength) {
    violations->push_back({field, absl::StrCat("has ", length, " characters, but may have at most ",
                                               limits::kMaxLabelLength)});
  }
}

void CheckLabels(const google::protobuf::Map<std::string, std::string>& labels,
                 const std::string& path, std::vector<Violation>* violations) {
  if (labels.size() > limits::kMaxLabels) {
    violations->push_back(
        {path, absl::StrCat("are ", labels.size(), ", but may be at most ", limits::kMaxLabels)});
  }
  // In the order of their keys, so that errors come in the same order each time.
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  for (const auto& [key, value] : sorted) CheckLabel(key, value, path, violations);
}

int CheckLiveParameter(const std::string& name, double value, const Circuit& circuit,
                       const std::string& path, std::vector<Violation>* violations) {
  const std::vector<LiveParameter>& parameters = circuit.live_parameters();
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const LiveParameter& p) { return p.name == name; });
  const std::string field = absl::StrCat(path, ".", name);
  if (at == parameters.end()) {
    violations->push_back({field, "is no live parameter of the agent"});
    return -1;
  }
  if (std::string fault = CheckNumber(*at->info, value); !fault.empty()) {
    violations->push_back({field, std::move(fault)});
    return -1;
  }
  return static_cast<int>(at - parameters.begin());
}

}  // namespace phasic::handlers
