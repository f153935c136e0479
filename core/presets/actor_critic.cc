// SPDX-License-Identifier: Apache-2.0
//
// A linear actor-critic on a population code:
//
//   observation -> place -> critic -> reward.value
//                        -> policy -> action          reward (td) gates both projections of place
//
// Its learning rates are given for a code of unit length (Sutton and Barto 2018, eq. 9.19: a step
// size divided by the mean squared length of the feature vector), so they mean the same for every
// space; the rates of the two projections follow from them.
#include <algorithm>
#include <tuple>
#include <utility>

#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param {
  kGamma,
  kLambda,
  kCriticRate,
  kActorRate,
  kBins,
  kLow,
  kHigh,
  kWidth,
  kCode,
  kTemperature,
  kSigma
};
enum Code { kAutomatic, kProduct, kSeparate };

constexpr int kMostPlaces = 1500;  // units of an automatic product code
constexpr int kMostBins = 15;      // of one element, chosen automatically
constexpr int kLeastBins = 3;      // fewer than this tell too little: then the separate code
constexpr double kReach = 3;       // what is coded of an element without bounds: -3 to 3

constexpr const char* kCodes[] = {"automatic", "product", "separate"};
constexpr ParamInfo kParams[] = {
    {.name = "gamma",
     .description = "what a reward one step away is worth now",
     .default_value = 0.99,
     .min = 0,
     .max = 1,
     .source = "customary: a horizon of 100 steps"},
    {.name = "lambda",
     .description = "how much of the eligibility traces a step leaves, times gamma",
     .default_value = 0.9,
     .min = 0,
     .max = 1,
     .source = "measured on cart-pole: 0.8 to 0.95 do best"},
    {.name = "critic_rate",
     .description = "learning rate of the critic, for a code of unit length",
     .default_value = 0.05,
     .min = 0,
     .max = 10,
     .source = "measured on cart-pole: 0.02 to 0.12 learn in every seed; 0.16 diverges"},
    {.name = "actor_rate",
     .description = "learning rate of the policy, for a code of unit length",
     .default_value = 0.03,
     .min = 0,
     .max = 10,
     .source = "measured on cart-pole: 0.002 to 0.2 learn in every seed"},
    {.name = "bins",
     .description = "places for each element of a Box observation: one number for each, or one "
                    "for all; 0: the most that make a code of 1,500 units at most",
     .default_value = 0,
     .min = 0,
     .max = 256,
     .source = "ours",
     .list = true,
     .integer = true},
    {.name = "low",
     .description =
         "lower end of the range that is coded of a Box observation: one number for each "
         "element, or one for all. Not given: the space's bound, or -3 where it has none",
     .default_value = 0,
     .min = -1e30,
     .max = 1e30,
     .source = "the space",
     .list = true},
    {.name = "high",
     .description = "upper end, likewise; not given: the space's bound, or 3",
     .default_value = 0,
     .min = -1e30,
     .max = 1e30,
     .source = "the space",
     .list = true},
    {.name = "width",
     .description = "standard deviation of a place, in units of the places' spacing",
     .default_value = 0.5,
     .min = 0.05,
     .max = 100,
     .source = "measured on cart-pole: the most reliable of 0.35, 0.5 and 0.7"},
    {.name = "code",
     .description = "product: a place for each combination of the elements' bins; separate: for "
                    "each bin; automatic: product while it has 3 bins or more for each element",
     .source = "ours",
     .choices = kCodes},
    ends::kTemperature,
    ends::kSigma,
};

std::map<std::string, Space> Spaces() {
  return {{"observation",
           Space::Box({4}, {-4.8, -kReach, -0.42, -kReach}, {4.8, kReach, 0.42, kReach})},
          {"action", Space::Discrete(2)}};
}

// A population code of an observation: the port that makes it, its units, what they sum to, and the
// mean of their squared length.
struct PlaceCode {
  InputSpec port;
  int64_t units = 1;
  int sum = 1;
  double power = 1;
};

// The mean of sum_j g_j^2 / (sum_j g_j)^2 over `points` positions spread evenly over the bins.
double PowerOfElement(int bins, double width, int points) {
  double total = 0;
  for (int p = 0; p < points; ++p) {
    const double x = (bins - 1) * static_cast<double>(p) / (points - 1);
    double sum = 0, squares = 0;
    for (int j = 0; j < bins; ++j) {
      const double g = Exp(-(x - j) * (x - j) / (2 * width * width));
      sum += g;
      squares += g * g;
    }
    total += squares / (sum * sum);
  }
  return total / points;
}

// The most bins for each of n elements that make a product code of kMostPlaces units at most.
int AutomaticBins(int n) {
  for (int bins = kMostBins; bins > 1; --bins) {
    int64_t units = 1;
    for (int d = 0; d < n && units <= kMostPlaces; ++d) units *= bins;
    if (units <= kMostPlaces) return bins;
  }
  return 1;
}

// Makes the code of one observation space.
class Coder {
 public:
  Coder(const Parameters& params, const Space& space, std::vector<Violation>* violations)
      : params_(params), space_(space), violations_(*violations) {
    code_.port = {.name = "observation", .space = space, .encoder = "one-hot", .target = "place"};
  }

  PlaceCode Run() {
    const bool box = space_.kind == Space::Kind::kBox;
    if (!box) {
      for (const int p : {kBins, kLow, kHigh}) RefuseUnused(p, "is for a Box observation");
    }
    if (space_.choices() > 0) {
      for (const int p : {kWidth, kCode})
        RefuseUnused(p, "is for a Box or MultiBinary observation");
      code_.units = space_.alternatives();
      code_.sum = space_.choices();
      code_.power = code_.sum;
      return code_;
    }
    for (const int p : {kBins, kLow, kHigh}) {
      const size_t n = params_.list(p).size();
      if (n == 1 || n == static_cast<size_t>(space_.size())) continue;
      Fault(p, "must have one number for each element of the observation, or one for all");
    }
    if (violations_.empty()) Grid(box);
    return code_;
  }

