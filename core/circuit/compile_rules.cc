// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/circuit/compiler.h"
#include "core/stores/store.h"

namespace phasic {
namespace {

constexpr ColumnInfo kTrace = {"trace", "", "", kReal, Extent::kSynapse, Life::kTrace};
constexpr ColumnInfo kPairPost = {"pair_post", "", "", kReal, Extent::kPost, Life::kTrace};
constexpr ColumnInfo kPairPre = {"pair_pre", "", "", kReal, Extent::kPre, Life::kTrace};
constexpr ColumnInfo kPairHead = {"pair_head", "", "", Type::kU32, Extent::kScalar, Life::kTrace};

constexpr size_t kMostTerms = 64;  // stores keep a bit for each

}  // namespace

Source Compiler::BindFactor(const FactorInfo& factor, bool post, const RuleSpec& spec,
                            const std::string& field, const Link& link, bool* delivered) {
  *delivered = false;
  const int wanted = post ? link.post : link.pre;
  const auto bound = spec.bindings.find(factor.name);
  if (bound == spec.bindings.end()) {
    const std::string_view column = factor.column;
    if (column == kOne) return {};
    if (!post && column == kPre) {
      *delivered = true;
      return {};
    }
    for (size_t i = 0; i < link.factor_columns.size(); ++i) {
      const ColumnInfo& own = link.rule->factor_columns[i];
      if (own.extent == (post ? Extent::kPost : Extent::kPre) && column == own.name)
        return {link.factor_columns[i], false};
    }
    const Node& node = circuit_->nodes_[post ? link.target : link.source];
    for (size_t i = 0; i < node.component->columns.size(); ++i) {
      const ColumnInfo& info = node.component->columns[i];
      if (info.output && column == info.name)
        return {node.columns[i], info.extent == Extent::kScalar};
    }
    Fault(field + ".name",
          absl::StrCat("the rule's factor \"", factor.name, "\" reads \"", factor.column,
                       "\", which \"", node.name, "\" (", node.component->name, ") does not have"));
    return {};
  }
  const std::string path = field + ".bindings." + factor.name;
  const Found found = FindOutput(bound->second, path);
  if (!found) return {};
  if (found.size != wanted && found.size != 1) {
    Fault(path, absl::StrCat("\"", bound->second, "\" has ", found.size, " units, but ", wanted,
                             " or 1 are needed"));
  }
  return {found.column, found.size == 1 && wanted != 1};
}

Gate Compiler::BindGate(const GateInfo& info, const RuleSpec& spec, const std::string& field,
                        const Link& link) {
  const std::string path = field + ".bindings." + info.name;
  const auto bound = spec.bindings.find(info.name);
  if (bound == spec.bindings.end()) {
    Fault(path, absl::StrCat("is not set: the gate \"", info.name,
                             "\" must name an output of a modulator"));
    return {};
  }
  const Found found = FindOutput(bound->second, path);
  if (!found) return {};
  const Node& node = circuit_->nodes_[found.node];
  if (node.component->kind != Kind::kModulator) {
    Fault(path, absl::StrCat("\"", node.name, "\" is no modulator"));
    return {};
  }
  if (found.size != 1 && found.size != link.post) {
    Fault(path, absl::StrCat("\"", bound->second, "\" has ", found.size, " units, but ", link.post,
                             " or 1 are needed"));
  }
  return {{found.column, found.size == 1}, found.node, node.when.clock, node.fired};
}

void Compiler::BindTerm(const Term& term, const When& when, const std::string& field,
                        const std::vector<Source>& post, const std::vector<Source>& pre,
                        const std::vector<bool>& delivered, const std::vector<Gate>& gates,
                        Link* link) {
  using Clock = When::Clock;
  BoundTerm b;
  b.term = &term;
  b.post = post[term.post];
  b.pre = pre[term.pre];
  b.pre_is_delivered = delivered[term.pre];
  if (term.gate != kAlways) b.gate = gates[term.gate];
  b.form_clock = this->Clock(when);
  if (term.apply == Clock::kEpisode && !b.gate.always() && b.gate.clock != Clock::kEpisode) {
    Fault(field + ".bindings",
          absl::StrCat("the rule learns at the end of an episode, so the modulator \"",
                       circuit_->nodes_[b.gate.node].name,
                       "\" that gates it must have the clock EPISODE"));
    return;
  }
  if (term.apply != Clock::kEpisode && term.apply != Clock::kDelivery) {
    if (!b.gate.always() && (b.gate.clock == Clock::kDelivery || b.gate.clock == Clock::kEpisode)) {
      Fault(field + ".bindings",
            absl::StrCat("the rule learns within ticks, so the modulator \"",
                         circuit_->nodes_[b.gate.node].name,
                         "\" that gates it must have the clock TICK, EVERY, AT or STEP"));
      return;
    }
    b.apply_clock = term.apply == term.form ? b.form_clock : this->Clock(When::On(term.apply));
  }

  const std::string suffix =
      link->rule->terms.size() > 1 ? absl::StrCat("_", link->terms.size()) : "";
  switch (term.kernel) {
    case Kernel::kSum:
    case Kernel::kExp: {
      if (term.kernel == Kernel::kExp) {
        const double p = link->params.number(term.decay_parameter);
        const Component* source =
            b.gate.always() ? nullptr : circuit_->nodes_[b.gate.node].component;
        const double discount = source != nullptr && source->discount != nullptr
                                    ? source->discount(circuit_->nodes_[b.gate.node].params)
                                    : 1.0;
        b.decay = term.decay == Decay::kTau ? Exp(-Period(when) / p) : p * discount;
      }
      b.trace = AddColumn(link->name, kTrace.name + suffix, kTrace, link->post, link->pre);
      break;
    }
    case Kernel::kNone:
    case Kernel::kDelay: {
      b.depth = term.kernel == Kernel::kNone
                    ? 1
                    : static_cast<int>(link->params.number(term.decay_parameter));
      b.post_ring = AddColumn(link->name, kPairPost.name + suffix, kPairPost, b.depth, link->post);
      b.pre_ring = AddColumn(link->name, kPairPre.name + suffix, kPairPre, b.depth, link->pre);
      b.ring_head = AddColumn(link->name, kPairHead.name + suffix, kPairHead, 1, 1);
      circuit_->layout_.columns[b.ring_head].max = b.depth - 1;
      break;
    }
  }
  link->terms.push_back(b);
}

void Compiler::BindRule(const RuleSpec& spec, const std::string& field, Link* link) {
  const Rule* rule = Find(catalogue_.rules, spec.name);
  if (rule == nullptr) {
    Fault(field + ".name", absl::StrCat("there is no plasticity rule \"", spec.name, "\""));
    return;
  }
  const size_t before = violations_.size();
  link->rule = rule;
  link->params = Parameters(rule->params, spec.parameters, field + ".parameters", &violations_);
  if (rule->check != nullptr && violations_.size() == before) {
    std::vector<Violation> faults;
    rule->check(link->params, &faults);
    for (const Violation& f : faults) Fault(absl::StrCat(field, ".", f.field), f.description);
  }
  const auto known = [](auto infos, const std::string& name) {
    return std::any_of(infos.begin(), infos.end(),
                       [&](const auto& info) { return name == info.name; });
  };
  for (const auto& [name, bound] : spec.bindings) {
    if (!known(rule->post_factors, name) && !known(rule->pre_factors, name) &&
        !known(rule->gates, name)) {
      Fault(field + ".bindings." + name,
            absl::StrCat("the rule \"", rule->name, "\" has no such factor or gate"));
    }
  }
  for (const ColumnInfo& info : rule->factor_columns) {
    const int size = info.extent == Extent::kPost ? link->post : link->pre;
    link->factor_columns.push_back(AddColumn(link->name, info.name, info, 1, size));
  }
  std::vector<Source> post, pre;
  std::vector<bool> delivered;
  std::vector<Gate> gates;
  bool is_delivered = false;
  for (const FactorInfo& f : rule->post_factors)
    post.push_back(BindFactor(f, true, spec, field, *link, &is_delivered));
  for (const FactorInfo& f : rule->pre_factors) {
    pre.push_back(BindFactor(f, false, spec, field, *link, &is_delivered));
    delivered.push_back(is_delivered);
  }
  for (const GateInfo& g : rule->gates) gates.push_back(BindGate(g, spec, field, *link));
  const auto check = CheckWhen(spec.when, When{}, field + ".when");
  if (check && (check->clock == When::Clock::kDelivery || check->clock == When::Clock::kEpisode)) {
    Fault(field + ".when.clock", "must be TICK, EVERY, AT or STEP: pairs are formed within ticks");
  }
  if (violations_.size() > before) return;

  link->live = AddLive(link->name, rule->params, link->params, &link->live_index);
  if (rule->row != nullptr || rule->factors != nullptr) {
    link->row_post = post;
    link->row_pre = pre;
    link->row_pre_delivered = delivered;
    if (rule->row != nullptr) link->row_gates = gates;
    BindRow(*check, field, link);
  }
  if (rule->row != nullptr) return;
  for (const Term& term : rule->terms) {
    BindTerm(term, spec.when ? *check : When::On(term.form), field, post, pre, delivered, gates,
             link);
  }
  if (link->terms.size() > kMostTerms) Fault(field + ".name", "has too many terms");
}

void Compiler::BindRow(const When& when, const std::string& field, Link* link) {
  link->row_clock = Clock(when);
  link->row_period = Period(when);
  for (const ColumnInfo& info : link->rule->synapse_columns) {
    link->row_columns.push_back(AddColumn(link->name, info.name, info, link->post, link->pre));
  }
  const size_t most =
      std::max({link->row_post.size(), link->row_pre.size(), link->row_gates.size(),
                link->row_columns.size(), link->factor_columns.size(), link->rule->params.size()});
  if (most > kMostRowParts) {
    Fault("", absl::StrCat("the rule \"", link->rule->name,
                           "\" declares more than its functions can take"));
  }
  // A row function reads pre factors as arrays, a factors function all of them.
  const auto whole = [](const Source& source) {
    return source.column != kNoColumn && !source.broadcast;
  };
  const auto check = [&](const FactorInfo& info, bool good) {
    if (good) return;
    Fault(absl::StrCat(field, ".bindings.", info.name),
          "must have a number of its own for each unit, as this rule reads it");
  };
  for (size_t i = 0; i < link->row_pre.size(); ++i) {
    check(link->rule->pre_factors[i], link->row_pre_delivered[i] || whole(link->row_pre[i]));
  }
  if (link->rule->factors == nullptr) return;
  for (size_t i = 0; i < link->row_post.size(); ++i) {
    check(link->rule->post_factors[i], whole(link->row_post[i]));
  }
}

}  // namespace phasic
