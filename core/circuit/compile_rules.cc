// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

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
constexpr ColumnInfo kPairDraw = {"pair_draw", "", "", Type::kU64, Extent::kScalar, Life::kTrace};
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
    if (post && column == kPost)
      return {circuit_->nodes_[link.target].columns[0], false, factor.of};
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
        return {node.columns[i], info.extent == Extent::kScalar, factor.of};
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
  return {found.column, found.size == 1 && wanted != 1, factor.of};
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
  const Component& component = *node.component;
  Gate gate = {.value = {found.column, found.size == 1},
               .node = found.node,
               .clock = node.when.clock,
               .fired = node.fired};
  if (component.discount != nullptr) gate.discount = component.discount(node.params);
  if (component.kinetics != nullptr && found.column == node.columns.front())
    gate.kinetics = component.kinetics(node.params);
  return gate;
}

void Compiler::BindTerm(const Term& term, const When& when, const std::string& field,
                        const std::vector<Source>& post, const std::vector<Source>& pre,
                        const std::vector<bool>& delivered, const std::vector<Gate>& gates,
                        Link* link) {
  using Clock = When::Clock;
  BoundTerm b;
  b.term = &term;
  b.post = post[term.post];
  b.synapse_score = term.pre == kSynapseScore;
  if (!b.synapse_score) {
    b.pre = pre[term.pre];
    b.pre_is_delivered = delivered[term.pre];
  }
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

  if (term.kernel == Kernel::kExp) {
    const double p = link->params.number(term.decay_parameter);
    b.decay = term.decay == Decay::kTau ? Exp(-Period(when) / p) : p * b.gate.discount;
  }
  if (term.integrated) Integrate(Period(when), field, *link, &b);
  if (link->synapses != nullptr) {
    if (term.kernel == Kernel::kNone)
      b.decay = 0;  // a trace that holds the last pair, and no other
    link->terms.push_back(b);
    return;
  }

  const std::string suffix =
      link->rule->terms.size() > 1 ? absl::StrCat("_", link->terms.size()) : "";
  // What cannot be had again is kept, until the next.
  const bool keeps = b.synapse_score && !link->transmission.model->regenerates;
  switch (keeps && term.kernel == Kernel::kNone ? Kernel::kExp : term.kernel) {
    case Kernel::kSum:
    case Kernel::kExp:
    case Kernel::kCascade: {
      if (term.kernel == Kernel::kNone) {
        b.decay = 0;
      } else if (term.kernel == Kernel::kCascade) {
        b.step = Period(when) / link->params.number(term.decay_parameter);
        b.decay = Exp(-b.step);
        b.stages = term.stages_parameter < 0
                       ? 2
                       : static_cast<int>(link->params.number(term.stages_parameter));
      }
      b.trace = AddColumn(link->name, kTrace.name + suffix, kTrace,
                          static_cast<int64_t>(b.stages) * link->post, link->pre);
      break;
    }
    case Kernel::kNone:
    case Kernel::kDelay: {
      b.depth = term.kernel == Kernel::kNone
                    ? 1
                    : static_cast<int>(link->params.number(term.decay_parameter));
      b.post_ring = AddColumn(link->name, kPairPost.name + suffix, kPairPost, b.depth, link->post);
      if (b.synapse_score) {
        b.draw_ring = AddColumn(link->name, kPairDraw.name + suffix, kPairDraw, b.depth, 1);
      } else {
        b.pre_ring = AddColumn(link->name, kPairPre.name + suffix, kPairPre, b.depth, link->pre);
      }
      b.ring_head = AddColumn(link->name, kPairHead.name + suffix, kPairHead, 1, 1);
      circuit_->layout_.columns[b.ring_head].max = b.depth - 1;
      break;
    }
  }
  link->terms.push_back(b);
}

// The integral from one clock to the next of gate times trace, both decaying:
//
//   int (tonic + (g - tonic) e^(-t / tau_gate)) e^(-t / tau) dt = gain g + offset
void Compiler::Integrate(double period, const std::string& field, const Link& link, BoundTerm* b) {
  if (!b->gate.always()) {
    if (b->gate.clock == When::Clock::kDelivery || b->gate.clock == When::Clock::kEpisode) return;
    const Node& node = circuit_->nodes_[b->gate.node];
    if (node.dt != period) {
      Fault(field + ".when",
            absl::StrCat("must be the clock of the modulator \"", node.name,
                         "\": the rule integrates its level from one clock to the next"));
    }
  }
  const double tau = link.params.number(b->term->decay_parameter);
  const auto mean_decay = [&](double rate) { return -Expm1(-period * rate) / rate; };
  const double steady = mean_decay(1 / tau);
  const Kinetics& kinetics = b->gate.kinetics;
  b->gain = kinetics.tau > 0 ? mean_decay(1 / tau + 1 / kinetics.tau) : steady;
  b->offset = kinetics.tau > 0 ? (steady - b->gain) * kinetics.tonic : 0;
}

