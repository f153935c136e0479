// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/philox.h"
#include "core/base/real.h"
#include "core/model/column.h"
#include "core/model/parameter.h"
#include "core/model/space.h"
#include "core/model/state.h"
#include "core/model/when.h"

namespace phasic {

struct Component;

// The columns of the agent itself. They come first in every layout, so their ids are the same in
// every circuit.
enum AgentColumn : ColumnId {
  kAgentSeed,           // u64
  kAgentTick,           // u64: ticks done in the agent's life
  kAgentStep,           // u64: steps done
  kAgentEpisode,        // u64: episodes ended
  kAgentEpisodeStep,    // u64: steps done in this episode; fast
  kAgentEpisodeReturn,  // f64: rewards of this episode on the first channel; fast
  kAgentReturns,        // f64[100]: of the last episodes, a ring
};

// A component of a compiled circuit: immutable, shared by all agents.
struct Node {
  const Component* component = nullptr;
  std::string name;
  int size = 1;   // units
  double dt = 1;  // ms from one update to the next
  When when;
  int clock = 0;  // index of `when` among the circuit's clocks
  Parameters params;
  std::vector<double> derived;      // constants that Component::derive made, e.g. exp(-dt / tau)
  std::vector<ColumnId> columns;    // in declared order
  std::vector<ColumnId> sites;      // in declared order; Real, kUnit
  std::vector<int> live_index;      // by parameter: index into the live column, or -1
  ColumnId live = kNoColumn;        // f64: the parameters that may change
  uint64_t stream = 0;              // names its random numbers
  Space space;                      // ports: what comes in or goes out
  ColumnId value = kNoColumn;       // ports: the observation or action; Real, space size
  ColumnId pending = kNoColumn;     // modulators: rewards not yet taken, summed; Real, kUnit
  ColumnId deliveries = kNoColumn;  // modulators: how many; u32
  ColumnId fired = kNoColumn;       // modulators: 1 when the last update had something to say; u8
  // Modulators that a reward for a past step may reach: that reward, and the outputs it makes.
  ColumnId past_reward = kNoColumn;  // Real, kUnit
  std::vector<ColumnId> past;        // by column; kNoColumn for what is no output
  // Populations whose draw can be replaced: by what, and what was drawn; Real, kUnit.
  ColumnId forced = kNoColumn, drawn = kNoColumn;
};

// Where a number was first found not to be finite.
struct Divergence {
  ColumnId column = kNoColumn;  // kNoColumn: nowhere
  uint64_t tick = 0;            // of the agent's life
};

// A column to copy while the ticks of a step pass: after every so many, into the next place of
// `to`, which has room for each.
struct Recorder {
  ColumnId column = kNoColumn;
  int every = 1;
  std::byte* to = nullptr;
};

// How a step is to be done, for one agent of a batch.
struct Lane {
  State* state = nullptr;
  int ticks = 1;  // of this step
  int tick_in_step = 0;
  bool greedy = false;   // act without exploring; publish no score
  bool learning = true;  // false: FROZEN
  bool ended = false;    // the episode is terminated: predictions close on nothing, no time passes
  bool closing =
      false;  // the last observation of a truncated episode: no action follows, no pair is formed
  bool forced = false;  // SHADOW: someone else acted, and populations take that for their draw
  std::span<const Recorder> recorders = {};
  Divergence* divergence = nullptr;  // told of the first
  uint64_t due = 0;                  // by clock of the circuit: whether it strikes in this tick
  uint64_t struck = 0;               // whether it has struck in this step
  bool modest = false;  // what populations publish in this tick is so small that no pair of it can
                        // make a trace infinite
};
// A number in this column is not finite.
inline void Diverge(const Lane& lane, ColumnId column) noexcept {
  if (lane.divergence == nullptr || lane.divergence->column != kNoColumn) return;
  *lane.divergence = {column, *lane.state->data<uint64_t>(kAgentTick)};
}

// Agents of one circuit that go through the same code side by side. One agent is a span of one.
using Lanes = std::span<const Lane>;

// One lane's view of one node: what a component's functions read and write.
class View {
 public:
  View(const Lane& lane, const Node& node) noexcept
      : lane_(lane), node_(node), state_(*lane.state) {}

  const Lane& lane() const noexcept { return lane_; }
  int size() const noexcept { return node_.size; }
  // The Real column with this index in the component's declaration.
  std::span<Real> column(int i) const noexcept { return state_.span<Real>(node_.columns[i]); }
  template <class T>
  std::span<T> column_of(int i) const noexcept {
    return state_.span<T>(node_.columns[i]);
  }
  Arena& arena(int i) const noexcept { return state_.arena(node_.columns[i]); }
  // What has arrived at a site in this tick.
  std::span<const Real> site(int i) const noexcept { return state_.span<Real>(node_.sites[i]); }
  // A scalar parameter as it is now.
  double param(int i) const noexcept {
    const int live = node_.live_index[i];
    return live < 0 ? node_.params.number(i) : state_.data<double>(node_.live)[live];
  }
  double derived(int i) const noexcept { return node_.derived[i]; }
  // Ports: the observation in force, or the action to write.
  std::span<Real> value() const noexcept { return state_.span<Real>(node_.value); }
  // Modulators: the mailbox.
  std::span<Real> pending() const noexcept { return state_.span<Real>(node_.pending); }
  uint32_t deliveries() const noexcept { return *state_.data<uint32_t>(node_.deliveries); }
  void set_fired(bool fired) const noexcept { *state_.data<uint8_t>(node_.fired) = fired; }
  // Modulators: a reward for a past step, and the output that it makes.
  std::span<const Real> past_reward() const noexcept {
    return state_.span<Real>(node_.past_reward);
  }
  std::span<Real> past(int i) const noexcept { return state_.span<Real>(node_.past[i]); }
  // Populations that draw call this with what they drew: in SHADOW it is kept, to be reported, and
  // what someone else did takes its place.
  void Force(std::span<Real> draw) const noexcept;
  // The node's random numbers at the present index of its own clock.
  Random random() const noexcept;

 private:
  const Lane& lane_;
  const Node& node_;
  State& state_;
};

}  // namespace phasic
