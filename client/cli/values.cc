// SPDX-License-Identifier: Apache-2.0
#include "client/cli/values.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/numbers.h"
#include "client/cpp/variable.h"

namespace phasic {
namespace {

absl::Status Fault(const std::string& text, const std::string& fault) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" ", fault));
}

// The bounds of a box: none, one, or one for each element. `none` is the infinity that stands for
// no bound.
bool ParseBounds(const std::string& text, double none,
                 google::protobuf::RepeatedField<double>* bounds) {
  if (text.empty()) return true;
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  for (const std::string& part : parts) {
    double bound;
    if (!absl::SimpleAtod(part, &bound) || std::isnan(bound)) return false;
    bounds->Add(bound);
  }
  if (bounds->size() == 1 && bounds->Get(0) == none) bounds->Clear();
  return true;
}

bool ParseBox(const std::vector<std::string>& parts, v1::Box* box) {
  if (parts.size() > 4) return false;
  const std::vector<std::string> sizes = absl::StrSplit(parts[1], 'x');
  for (const std::string& size : sizes) {
    int32_t dimension;
    if (!absl::SimpleAtoi(size, &dimension)) return false;
    box->add_shape(dimension);
  }
  return (parts.size() < 3 || ParseBounds(parts[2], -INFINITY, box->mutable_low())) &&
         (parts.size() < 4 || ParseBounds(parts[3], INFINITY, box->mutable_high()));
}

bool ParseChoices(const std::string& text, v1::MultiDiscrete* choices) {
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  for (const std::string& part : parts) {
    int32_t alternatives;
    if (!absl::SimpleAtoi(part, &alternatives)) return false;
    choices->add_nvec(alternatives);
  }
  return true;
}

// "[5]", "[10:20]", "[10:]" or "[:20]".
bool ParseRange(const std::string& text, int64_t* offset, int64_t* count) {
  if (text.size() < 3 || text.back() != ']') return false;
  const std::vector<std::string> ends = absl::StrSplit(text.substr(1, text.size() - 2), ':');
  if (!ends[0].empty() && (!absl::SimpleAtoi(ends[0], offset) || *offset < 0)) return false;
  if (ends.size() == 1) {
    *count = 1;
    return true;
  }
  int64_t end;
  if (ends.size() > 2) return false;
  if (ends[1].empty()) return true;
  if (!absl::SimpleAtoi(ends[1], &end) || end <= *offset) return false;
  *count = end - *offset;
  return true;
}

std::string BoundsText(const google::protobuf::RepeatedField<double>& bounds) {
  return absl::StrJoin(bounds, ",", [](std::string* out, double bound) {
    if (std::isinf(bound)) {
      absl::StrAppend(out, bound > 0 ? "inf" : "-inf");
    } else {
      absl::StrAppend(out, ExactText(bound));
    }
  });
}

std::string BoxText(const v1::Box& box) {
  std::string text = absl::StrCat("box:", absl::StrJoin(box.shape(), "x"));
  if (!box.low().empty() || !box.high().empty()) {
    absl::StrAppend(&text, ":", BoundsText(box.low()));
  }
  if (!box.high().empty()) absl::StrAppend(&text, ":", BoundsText(box.high()));
  return text;
}

}  // namespace

absl::StatusOr<std::pair<std::string, std::string>> ParsePair(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Fault(text, "is not of the form KEY=VALUE");
  return std::make_pair(text.substr(0, equals), text.substr(equals + 1));
}

absl::StatusOr<google::protobuf::Value> ParseValue(const std::string& text) {
  google::protobuf::Value value;
  double number;
  if (absl::SimpleAtod(text, &number) && std::isfinite(number)) {
    value.set_number_value(number);
    return value;
  }
  const bool json = text == "true" || text == "false" || text == "null" ||
                    (!text.empty() && (text[0] == '[' || text[0] == '{' || text[0] == '"'));
  if (!json) {
    value.set_string_value(text);
    return value;
  }
  if (!google::protobuf::util::JsonStringToMessage(text, &value).ok()) {
    return Fault(text, "is not JSON");
  }
  return value;
}

