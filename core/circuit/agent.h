// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/circuit/circuit.h"
#include "core/model/state.h"

namespace phasic {

// How an episode ends with a step, if it does.
enum class End : uint8_t {
  kNone,
  kTerminated,  // what follows is worth nothing; the observation is not used
  kTruncated,  // the observation is the last one, and its value stands for what would have followed
};

// A reward for one modulator, as it is delivered.
struct RewardInput {
  int channel = 0;                    // index of the modulator
  std::vector<Real> values = {};      // one for each of its units
  std::optional<uint64_t> step = {};  // whose decision it is for; nothing: it meets what is now
};

// What becomes of a reward. Stored as these numbers.
enum class Disposition : uint8_t {
  kApplied,
  kDuplicate,     // of one that is known by its id; an agent knows no ids, so its host says this
  kNotLearning,   // FROZEN
  kPending,       // held until its step is done, or, with others for that step, until the step
                  // leaves the reward window
  kExpired,       // its step has left the reward window
  kUnknownEvent,  // nothing was decided in its step, or that is too far ahead
};

// One step's input. Everything in it is an input of the journal: the same sequence gives the same
// bits.
struct StepInput {
  std::span<const float> observation = {};  // all input ports' values, in port order
  std::span<const RewardInput> rewards = {};
  End end = End::kNone;
  int ticks = 0;  // 0: the circuit's own
  bool greedy = false;
  bool learning = true;
  std::span<const uint8_t> forbidden =
      {};  // all outputs' masks, Circuit::mask_offset; empty: nothing is forbidden
  // SHADOW: what someone else did on this observation, all outputs' values in port order. The agent
  // learns from that; its own choice is only reported. Empty: the agent acts.
  std::span<const float> taken_action = {};
  // No inputs: what is recorded and told changes nothing.
  std::span<const Recorder> recorders = {};
  std::span<Disposition> dispositions = {};  // what became of each reward; empty: nobody asks
};

// One circuit's state through time. Not thread-safe: one caller at a time.
class Agent {
 public:
  // A new agent; weights are drawn from the seed.
  Agent(std::shared_ptr<const Circuit> circuit, uint64_t seed);
  Agent(const Agent&) = default;  // a clone with every bit of state
  Agent(Agent&&) = default;

  const Circuit& circuit() const { return *circuit_; }
  std::shared_ptr<const Circuit> shared_circuit() const { return circuit_; }
  const State& state() const { return state_; }
  State& state() { return state_; }

  // INVALID_ARGUMENT with the field for a bad size, a value outside its space, not finite;
  // FAILED_PRECONDITION SHADOW_NOT_SUPPORTED; and as CheckTurn and CheckPast. Changes nothing.
  absl::Status Check(const StepInput& input) const;
  absl::Status CheckReward(int channel, std::span<const double> values) const;
  // Of those rewards that name a step: FAILED_PRECONDITION NO_REWARD_WINDOW when a channel's rules
  // keep no past, RESOURCE_EXHAUSTED when more would be held than may be, or they take too long.
  absl::Status CheckPast(std::span<const RewardInput> rewards, bool learning) const;
  // RESOURCE_EXHAUSTED when so many ticks and rewards would take too long for one turn.
  absl::Status CheckTurn(int ticks, size_t rewards) const;

  // Rewards, then the observation, its ticks and the action, into `action` (Circuit::action_size
  // numbers; left alone at an end of episode). The input must have passed Check. May throw
  // std::bad_alloc only before anything has changed.
  void Step(const StepInput& input, std::span<float> action);
  // The same for many agents of one circuit, side by side: the same bits as one after the other.
  // One input and one action for each; no agent twice.
  static void StepTogether(std::span<Agent* const> agents, std::span<const StepInput> inputs,
                           std::span<const std::span<float>> actions);
  // A reward that comes by itself. One that names a step must have passed CheckPast.
  Disposition Reward(const RewardInput& reward, bool learning) noexcept;
  // The episode ends here and nothing is known of what follows.
  void ResetEpisode(bool learning) noexcept;
  // Forgets rewards that no modulator has taken yet: those that came while nothing was learned.
  // Rewards held for their step came while something was, and stay.
  void ForgetRewards() noexcept;

  // Where the last of these three left a number that is not finite, if it did.
  const Divergence& divergence() const { return divergence_; }

  uint64_t seed() const { return *state_.data<uint64_t>(kAgentSeed); }
  void set_seed(uint64_t seed) { *state_.data<uint64_t>(kAgentSeed) = seed; }
  uint64_t steps() const { return *state_.data<uint64_t>(kAgentStep); }
  uint64_t episodes() const { return *state_.data<uint64_t>(kAgentEpisode); }
  uint64_t episode_steps() const { return *state_.data<uint64_t>(kAgentEpisodeStep); }
  double time() const;  // simulated ms
  // The mean return over the episodes kept, and how many those are (0: none has ended).
  double MeanReturn(int* episodes) const;
  // A hash of every bit that a snapshot would hold.
  uint64_t Digest() const;

  // A column as it is now (read.h).
  std::vector<std::byte> Read(ColumnId column) const;

  // The whole state as bytes: every column but the derived ones, in the order of the walk.
  std::string Save() const;
  // INVALID_ARGUMENT BAD_SNAPSHOT when the bytes are not of this circuit, short, long or malformed;
  // then nothing changes.
  absl::Status Load(const std::string& bytes);
  // Derived columns, after a change of state().
  void Rebuild();

  double live_parameter(const LiveParameter& parameter) const;
  void set_live_parameter(const LiveParameter& parameter, double value);

 private:
  int Ticks(const StepInput& input) const {
    return input.ticks == 0 ? circuit_->spec().ticks_per_step : input.ticks;
  }
  absl::Status CheckTaken(const StepInput& input) const;
  void Enter(Lane* lane, bool learning) noexcept;
  Disposition Receive(const Lane& lane, const RewardInput& reward) noexcept;
  // The parts of a step before and after time passes. False: no time passes.
  bool Begin(const StepInput& input, Lane* lane) noexcept;
  void Finish(const StepInput& input, const Lane& lane, std::span<float> action) noexcept;

  std::shared_ptr<const Circuit> circuit_;
  State state_;
  Divergence divergence_;
};

}  // namespace phasic
