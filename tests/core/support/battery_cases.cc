// SPDX-License-Identifier: Apache-2.0
//
// The battery's circuits, from what building blocks declare.
#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "core/model/component.h"
#include "tests/core/support/battery.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

constexpr int kPreUnits = 3, kPostUnits = 2;
constexpr int kMostTargets = 3;  // that a rule is tried at, beside those that no other has had

const ColumnInfo* Output(const Component& c, std::string_view name) {
  for (const ColumnInfo& info : c.columns) {
    if (info.output && name == info.name) return &info;
  }
  return nullptr;
}

// Whether the population has every column that the rule's factors read of its side and does not
// make itself.
bool Offers(const Component& population, const Rule& rule, std::span<const FactorInfo> factors) {
  return std::ranges::all_of(factors, [&](const FactorInfo& f) {
    const std::string_view column = f.column;
    const bool own = std::ranges::any_of(
        rule.factor_columns, [&](const ColumnInfo& info) { return column == info.name; });
    return own || column == kOne || column == kPre || column == kPost ||
           Output(population, column) != nullptr;
  });
}

bool ReadsSynapses(const Rule& rule) {
  return std::ranges::any_of(rule.terms, [](const Term& t) { return t.pre == kSynapseScore; });
}

// What is to be tried of a circuit whose blocks are chosen.
struct Attempt {
  double gain = 1;  // of the drive: neurons with thresholds need more than others
  std::optional<When> clock = {};
  const Transmission* transmission = nullptr;  // null: exact
  bool sparse = false;
};
std::vector<Attempt> Attempts(const Catalogue& catalogue, const Rule& rule, bool sparse) {
  std::vector<const Transmission*> transmissions = {nullptr};
  if (ReadsSynapses(rule)) {
    transmissions.assign(catalogue.transmissions.begin(), catalogue.transmissions.end());
  }
  std::vector<Attempt> all;
  for (const Transmission* transmission : transmissions) {
    for (const double gain : {1.0, 5.0, 30.0}) {
      all.push_back({gain, {}, transmission, sparse});
      for (const auto clock : {When::Clock::kEpisode, When::Clock::kTick, When::Clock::kStep}) {
        all.push_back({gain, When::On(clock), transmission, sparse});
      }
    }
  }
  return all;
}

ProjectionSpec Fixed(const std::string& name, const std::string& from, const std::string& to) {
  ProjectionSpec p{.name = name, .source = from, .target = to};
  p.initial = {InitialWeights::Distribution::kNormal, 0.3, 0.5, {}};
  return p;
}

struct Blocks {
  const Rule* rule;
  const Component *source, *target, *modulator;
};

CircuitSpec MakeSpec(const Blocks& b, const Attempt& attempt) {
  CircuitSpec s;
  s.ticks_per_step = 2;
  s.inputs = {{.name = "observation",
               .space = Space::Box({kPreUnits}, {-1}, {1}),
               .encoder = "raw",
               .parameters = {{"gain", attempt.gain}},
               .target = "source"},
              {.name = "push",
               .space = Space::Box({kPostUnits}, {-1}, {1}),
               .encoder = "raw",
               .parameters = {{"gain", attempt.gain}},
               .target = "target"}};
  s.populations = {{.name = "source", .model = b.source->name, .size = kPreUnits},
                   {.name = "target", .model = b.target->name, .size = kPostUnits}};
  ProjectionSpec w{.name = "w", .source = "source", .target = "target"};
  w.initial = {InitialWeights::Distribution::kNormal, 0.4, 0.8, {}};
  w.rule.name = b.rule->name;
  if (attempt.transmission != nullptr) w.transmission.name = attempt.transmission->name;
  if (attempt.sparse) {
    w.connectivity = {.rule = Connectivity::Rule::kFixedOutDegree, .degree = kPostUnits - 1};
  }
  // Sites beside the first get a drive of their own; none is forbidden to act.
  for (const SiteInfo& site : b.target->sites) {
    if (&site == &b.target->sites.front() || std::string_view(site.name) == kForbiddenSite)
      continue;
    s.projections.push_back(
        Fixed(std::string("to_") + site.name, "source", std::string("target.") + site.name));
  }
  for (const GateInfo& gate : b.rule->gates) {
    const std::string name = std::string("gate_") + gate.name;
    const ColumnInfo* named = Output(*b.modulator, gate.name);
    w.rule.bindings[gate.name] =
        name + "." + (named != nullptr ? named : &b.modulator->columns.front())->name;
    s.modulators.push_back({.name = name, .model = b.modulator->name, .when = attempt.clock});
    for (const SiteInfo& site : b.modulator->sites) {
      s.projections.push_back(Fixed(name + "_" + site.name, "target", name + "." + site.name));
    }
  }
  s.projections.push_back(std::move(w));
  s.outputs = {{.name = "action", .source = "target", .decoder = "rates"}};
  return s;
}

