// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/real.h"
#include "core/model/column.h"
#include "core/model/parameter.h"
#include "core/model/when.h"

namespace phasic {

// What one side of the synapse contributes to a pair.
struct FactorInfo {
  const char* name;
  const char* description;
  // The column it reads unless the spec binds another: one of the rule's own factor columns; else
  // of the target for a post factor; of the source, as delivered, for the pre factor "pre". kOne:
  // the number 1.
  const char* column;
};
inline constexpr const char* kOne = "1";
inline constexpr const char* kPre = "pre";

// A third factor: an output of a modulator, one number or one for each target unit. The spec binds
// each.
struct GateInfo {
  const char* name;
  const char* description;
};
inline constexpr int kAlways = -1;  // a term with no gate

// What is remembered of the pairs.
enum class Kernel : uint8_t {
  kNone,   // the last pair formed
  kSum,    // all pairs since the episode began
  kExp,    // E = decay E + pair; Term::decay says how
  kDelay,  // the pair formed n clocks ago; Term::decay_parameter says n
};

// How the decay of kExp follows from the parameter named by Term::decay_parameter.
enum class Decay : uint8_t {
  kTau,     // exp(-period / tau), tau in ms
  kLambda,  // lambda times the gate's discount
};

// One summand of a rule: dw = rate * gate * kernel(post * pre).
struct Term {
  int post, pre;  // indices into the factors
  Kernel kernel = Kernel::kNone;
  Decay decay = Decay::kTau;
  int decay_parameter = -1;
  int rate_parameter = 0;
  double sign = 1;
  int gate = kAlways;
  // When a pair is formed (the spec may say otherwise), and when the trace is applied: kDelivery
  // means whenever the gate's modulator fires, kEpisode at the end of the episode, kTick, kEvery
  // and kStep at that clock.
  When::Clock form = When::Clock::kTick, apply = When::Clock::kDelivery;
  bool present_pair = false;  // the trace takes in this clock's pair before it is applied
};

// What a rule's own factors are made from: both sides' activity, each an array.
struct FactorView {
  int pre_size, post_size;
  const Real* const* post;  // by post factor: post_size numbers
  const Real* const* pre;   // by pre factor: pre_size numbers
  Real* const* columns;     // by Rule::factor_columns; the factors that name one read it
  const double* params;     // by parameter, as they are now
  double dt;                // ms from one clock to the next
};

// What a row function may touch: one target unit's synapses.
struct RowView {
  int pre_size;
  Real* weights;
  Real* const* traces;     // by Rule::synapse_columns
  const Real* post;        // one number for each post factor
  const Real* const* pre;  // by pre factor: pre_size numbers
  const double* gates;     // by gate, of this target unit; 0 when frozen or not fired
  const double* params;    // by parameter, as they are now
  double dt;               // ms from one clock to the next
  bool form;               // false: only apply; the traces stay as they are
};

// How a projection's weights change. Holds no state. Either a list of terms, which the engine is
// free to factor, delay and replay, or, for rules that are no such sum, a row function.
struct Rule {
  const char* name;  // on the wire and on disk; never renamed
  const char* summary;
  const char* equations;
  const char* source;
  std::span<const ParamInfo> params = {};
  // Faults that ranges cannot express; fields are relative to the rule, e.g. "parameters.tau_s".
  void (*check)(const Parameters& params, std::vector<Violation>* violations) = nullptr;
  std::span<const FactorInfo> post_factors = {}, pre_factors = {};
  std::span<const GateInfo> gates = {};
  std::span<const Term> terms = {};
  // Factors that no component publishes, e.g. low-passed spikes: columns of the rule's own, one
  // number for each source or target unit (kPre, kPost), and what brings them up to the present
  // before pairs are formed.
  std::span<const ColumnInfo> factor_columns = {};
  void (*factors)(const FactorView& view) noexcept = nullptr;
  // The way out: applies, then traces, one row. Runs on the clock of the spec's `when` (every tick
  // without one), and to apply alone whenever a gate's modulator fires between ticks.
  void (*row)(const RowView& view) noexcept = nullptr;
  std::span<const ColumnInfo> synapse_columns = {};  // of the row function; kSynapse
};

}  // namespace phasic
