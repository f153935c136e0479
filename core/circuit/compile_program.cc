// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/float_mode.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"
#include "core/stores/kernels.h"
#include "core/stores/store.h"

namespace phasic {

// The nodes of a phase, sources before targets; among equals in spec order, or the last first
// (Kahn's algorithm). A circle is a violation.
std::vector<int> Compiler::Order(Phase phase, const std::vector<int>& nodes, bool last_first) {
  // Which links bind: within the phase, without delay, from a column that the phase itself writes.
  std::map<int, int> waits_for;                      // node -> binding links that come in
  std::map<int, std::vector<const Link*>> outgoing;  // node -> binding links that go out
  for (const int node : nodes) waits_for[node] = 0;
  for (const Link& link : circuit_->links_) {
    if (link.phase != phase || link.delay > 0 || WrittenIn(link) != phase) continue;
    if (!waits_for.contains(link.source) || !waits_for.contains(link.target)) continue;
    ++waits_for[link.target];
    outgoing[link.source].push_back(&link);
  }
  std::set<int> ready;
  for (const auto& [node, count] : waits_for) {
    if (count == 0) ready.insert(node);
  }
  std::vector<int> ordered;
  while (!ready.empty()) {
    const int node = last_first ? *ready.rbegin() : *ready.begin();
    ready.erase(node);
    waits_for.erase(node);
    ordered.push_back(node);
    for (const Link* link : outgoing[node]) {
      if (--waits_for[link->target] == 0) ready.insert(link->target);
    }
  }
  if (!waits_for.empty()) ReportCircle(outgoing, waits_for);
  return ordered;
}

Phase Compiler::WrittenIn(const Link& link) const {
  const Node& source = circuit_->nodes_[link.source];
  if (source.component->kind == Kind::kModulator) return Phase::kModulator;
  const auto at = std::find(source.columns.begin(), source.columns.end(), link.source_column);
  return source.component->columns[at - source.columns.begin()].written;
}

// Every node that is left waits for another that is left: going from waiter to waited-for must come
// round.
void Compiler::ReportCircle(const std::map<int, std::vector<const Link*>>& outgoing,
                            const std::map<int, int>& left) {
  std::map<int, const Link*> blocker;  // node -> one link that it waits for
  for (const auto& [node, links] : outgoing) {
    if (!left.contains(node)) continue;
    for (const Link* link : links) blocker.emplace(link->target, link);
  }
  std::vector<int> path{left.begin()->first};
  while (std::count(path.begin(), path.end(), path.back()) < 2) {
    path.push_back(blocker.at(path.back())->source);
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), path.back()));
  std::reverse(path.begin(), path.end());
  Fault(absl::StrCat("projections[", link_spec_[blocker.at(path.back())->index], "].delay"),
        absl::StrCat("is 0 and closes a circle: ",
                     absl::StrJoin(path, " -> ", [&](std::string* out, int node) {
                       out->append(circuit_->nodes_[node].name);
                     })));
}

Stage Compiler::MakeStage(int node, Phase phase) const {
  Stage stage{node, {}};
  for (const ColumnId site : circuit_->nodes_[node].sites) {
    Input input{site, {}, {}, {}};
    for (size_t i = 0; i < circuit_->inputs_.size(); ++i) {
      if (circuit_->inputs_[i].site == site) input.ports.push_back(static_cast<int>(i));
    }
    for (size_t i = 0; i < circuit_->outputs_.size(); ++i) {
      if (circuit_->outputs_[i].site == site) input.masks.push_back(static_cast<int>(i));
    }
    for (const Link& link : circuit_->links_) {
      if (link.site == site && link.phase == phase) input.links.push_back(link.index);
    }
    if (!input.ports.empty() || !input.masks.empty() || !input.links.empty()) {
      stage.inputs.push_back(std::move(input));
    }
  }
  // A feedback stage takes only its feedback sites.
  if (phase == Phase::kFeedback) {
    std::erase_if(stage.inputs, [](const Input& input) { return input.links.empty(); });
  }
  return stage;
}

void Compiler::OrderProgram() {
  std::vector<int> populations, fed_back, modulators;
  for (size_t i = 0; i < circuit_->nodes_.size(); ++i) {
    const int node = static_cast<int>(i);
    const Component* component = circuit_->nodes_[i].component;
    if (component == nullptr) continue;
    if (component->kind == Kind::kPopulation) populations.push_back(node);
    if (component->kind == Kind::kModulator) modulators.push_back(node);
  }
  const std::vector<int> forward = Order(Phase::kForward, populations, false);
  for (const int node : forward) {
    const bool fed = std::any_of(
        circuit_->links_.begin(), circuit_->links_.end(),
        [&](const Link& link) { return link.phase == Phase::kFeedback && link.target == node; });
    if (fed) fed_back.push_back(node);
    circuit_->forward_.push_back(MakeStage(node, Phase::kForward));
  }
  for (const int node : Order(Phase::kFeedback, fed_back, true)) {
    circuit_->feedback_.push_back(MakeStage(node, Phase::kFeedback));
  }
  for (const int node : Order(Phase::kModulator, modulators, false)) {
    circuit_->modulators_.push_back(MakeStage(node, Phase::kModulator));
  }
  // In spec order, whatever order they were bound in.
  const auto by_spec = [&](int a, int b) { return link_spec_[a] < link_spec_[b]; };
  std::sort(circuit_->learning_links_.begin(), circuit_->learning_links_.end(), by_spec);
}

