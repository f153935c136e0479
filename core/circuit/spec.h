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

struct InitialWeights {
  enum class Distribution : uint8_t { kConstant, kUniform, kNormal };
  Distribution distribution = Distribution::kConstant;
  double mean = 0;
  double spread = 0;              // kUniform: half the width; kNormal: the standard deviation
  std::vector<Real> values = {};  // or the whole matrix, post x pre, row-major
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
};

struct ModulatorSpec {
  std::string name = {};  // the channel
  std::string model = {};
  int size = 1;
  ParamMap parameters = {};
  std::optional<When> when = {};
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
  std::vector<InputSpec> inputs = {};
  std::vector<PopulationSpec> populations = {};
  std::vector<ProjectionSpec> projections = {};
  std::vector<ModulatorSpec> modulators = {};
  std::vector<OutputSpec> outputs = {};
};

}  // namespace phasic
