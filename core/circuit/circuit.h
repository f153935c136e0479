// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/isa.h"
#include "core/circuit/spec.h"
#include "core/model/catalogue.h"
#include "core/model/component.h"
#include "core/model/link.h"

namespace phasic {

// A named end of a compiled circuit.
struct Port {
  std::string name;
  bool input = false;
  int node = 0;  // its encoder's or decoder's node
  Space space;
  int size = 0;                 // numbers per value
  int offset = 0;               // of its value among all inputs' or all outputs' values
  int target = -1;              // input: the node it drives
  ColumnId site = kNoColumn;    // input: where; output: the source's forbidden site, if it has one
  ColumnId source = kNoColumn;  // output: the column it reads
  int source_size = 0;          // output
  const Decoder* decoder = nullptr;
  ColumnId forbidden = kNoColumn;  // output, maskable: Real, source_size
  int mask_offset = 0;             // output, maskable: among all outputs' masks
  // Output, when SHADOW is served: what was drawn, and what the source draws in truth; Real,
  // source_size.
  ColumnId drawn = kNoColumn, forced = kNoColumn;
};

// A parameter that may change while an agent lives.
struct LiveParameter {
  std::string name;  // "component.parameter"
  const ParamInfo* info;
  ColumnId column;
  int index;
  double initial;
};

// A site and what is summed into it, in spec order.
struct Input {
  ColumnId site;
  std::vector<int> ports;  // encoders, one to one
  std::vector<int> masks;  // output ports whose mask it is
  std::vector<int> links;
};

// One component's turn in the program.
struct Stage {
  int node;
  std::vector<Input> inputs;
};

// What an agent remembers for rewards that name a step.
struct RewardWindow {
  ColumnId episodes = kNoColumn;  // u64: that of each step in the window, a ring by step
  // Rewards that wait for their event, in the order in which they came.
  ColumnId held = kNoColumn;          // u32: how many
  ColumnId held_channel = kNoColumn;  // u32
  ColumnId held_step = kNoColumn;     // u64
  ColumnId held_values = kNoColumn;   // Real, `width` for each
  int width = 0;
};

// A compiled circuit: what an agent is made of. Immutable, shared by its agents and threads.
class Circuit {
 public:
  // Checks everything and reports every violation with its field path
  // ("projections[2].rule.parameters.tau") as INVALID_ARGUMENT BAD_CIRCUIT. Nothing is allocated
  // before the sizes are known to be within limits.
  static absl::StatusOr<std::shared_ptr<const Circuit>> Compile(const CircuitSpec& spec);
  // The same with other building blocks, or other kernels; `violations` receives what is wrong
  // (null is returned then).
  static std::shared_ptr<const Circuit> Compile(const CircuitSpec& spec, const Catalogue& catalogue,
                                                std::vector<Violation>* violations,
                                                Isa isa = ActiveIsa());
  // The building blocks that phasic ships with.
  static const Catalogue& Standard();

  const CircuitSpec& spec() const { return spec_; }
  const Layout& layout() const { return layout_; }
  uint64_t fingerprint() const { return fingerprint_; }  // of everything that shapes state
  int64_t neurons() const { return neurons_; }
  int64_t synapses() const { return synapses_; }
  int64_t state_bytes() const { return layout_.block_bytes; }
  int64_t max_state_bytes() const { return max_state_bytes_; }
  // Estimates for a slow core: what is refused as too long, and what is done by whom.
  double tick_seconds() const { return tick_seconds_; }
  double delivery_seconds() const { return delivery_seconds_; }  // of one reward between ticks
  double TurnSeconds(int ticks, size_t rewards) const {
    return ticks * tick_seconds_ + static_cast<double>(rewards) * delivery_seconds_;
  }

  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  int observation_size() const { return observation_size_; }
  int action_size() const { return action_size_; }
  int mask_size() const { return mask_size_; }
  // Modulators as clients address them, in spec order: nodes()[channels()[i]].
  const std::vector<int>& channels() const { return channels_; }
  const std::vector<LiveParameter>& live_parameters() const { return live_parameters_; }
  // Why a reward to this channel cannot name a step; empty when it can.
  const std::string& WhyNoWindow(int channel) const { return why_no_window_[channel]; }
  const RewardWindow& reward_window() const { return reward_window_; }
  double recall_seconds() const {
    return recall_seconds_;
  }  // as delivery_seconds, of such a reward
  // Why the agent cannot learn from what someone else did; empty when it can.
  const std::string& WhyNoShadow() const { return why_no_shadow_; }
  // The same as an error: FAILED_PRECONDITION SHADOW_NOT_SUPPORTED.
  absl::Status CheckShadow() const;

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Link>& links() const { return links_; }
  const std::vector<When>& clocks() const { return clocks_; }
  // As bits, the clocks that strike in every tick and in the last of a step. The others that strike
  // within ticks must be counted.
  uint64_t tick_clocks() const { return tick_clocks_; }
  uint64_t step_clocks() const { return step_clocks_; }
  const std::vector<int>& counted_clocks() const { return counted_clocks_; }
  // Fixed when the circuit is compiled; every set gives the same bits.
  const Kernels& kernels() const { return *kernels_; }
  // The program, in order: encoders, populations, the feedback sweep, modulators.
  const std::vector<int>& encoders() const { return encoders_; }
  const std::vector<Stage>& forward() const { return forward_; }
  const std::vector<Stage>& feedback() const { return feedback_; }
  const std::vector<Stage>& modulators() const { return modulators_; }
  const std::vector<int>& learning_links() const { return learning_links_; }
  const std::vector<int>& delayed_links() const { return delayed_links_; }
  const std::vector<int>& drawing_links() const { return drawing_links_; }
  // Columns that lie side by side and must be finite after every tick: all numbers of the state but
  // those that stores check while they change them.
  struct Watched {
    ColumnId first = kNoColumn;
    int64_t count = 0;  // of Real
  };
  const std::vector<Watched>& watched() const { return watched_; }
  // The same after a reward to this channel between ticks.
  const std::vector<Watched>& watched(int channel) const { return watched_channels_[channel]; }

 private:
  friend class Compiler;
  Circuit() = default;

  CircuitSpec spec_;
  Layout layout_;
  std::vector<std::byte> home_;
  uint64_t fingerprint_ = 0;
  int64_t neurons_ = 0, synapses_ = 0, max_state_bytes_ = 0;
  double tick_seconds_ = 0, delivery_seconds_ = 0;
  std::vector<Port> inputs_, outputs_;
  int observation_size_ = 0, action_size_ = 0, mask_size_ = 0;
  std::vector<int> channels_;
  std::vector<std::string> why_no_window_;  // by channel
  RewardWindow reward_window_;
  double recall_seconds_ = 0;
  std::string why_no_shadow_;
  std::vector<LiveParameter> live_parameters_;
  std::vector<Node> nodes_;
  std::vector<Link> links_;
  std::vector<When> clocks_;
  uint64_t tick_clocks_ = 0, step_clocks_ = 0;
  std::vector<int> counted_clocks_;
  std::vector<int> encoders_, learning_links_, delayed_links_, drawing_links_;
  std::vector<Stage> forward_, feedback_, modulators_;
  std::vector<Watched> watched_;
  std::vector<std::vector<Watched>> watched_channels_;
  const Kernels* kernels_ = nullptr;
};

}  // namespace phasic
