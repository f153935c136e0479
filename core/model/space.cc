// SPDX-License-Identifier: Apache-2.0
#include "core/model/space.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/limits.h"
#include "core/base/math.h"

namespace phasic {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One bound for each element, one for all, or none.
double Bound(const std::vector<double>& bounds, int i, double none) {
  if (bounds.empty()) return none;
  return bounds.size() == 1 ? bounds[0] : bounds[i];
}

// The float next to a bound; infinite where no float is.
float Nearest(double bound) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return bound > kMost    ? std::numeric_limits<float>::infinity()
         : bound < -kMost ? -std::numeric_limits<float>::infinity()
                          : static_cast<float>(bound);
}

void CheckCount(int n, const std::string& field, std::vector<Violation>* violations) {
  if (n >= 1 && n <= limits::kMaxObservationValues) return;
  violations->push_back(
      {field, absl::StrCat("is ", n, ", but must be 1 to ", limits::kMaxObservationValues)});
}

void CheckChoices(const std::vector<int>& nvec, const std::string& field,
                  std::vector<Violation>* violations) {
  if (nvec.empty()) {
    violations->push_back({field, "is empty, but there is at least one choice"});
    return;
  }
  const size_t before = violations->size();
  int64_t total = 0;
  for (size_t i = 0; i < nvec.size(); ++i) {
    CheckCount(nvec[i], absl::StrCat(field, "[", i, "]"), violations);
    total += nvec[i];
  }
  if (violations->size() > before || total <= limits::kMaxObservationValues) return;
  violations->push_back(
      {field, absl::StrCat("has ", total, " alternatives in all, but may have at most ",
                           limits::kMaxObservationValues)});
}

// The shape alone; bounds are looked at only when it is good.
bool CheckShape(const std::vector<int>& shape, const std::string& path,
                std::vector<Violation>* violations) {
  if (shape.empty()) {
    violations->push_back({path + ".shape", "is empty, but a box has at least one dimension"});
    return false;
  }
  int64_t size = 1;
  bool good = true;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] < 1) {
      violations->push_back({absl::StrCat(path, ".shape[", d, "]"),
                             absl::StrCat("is ", shape[d], ", but must be at least 1")});
      good = false;
    } else if (size <= limits::kMaxObservationValues) {
      size *= shape[d];
    }
  }
  if (good && size > limits::kMaxObservationValues) {
    violations->push_back(
        {path + ".shape", absl::StrCat("has more than the ", limits::kMaxObservationValues,
                                       " elements that are allowed")});
    good = false;
  }
  return good;
}

bool CheckBounds(const std::vector<double>& bounds, int size, const std::string& field,
                 std::vector<Violation>* violations) {
  if (bounds.size() > 1 && bounds.size() != static_cast<size_t>(size)) {
    violations->push_back({field, absl::StrCat("has ", bounds.size(), " numbers, but must have ",
                                               size, ", or 1 for all, or none")});
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (bounds[i] == bounds[i]) continue;
    violations->push_back({absl::StrCat(field, "[", i, "]"), "is not a number"});
    good = false;
  }
  return good;
}

// Quickly, and so not of every space: whether all numbers are inside. What is not finite is not.
bool AllInside(const Space& space, std::span<const float> value) {
  if (space.kind != Space::Kind::kBox || space.low.size() > 1 || space.high.size() > 1)
    return false;
  constexpr float kMost = std::numeric_limits<float>::max();
  const float least = std::max(Nearest(space.lower(0)), -kMost);
  const float most = std::min(Nearest(space.upper(0)), kMost);
  int inside = 1;
#pragma omp simd reduction(& : inside)
  for (size_t i = 0; i < value.size(); ++i) {
    inside &= static_cast<int>(value[i] >= least) & static_cast<int>(value[i] <= most);
  }
  return inside != 0;
}

}  // namespace

int Space::size() const {
  switch (kind) {
    case Kind::kUnset:
      return 0;
    case Kind::kDiscrete:
      return 1;
    case Kind::kMultiBinary:
      return n;
    case Kind::kMultiDiscrete:
      return static_cast<int>(nvec.size());
    case Kind::kBox:
      break;
  }
  int size = 1;
  for (const int d : shape) size *= d;
  return size;
}

