// SPDX-License-Identifier: Apache-2.0
//
// The battery's checks. Each runs a case's circuit through a script of observations, rewards, masks
// and ends of episodes.
#include "tests/core/support/battery.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/model/elements.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

constexpr int kSteps = kCaseSteps;
constexpr uint64_t kSeed = kCaseSeed, kScript = kCaseScript;

std::shared_ptr<const Circuit> Make(const Catalogue& catalogue, const CircuitSpec& spec,
                                    Isa isa = ActiveIsa()) {
  std::vector<Violation> violations;
  return Circuit::Compile(spec, catalogue, &violations, isa);
}

// An agent that goes through a script, and what it did.
class Run {
 public:
  explicit Run(std::shared_ptr<const Circuit> circuit, uint64_t script = kScript)
      : circuit_(std::move(circuit)), script_(*circuit_, script), agent_(Agent(circuit_, kSeed)) {
    action_.resize(circuit_->action_size());
  }
  void Step(int index, bool learning = true) {
    StepInput input = script_.At(index);
    input.learning = learning;
    agent_->Step(input, action_);
    actions_.insert(actions_.end(), action_.begin(), action_.end());
  }
  void Steps(int from, int to, bool learning = true) {
    for (int i = from; i < to; ++i) Step(i, learning);
  }
  // The agent dies; a new one goes on from what was saved.
  bool Hibernate() {
    const std::string saved = agent_->Save();
    Agent woken(circuit_, kSeed + 1);
    if (!woken.Load(saved).ok()) return false;
    agent_.emplace(std::move(woken));
    return true;
  }
  Agent& agent() { return *agent_; }
  Script& script() { return script_; }
  std::span<float> action() { return action_; }
  // The columns of these lives as they are now, as bytes.
  std::string Bytes(std::initializer_list<Life> lives) const {
    std::string out;
    const auto& columns = circuit_->layout().columns;
    for (size_t id = 0; id < columns.size(); ++id) {
      if (std::ranges::find(lives, columns[id].life) == lives.end()) continue;
      const auto bytes = agent_->Read(static_cast<ColumnId>(id));
      out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return out;
  }
  // Every bit of it and of what it did.
  bool operator==(const Run& other) const {
    return agent_->Digest() == other.agent_->Digest() && actions_.size() == other.actions_.size() &&
           std::memcmp(actions_.data(), other.actions_.data(), actions_.size() * sizeof(float)) ==
               0;
  }

 private:
  std::shared_ptr<const Circuit> circuit_;
  Script script_;
  std::optional<Agent> agent_;
  std::vector<float> action_, actions_;
};

std::string NameOf(const Column& column) {
  return absl::StrCat(column.component, ".", column.name);
}

// The first column with an element that it cannot have, or nothing.
std::string Unsound(const Agent& agent) {
  const auto& columns = agent.circuit().layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    const auto fault = FindFault(columns[id], agent.state().bytes(static_cast<ColumnId>(id)));
    if (fault) return absl::StrCat(NameOf(columns[id]), " ", fault->description);
  }
  return "";
}

// --- the checks

Finding LearnsSomething(const Catalogue& catalogue, const Case& c) {
  Run run(Make(catalogue, c.spec));
  const std::string before = run.Bytes({Life::kLearned});
  run.Steps(0, kSteps);
  if (run.Bytes({Life::kLearned}) == before) return {"no weight changes", {}};
  return {};
}

// The parameters of the part of that name, where the spec has them.
ParamMap* ParametersOf(const std::string& part, CircuitSpec* spec) {
  for (auto& p : spec->populations) {
    if (p.name == part) return &p.parameters;
  }
  for (auto& m : spec->modulators) {
    if (m.name == part) return &m.parameters;
  }
  for (auto& p : spec->projections) {
    if (p.name == part) return &p.rule.parameters;
  }
  return nullptr;
}

std::span<const ParamInfo> InfosOf(const std::string& part, const Circuit& circuit) {
  for (const Node& node : circuit.nodes()) {
    if (node.name == part) return node.component->params;
  }
  for (const Link& link : circuit.links()) {
    if (link.name == part) return link.rule->params;
  }
  return {};
}

std::vector<ParamValue> Extremes(const ParamInfo& info) {
  if (info.choices.empty()) return {info.min, info.max};
  return {info.choices.begin(), info.choices.end()};
}

std::string ToString(const ParamValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return absl::StrCat(*number);
  return std::get<std::string>(value);
}

// Runs until something is not finite; what is told of it, and what is not.
struct Soundness {
  std::string told, untold;
};
Soundness RunUntilUnsound(const std::shared_ptr<const Circuit>& circuit) {
  Run run(circuit);
  for (int i = 0; i < kSteps; ++i) {
    run.Step(i);
    const Divergence& divergence = run.agent().divergence();
    if (divergence.column != kNoColumn) {
      return {NameOf(circuit->layout().columns[divergence.column]), ""};
    }
    if (std::string unsound = Unsound(run.agent()); !unsound.empty()) return {"", unsound};
  }
  return {};
}