// Whether an agent of the circuit changes its learned weights, and all stays finite.
bool Learns(const std::shared_ptr<const Circuit>& circuit) {
  const Link& w = circuit->links()[circuit->learning_links().front()];
  Agent agent(circuit, kCaseSeed);
  const auto now = [&] { return agent.Read(w.weights); };
  const auto first = now();
  Script script(*circuit, kCaseScript);
  std::vector<float> action(circuit->action_size());
  for (int i = 0; i < kCaseSteps; ++i) {
    agent.Step(script.At(i), action);
    if (agent.divergence().column != kNoColumn) return false;
  }
  return now() != first;
}

std::optional<CircuitSpec> FirstThatLearns(const Catalogue& catalogue, const Blocks& blocks,
                                           bool sparse) {
  for (const Attempt& attempt : Attempts(catalogue, *blocks.rule, sparse)) {
    CircuitSpec spec = MakeSpec(blocks, attempt);
    std::vector<Violation> violations;
    const auto circuit = Circuit::Compile(spec, catalogue, &violations);
    if (circuit != nullptr && Learns(circuit)) return spec;
  }
  return std::nullopt;
}

// The modulators by how well they suit the rule: one with the name of its gate, then those that
// take rewards alone, then those that read activity too.
std::vector<const Component*> ModulatorsFor(const Catalogue& catalogue, const Rule& rule) {
  std::vector<const Component*> all(catalogue.modulators.begin(), catalogue.modulators.end());
  const auto rank = [&](const Component* m) {
    if (!rule.gates.empty() && std::string_view(m->name) == rule.gates.front().name) return 0;
    return m->sites.empty() ? 1 : 2;
  };
  std::ranges::stable_sort(all, {}, rank);
  return all;
}

// Populations that may be the source, rate neurons first.
std::vector<const Component*> SourcesFor(const Catalogue& catalogue, const Rule& rule) {
  std::vector<const Component*> all;
  for (const Component* p : catalogue.populations) {
    if (!p->sites.empty() && Offers(*p, rule, rule.pre_factors)) all.push_back(p);
  }
  std::ranges::stable_sort(
      all, {}, [](const Component* p) { return std::string_view(p->name) == "rate" ? 0 : 1; });
  return all;
}

class CaseMaker {
 public:
  explicit CaseMaker(const Catalogue& catalogue) : catalogue_(catalogue) {}

  bool Add(const Rule& rule, const Component& target,
           const std::vector<const Component*>& modulators, const std::string& name,
           bool sparse = false) {
    for (const Component* source : SourcesFor(catalogue_, rule)) {
      for (const Component* modulator : modulators) {
        const Blocks blocks = {&rule, source, &target, modulator};
        auto spec = FirstThatLearns(catalogue_, blocks, sparse);
        if (!spec) continue;
        Case c{name, std::move(*spec), {"w"}};
        if (seen_.insert(target.name).second) c.swept.emplace_back("target");
        if (seen_.insert(modulator->name).second && !rule.gates.empty()) {
          c.swept.push_back(c.spec.modulators.front().name);
        }
        cases_.push_back(std::move(c));
        return true;
      }
    }
    return false;
  }
  bool seen(const std::string& block) const { return seen_.contains(block); }
  std::vector<Case> Take() { return std::move(cases_); }

 private:
  const Catalogue& catalogue_;
  std::set<std::string> seen_;  // blocks that a case has already
  std::vector<Case> cases_;
};

}  // namespace

std::vector<Case> Cases(const Catalogue& catalogue, std::vector<std::string>* without) {
  CaseMaker maker(catalogue);
  for (const Rule* rule : catalogue.rules) {
    int fits = 0;
    for (const Component* target : catalogue.populations) {
      if (fits >= kMostTargets && maker.seen(target->name)) continue;
      if (target->sites.empty() || !Offers(*target, *rule, rule->post_factors)) continue;
      const bool added = maker.Add(*rule, *target, ModulatorsFor(catalogue, *rule),
                                   std::string(rule->name) + "_" + target->name);
      if (added) {
        ++fits;
        maker.Add(*rule, *target, ModulatorsFor(catalogue, *rule),
                  std::string(rule->name) + "_" + target->name + "_sparse", /*sparse=*/true);
      }
    }
    if (fits == 0) without->emplace_back(rule->name);
  }
  for (const Component* modulator : catalogue.modulators) {
    const auto added = [&] {
      for (const Rule* rule : catalogue.rules) {
        if (rule->gates.empty()) continue;
        for (const Component* target : catalogue.populations) {
          if (target->sites.empty() || !Offers(*target, *rule, rule->post_factors)) continue;
          if (maker.Add(*rule, *target, {modulator},
                        std::string(modulator->name) + "_" + rule->name)) {
            return true;
          }
        }
      }
      return false;
    };
    if (!maker.seen(modulator->name) && !added()) without->emplace_back(modulator->name);
  }
  for (const Component* population : catalogue.populations) {
    if (!population->sites.empty() && !maker.seen(population->name)) {
      without->emplace_back(population->name);
    }
  }
  return maker.Take();
}

}  // namespace phasic::testing
