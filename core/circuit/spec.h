// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/real.h"
#include "core/model/parameter.h"
#include "core/model/space.h"
#include "core/model/when.h"

namespace phasic {

// What a caller writes: plain values, nothing checked. Names of parts are unique within the
// circuit: a lower-case letter, then lower-case letters, digits, '_', '-' or '.', up to 63
// characters. "component.variable" names a column or site; "component" alone its first output or
// site. Times are milliseconds of simulated time.

struct InputSpec {
  std::string name = {};
  Space space = {};
  std::string encoder = {};
  ParamMap parameters = {};
  std::string target = {};  // "population.site"
};

struct PopulationSpec {
  std::string name = {};
  std::string model = {};
  int size = 0;
  ParamMap parameters = {};
  std::optional<When> when = {};
};

// The weight of one synapse, from source unit `pre` to target unit `post`.
struct SynapseWeight {
  int pre = 0, post = 0;
  Real weight = 0;
};

struct InitialWeights {
  enum class Distribution : uint8_t { kConstant, kUniform, kNormal };
  Distribution distribution = Distribution::kConstant;
  double mean = 0;
  double spread = 0;  // kUniform: half the width; kNormal: the standard deviation
  // Or every weight: the whole matrix, post x pre, row-major; of a sparse projection one for each
  // synapse, by source, then by target.
  std::vector<Real> values = {};
  // Single ones, after those above. In a sparse projection they exist whatever its connectivity
  // draws: with a Bernoulli probability of 0 they are all there is.
  std::vector<SynapseWeight> synapses = {};
};

// Which source units a projection connects with which target units. All but all-to-all are sparse:
// only spikes touch their synapses (core/stores/sparse.cc). What is drawn belongs to the circuit,
// so all its agents have the same synapses; their weights are drawn from the agent's own seed.
struct Connectivity {
  enum class Rule : uint8_t {
    kAllToAll,
    kOneToOne,        // unit i with unit i, as far as both go
    kFixedOutDegree,  // each source with `degree` different targets
    kFixedInDegree,   // each target with `degree` different sources
    kBernoulli,       // each pair with `probability`
    kGaussian,        // each pair with probability exp(-d^2 / (2 sigma^2)), by distance d
  };
  Rule rule = Rule::kAllToAll;
  int degree = 0;
  double probability = 0;  // kGaussian: at distance 0
  // kGaussian: both populations lie evenly, in order, along a line or (2 dimensions, row by row)
  // over a square of side 1. Periodic: its ends meet.
  double sigma = 0;
  int dimensions = 1;
  bool periodic = true;
  bool self = true;   // within one population: whether a unit may connect to itself
  uint64_t seed = 0;  // another one: another draw
};

// Dale's law: all synapses of a projection have the same sign, always.
enum class Dale : uint8_t {
  kNone,
  kExcitatory,  // weights are at least 0
  kInhibitory,  // weights are at most 0
};

struct RuleSpec {
  std::string name = {};
  ParamMap parameters = {};
  std::map<std::string, std::string> bindings = {};  // factor or gate -> "component.output"
  std::optional<When> when = {};                     // when pairs are formed
};

// How synapses pass on what comes to them. Without a name: exactly, weight times activity.
struct TransmissionSpec {
  std::string name = {};
  ParamMap parameters = {};
};

struct ProjectionSpec {
  std::string name = {};
  std::string source = {}, target = {};
  int delay = 0;  // ticks
  InitialWeights initial = {};
  std::string transpose_of = {};  // share that projection's weights, transposed
  TransmissionSpec transmission = {};
  RuleSpec rule = {};  // without a name: fixed weights
  std::optional<double> min_weight = {}, max_weight = {};
  Connectivity connectivity = {};
  Dale dale = Dale::kNone;
};

// How several rewards for one event become one.
enum class Combine : uint8_t { kSum, kMean, kMin, kMax, kEarliest, kLatest };

struct ModulatorSpec {
  std::string name = {};  // the channel
  std::string model = {};
  int size = 1;
  ParamMap parameters = {};
  std::optional<When> when = {};
  // Of rewards that name a step; these need a reward window. Unless all that comes is to be summed,
  // rewards are held until their event's window closes.
  Combine combine = Combine::kSum;
  std::optional<double> default_reward = {};  // for events that get none inside the window
  int early_window = 0;                       // steps that a reward may come before its event
  // About how many steps pass from one reward to the next; 0: unknown. For speed only: it changes
  // no bit.
  int reward_interval = 0;
};

struct OutputSpec {
  std::string name = {};
  std::string source = {};  // "population.output"
  std::string decoder = {};
  ParamMap parameters = {};
  Space space = {};
  std::optional<When> when = {};
};

struct CircuitSpec {
  double dt = 1;  // ms
  int ticks_per_step = 1;
  int sweeps = 1;
  int reward_window = 0;  // the last so many steps may be named by rewards
  std::vector<InputSpec> inputs = {};
  std::vector<PopulationSpec> populations = {};
  std::vector<ProjectionSpec> projections = {};
  std::vector<ModulatorSpec> modulators = {};
  std::vector<OutputSpec> outputs = {};
};

}  // namespace phasic