 private:
  void Fault(int param, const std::string& why) {
    violations_.push_back({std::string("parameters.") + kParams[param].name, why});
  }
  void RefuseUnused(int param, const char* why) {
    if (params_.given(param)) Fault(param, why);
  }
  double At(int param, int i) const {
    const auto list = params_.list(param);
    return list[list.size() == 1 ? 0 : i];
  }

  // The range of element i: as given, else the space's bounds, else 2 kReach wide.
  std::pair<double, double> Range(int i) const {
    double low = params_.given(kLow) ? At(kLow, i) : space_.lower(i);
    double high = params_.given(kHigh) ? At(kHigh, i) : space_.upper(i);
    const bool below = low >= -ends::kHugeBound, above = high <= ends::kHugeBound;
    if (!below) low = above ? high - 2 * kReach : -kReach;
    if (!above) high = below ? low + 2 * kReach : kReach;
    return {low, high};
  }

  void Grid(bool box) {
    const int n = space_.size();
    const int automatic = box ? AutomaticBins(n) : 2;
    const bool fits = box ? automatic >= kLeastBins : AutomaticBins(n) >= 2;
    const bool product = params_.choice(kCode) == kProduct ||
                         (params_.choice(kCode) == kAutomatic && (fits || params_.given(kBins)));
    std::vector<double> bins(n), low(n), high(n);
    std::map<int, double> powers;  // by bins
    double sum = 0;
    code_.units = product ? 1 : 0;
    for (int i = 0; i < n; ++i) {
      std::tie(low[i], high[i]) = Range(i);
      if (!(low[i] < high[i])) return Fault(kLow, "must be below high for every element");
      const int count = At(kBins, i) > 0 ? static_cast<int>(At(kBins, i))
                        : !box           ? 2
                        : product        ? std::max(automatic, 2)
                                         : kMostBins;
      bins[i] = count;
      const auto [power, fresh] = powers.emplace(count, 0);
      if (fresh) power->second = PowerOfElement(count, params_.number(kWidth), box ? 65 : 2);
      code_.units =
          std::min(product ? code_.units * count : code_.units + count, limits::kMaxNeurons + 1);
      code_.power *= power->second;
      sum += power->second;
    }
    if (!product) code_.power = sum / (static_cast<double>(n) * n);
    code_.port.encoder = "gaussian";
    code_.port.parameters = {{"bins", std::move(bins)},
                             {"low", std::move(low)},
                             {"high", std::move(high)},
                             {"width", params_.number(kWidth)},
                             {"code", std::string(product ? "product" : "separate")}};
  }

  const Parameters& params_;
  const Space& space_;
  std::vector<Violation>& violations_;
  PlaceCode code_;
};

ProjectionSpec Learning(const char* name, const char* target, const char* rule, double rate,
                        const Parameters& params) {
  ProjectionSpec p{.name = name, .source = "place", .target = target};
  p.rule.name = rule;
  p.rule.parameters = {{"learning_rate", rate}, {"lambda", params.number(kLambda)}};
  p.rule.bindings = {{"td", "reward"}};
  return p;
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  PlaceCode code = Coder(params, spaces.at("observation"), violations).Run();
  if (!violations->empty()) return s;
  s.inputs = {std::move(code.port)};
  const int places = static_cast<int>(code.units);
  s.populations = {ends::Rate("place", places), ends::Rate("critic", 1)};
  const ends::Policy policy =
      ends::AddPolicy("policy", spaces.at("action"), params, kTemperature, kSigma, &s, violations);
  ProjectionSpec actor =
      Learning("policy_weights", "policy", "td-actor",
               params.number(kActorRate) / code.power * policy.rate_scale, params);
  actor.initial = ends::NeutralWeights(policy, places, code.sum);
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections = {Learning("value_weights", "critic", "td-critic",
                            params.number(kCriticRate) / code.power, params),
                   std::move(actor), std::move(value)};
  s.modulators = {{.name = "reward",
                   .model = "td",
                   .size = 1,
                   .parameters = {{"gamma", params.number(kGamma)}}}};
  return s;
}

}  // namespace

extern const Preset kActorCriticPreset = {
    .name = "actor-critic",
    .summary =
        "A linear actor-critic with eligibility traces on a population code of the "
        "observation: for control.",
    .description =
        "For tasks in which an action has consequences later: it learns to predict the "
        "discounted rewards to come (TD(lambda), Sutton 1988) and to do what turns out "
        "better than predicted (Barto, Sutton, Anderson 1983). A Box observation of a few "
        "numbers becomes a grid of places with Gaussian tuning, each combination of bins "
        "one place; beyond six numbers, each number has places of its own. The grid covers "
        "the space's bounds; a number without bounds (or with bounds beyond a million) is "
        "covered from -3 to 3, one with a single bound over a range of 6 from it; values "
        "outside count as the nearest end. Give low and high where that is not what "
        "matters. Bits are coded likewise, a Discrete observation has one place for each "
        "value, a MultiDiscrete one for each value of each choice. The action may be "
        "Discrete or MultiDiscrete (softmax), Box (Gaussian) or MultiBinary (Bernoulli). "
        "Rewards go to the channel `reward`; say TERMINATED and TRUNCATED "
        "truthfully, since the value of what follows depends on it. With the spaces of "
        "CartPole-v1 and nothing else its mean return over 100 episodes reaches 475 within "
        "150 episodes. The critic is at home with rewards of any size, the policy with "
        "values of 1 to 100: for much larger ones lower actor_rate.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic
