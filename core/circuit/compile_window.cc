// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/circuit/compiler.h"
#include "core/stores/store.h"
#include "core/stores/window.h"

namespace phasic {
namespace {

using Clock = When::Clock;

// Rough costs, as in compile_seconds.cc.
constexpr double kSecondsPerFold = 1.5e-9;
constexpr double kSecondsPerReplay = 0.5e-9;
constexpr double kNothingLeft = 1e-40;  // of a pair: below the smallest float, were it 1

bool Keeps(const BoundTerm& t) {
  if (t.synapse_score) return false;
  switch (t.term->kernel) {
    case Kernel::kNone:
    case Kernel::kSum:
    case Kernel::kExp:
    case Kernel::kDelay:
      return true;
    case Kernel::kCascade:
      break;
  }
  return false;
}

uint64_t Reach(double decay) {
  if (decay <= 0) return 1;
  if (decay >= 1) return std::numeric_limits<uint64_t>::max();
  return static_cast<uint64_t>(Log(kNothingLeft) / Log(decay)) + 1;
}

}  // namespace

// What a reward to this modulator would have to reach, and why it cannot.
std::string Compiler::WhyNoWindow(int node) const {
  const Node& modulator = circuit_->nodes_[node];
  if (spec_.reward_window == 0) return "the circuit keeps no reward window";
  if (modulator.component->recall == nullptr) {
    return absl::StrCat("the modulator \"", modulator.component->name,
                        "\" cannot tell what a reward for a past step would gate");
  }
  for (const Link& link : circuit_->links_) {
    if (link.source == node && circuit_->nodes_[link.target].component->kind == Kind::kModulator) {
      return absl::StrCat("it goes on to the modulator \"", circuit_->nodes_[link.target].name,
                          "\", which would have to know of the past too");
    }
    const auto gated = [&](const Gate& gate) { return gate.node == node; };
    if (std::any_of(link.row_gates.begin(), link.row_gates.end(), gated)) {
      return absl::StrCat("the rule \"", link.rule->name, "\" of \"", link.name,
                          "\" is no sum of terms, so its past is not kept");
    }
    for (const BoundTerm& t : link.terms) {
      if (!gated(t.gate)) continue;
      const bool own_clock = t.term->apply != Clock::kDelivery &&
                             t.term->apply != Clock::kEpisode && t.apply_clock != modulator.clock;
      if (own_clock) {
        return absl::StrCat("the rule \"", link.rule->name, "\" of \"", link.name,
                            "\" applies on a clock of its own");
      }
      if (link.store->apply_past == nullptr || !Keeps(t)) {
        return absl::StrCat("the rule \"", link.rule->name, "\" of \"", link.name,
                            "\" keeps nothing of its past in a ", link.store->name, " store");
      }
    }
  }
  return "";
}

// The outputs of a modulator once more, for rewards that name a step.
void Compiler::AddPastOutputs(int index) {
  Node& node = circuit_->nodes_[index];
  node.past_reward =
      AddColumn(node.name, "past_reward", {.name = "past_reward", .description = ""}, 1, node.size);
  node.past.assign(node.columns.size(), kNoColumn);
  for (size_t i = 0; i < node.columns.size(); ++i) {
    const ColumnInfo& info = node.component->columns[i];
    if (!info.output) continue;
    node.past[i] =
        AddColumn(node.name, absl::StrCat("past_", info.name),
                  {.name = info.name, .description = "", .unit = info.unit}, 1, node.size);
  }
}

void Compiler::KeepPast(Link* link, const std::string& suffix, BoundTerm* t) {
  const Node& modulator = circuit_->nodes_[t->gate.node];
  const auto output =
      std::find(modulator.columns.begin(), modulator.columns.end(), t->gate.value.column);
  t->gate.past = {modulator.past[output - modulator.columns.begin()], t->gate.value.broadcast};

  // Pairs of all steps but the first of the window, whose end is as far back as one may look.
  const When& form = circuit_->clocks_[t->form_clock];
  const int64_t steps = spec_.reward_window - 1;
  int64_t pairs = steps;
  if (form.clock == Clock::kTick) pairs *= ticks_per_step_;
  if (form.clock == Clock::kEvery) pairs = steps * ticks_per_step_ / form.n + 1;
  if (form.clock == Clock::kAt) pairs *= static_cast<int64_t>(form.at.size());
  TermWindow& w = t->window;
  w.capacity = WindowCapacity(*t, pairs);
  w.reach = Reach(t->decay);

  const auto add = [&](const char* name, Type type, Life life, int64_t rows, int64_t cols,
                       double max) {
    const ColumnInfo info = {
        .name = name, .description = "", .type = type, .life = life, .max = max};
    return AddColumn(link->name, name + suffix, info, rows, cols);
  };
  constexpr double kAny = std::numeric_limits<double>::infinity();
  w.post = add("past_post", kReal, Life::kClock, w.capacity, link->post, kAny);
  w.pre = add("past_pre", kReal, Life::kClock, w.capacity, link->pre, kAny);
  w.decay = add("past_decay", kReal, Life::kClock, w.capacity, 1, kAny);
  if (t->trace != kNoColumn)
    w.base = add("past_trace", kReal, Life::kClock, link->post, link->pre, kAny);
  w.formed = add("past_formed", Type::kU64, Life::kClock, 1, 1, kMostCounted);
  w.kept = add("past_kept", Type::kU32, Life::kClock, 1, 1, static_cast<double>(w.capacity));
  w.lasting = add("past_lasting", Type::kU64, Life::kTrace, 1, 1, kMostCounted);
  w.step_formed =
      add("past_step_formed", Type::kU64, Life::kClock, spec_.reward_window, 1, kMostCounted);
  w.step_lasting =
      add("past_step_lasting", Type::kU64, Life::kClock, spec_.reward_window, 1, kMostCounted);

  const double synapses = static_cast<double>(link->pre) * link->post;
  circuit_->tick_seconds_ += synapses * kSecondsPerFold;
  const double replayed =
      w.base == kNoColumn ? 1
                          : std::min(static_cast<double>(w.capacity), static_cast<double>(w.reach));
  circuit_->recall_seconds_ += synapses * (kSecondsPerFold + replayed * kSecondsPerReplay);
}

void Compiler::CheckWindow() {
  if (spec_.reward_window < 0 || spec_.reward_window > limits::kMaxRewardWindow) {
    Fault("reward_window", absl::StrCat("is ", spec_.reward_window, " steps, but must be 0 to ",
                                        limits::kMaxRewardWindow));
  }
  for (size_t i = 0; i < spec_.modulators.size(); ++i) {
    const ModulatorSpec& m = spec_.modulators[i];
    const auto fault = [&](const char* field, const std::string& description) {
      Fault(absl::StrCat("modulators[", i, "].", field), description);
    };
    if (m.early_window < 0 || m.early_window > limits::kMaxRewardWindow) {
      fault("early_window", absl::StrCat("is ", m.early_window, " steps, but must be 0 to ",
                                         limits::kMaxRewardWindow));
    }
    if (m.default_reward && !IsFinite(static_cast<Real>(*m.default_reward)))
      fault("default_reward", "must be finite");
    const std::string& why = circuit_->why_no_window_[i];
    if (why.empty()) continue;
    const std::string description = "cannot be, for " + why;
    if (m.combine != Combine::kSum) fault("combine", description);
    if (m.default_reward) fault("default_reward", description);
    if (m.early_window > 0) fault("early_window", description);
  }
}

void Compiler::AddWindow() {
  const auto& channels = circuit_->channels_;
  for (const int node : channels) circuit_->why_no_window_.push_back(WhyNoWindow(node));
  const size_t before = violations_.size();
  CheckWindow();
  if (spec_.reward_window == 0 || violations_.size() > before) return;

  RewardWindow& w = circuit_->reward_window_;
  const auto add = [&](const char* name, Type type, int64_t rows, int64_t cols) {
    const ColumnInfo info = {.name = name, .description = "", .type = type, .life = Life::kClock};
    return AddColumn("agent", name, info, rows, cols);
  };
  for (size_t i = 0; i < channels.size(); ++i) {
    if (!circuit_->why_no_window_[i].empty()) continue;
    w.width = std::max(w.width, circuit_->nodes_[channels[i]].size);
    AddPastOutputs(channels[i]);
  }
  if (w.width == 0) return;
  w.episodes = add("past_episodes", Type::kU64, spec_.reward_window, 1);
  w.held = add("held", Type::kU32, 1, 1);
  circuit_->layout_.columns[w.held].max = limits::kMaxPendingRewards;
  w.held_channel = add("held_channel", Type::kU32, limits::kMaxPendingRewards, 1);
  circuit_->layout_.columns[w.held_channel].max = static_cast<double>(channels.size()) - 1;
  w.held_step = add("held_step", Type::kU64, limits::kMaxPendingRewards, 1);
  w.held_values = add("held_values", kReal, limits::kMaxPendingRewards, w.width);
  for (const int index : circuit_->learning_links_) {
    Link& link = circuit_->links_[index];
    for (size_t n = 0; n < link.terms.size(); ++n) {
      BoundTerm& t = link.terms[n];
      if (t.gate.always() || circuit_->nodes_[t.gate.node].past_reward == kNoColumn) continue;
      KeepPast(&link, link.rule->terms.size() > 1 ? absl::StrCat("_", n) : "", &t);
    }
  }
}

}  // namespace phasic
