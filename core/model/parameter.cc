// SPDX-License-Identifier: Apache-2.0
#include "core/model/parameter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/limits.h"
#include "core/base/math.h"

namespace phasic {
namespace {

std::string WithUnit(double value, const ParamInfo& info) {
  return absl::StrCat(value, *info.unit != '\0' ? " " : "", info.unit);
}

std::string Names(std::span<const ParamInfo> infos) {
  if (infos.empty()) return "it has none";
  return absl::StrCat("there are ", absl::StrJoin(infos, ", ", [](std::string* out, const auto& i) {
                        out->append(i.name);
                      }));
}

// One given value, checked. What is wrong becomes violations and leaves `values` as it was.
class Reader {
 public:
  Reader(const ParamInfo& info, std::string field, std::vector<double>* values,
         std::vector<Violation>* violations)
      : info_(info), field_(std::move(field)), values_(*values), violations_(*violations) {}

  void operator()(double number) const {
    if (!info_.choices.empty()) return Fault(Choices());
    if (const std::string why = CheckNumber(info_, number); !why.empty()) return Fault(why);
    values_ = {number};
  }

  void operator()(const std::vector<double>& list) const {
    if (!info_.choices.empty()) return Fault(Choices());
    if (!info_.list) return Fault("is a list, but must be one number");
    if (list.empty()) return Fault("is an empty list");
    if (list.size() > limits::kMaxListParameter) {
      return Fault(absl::StrCat("has ", list.size(), " numbers, but may have at most ",
                                limits::kMaxListParameter));
    }
    bool good = true;
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string why = CheckNumber(info_, list[i]);
      if (why.empty()) continue;
      violations_.push_back({absl::StrCat(field_, "[", i, "]"), why});
      good = false;
    }
    if (good) values_ = list;
  }

  void operator()(const std::string& word) const {
    if (info_.choices.empty()) {
      return Fault(absl::StrCat("is the word \"", word, "\", but must be a number",
                                info_.list ? " or a list of numbers" : ""));
    }
    const auto at = std::find(info_.choices.begin(), info_.choices.end(), word);
    if (at == info_.choices.end()) return Fault(absl::StrCat("is \"", word, "\", but ", Choices()));
    values_ = {static_cast<double>(at - info_.choices.begin())};
  }

 private:
  void Fault(const std::string& why) const { violations_.push_back({field_, why}); }
  std::string Choices() const {
    return absl::StrCat("must be one of ", absl::StrJoin(info_.choices, ", "));
  }

  const ParamInfo& info_;
  const std::string field_;
  std::vector<double>& values_;
  std::vector<Violation>& violations_;
};

}  // namespace

std::string CheckNumber(const ParamInfo& info, double value) {
  if (!IsFinite(value)) return "is not a finite number";
  if (value < info.min || value > info.max) {
    return absl::StrCat("is ", WithUnit(value, info), ", but must be ", info.min, " to ",
                        WithUnit(info.max, info));
  }
  // Within the range of an int64, which the check above sees to: every integer's range is.
  if (info.integer && static_cast<double>(static_cast<int64_t>(value)) != value) {
    return absl::StrCat("is ", value, ", but must be a whole number");
  }
  return "";
}

Parameters::Parameters(std::span<const ParamInfo> infos, const ParamMap& given,
                       const std::string& path, std::vector<Violation>* violations)
    : given_(infos.size(), false) {
  values_.reserve(infos.size());
  for (const ParamInfo& info : infos) {
    values_.push_back({info.choices.empty() ? info.default_value : 0.0});
  }
  for (const auto& [name, value] : given) {
    const std::string field = absl::StrCat(path, ".", name);
    const auto at = std::find_if(infos.begin(), infos.end(),
                                 [&name = name](const auto& i) { return name == i.name; });
    if (at == infos.end()) {
      violations->push_back({field, absl::StrCat("is not a parameter here: ", Names(infos))});
      continue;
    }
    const auto i = at - infos.begin();
    given_[i] = true;
    std::visit(Reader(*at, field, &values_[i], violations), value);
  }
}

}  // namespace phasic
