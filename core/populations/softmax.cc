// SPDX-License-Identifier: Apache-2.0
//
// One choice among n (Williams 1992; Sutton and Barto 2018, "Reinforcement Learning", 2.8
// and 13.3): p_i = e^(drive_i / T) / sum_j e^(drive_j / T) over the units that are not forbidden,
// choice a ~ p. The score is d log p_a / d drive_i = (1[a = i] - p_i) / T.
//
// Several choices at once are groups of units, each a softmax with a draw of its own. The draws are
// independent, so log p of all of them is the sum over the groups, and so a unit's score is that of
// its group alone.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/limits.h"
#include "core/base/vectors.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kTemperature, kGroups };
enum Site { kDrive, kForbidden };
enum ColumnIndex { kChoice, kProbability, kScore };

constexpr ParamInfo kParams[] = {
    {.name = "temperature",
     .description = "T: high is random, low is greedy",
     .default_value = 1,
     .min = 1e-6,
     .max = 1e6,
     .source = "Sutton and Barto 2018, eq. 13.2 has none: 1",
     .live = true},
    {.name = "groups",
     .description = "units of each group, in order, together all units; one unit is chosen in each "
                    "group. 0: all units are one group",
     .default_value = 0,
     .min = 0,
     .max = limits::kMaxNeurons,
     .source = "0: one choice",
     .list = true,
     .integer = true},
};
constexpr SiteInfo kSites[] = {
    {"drive", "preference of each choice"},
    {kForbiddenSite, "not 0 where a unit may not be chosen"},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "choice",
     .description =
         "1 for the unit chosen, 0 for the others of its group; all 0 when every unit of "
         "the group is forbidden",
     .output = true},
    {.name = "probability", .description = "p, of being chosen", .output = true},
    {.name = "score",
     .description = "(choice - p) / temperature; 0 when greedy",
     .output = true,
     .drawn = true},
};

std::vector<int> Groups(const Node& node) {
  if (node.params.number(kGroups) == 0) return {node.size};
  const auto sizes = node.params.list(kGroups);
  return {sizes.begin(), sizes.end()};
}

void Check(const Node& node, std::vector<Violation>* violations) {
  const auto sizes = node.params.list(kGroups);
  if (sizes.size() == 1 && sizes[0] == 0) return;
  double total = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    total += sizes[i];
    if (sizes[i] > 0) continue;
    violations->push_back(
        {absl::StrCat("parameters.groups[", i, "]"), "is 0, but a group has at least 1 unit"});
  }
  if (total == node.size) return;
  violations->push_back(
      {"parameters.groups",
       absl::StrCat("sum to ", total, ", but the population has ", node.size, " units")});
}

void Derive(Node* node) {
  for (const int size : Groups(*node)) node->derived.push_back(size);
}

// Probabilities of the allowed units, 0 for the others. The best allowed unit, the first of equals;
// -1 when there is none.
int Probabilities(std::span<const Real> drive, std::span<const Real> forbidden, double temperature,
                  std::span<Real> p) noexcept {
  int best = -1;
  Real highest = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    const bool better = forbidden[i] == 0 && (best < 0 || drive[i] > highest);
    best = better ? static_cast<int>(i) : best;
    highest = better ? drive[i] : highest;
  }
  constexpr size_t kAtATime = 64;
  double numbers[kAtATime], sum = 0;
  for (size_t from = 0; from < p.size(); from += kAtATime) {
    const size_t count = std::min(kAtATime, p.size() - from);
    for (size_t i = 0; i < count; ++i) {
      const double gap = static_cast<double>(drive[from + i]) - static_cast<double>(highest);
      numbers[i] = (forbidden[from + i] == 0 ? gap : 0) / temperature;
    }
    VectorsFor(ActiveIsa()).exp(numbers, numbers, static_cast<int64_t>(count));
    for (size_t i = 0; i < count; ++i) {
      p[from + i] = forbidden[from + i] == 0 ? static_cast<Real>(numbers[i]) : 0;
      sum += p[from + i];
    }
  }
  for (Real& x : p) x = best < 0 ? 0 : static_cast<Real>(x / sum);
  return best;
}

// The unit at which the cumulative sum passes u. Rounding may leave the sum short of 1: then the
// last unit that has a probability at all.
int Draw(std::span<const Real> p, double u) noexcept {
  int last = -1;
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!(p[i] > 0)) continue;
    last = static_cast<int>(i);
    sum += p[i];
    if (u < sum) break;
  }
  return last;
}

void Forward(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const double temperature = v.param(kTemperature);
    const auto choice = v.column(kChoice), p = v.column(kProbability), score = v.column(kScore);
    const Random random = v.random();
    int first = 0;
    for (size_t g = 0; g < node.derived.size(); ++g) {
      const int size = static_cast<int>(node.derived[g]);
      const auto of_group = p.subspan(first, size);
      const int best =
          Probabilities(v.site(kDrive).subspan(first, size),
                        v.site(kForbidden).subspan(first, size), temperature, of_group);
      const int chosen =
          lane.greedy ? best : Draw(of_group, random.Uniform(static_cast<uint32_t>(g)));
      for (int i = 0; i < size; ++i) choice[first + i] = i == chosen ? 1 : 0;
      first += size;
    }
    v.Force(choice);
    for (int i = 0; i < v.size(); ++i) {
      score[i] = lane.greedy ? 0 : static_cast<Real>((choice[i] - p[i]) / temperature);
    }
  }
}

}  // namespace

extern const Component kSoftmaxPopulation = {
    .kind = Kind::kPopulation,
    .name = "softmax",
    .summary =
        "One choice among n by softmax probabilities, or one in each group of units, which "
        "publishes the score of the choice. Greedy: the largest drive, the first of equals.",
    .equations =
        "p_i = e^(drive_i / T) / sum_j e^(drive_j / T), j over the group of i\n"
        "a ~ p in each group\n"
        "choice_i = 1[a = i]\n"
        "score_i = (choice_i - p_i) / T",
    .source = "Williams 1992, Machine Learning 8; Sutton and Barto 2018, section 13.3",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .derive = Derive,
    .groups = Groups,
    .forward = Forward,
    .draws = Space::Kind::kDiscrete,
    .unit_seconds = 20e-9,
};

}  // namespace phasic