void Compiler::CheckSizes() {
  if (total_bytes_ > static_cast<double>(limits::kMaxStateBytes)) {
    Fault("", absl::StrCat("needs ", static_cast<int64_t>(total_bytes_ / (1 << 20)),
                           " MiB of state, but may have at most ", limits::kMaxStateBytes >> 20));
  }
  const double step = circuit_->tick_seconds_ * ticks_per_step_;
  if (step > limits::kMaxTurnSeconds) {
    Fault("", absl::StrCat("needs about ", step, " s for one step, but may need at most ",
                           limits::kMaxTurnSeconds));
  }
}

void Compiler::Fingerprint() {
  Hash hash;
  hash.Add(spec_.dt).Add(uint64_t(spec_.ticks_per_step)).Add(uint64_t(spec_.sweeps));
  const auto add_when = [&](const When& when) {
    hash.Add(uint64_t(when.clock)).Add(uint64_t(when.n));
    for (const double t : when.at) hash.Add(t);
  };
  const auto add_params = [&](const Parameters& params) {
    for (int i = 0; i < params.size(); ++i) {
      hash.Add(uint64_t{params.list(i).size()});
      for (const double x : params.list(i)) hash.Add(x);
    }
  };
  const auto add_source = [&](const Source& source) {
    hash.Add(uint64_t(source.column)).Add(uint64_t{source.broadcast});
  };
  const auto add_space = [&](const Port& port) {
    hash.Add(port.space.ToString());
    for (int i = 0; i < port.size; ++i) hash.Add(port.space.lower(i)).Add(port.space.upper(i));
  };
  for (const Column& c : circuit_->layout_.columns) {
    if (c.derived) continue;  // no snapshot has it
    hash.Add(c.component).Add(c.name).Add(uint64_t(c.type)).Add(uint64_t(c.life));
    hash.Add(uint64_t(c.rows)).Add(uint64_t(c.cols));
  }
  for (const Node& node : circuit_->nodes_) {
    hash.Add(node.name).Add(node.component ? node.component->name : "decoder");
    add_when(node.when);
    add_params(node.params);
  }
  for (const Port& port : circuit_->outputs_) {
    hash.Add(port.decoder->name).Add(uint64_t(port.source));
    add_space(port);
  }
  for (const When& clock : circuit_->clocks_) add_when(clock);
  for (const Port& port : circuit_->inputs_) {
    hash.Add(uint64_t(port.site));
    add_space(port);
  }
  for (const Link& link : circuit_->links_) {
    hash.Add(link.name).Add(uint64_t(link.source_column)).Add(uint64_t(link.site));
    hash.Add(uint64_t(link.weights)).Add(uint64_t(link.delay)).Add(link.store->name);
    hash.Add(double{link.min_weight}).Add(double{link.max_weight});
    if (link.synapses != nullptr) {
      for (const uint32_t first : link.synapses->first) hash.Add(uint64_t{first});
      for (const uint32_t target : link.synapses->target) hash.Add(uint64_t{target});
    }
    if (link.transmission.model != nullptr) {
      hash.Add(link.transmission.model->name);
      add_params(link.transmission.params);
    }
    if (link.rule != nullptr) {
      hash.Add(link.rule->name);
      add_params(link.params);
      for (const BoundTerm& t : link.terms) {
        hash.Add(t.decay).Add(uint64_t(t.form_clock)).Add(uint64_t(t.apply_clock));
        if (t.term->integrated) hash.Add(t.gain).Add(t.offset);
        if (t.term->kernel == Kernel::kCascade) hash.Add(uint64_t(t.stages));
        for (const Source& source : {t.gate.value, t.post, t.pre}) add_source(source);
      }
      hash.Add(uint64_t(link.row_clock));
      for (const Source& source : link.row_post) add_source(source);
      for (const Source& source : link.row_pre) add_source(source);
      for (const Gate& gate : link.row_gates) add_source(gate.value);
    }
  }
  if (spec_.reward_window > 0) {
    for (const ModulatorSpec& m : spec_.modulators) {
      hash.Add(uint64_t(m.combine)).Add(uint64_t(m.early_window));
      hash.Add(uint64_t{m.default_reward.has_value()}).Add(m.default_reward.value_or(0));
    }
  }
  circuit_->fingerprint_ = hash.value();
}

std::shared_ptr<const Circuit> Compiler::Run() {
  const FloatMode mode;
  circuit_->spec_ = spec_;
  circuit_->kernels_ = &KernelsFor(isa_);
  circuit_->clocks_.push_back(When{});
  if (!CheckHeader()) return nullptr;
  AddAgentColumns();
  AddPopulations();
  AddModulators();
  AddInputs();
  AddOutputs();
  AddLinks();
  if (!violations_.empty()) return nullptr;
  OrderProgram();
  AddWindow();
  AddShadow();
  PutOff();
  EstimateSeconds();
  CheckSizes();
  if (!violations_.empty()) return nullptr;
  PlaceColumns();
  WatchColumns();
  SortClocks();
  Fingerprint();

  // The home image: what a fresh state's fast columns hold.
  Layout& layout = circuit_->layout_;
  const State fresh(&layout);
  circuit_->home_.resize(layout.fast_bytes);
  for (size_t id = 0; id < layout.columns.size(); ++id) {
    const Column& column = layout.columns[id];
    if (column.life != Life::kFast || column.arena >= 0) continue;
    const auto bytes = fresh.bytes(static_cast<ColumnId>(id));
    std::copy(bytes.begin(), bytes.end(),
              circuit_->home_.begin() + (layout.places[id].offset - layout.fast_offset));
  }
  layout.home = circuit_->home_;
  return circuit_;
}

}  // namespace phasic
