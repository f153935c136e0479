// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

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
  // the number 1. kPost: the target's first output.
  const char* column;
  Real (*of)(Real x) noexcept = nullptr;  // post factors: a function of what the column holds
};
inline constexpr const char* kOne = "1";
inline constexpr const char* kPre = "pre";
inline constexpr const char* kPost = "post";
// Instead of a term's pre factor: the score of what each synapse drew. The projection's
// transmission must be one that draws.
inline constexpr int kSynapseScore = -1;

// A third factor: an output of a modulator, one number or one for each target unit. The spec binds
// each.
struct GateInfo {
  const char* name;
  const char* description;
};
inline constexpr int kAlways = -1;  // a term with no gate

// What is remembered of the pairs.
enum class Kernel : uint8_t {
  kNone,     // the last pair formed
  kSum,      // all pairs since the episode began
  kExp,      // E = decay E + pair; Term::decay says how
  kCascade,  // k exponentials of the same tau in series, k from Term::stages_parameter: a pair
             // counts (s / tau)^(k-1) / (k-1)! e^(-s / tau) after the time s, most at (k - 1) tau
  kDelay,    // the pair formed n clocks ago; Term::decay_parameter says n
};

inline constexpr int kMostStages = 8;  // of kCascade; what the parameter may be at most

// How the decay of kExp follows from the parameter named by Term::decay_parameter.
enum class Decay : uint8_t {
  kTau,     // exp(-period / tau), tau in ms
  kLambda,  // lambda times the gate's discount
};

// One summand of a rule: dw = rate * gate * kernel(post * pre).
struct Term {
  int post, pre;  // indices into the factors; pre may be kSynapseScore
  Kernel kernel = Kernel::kNone;
  Decay decay = Decay::kTau;
  int decay_parameter = -1;
  int stages_parameter = -1;  // kCascade; -1: 2 stages
  int rate_parameter = 0;
  double sign = 1;
  int gate = kAlways;
  // When a pair is formed (the spec may say otherwise), and when the trace is applied: kDelivery
  // means whenever the gate's modulator fires, kEpisode at the end of the episode, kTick, kEvery
  // and kStep at that clock.
  When::Clock form = When::Clock::kTick, apply = When::Clock::kDelivery;
  bool present_pair = false;  // the trace takes in this clock's pair before it is applied
  // In continuous time: gate and trace (kExp with kTau, present_pair) decay from this clock to the
  // next, and what is applied is the integral of their product, in closed form. A gate that acts
  // between ticks is an impulse.
  bool integrated = false;
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
  Real* const* traces;      // by Rule::synapse_columns
  Real* const* unit;        // by Rule::post_columns: this target unit's number
  const Real* post;         // one number for each post factor
  const Real* const* pre;   // by pre factor: pre_size numbers
  const double* gates;      // by gate, of this target unit; 0 when frozen or not fired
  const bool* open;         // by gate: not frozen, and fired, be it with a 0
  const double* discounts;  // by gate: what a step away is worth to its modulator
  const double* params;     // by parameter, as they are now
  double dt;                // ms from one clock to the next
  bool form;                // false: only apply; the traces stay as they are
  bool step;                // this tick, which forms, is the last of a step
  bool learning;            // false: frozen; weights and all that adapts stay as they are
};

// How a projection's weights change. Holds no state. Either a list of terms, which the engine is
// free to factor, delay and replay, or, for rules that are no such sum, a row function.
struct Rule {
  const char* name;  // on the wire and on disk; never renamed
  const char* summary;
  const char* equations;
  const char* source;
  std::span<const ParamInfo> params = {};
  std::span<const FactorInfo> post_factors = {}, pre_factors = {};
  std::span<const GateInfo> gates = {};
  std::span<const Term> terms = {};
  // Factors that no component publishes, e.g. low-passed spikes: columns of the rule's own, one
  // number for each source or target unit (kPre, kPost), and what brings them up to the present
  // before pairs are formed.
  std::span<const ColumnInfo> factor_columns = {};
  void (*factors)(const FactorView& view) noexcept = nullptr;
  // The way out: applies, then traces, one row. Runs on the clock of the spec's `when` (without one
  // on `row_form`), and to apply alone whenever a gate's modulator fires at another time.
  void (*row)(const RowView& view) noexcept = nullptr;
  When::Clock row_form = When::Clock::kTick;
  std::span<const ColumnInfo> synapse_columns = {};  // of the row function; kSynapse
  std::span<const ColumnInfo> post_columns = {};     // of the row function; kPost
};

}  // namespace phasic
