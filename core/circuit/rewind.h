// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/circuit/agent.h"

namespace phasic {

// The way back to before an agent's last turn: its state as it was some turns ago, and the inputs
// since. Agents are deterministic, so the same inputs lead to the same bits; and so a copy of the
// state is needed only now and then, however large it is. Takes as much memory as the state, and
// for inputs a quarter of that. A small state is copied before each turn instead, to where those of
// other agents are: that is quickly done while the cache has it, and takes no memory. Not
// thread-safe.
//
//   rewind.Begin(agent, seconds, &spare);
//   rewind.AddStep(input);            // all that the turn will give the agent, before it does
//   agent.Step(input, action);
//   agent.divergence().column == kNoColumn ? rewind.Commit() : rewind.Undo(&agent);
class Rewind {
 public:
  // A turn begins that will take so long, as estimated. This and Add may throw std::bad_alloc: a
  // turn that does not happen then needs neither Commit nor Undo. Until these, `spare` is the
  // turn's; it may serve any agent, one at a time. Null: every agent's state counts as large.
  void Begin(const Agent& agent, double seconds, std::vector<std::byte>* spare);
  void AddStep(const StepInput& input);
  void AddReward(const RewardInput& reward, bool learning);
  void AddReset(bool learning);
  // The turn is done.
  void Commit() noexcept {
    if (small_ != nullptr) return;
    ++turns_;
    done_ = inputs_.size();
  }
  // Takes the agent back to before the turn.
  void Undo(Agent* agent);
  // The agent has changed in another way: there is no way back to before that.
  void Forget() noexcept { before_.reset(); }

 private:
  std::vector<std::byte>* small_ = nullptr;  // this turn's copy of a small state
  std::optional<State> before_;
  // Since then, as bytes, one after the other: they lie close, and the next ones in the same
  // memory. The first `done_` bytes are of turns that are done.
  std::string inputs_;
  size_t done_ = 0;
  int turns_ = 0;       // that are done
  double seconds_ = 0;  // that they take, as estimated
};

}  // namespace phasic
