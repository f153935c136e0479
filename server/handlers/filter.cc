// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/filter.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

// Takes a filter's text apart, from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void SkipSpace() { at_ = std::min(text_.find_first_not_of(" \t\n", at_), text_.size()); }
  bool AtEnd() const { return at_ == text_.size(); }
  size_t at() const { return at_; }

  bool Take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::string TakeKey() {
    const size_t start = at_;
    at_ = std::min(text_.find_first_of(" \t\n=", at_), text_.size());
    return std::string(text_.substr(start, at_ - start));
  }
  // After the opening quote; false when there is no closing one.
  bool TakeQuoted(std::string* value) {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\' && ++at_ == text_.size()) return false;
      value->push_back(text_[at_]);
    }
    return false;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<LabelFilter> LabelFilter::Parse(const std::string& text) {
  Scanner scanner(text);
  const auto fault = [&](const std::string& wanted) {
    return InvalidField(
        errors::kBadField, "filter",
        absl::StrCat("needs ", wanted, " at character ", scanner.at() + 1,
                     "; e.g. labels.env = \"cartpole\" AND labels.owner = \"ada\""));
  };
  if (text.size() > limits::kMaxFilterLength) {
    return InvalidField(errors::kBadField, "filter",
                        absl::StrCat("may have at most ", limits::kMaxFilterLength, " bytes"));
  }
  LabelFilter filter;
  scanner.SkipSpace();
  while (!scanner.AtEnd()) {
    if (!filter.tests_.empty()) {
      if (!scanner.Take("AND")) return fault("AND");
      scanner.SkipSpace();
    }
    if (!scanner.Take("labels.")) return fault("labels.KEY");
    std::string key = scanner.TakeKey(), value;
    if (!IsLabelKey(key)) return fault("a label's key");
    scanner.SkipSpace();
    if (!scanner.Take("=")) return fault("=");
    scanner.SkipSpace();
    if (!scanner.Take("\"") || !scanner.TakeQuoted(&value)) return fault("a value in quotes");
    filter.tests_.emplace_back(std::move(key), std::move(value));
    scanner.SkipSpace();
  }
  return filter;
}

bool LabelFilter::Matches(const std::map<std::string, std::string>& labels) const {
  return std::all_of(tests_.begin(), tests_.end(), [&](const auto& test) {
    const auto at = labels.find(test.first);
    return at != labels.end() && at->second == test.second;
  });
}

}  // namespace phasic::handlers