Finding StaysFiniteAtBounds(const Catalogue& catalogue, const Case& c) {
  Finding finding;
  const auto circuit = Make(catalogue, c.spec);
  const Soundness plain = RunUntilUnsound(circuit);
  if (!plain.told.empty() || !plain.untold.empty()) {
    return {absl::StrCat("with its defaults ", plain.told, plain.untold, " is not finite"), {}};
  }
  for (const std::string& part : c.swept) {
    for (const ParamInfo& info : InfosOf(part, *circuit)) {
      for (const ParamValue& value : Extremes(info)) {
        CircuitSpec spec = c.spec;
        (*ParametersOf(part, &spec))[info.name] = value;
        const auto extreme = Make(catalogue, spec);
        if (extreme == nullptr) continue;  // it is refused by name
        const Soundness sound = RunUntilUnsound(extreme);
        const std::string what = absl::StrCat(part, ".", info.name, " = ", ToString(value));
        if (!sound.untold.empty()) return {absl::StrCat(what, ": ", sound.untold), {}};
        if (!sound.told.empty()) {
          finding.notes.push_back(
              absl::StrCat(what, ": ", sound.told, " diverges, and it says so"));
        }
      }
    }
  }
  return finding;
}

// A modulator that fires at each of its times, and whose gate is 0.
constexpr ColumnInfo kSilentColumns[] = {
    {.name = "level", .description = "0", .output = true, .written = Phase::kModulator}};
void BeSilent(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) View(lane, node).set_fired(true);
}
const Component kSilent = {.kind = Kind::kModulator,
                           .name = "silent",
                           .summary = "",
                           .equations = "",
                           .source = "",
                           .columns = kSilentColumns,
                           .forward = BeSilent};

Finding ZeroModulatorChangesNoWeight(const Catalogue& catalogue, const Case& c) {
  const auto circuit = Make(catalogue, c.spec);
  const Link& learning = circuit->links()[circuit->learning_links().front()];
  const auto& terms = learning.rule->terms;
  const bool always = std::ranges::any_of(terms, [](const Term& t) { return t.gate == kAlways; });
  if (learning.rule->gates.empty() || always) return {};  // it says that it learns without

  std::vector<const Component*> modulators(catalogue.modulators.begin(),
                                           catalogue.modulators.end());
  modulators.push_back(&kSilent);
  Catalogue with = catalogue;
  with.modulators = modulators;
  CircuitSpec spec = c.spec;
  for (ModulatorSpec& m : spec.modulators) {
    const auto node = std::ranges::find(circuit->nodes(), m.name, &Node::name);
    m.when = node->when;
    m.model = kSilent.name;
    m.parameters.clear();
    std::erase_if(spec.projections,
                  [&](const ProjectionSpec& p) { return p.target.starts_with(m.name + "."); });
    for (ProjectionSpec& p : spec.projections) {
      for (auto& [gate, bound] : p.rule.bindings) {
        if (bound.starts_with(m.name + ".")) bound = m.name;
      }
    }
  }
  const auto silent = Make(with, spec);
  if (silent == nullptr) return {"the circuit with silent modulators does not compile", {}};
  Run run(silent);
  const std::string before = run.Bytes({Life::kLearned});
  run.Steps(0, kSteps);
  if (run.Bytes({Life::kLearned}) != before) return {"a weight changes while every gate is 0", {}};
  return {};
}

Finding FrozenLearnsNothing(const Catalogue& catalogue, const Case& c) {
  Run run(Make(catalogue, c.spec));
  run.Steps(0, kSteps / 2);
  const std::string before = run.Bytes({Life::kLearned, Life::kAdaptive});
  run.Steps(kSteps / 2, kSteps, /*learning=*/false);
  run.agent().ResetEpisode(/*learning=*/false);
  if (run.Bytes({Life::kLearned, Life::kAdaptive}) != before) {
    return {"something learned changes while FROZEN", {}};
  }
  return {};
}

Finding RestoredGoesOn(const Catalogue& catalogue, const Case& c) {
  const auto circuit = Make(catalogue, c.spec);
  Run whole(circuit);
  whole.Steps(0, kSteps);
  for (int at = 1; at < kSteps; at *= 2) {
    Run restored(circuit);
    restored.Steps(0, at);
    if (!restored.Hibernate()) return {absl::StrCat("what step ", at, " saved does not load"), {}};
    restored.Steps(at, kSteps);
    if (!(restored == whole)) {
      return {absl::StrCat("restored after ", at, " steps it does something else"), {}};
    }
  }
  return {};
}