// A sparse projection keeps one trace for each synapse, which only pairs and decay change.
void Compiler::CheckLazy(const Rule& rule, const std::vector<Gate>& gates,
                         const std::string& field) {
  const auto refuse = [&](const char* why) {
    Fault(field + ".name",
          absl::StrCat("the rule \"", rule.name, "\" ", why,
                       ", which a sparse projection does not do; connect all to all"));
  };
  if (rule.row != nullptr) return refuse("changes every synapse at every clock");
  const Term& first = rule.terms.front();
  for (const Term& t : rule.terms) {
    if (t.kernel != Kernel::kNone && t.kernel != Kernel::kSum && t.kernel != Kernel::kExp)
      return refuse("remembers single pairs");
    if (t.kernel != first.kernel || t.decay != first.decay ||
        t.decay_parameter != first.decay_parameter || t.rate_parameter != first.rate_parameter ||
        t.gate != first.gate || t.form != first.form || t.apply != first.apply ||
        t.present_pair != first.present_pair || t.integrated != first.integrated)
      return refuse("needs several traces for each synapse");
  }
  if (first.gate == kAlways || gates[first.gate].value.broadcast) return;
  Fault(absl::StrCat(field, ".bindings.", rule.gates[first.gate].name),
        "must be one number for all targets of a sparse projection");
}

// What a sparse projection needs beside its terms.
void Compiler::BindLazy(Link* link) {
  // Each slot costs a little in every tick, and settling all synapses once in so many ticks does:
  // the sum is least near the root of their number.
  uint32_t slots = 64;
  while (slots < 4096 && int64_t{slots} * slots < 8 * link->size()) slots *= 2;
  const auto add = [&](const char* name, Type type, Life life, int64_t size, double most) {
    ColumnInfo info = {.name = name, .description = "", .type = type, .life = life};
    info.max = most;
    const ColumnId id = AddColumn(link->name, name, info, 1, size);
    circuit_->layout_.columns[id].lazy = link->index;
    return id;
  };
  const double infinite = std::numeric_limits<double>::infinity();
  Lazy& lazy = link->lazy;
  BoundTerm& bound = link->terms.front();
  bound.trace = add(kTrace.name, kReal, Life::kTrace, link->size(), infinite);
  lazy.since = add("since", Type::kU16, Life::kClock, link->size(), slots - 1);
  lazy.pending = add("pending", Type::kF64, Life::kClock, slots, infinite);
  lazy.slot = add("slot", Type::kU32, Life::kClock, 1, slots - 1);
  lazy.direction = add("direction", Type::kU8, Life::kClock, 1, 2);
  circuit_->layout_.columns[link->weights].lazy = link->index;
  lazy.powers.assign(slots, 1);
  for (uint32_t s = slots - 1; s-- > 0;) lazy.powers[s] = lazy.powers[s + 1] * bound.decay;
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
      Fault(absl::StrCat(field, ".bindings.", name),
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
  if (link->synapses != nullptr) CheckLazy(*rule, gates, field);
  for (const Term& term : rule->terms) {
    if (term.pre != kSynapseScore) continue;
    if (link->transmission.model == nullptr) {
      Fault(field + ".name", absl::StrCat("the rule \"", rule->name,
                                          "\" learns from what synapses draw, but the projection's "
                                          "transmission is exact"));
    } else if (term.kernel == Kernel::kDelay && !link->transmission.model->regenerates) {
      Fault(field + ".name",
            absl::StrCat("the rule \"", rule->name, "\" looks back at what \"",
                         link->transmission.model->name, "\" drew before, which is not kept"));
    }
  }
  if (violations_.size() > before) return;

  link->live = AddLive(link->name, rule->params, link->params, &link->live_index);
  if (rule->row != nullptr || rule->factors != nullptr) {
    link->row_post = post;
    link->row_pre = pre;
    link->row_pre_delivered = delivered;
    if (rule->row != nullptr) link->row_gates = gates;
    BindRow(spec.when ? *check : When::On(rule->row_form), field, link);
  }
  if (rule->row != nullptr) return;
  for (const Term& term : rule->terms) {
    BindTerm(term, spec.when ? *check : When::On(term.form), field, post, pre, delivered, gates,
             link);
  }
  if (link->terms.size() > kMostTerms) Fault(field + ".name", "has too many terms");
  if (link->synapses != nullptr && violations_.size() == before) BindLazy(link);
}

void Compiler::BindRow(const When& when, const std::string& field, Link* link) {
  link->row_clock = Clock(when);
  link->row_period = Period(when);
  link->step_clock = Clock(When::On(When::Clock::kStep));
  for (const ColumnInfo& info : link->rule->synapse_columns) {
    link->row_columns.push_back(AddColumn(link->name, info.name, info, link->post, link->pre));
  }
  for (const ColumnInfo& info : link->rule->post_columns) {
    link->row_post_columns.push_back(AddColumn(link->name, info.name, info, 1, link->post));
  }
  const size_t most = std::max({link->row_post.size(), link->row_pre.size(), link->row_gates.size(),
                                link->row_columns.size(), link->row_post_columns.size(),
                                link->factor_columns.size(), link->rule->params.size()});
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
