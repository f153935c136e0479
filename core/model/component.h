// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/model/node.h"

namespace phasic {

// Where activity may arrive. Sites are zeroed, then summed into, before their component updates.
struct SiteInfo {
  const char* name;
  const char* description;
  const char* unit = "";
  Phase phase = Phase::kForward;  // kFeedback: filled and read in the feedback sweep
};

// What a modulator's first output does between its updates: it goes on decaying, towards `tonic`
// with the time constant `tau` in ms. Without tau it stays as it is.
struct Kinetics {
  double tau = 0, tonic = 0;
};

enum class Kind : uint8_t { kPopulation, kModulator, kEncoder };

// A neuron model, a modulator or an encoder: what it is, what it takes, what it remembers, what it
// does. It holds no state: what changes lives in the columns that it declares. So one Component
// serves every agent and every thread.
//
// The functions must not allocate, fail, or read anything but the view; loops run in index order.
struct Component {
  Kind kind;
  const char* name;       // on the wire and on disk; never renamed
  const char* summary;    // one sentence
  const char* equations;  // as in the paper
  const char* source;     // the paper
  std::span<const ParamInfo> params = {};
  std::span<const SiteInfo> sites = {};
  std::span<const ColumnInfo> columns = {};
  // When it updates unless the spec says otherwise. A modulator with kDelivery acts at once when a
  // reward comes; with kEpisode it takes the sum of the episode's rewards at its end.
  When (*when)(const Parameters& params) = nullptr;  // null: every tick
  // Encoders: how many units the code of `space` has. 0 when it cannot encode that space.
  int (*units)(const Parameters& params, const Space& space) = nullptr;
  // Faults that ranges cannot express; fields are relative to the part, e.g. "parameters.bins".
  void (*check)(const Node& node, std::vector<Violation>* violations) = nullptr;
  // Constants from parameters: fills node->derived.
  void (*derive)(Node* node) = nullptr;
  // Populations that choose among their units: the sizes of the groups in each of which they choose
  // one, in order; together all units. Null: it makes no such choice.
  std::vector<int> (*groups)(const Node& node) = nullptr;
  // Populations: sites -> outputs. Modulators: mailbox and sites -> outputs, and whether it fired.
  // Encoders: observation -> activity.
  void (*forward)(Lanes lanes, const Node& node) noexcept = nullptr;
  // The feedback sweep; writes only columns declared Phase::kFeedback.
  void (*feedback)(Lanes lanes, const Node& node) noexcept = nullptr;
  // Derived columns after a restore.
  void (*rebuild)(State* state, const Node& node) = nullptr;
  // Modulators with a prediction: what a step away is worth, for the traces of the rules that they
  // gate. Null: 1.
  double (*discount)(const Parameters& params) = nullptr;
  // Modulators: what the first output does between updates. Null: it stays.
  Kinetics (*kinetics)(const Parameters& params) = nullptr;
  // Modulators: true when it predicts (a TD error), so that the end of an episode tells it
  // something even without a reward, and a reset, after which nothing is known, does not.
  bool bootstraps = false;
  // Populations: true when an update integrates over time, so that further sweeps of a tick that
  // settle the others must not repeat it.
  bool integrates = false;
  // Modulators: what a reward for a past step gates in all, by today's transform (past_reward ->
  // past outputs); kinetics give their whole remaining integral. The present outputs stay. Null:
  // rewards cannot name a step.
  void (*recall)(Lanes lanes, const Node& node) noexcept = nullptr;
  // Populations whose first output is a draw that may be replaced by what someone else did
  // (View::Force): the kind of space that the draw is from. kDiscrete: one unit in each group.
  Space::Kind draws = Space::Kind::kUnset;
  // What an update of one unit takes on a slow core, about (Circuit::TurnSeconds).
  double unit_seconds = 40e-9;
};

// Reads a population, writes an action. No state of its own, and it never draws: populations do.
struct Decoder {
  const char* name;
  const char* summary;
  const char* equations;
  std::span<const ParamInfo> params = {};
  bool maskable = false;
  // The space of the action for a source of n units, which chooses in `groups` (empty: in none).
  // Unset when it cannot decode that many, or not into `wanted` (which may be unset: then its
  // natural one).
  Space (*space)(const Parameters& params, int n, std::span<const int> groups,
                 const Space& wanted) = nullptr;
  // `forbidden` has one number for each unit, not 0 where it may not be chosen; empty unless
  // maskable.
  void (*decode)(const Node& node, std::span<const Real> source, std::span<const Real> forbidden,
                 std::span<Real> action) noexcept = nullptr;
  // SHADOW: what the source must have drawn for this action. Null: an action does not say.
  void (*invert)(const Node& node, std::span<const float> action,
                 std::span<Real> source) noexcept = nullptr;
};

// A site of this name, in the forward phase, receives the step's action mask: not 0 where a unit
// may not be chosen.
inline constexpr const char* kForbiddenSite = "forbidden";

}  // namespace phasic
