// SPDX-License-Identifier: Apache-2.0
//
// An actor-critic of spiking neurons in continuous time (Fremaux, Sprekeler, Gerstner 2013):
//
//   observation -> code -> place (Poisson) -> critic -> reward.spikes
//                                          -> actor (a ring) -> motor -> action
//
// `reward` (td-continuous) gates both projections of place, which learn by td-ltp. The neurons of
// the actor each stand for a direction; near ones excite, all inhibit each other, so that a bump of
// activity forms. The action is where the bump points, the mean of the directions weighted by the
// neurons' rates.
#include <algorithm>

#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kBins, kCritics, kActors, kCriticRate, kActorRate, kTauR };

constexpr int kTicks = 100;          // of 1 ms
constexpr double kPlaceRate = 2500;  // Hz, of all place cells together
constexpr double kReach = 3;         // what is coded of an element without bounds: -3 to 3
constexpr double kFullVector = 15;   // Hz: mean rate along a direction that means all of the range

// Weights of the ring, over all that a neuron reaches; twice those of the paper, else no bump forms
// with so few neurons and the animal dawdles.
constexpr double kExcitation = 60, kInhibition = -120, kSharpness = 8;

constexpr const char* kFremaux = "Fremaux, Sprekeler, Gerstner 2013";
constexpr ParamInfo kParams[] = {
    {.name = "bins",
     .description = "places for each element of the observation, up to three elements a place for "
                    "each combination",
     .default_value = 7,
     .min = 2,
     .max = 256,
     .source = "ours: coarse enough to generalise",
     .integer = true},
    {.name = "critics",
     .description = "neurons of the critic",
     .default_value = 20,
     .min = 1,
     .max = 10000,
     .source = "ours: enough to learn from, at a third of the cost of the paper's",
     .integer = true},
    {.name = "actors",
     .description = "neurons of the actor's ring",
     .default_value = 40,
     .min = 4,
     .max = 1000,
     .source = "ours: enough to learn from, at a third of the cost of the paper's",
     .integer = true},
    {.name = "critic_rate",
     .description = "learning rate of the critic, for rewards of about 20",
     .default_value = 0.04,
     .min = 0,
     .max = 1e6,
     .source = "measured on a linear track"},
    {.name = "actor_rate",
     .description = "learning rate of the actor, likewise",
     .default_value = 0.04,
     .min = 0,
     .max = 1e6,
     .source = "ours: as the critic's"},
    {.name = "tau_r",
     .description = "over how long future rewards are discounted",
     .unit = "ms",
     .default_value = 4000,
     .min = 1e-3,
     .max = 1e9,
     .source = kFremaux},
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Box({2}, {0}, {1})}, {"action", Space::Box({2}, {-1}, {1})}};
}

// Element i's range of a Box: its bounds, or kReach to both sides of 0.
double Low(const Space& box, int i) {
  return std::max(box.lower(i), std::min(-kReach, box.upper(i) - 2 * kReach));
}
double High(const Space& box, int i) {
  return std::min(box.upper(i), std::max(kReach, Low(box, i) + 2 * kReach));
}

// The Gaussian code of the observation; its units, 0 with a violation when there would be too many.
int64_t AddPlaces(const Space& space, int bins, CircuitSpec* spec,
                  std::vector<Violation>* violations) {
  constexpr int kMostElements = 3;  // of a product code
  const bool product = space.size() <= kMostElements;
  int64_t units = product ? 1 : 0;
  std::vector<double> low, high;
  for (int i = 0; i < space.size(); ++i) {
    units = product ? units * bins : units + bins;
    low.push_back(Low(space, i));
    high.push_back(High(space, i));
  }
  if (units > limits::kMaxNeurons) {
    violations->push_back({"spaces.observation", "needs more places than a circuit may have"});
    return 0;
  }
  spec->inputs = {{.name = "observation",
                   .space = space,
                   .encoder = "gaussian",
                   .parameters = {{"bins", static_cast<double>(bins)},
                                  {"low", std::move(low)},
                                  {"high", std::move(high)},
                                  {"width", 1.0},
                                  {"code", std::string(product ? "product" : "separate")}},
                   .target = "place"}};
  return units;
}

double Cosine(double turns) {
  double sine, cosine;
  SinCosTurns(turns - static_cast<int>(turns), &sine, &cosine);
  return cosine;
}

// Near neurons of the ring excite each other, all inhibit.
std::vector<Real> Ring(int n) {
  std::vector<double> bump(n);
  double sum = 0;
  for (int d = 1; d < n; ++d) {
    bump[d] = Exp(kSharpness * (Cosine(static_cast<double>(d) / n) - 1));
    sum += bump[d];
  }
  std::vector<Real> values;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const double w = kExcitation * bump[(i - j + n) % n] / sum + kInhibition / n;
      values.push_back(static_cast<Real>(i == j ? 0 : w));
    }
  }
  return values;
}