double Space::lower(int i) const { return kind == Kind::kBox ? Bound(low, i, -kInfinity) : 0; }

double Space::upper(int i) const {
  switch (kind) {
    case Kind::kDiscrete:
      return n - 1;
    case Kind::kMultiBinary:
      return 1;
    case Kind::kMultiDiscrete:
      return nvec[i] - 1;
    default:
      return Bound(high, i, kInfinity);
  }
}

int Space::choices() const {
  return kind == Kind::kDiscrete || kind == Kind::kMultiDiscrete ? size() : 0;
}

int Space::alternatives() const {
  int total = 0;
  for (int i = 0; i < choices(); ++i) total += alternatives(i);
  return total;
}

int Space::ChoiceWithout(std::span<const uint8_t> forbidden) const {
  size_t first = 0;
  for (int i = 0; i < choices(); ++i) {
    const auto choice = forbidden.subspan(first, alternatives(i));
    if (std::all_of(choice.begin(), choice.end(), [](uint8_t f) { return f != 0; })) return i;
    first += choice.size();
  }
  return -1;
}

void Space::Check(const std::string& path, std::vector<Violation>* violations) const {
  switch (kind) {
    case Kind::kUnset:
      violations->push_back({path, "is not set"});
      return;
    case Kind::kDiscrete:
      return CheckCount(n, path + ".discrete.n", violations);
    case Kind::kMultiBinary:
      return CheckCount(n, path + ".multi_binary.n", violations);
    case Kind::kMultiDiscrete:
      return CheckChoices(nvec, path + ".multi_discrete.nvec", violations);
    case Kind::kBox:
      break;
  }
  const std::string box = path + ".box";
  if (!CheckShape(shape, box, violations)) return;
  const bool low_good = CheckBounds(low, size(), box + ".low", violations);
  const bool high_good = CheckBounds(high, size(), box + ".high", violations);
  if (!low_good || !high_good) return;
  for (int i = 0; i < size(); ++i) {
    if (lower(i) <= upper(i) && lower(i) < kInfinity && upper(i) > -kInfinity) continue;
    violations->push_back({absl::StrCat(box, ".low[", low.size() > 1 ? i : 0, "]"),
                           absl::StrCat("is ", lower(i), ", but the high bound is ", upper(i))});
    if (low.size() <= 1 && high.size() <= 1) return;  // the same for every element
  }
}

std::string Space::WhyNot(std::span<const float> value, int* element) const {
  *element = -1;
  const int count = size();
  if (value.size() != static_cast<size_t>(count)) {
    return absl::StrCat("has ", value.size(), " numbers, but ", ToString(), " has ", count);
  }
  if (AllInside(*this, value)) return "";
  for (int i = 0; i < count; ++i) {
    *element = i;
    const double x = value[i];
    if (!IsFinite(x)) return "is not a finite number";
    const double least = lower(i), most = upper(i);
    // A bound is a double and the value a float: the float that is nearest to a bound is inside.
    if ((x < least && value[i] != Nearest(least)) || (x > most && value[i] != Nearest(most))) {
      return absl::StrCat("is ", x, ", but must be ", least, " to ", most);
    }
    if (kind != Kind::kBox && x != static_cast<int>(x)) {
      return absl::StrCat("is ", x, ", but must be a whole number");
    }
  }
  *element = -1;
  return "";
}

std::string Space::ToString() const {
  switch (kind) {
    case Kind::kUnset:
      return "no space";
    case Kind::kDiscrete:
      return absl::StrCat("Discrete(", n, ")");
    case Kind::kMultiBinary:
      return absl::StrCat("MultiBinary(", n, ")");
    case Kind::kMultiDiscrete: {
      // Errors quote it: the first few say enough.
      constexpr size_t kShown = 8;
      const auto end = nvec.begin() + std::min(nvec.size(), kShown);
      return absl::StrCat("MultiDiscrete([", absl::StrJoin(nvec.begin(), end, ", "),
                          nvec.size() > kShown ? ", ..." : "", "])");
    }
    case Kind::kBox:
      break;
  }
  return absl::StrCat("Box(", absl::StrJoin(shape, ", "), ")");
}

}  // namespace phasic
