// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"
#include "core/stores/factored.h"

namespace phasic {
namespace {

using Clock = When::Clock;

// With more pairs than these between rewards, factors are quicker than a pass for each pair; and
// with fewer synapses, or shorter rows, a pass takes no longer than to keep a pair.
constexpr int kFewPairs = 8;
constexpr int64_t kFewSynapses = 2048;
constexpr int kShortRow = 16;

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

void Compiler::FactorTraces() {
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
    const bool large = link.size() >= kFewSynapses && link.pre >= kShortRow;
    if (!link.plain || t.window.capacity > 0 || !large || !IsSeldomApplied(t)) continue;
    const auto add = [&](const char* name, Type type, int64_t rows, int64_t cols) {
      const ColumnInfo info = {
          .name = name, .description = "", .type = type, .life = Life::kClock, .derived = true};
      return AddColumn(link.name, name, info, rows, cols);
    };
    t.factored.count = add("recent_pairs", Type::kU32, 1, 1);
    t.factored.post = add("recent_post", kReal, kFoldPairs, link.post);
    t.factored.pre = add("recent_pre", kReal, 1, FactoredPreSize(link.pre));
    Column& trace = circuit_->layout_.columns[t.trace];
    trace.lazy = link.index;
    trace.folded = true;
  }
}

}  // namespace phasic
