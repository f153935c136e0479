// SPDX-License-Identifier: Apache-2.0
//
// What dense projections put off: the pairs of a trace that is seldom applied, and what they learn
// within a tick until they deliver. No bit of what is saved or read knows of it.
#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"
#include "core/stores/factored.h"

namespace phasic {
namespace {

using Clock = When::Clock;

// With more pairs than these between rewards, factors are quicker than a pass for each pair. With
// fewer synapses, or shorter rows, a pass takes no longer than to keep a pair.
constexpr int kFewPairs = 8;
constexpr int64_t kFewSynapses = 2048;
constexpr int kShortRow = 16;
// The weights and traces of fewer lie in the first cache, where nothing is gained by reading once.
constexpr int64_t kManySynapses = 16'384;

ColumnInfo Kept(const char* name, Type type) {
  return {.name = name, .description = "", .type = type, .life = Life::kClock, .derived = true};
}

}  // namespace

// Whether many pairs come before what they leave is used.
bool Compiler::IsSeldomApplied(const BoundTerm& t) const {
  if (t.gate.always()) return false;
  if (t.term->apply == Clock::kEpisode || t.gate.clock == Clock::kEpisode) return true;
  const Node& modulator = circuit_->nodes_[t.gate.node];
  const bool only_by_rewards = t.gate.kinetics.tau == 0 && !modulator.component->bootstraps;
  if (t.term->apply != Clock::kDelivery || !only_by_rewards) return false;
  const auto spec = std::find_if(spec_.modulators.begin(), spec_.modulators.end(),
                                 [&](const ModulatorSpec& m) { return m.name == modulator.name; });
  return spec != spec_.modulators.end() && spec->reward_interval >= kFewPairs;
}

// Whether its changes come within ticks, always leave finite weights, and are seen by nobody else.
bool Compiler::MayWait(const Link& link) const {
  const BoundTerm& t = link.terms.front();
  const bool within_ticks =
      t.term->apply != Clock::kEpisode &&
      (t.gate.always() || (t.gate.clock != Clock::kDelivery && t.gate.clock != Clock::kEpisode));
  const auto readers = std::count_if(circuit_->links_.begin(), circuit_->links_.end(),
                                     [&](const Link& l) { return l.weights == link.weights; });
  return link.size() >= kManySynapses && link.pre >= kShortRow && within_ticks &&
         !t.term->present_pair && link.bounded && link.delay == 0 &&
         link.transmission.model == nullptr && readers == 1;
}

void Compiler::PutOff() {
  for (size_t i = 0; i < spec_.modulators.size(); ++i) {
    const int interval = spec_.modulators[i].reward_interval;
    if (interval >= 0 && interval <= limits::kMaxRewardInterval) continue;
    Fault(absl::StrCat("modulators[", i, "].reward_interval"),
          absl::StrCat("is ", interval, " steps, but must be 0 to ", limits::kMaxRewardInterval));
  }
  for (const int index : circuit_->learning_links_) {
    Link& link = circuit_->links_[index];
    if (link.synapses != nullptr || link.rule->row != nullptr || link.terms.size() != 1) continue;
    BoundTerm& t = link.terms.front();
    const bool vectors = t.pre_is_delivered || (t.pre.column != kNoColumn && !t.pre.broadcast);
    link.plain = link.rule->factors == nullptr && t.trace != kNoColumn && t.stages == 1 &&
                 !t.synapse_score && vectors;
    if (!link.plain || t.window.capacity > 0) continue;
    const auto add = [&](const char* name, Type type, int64_t rows, int64_t cols) {
      return AddColumn(link.name, name, Kept(name, type), rows, cols);
    };
    const auto lags = [&](std::initializer_list<ColumnId> columns) {
      for (const ColumnId id : columns) {
        circuit_->layout_.columns[id].lazy = link.index;
        circuit_->layout_.columns[id].folded = true;
      }
    };
    if (link.size() >= kFewSynapses && link.pre >= kShortRow && IsSeldomApplied(t)) {
      t.factored.count = add("recent_pairs", Type::kU32, 1, 1);
      t.factored.post = add("recent_post", kReal, kFoldPairs, link.post);
      t.factored.pre = add("recent_pre", kReal, 1, FactoredPreSize(link.pre));
      lags({t.trace});
    } else if (MayWait(link)) {
      t.waiting.due = add("waiting", Type::kU8, 1, 1);
      t.waiting.change = add("waiting_change", kReal, 1, link.post);
      t.waiting.post = add("waiting_post", kReal, 1, link.post);
      t.waiting.pre = add("waiting_pre", kReal, 1, link.pre);
      lags({t.trace, link.weights});
    }
  }
}

}  // namespace phasic