absl::StatusOr<v1::Space> ParseSpace(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  v1::Space space;
  int32_t n;
  if (parts[0] == "discrete" && parts.size() == 2 && absl::SimpleAtoi(parts[1], &n)) {
    space.mutable_discrete()->set_n(n);
  } else if (parts[0] == "binary" && parts.size() == 2 && absl::SimpleAtoi(parts[1], &n)) {
    space.mutable_multi_binary()->set_n(n);
  } else if (parts[0] == "multidiscrete" && parts.size() == 2 &&
             ParseChoices(parts[1], space.mutable_multi_discrete())) {
    // Read already.
  } else if (parts[0] != "box" || parts.size() < 2 || !ParseBox(parts, space.mutable_box())) {
    return Fault(
        text, "is no space: discrete:N, multidiscrete:N,M,..., binary:N or box:SHAPE[:LOW[:HIGH]]");
  }
  return space;
}

std::string SpaceText(const v1::Space& space) {
  switch (space.kind_case()) {
    case v1::Space::kDiscrete:
      return absl::StrCat("discrete:", space.discrete().n());
    case v1::Space::kMultiBinary:
      return absl::StrCat("binary:", space.multi_binary().n());
    case v1::Space::kMultiDiscrete:
      return absl::StrCat("multidiscrete:", absl::StrJoin(space.multi_discrete().nvec(), ","));
    case v1::Space::kBox:
      return BoxText(space.box());
    default:
      return "-";
  }
}

absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& text) {
  std::vector<double> numbers;
  const std::vector<std::string> parts = absl::StrSplit(text, ',');
  for (const std::string& part : parts) {
    double number;
    if (!absl::SimpleAtod(part, &number) || !std::isfinite(number)) {
      return Fault(part, "is not a number");
    }
    numbers.push_back(number);
  }
  return numbers;
}

absl::StatusOr<NamedNumbers> ParseNamedNumbers(const std::string& text) {
  NamedNumbers named;
  const size_t equals = text.find('=');
  if (equals != std::string::npos) named.name = text.substr(0, equals);
  auto numbers = ParseNumbers(equals == std::string::npos ? text : text.substr(equals + 1));
  if (!numbers.ok()) return numbers.status();
  named.numbers = *std::move(numbers);
  return named;
}

v1::Reward MakeReward(const NamedNumbers& values) {
  v1::Reward reward;
  reward.set_channel(values.name);
  if (values.numbers.size() == 1) {
    reward.set_value(values.numbers[0]);
  } else {
    reward.mutable_values()->Add(values.numbers.begin(), values.numbers.end());
  }
  return reward;
}

absl::StatusOr<v1::VariableWrite> ParseWrite(const std::string& text) {
  const auto pair = ParsePair(text);
  if (!pair.ok()) return Fault(text, "is not of the form COMPONENT.VARIABLE[RANGE]=NUMBERS");
  auto numbers = ParseNumbers(pair->second);
  if (!numbers.ok()) return numbers.status();
  std::string name = pair->first;
  int64_t offset = 0;
  int64_t count = 0;  // all that follow
  if (const size_t bracket = name.rfind('['); bracket != std::string::npos) {
    const std::string range = name.substr(bracket);
    name.resize(bracket);
    if (!ParseRange(range, &offset, &count)) {
      return Fault(range, "is no range: [FROM:TO] with FROM below TO, [FROM:], [:TO] or [ELEMENT]");
    }
  }
  if (numbers->size() == 1) return client::Fill(name, numbers->front(), offset, count);
  if (count != 0 && count != static_cast<int64_t>(numbers->size())) {
    return Fault(text, absl::StrCat("has ", numbers->size(), " numbers for ", count, " elements"));
  }
  return client::Values(name, *numbers, offset);
}

std::string ResourceName(const std::string& collection, const std::string& id) {
  return id.find('/') == std::string::npos ? absl::StrCat(collection, "/", id) : id;
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace phasic