Finding LookingChangesNothing(const Catalogue& catalogue, const Case& c) {
  const auto circuit = Make(catalogue, c.spec);
  Run alone(circuit), watched(circuit);
  alone.Steps(0, kSteps);
  for (int i = 0; i < kSteps; ++i) {
    watched.Step(i);
    (void)watched.Bytes({Life::kLearned, Life::kAdaptive, Life::kTrace, Life::kFast, Life::kClock});
    (void)watched.agent().Digest();
    (void)watched.agent().Save();
    if (i % 5 == 3 && !watched.Hibernate()) return {"what it saved does not load", {}};
  }
  if (!(alone == watched)) return {"reading, saving and waking change what it does", {}};
  return {};
}

Finding LanesAreAlone(const Catalogue& catalogue, const Case& c) {
  constexpr int kWidth = 3;
  const auto circuit = Make(catalogue, c.spec);
  std::vector<Run> alone, together;
  for (int a = 0; a < kWidth; ++a) {
    alone.emplace_back(circuit, kScript + a);
    together.emplace_back(circuit, kScript + a);
    alone[a].Steps(0, kSteps);
  }
  for (int i = 0; i < kSteps; ++i) {
    std::vector<Agent*> agents;
    std::vector<StepInput> inputs;
    std::vector<std::span<float>> actions;
    for (Run& run : together) {
      agents.push_back(&run.agent());
      inputs.push_back(run.script().At(i));
      actions.push_back(run.action());
    }
    Agent::StepTogether(agents, inputs, actions);
  }
  for (int a = 0; a < kWidth; ++a) {
    if (alone[a].agent().Digest() != together[a].agent().Digest()) {
      return {"side by side with others it does something else", {}};
    }
  }
  return {};
}

Finding KernelsAgree(const Catalogue& catalogue, const Case& c) {
  Run plain(Make(catalogue, c.spec, Isa::kBaseline));
  plain.Steps(0, kSteps);
  for (const Isa isa : Isas().subspan(1)) {
    Run fast(Make(catalogue, c.spec, isa));
    fast.Steps(0, kSteps);
    if (!(plain == fast))
      return {absl::StrCat("kernels for ", NameOf(isa), " give other bits"), {}};
  }
  return {};
}

}  // namespace

std::span<const Check> Checks() {
  static constexpr Check kChecks[] = {
      {"learns", LearnsSomething},
      {"finite-at-bounds", StaysFiniteAtBounds},
      {"zero-modulator", ZeroModulatorChangesNoWeight},
      {"frozen", FrozenLearnsNothing},
      {"restored", RestoredGoesOn},
      {"looked-at", LookingChangesNothing},
      {"lanes", LanesAreAlone},
      {"kernels", KernelsAgree},
  };
  return kChecks;
}

std::vector<std::string> ParamFaults(std::span<const ParamInfo> params, const std::string& owner) {
  // "" is a pure number.
  static const std::set<std::string> units = {"",      "ms", "1/ms", "s",    "Hz",   "mV",
                                              "mV ms", "nA", "pF",   "MOhm", "ticks"};
  std::vector<std::string> faults;
  const auto fault = [&](const ParamInfo& p, const std::string& what) {
    faults.push_back(absl::StrCat(owner, ".", p.name, " ", what));
  };
  std::set<std::string> names;
  for (const ParamInfo& p : params) {
    if (!names.insert(p.name).second) fault(p, "is there twice");
    if (*p.description == 0) fault(p, "has no description");
    if (*p.source == 0) fault(p, "has no source");
    if (!units.contains(p.unit)) fault(p, absl::StrCat("has the unknown unit ", p.unit));
    if (std::string(p.name).starts_with("tau") && *p.unit == 0) fault(p, "is a time without unit");
    if (p.live && p.list) fault(p, "is live, but only scalars are");
    if (!p.choices.empty()) {
      if (p.live || p.list) fault(p, "is a word, so neither live nor a list");
      continue;
    }
    if (!(p.min < p.max)) fault(p, "has no range");
    for (const double value : {p.default_value, p.min, p.max}) {
      if (!CheckNumber(p, value).empty()) fault(p, absl::StrCat("cannot be ", value));
    }
  }
  return faults;
}

std::vector<std::string> RuleFaults(const Rule& rule) {
  std::vector<std::string> faults = ParamFaults(rule.params, rule.name);
  for (const auto& [text, what] : {std::pair{rule.summary, "summary"},
                                   {rule.equations, "equations"},
                                   {rule.source, "source"}}) {
    if (*text == 0) faults.push_back(absl::StrCat(rule.name, " has no ", what));
  }
  return faults;
}

}  // namespace phasic::testing