// The actor's read-out: for each number of a Box how far the bump points along its axis; for each
// alternative, how far along its direction.
void AddMotor(const Space& action, int actors, CircuitSpec* spec,
              std::vector<Violation>* violations) {
  const bool box = action.kind == Space::Kind::kBox && action.size() <= 2;
  if (!box && action.kind != Space::Kind::kDiscrete) {
    violations->push_back({"spaces.action",
                           "must be Discrete or a Box of one or two numbers: "
                           "directions of a ring"});
    return;
  }
  const int units = box ? action.size() : action.n;
  ProjectionSpec motor{.name = "motor_weights", .source = "actor.rate", .target = "motor"};
  ProjectionSpec middle{.name = "middle", .source = "bias", .target = "motor"};
  for (int k = 0; k < units; ++k) {
    const double half = box ? (High(action, k) - Low(action, k)) / 2 : 1;
    const double direction = static_cast<double>(k) / (box ? 4 : units);
    for (int i = 0; i < actors; ++i) {
      const double turns = 1 + direction - static_cast<double>(i) / actors;
      motor.initial.values.push_back(
          static_cast<Real>(half / kFullVector / actors * Cosine(turns)));
    }
    middle.initial.values.push_back(
        static_cast<Real>(box ? (High(action, k) + Low(action, k)) / 2 : 0));
  }
  spec->populations.push_back(ends::Rate("motor", units));
  spec->populations.push_back(ends::Bias());
  spec->projections.push_back(std::move(motor));
  spec->projections.push_back(std::move(middle));
  spec->outputs = {
      {.name = "action", .source = "motor", .decoder = box ? "vector" : "index", .space = action}};
}

ProjectionSpec Learning(const char* name, const char* target, double rate) {
  ProjectionSpec p{.name = name, .source = "place", .target = target};
  // At this weight a critic of the default neurons fires at about 40 Hz: its value is 0.
  p.initial = {InitialWeights::Distribution::kNormal, 1, 0.1, {}};
  p.min_weight = 0;
  p.max_weight = 3;
  p.rule = {
      .name = "td-ltp", .parameters = {{"learning_rate", rate}}, .bindings = {{"td", "reward"}}};
  return p;
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  s.ticks_per_step = kTicks;
  const Space& observation = spaces.at("observation");
  if (observation.kind != Space::Kind::kBox) {
    violations->push_back({"spaces.observation", "must be a Box: place cells lie along numbers"});
    return s;
  }
  const int bins = static_cast<int>(params.number(kBins));
  const int critics = static_cast<int>(params.number(kCritics));
  const int actors = static_cast<int>(params.number(kActors));
  const int64_t places = AddPlaces(observation, bins, &s, violations);
  if (!violations->empty()) return s;
  const ParamMap erasing = {{"erases", std::string("yes")}};
  s.populations = {
      {.name = "place",
       .model = "poisson",
       .size = static_cast<int>(places),
       .parameters = {{"max_rate", kPlaceRate}}},
      {.name = "critic", .model = "srm0", .size = critics, .parameters = erasing},
      {.name = "actor", .model = "srm0", .size = actors, .parameters = erasing},
  };
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.spikes"};
  value.initial.mean = 1.0 / critics;
  ProjectionSpec ring{.name = "ring", .source = "actor", .target = "actor.spikes", .delay = 1};
  ring.initial.values = Ring(actors);
  s.projections = {Learning("critic_weights", "critic.spikes", params.number(kCriticRate)),
                   Learning("actor_weights", "actor.spikes", params.number(kActorRate)),
                   std::move(value), std::move(ring)};
  s.modulators = {{.name = "reward",
                   .model = "td-continuous",
                   .parameters = {{"tau_r", params.number(kTauR)}}}};
  AddMotor(spaces.at("action"), actors, &s, violations);
  return s;
}

}  // namespace

extern const Preset kSpikingActorCriticPreset = {
    .name = "spiking-actor-critic",
    .summary = "An actor-critic of spiking neurons in continuous time: for navigation.",
    .description =
        "For moving towards rewards in a space of few dimensions (Fremaux, Sprekeler, Gerstner "
        "2013): place cells spike where the observation is; the spikes of a critic say the value "
        "of "
        "the place, and the temporal-difference error that follows in each millisecond teaches the "
        "critic and the actor alike. The actor is a ring of neurons that stand for directions; the "
        "action is the mean direction of its spikes. A step is 100 ms of simulated time. The "
        "observation must be a Box; a number without bounds is coded from -3 to 3. The action may "
        "be a Box of one or two numbers, or Discrete: alternatives are directions around the ring. "
        "Rewards go to the channel `reward`, and should be about 20: the value is in Hz of the "
        "critic. Say TERMINATED when a goal is reached.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic
