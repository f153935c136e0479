// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"
#include "core/circuit/connect.h"
#include "core/stores/kernels.h"
#include "core/stores/store.h"

namespace phasic {
namespace {

constexpr ColumnInfo kWeights = {"weights", "post x pre",     "",
                                 kReal,     Extent::kSynapse, Life::kLearned};
constexpr ColumnInfo kHistory = {
    "history", "what the source sent, a ring by tick", "", kReal, Extent::kHistory, Life::kFast};
constexpr ColumnInfo kTransmitted = {.name = "transmitted",
                                     .description = "a row of synapses at work",
                                     .extent = Extent::kPre,
                                     .derived = true};

}  // namespace

void Compiler::AddLinks() {
  // Names first: a transposed projection may come before the one whose weights it shares.
  for (size_t i = 0; i < spec_.projections.size(); ++i) {
    const std::string& name = spec_.projections[i].name;
    CheckName(name, absl::StrCat("projections[", i, "].name"));
    links_by_name_.emplace(name, static_cast<int>(i));
  }
  std::vector<size_t> order;
  for (const bool transposed : {false, true}) {
    for (size_t i = 0; i < spec_.projections.size(); ++i) {
      if (!spec_.projections[i].transpose_of.empty() == transposed) order.push_back(i);
    }
  }
  for (const size_t i : order) {
    link_spec_.push_back(static_cast<int>(i));
    const size_t before = circuit_->links_.size();
    AddLink(spec_.projections[i], absl::StrCat("projections[", i, "]"));
    if (circuit_->links_.size() == before) link_spec_.pop_back();
  }
}

void Compiler::AddLink(const ProjectionSpec& spec, const std::string& field) {
  const size_t before = violations_.size();
  const Found source = FindOutput(spec.source, field + ".source");
  const FoundSite target = FindSite(spec.target, field + ".target");
  if (spec.delay < 0 || spec.delay > limits::kMaxDelayTicks) {
    Fault(field + ".delay",
          absl::StrCat("is ", spec.delay, " ticks, but must be 0 to ", limits::kMaxDelayTicks));
  }
  if (!source || !target || violations_.size() > before) return;
  const Node& target_node = circuit_->nodes_[target.node];
  const Phase phase =
      target_node.component->kind == Kind::kModulator ? Phase::kModulator : target.info->phase;
  // A column may be read without delay only in a phase after the one that writes it, or in the same
  // phase in program order.
  const Phase written = circuit_->nodes_[source.node].component->kind == Kind::kModulator
                            ? Phase::kModulator
                            : source.info->written;
  if (spec.delay == 0 && written > phase) {
    Fault(field + ".delay",
          absl::StrCat("is 0, but \"", spec.source, "\" is known only after \"", spec.target,
                       "\" is needed; a delay of at least 1 makes it the last tick's"));
    return;
  }

  Link link;
  link.name = spec.name;
  link.index = static_cast<int>(circuit_->links_.size());
  link.source = source.node;
  link.target = target.node;
  link.pre = source.size;
  link.post = target_node.size;
  link.source_column = source.column;
  link.site = target.column;
  link.phase = phase;
  link.delay = spec.delay;
  link.kernels = circuit_->kernels_;
  link.synapses =
      Connect(spec, link.pre, link.post, link.source == link.target, field, &violations_);
  link.store = link.synapses != nullptr ? &kSparseStore : &kDenseStore;
  if (violations_.size() > before) return;
  BindWeights(spec, field, &link);
  if (violations_.size() > before) return;
  BindTransmission(spec.transmission, field + ".transmission", &link);
  if (violations_.size() > before) return;
  if (link.delay > 0) {
    link.history = AddColumn(link.name, kHistory.name, kHistory, link.delay, link.pre);
    circuit_->delayed_links_.push_back(link.index);
  }
  if (!spec.rule.name.empty()) {
    BindRule(spec.rule, field + ".rule", &link);
  } else if (!spec.rule.parameters.empty() || !spec.rule.bindings.empty() || spec.rule.when) {
    Fault(field + ".rule.name", "is not set, but what the rule is to be told is");
  }
  if (violations_.size() > before) return;
  if (link.rule != nullptr) circuit_->learning_links_.push_back(link.index);
  if (link.transmission.model != nullptr) circuit_->drawing_links_.push_back(link.index);
  circuit_->links_.push_back(std::move(link));
}

// The weights of single synapses, and what Dale's law says of all of them.
void Compiler::CheckSynapses(const ProjectionSpec& spec, const std::string& field,
                             const Link& link) {
  const InitialWeights& initial = spec.initial;
  const auto allowed = [&](double w) {
    return spec.dale == Dale::kNone || (spec.dale == Dale::kExcitatory ? w >= 0 : w <= 0);
  };
  const char* const wrong = "has the sign that dale forbids";
  if (!allowed(initial.mean)) Fault(field + ".initial.mean", wrong);
  for (size_t i = 0; i < initial.values.size(); ++i) {
    if (allowed(initial.values[i])) continue;
    Fault(absl::StrCat(field, ".initial.values[", i, "]"), wrong);
    break;
  }
  for (size_t i = 0; i < initial.synapses.size(); ++i) {
    const SynapseWeight& one = initial.synapses[i];
    const std::string path = absl::StrCat(field, ".initial.synapses[", i, "]");
    const auto within = [&](const char* name, int unit, int size) {
      if (unit >= 0 && unit < size) return;
      Fault(path + name, absl::StrCat("is ", unit, ", but must be 0 to ", size - 1));
    };
    within(".pre", one.pre, link.pre);
    within(".post", one.post, link.post);
    if (!IsFinite(one.weight)) {
      Fault(path + ".weight", "is not finite");
    } else if (!allowed(one.weight)) {
      Fault(path + ".weight", wrong);
    }
  }
}

void Compiler::BindWeights(const ProjectionSpec& spec, const std::string& field, Link* link) {
  const InitialWeights& initial = spec.initial;
  double low = spec.min_weight.value_or(-1e30), high = spec.max_weight.value_or(1e30);
  if (spec.dale == Dale::kExcitatory) low = std::max(low, 0.0);
  if (spec.dale == Dale::kInhibitory) high = std::min(high, 0.0);
  if (!(low < high)) Fault(field + ".min_weight", "must be below max_weight");
  if (!(low >= -1e30)) Fault(field + ".min_weight", "must be at least -1e30");
  if (!(high <= 1e30)) Fault(field + ".max_weight", "must be at most 1e30");
  link->bounded =
      spec.min_weight.has_value() || spec.max_weight.has_value() || spec.dale != Dale::kNone;
  link->min_weight = static_cast<Real>(low);
  link->max_weight = static_cast<Real>(high);

  if (!spec.transpose_of.empty()) {
    if (!spec.rule.name.empty() || link->bounded || !initial.values.empty() ||
        !initial.synapses.empty() || initial.mean != 0 || initial.spread != 0 ||
        initial.distribution != InitialWeights::Distribution::kConstant) {
      Fault(field + ".transpose_of",
            "shares weights, so the projection has no rule, bounds or initial weights");
      return;
    }
    for (const Link& other : circuit_->links_) {
      if (other.name != spec.transpose_of || other.transposed) continue;
      if (other.synapses != nullptr || link->synapses != nullptr) {
        Fault(field + ".transpose_of",
              "shares weights, but those of a sparse projection cannot be");
        return;
      }
      if (other.pre != link->post || other.post != link->pre) {
        Fault(field + ".transpose_of",
              absl::StrCat("\"", other.name, "\" is ", other.post, " x ", other.pre,
                           ", but its transpose must be ", link->post, " x ", link->pre));
        return;
      }
      link->weights = other.weights;
      link->transposed = true;
      return;
    }
    const auto named = links_by_name_.find(spec.transpose_of);
    if (named == links_by_name_.end()) {
      Fault(field + ".transpose_of",
            absl::StrCat("there is no projection \"", spec.transpose_of, "\""));
    } else if (!spec_.projections[named->second].transpose_of.empty()) {
      Fault(field + ".transpose_of",
            absl::StrCat("\"", spec.transpose_of, "\" is itself a transpose"));
    } else if (violations_.empty()) {
      Fault(field + ".transpose_of", absl::StrCat("\"", spec.transpose_of, "\" is at fault"));
    }
    return;
  }

  const int64_t synapses = link->size();
  circuit_->synapses_ += synapses;
  if (circuit_->synapses_ > limits::kMaxSynapses) {
    Fault(field, absl::StrCat("takes the circuit to ", circuit_->synapses_,
                              " synapses, but it may have at most ", limits::kMaxSynapses));
    return;
  }
  if (!initial.values.empty() && static_cast<int64_t>(initial.values.size()) != synapses) {
    Fault(field + ".initial.values",
          absl::StrCat("has ", initial.values.size(), " values, but the projection has ",
                       link->synapses != nullptr ? absl::StrCat(synapses)
                                                 : absl::StrCat(link->post, " x ", link->pre),
                       " synapses"));
  }
  for (size_t i = 0; i < initial.values.size(); ++i) {
    if (!IsFinite(initial.values[i])) {
      Fault(absl::StrCat(field, ".initial.values[", i, "]"), "is not finite");
      break;
    }
  }
  if (!(initial.mean >= -1e30 && initial.mean <= 1e30)) {
    Fault(field + ".initial.mean", "must be finite, -1e30 to 1e30");
  }
  if (!(initial.spread >= 0 && initial.spread <= 1e30)) {
    Fault(field + ".initial.spread", "must be finite and at least 0, up to 1e30");
  }
  if (!initial.values.empty() && (initial.mean != 0 || initial.spread != 0)) {
    Fault(field + ".initial.values", "says every weight, so mean and spread must be left out");
  }
  CheckSynapses(spec, field, *link);
  if (link->synapses != nullptr) {
    link->weights = AddColumn(link->name, kWeights.name, kWeights, 1, synapses);
  } else {
    link->weights = AddColumn(link->name, kWeights.name, kWeights, link->post, link->pre);
  }
  if (link->bounded) {
    Column& weights = circuit_->layout_.columns[link->weights];
    weights.min = link->min_weight;
    weights.max = link->max_weight;
  }
}

void Compiler::BindTransmission(const TransmissionSpec& spec, const std::string& field,
                                Link* link) {
  if (spec.name.empty()) {
    if (!spec.parameters.empty()) Fault(field + ".name", "is not set, but its parameters are");
    return;
  }
  const Transmission* model = Find(catalogue_.transmissions, spec.name);
  if (model == nullptr) {
    Fault(field + ".name", absl::StrCat("there is no transmission \"", spec.name, "\""));
    return;
  }
  if (link->transposed) {
    Fault(field + ".name", "a projection that shares weights transmits exactly");
    return;
  }
  const size_t before = violations_.size();
  BoundTransmission& t = link->transmission;
  t.params = Parameters(model->params, spec.parameters, field + ".parameters", &violations_);
  if (violations_.size() > before) return;
  t.model = model;
  t.hold = model->hold(t.params);
  t.stream = HashOf(link->name + ".transmission");
  if (model->derive != nullptr) t.derived = model->derive(t.params, dt_);
  for (const ColumnInfo& info : model->columns) {
    t.columns.push_back(AddColumn(link->name, info.name, info, 1, link->pre));
  }
  t.rows = AddColumn(link->name, kTransmitted.name, kTransmitted, 2, link->pre);
}

}  // namespace phasic
