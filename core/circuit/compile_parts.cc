// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"

namespace phasic {

void Compiler::Fault(const std::string& field, const std::string& description) {
  violations_.push_back({field, description});
}

bool Compiler::CheckHeader() {
  const CircuitSpec& s = spec_;
  if (!(s.dt >= limits::kMinDt && s.dt <= limits::kMaxDt)) {
    Fault("dt",
          absl::StrCat("is ", s.dt, " ms, but must be ", limits::kMinDt, " to ", limits::kMaxDt));
  } else {
    dt_ = s.dt;
  }
  if (s.ticks_per_step < 1 || s.ticks_per_step > limits::kMaxTicksPerStep) {
    Fault("ticks_per_step",
          absl::StrCat("is ", s.ticks_per_step, ", but must be 1 to ", limits::kMaxTicksPerStep));
  } else {
    ticks_per_step_ = s.ticks_per_step;
  }
  if (s.sweeps < 1 || s.sweeps > limits::kMaxSweeps) {
    Fault("sweeps", absl::StrCat("is ", s.sweeps, ", but must be 1 to ", limits::kMaxSweeps));
  }
  const size_t parts = s.inputs.size() + s.populations.size() + s.projections.size() +
                       s.modulators.size() + s.outputs.size();
  if (parts > limits::kMaxParts) {
    Fault("",
          absl::StrCat("has ", parts, " parts, but at most ", limits::kMaxParts, " are allowed"));
  }
  if (parts > limits::kMaxParts) return false;
  if (s.inputs.empty()) Fault("inputs", "is empty, but a circuit needs at least one input port");
  if (s.populations.empty()) Fault("populations", "is empty, but a circuit needs at least one");
  if (s.outputs.empty()) Fault("outputs", "is empty, but a circuit needs at least one output port");
  return true;
}

void Compiler::CheckName(const std::string& name, const std::string& field) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inside = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  if (name.empty() || name.size() > limits::kMaxNameLength || !letter(name[0]) ||
      !std::all_of(name.begin(), name.end(), inside) || name.back() == '.') {
    Fault(field,
          absl::StrCat(
              "\"", name.substr(0, limits::kMaxNameLength),
              "\" is no name: a lower-case letter, then lower-case letters, digits, '_', '-' or "
              "'.', up to ",
              limits::kMaxNameLength, " characters"));
  } else if (name == "agent") {
    Fault(field, "\"agent\" is taken by the agent's own counters");
  } else if (!nodes_by_name_.emplace(name, -1).second) {
    Fault(field, absl::StrCat("\"", name, "\" names another part already"));
  }
}

void Compiler::AddAgentColumns() {
  using enum Extent;
  const auto add = [&](const char* name, const char* description, const char* unit, Type type,
                       Life life, int64_t cols = 1) {
    return AddColumn("agent", name, {name, description, unit, type, kScalar, life}, 1, cols);
  };
  // In the order of AgentColumn.
  add("seed", "decides every random number", "", Type::kU64, Life::kClock);
  add("ticks", "ticks done", "", Type::kU64, Life::kClock);
  add("steps", "steps done", "", Type::kU64, Life::kClock);
  add("episodes", "episodes ended", "", Type::kU64, Life::kClock);
  const ColumnId episode_steps =
      add("episode_steps", "steps done in this episode", "", Type::kU64, Life::kFast);
  circuit_->layout_.columns[episode_steps].max = kMostCounted;
  add("episode_return", "rewards of this episode on the first channel", "", Type::kF64,
      Life::kFast);
  add("returns", "returns of the last episodes, a ring by episode", "", Type::kF64, Life::kClock,
      limits::kReturnsKept);
}

int Compiler::Clock(const When& when) {
  auto& clocks = circuit_->clocks_;
  const auto at = std::find(clocks.begin(), clocks.end(), when);
  if (at != clocks.end()) return static_cast<int>(at - clocks.begin());
  if (clocks.size() == 64) {  // Lane::due has a bit for each
    if (violations_.empty()) Fault("", "has more than 64 different clocks");
    return 0;
  }
  clocks.push_back(when);
  return static_cast<int>(clocks.size()) - 1;
}

double Compiler::Period(const When& when) const {
  switch (when.clock) {
    case When::Clock::kTick:
      return dt_;
    case When::Clock::kEvery:
      return dt_ * when.n;
    case When::Clock::kAt:
      return dt_ * ticks_per_step_ / static_cast<double>(when.at.size());
    default:
      return dt_ * ticks_per_step_;
  }
}

std::optional<When> Compiler::CheckWhen(const std::optional<When>& given, const When& otherwise,
                                        const std::string& field) {
  if (!given) return otherwise;
  const When& w = *given;
  const size_t before = violations_.size();
  if (w.clock == When::Clock::kEvery && (w.n < 1 || w.n > limits::kMaxTicksPerStep)) {
    Fault(field + ".n", absl::StrCat("is ", w.n, ", but must be 1 to ", limits::kMaxTicksPerStep));
  }
  if (w.clock == When::Clock::kAt) {
    const double step = dt_ * ticks_per_step_;
    if (w.at.empty() || w.at.size() > limits::kMaxTimesInStep) {
      Fault(field + ".at", absl::StrCat("has ", w.at.size(), " times, but must have 1 to ",
                                        limits::kMaxTimesInStep));
    }
    for (size_t i = 0; i < w.at.size(); ++i) {
      const double t = w.at[i];
      const double ticks = t / dt_;
      if (!(t > 0 && t <= step * (1 + 1e-9)) || (i > 0 && t <= w.at[i - 1])) {
        Fault(absl::StrCat(field, ".at[", i, "]"),
              absl::StrCat("is ", t, " ms, but times ascend from above 0 to the step's length, ",
                           step, " ms"));
      } else if (const double whole = std::round(ticks);
                 whole < 1 || ticks - whole > 1e-6 || whole - ticks > 1e-6) {
        Fault(absl::StrCat(field, ".at[", i, "]"),
              absl::StrCat("is ", t, " ms, no multiple of the tick, ", dt_, " ms"));
      }
    }
  }
  if (violations_.size() > before) return std::nullopt;
  return w;
}

ColumnId Compiler::AddColumn(const std::string& component, const std::string& name,
                             const ColumnInfo& info, int64_t rows, int64_t cols) {
  const bool arena = info.extent == Extent::kArena;
  Column column{component,    name, info.unit, info.type,    info.life,
                info.derived, rows, cols,      info.initial, arena ? circuit_->layout_.arenas : -1,
                info.growth};
  if (info.non_negative) column.min = 0;
  column.max = info.max;
  if (arena) ++circuit_->layout_.arenas;
  total_bytes_ += static_cast<double>(rows) * static_cast<double>(cols) * SizeOf(info.type);
  circuit_->layout_.columns.push_back(std::move(column));
  return static_cast<ColumnId>(circuit_->layout_.columns.size()) - 1;
}

ColumnId Compiler::AddLive(const std::string& component, std::span<const ParamInfo> infos,
                           const Parameters& params, std::vector<int>* index) {
  index->assign(infos.size(), -1);
  int count = 0;
  for (size_t i = 0; i < infos.size(); ++i) {
    if (infos[i].live) (*index)[i] = count++;
  }
  if (count == 0) return kNoColumn;
  static constexpr ColumnInfo kLive = {
      "live_parameters", "as they are now, in declared order", "", Type::kF64, Extent::kScalar,
      Life::kClock};
  const ColumnId id = AddColumn(component, kLive.name, kLive, 1, count);
  for (size_t i = 0; i < infos.size(); ++i) {
    if ((*index)[i] < 0) continue;
    circuit_->live_parameters_.push_back({component + "." + infos[i].name, &infos[i], id,
                                          (*index)[i], params.number(static_cast<int>(i))});
  }
  return id;
}

void Compiler::AddComponentColumns(Node* node) {
  const Component& c = *node->component;
  for (const SiteInfo& site : c.sites) {
    const ColumnInfo info = {site.name, site.description, site.unit,
                             kReal,     Extent::kUnit,    Life::kFast};
    node->sites.push_back(AddColumn(node->name, site.name, info, 1, node->size));
  }
  for (const ColumnInfo& info : c.columns) {
    int64_t cols = info.extent == Extent::kScalar ? 1 : node->size;
    int64_t rows = 1;
    if (info.extent == Extent::kArena) {
      rows = static_cast<int64_t>(node->params.number(info.cap_parameter));
      cols = 1;
    }
    ColumnInfo column = info;
    if (info.initial_parameter >= 0) column.initial = node->params.number(info.initial_parameter);
    node->columns.push_back(AddColumn(node->name, info.name, column, rows, cols));
  }
  if (c.kind == Kind::kModulator) {
    using enum Extent;
    node->pending = AddColumn(node->name, "pending",
                              {"pending", "rewards not yet taken", "", kReal}, 1, node->size);
    node->deliveries =
        AddColumn(node->name, "deliveries",
                  {"deliveries", "how many those are", "", Type::kU32, kScalar}, 1, 1);
    node->fired =
        AddColumn(node->name, "fired", {"fired", "1 while it gates", "", Type::kU8, kScalar}, 1, 1);
    circuit_->layout_.columns[node->fired].max = 1;
  }
}

int Compiler::AddNode(Node node, const std::string& field) {
  if (node.component->check != nullptr) {
    std::vector<Violation> faults;
    node.component->check(node, &faults);
    for (Violation& fault : faults) Fault(field + "." + fault.field, fault.description);
    if (!faults.empty()) return -1;
  }
  node.dt = Period(node.when);
  node.clock = Clock(node.when);
  node.stream = HashOf(node.name);
  AddComponentColumns(&node);
  node.live = AddLive(node.name, node.component->params, node.params, &node.live_index);
  if (node.component->derive != nullptr) node.component->derive(&node);
  const int index = static_cast<int>(circuit_->nodes_.size());
  nodes_by_name_[node.name] = index;
  circuit_->nodes_.push_back(std::move(node));
  return index;
}

void Compiler::AddPopulations() {
  for (size_t i = 0; i < spec_.populations.size(); ++i) {
    const PopulationSpec& p = spec_.populations[i];
    const std::string field = absl::StrCat("populations[", i, "]");
    const size_t before = violations_.size();
    CheckName(p.name, field + ".name");
    const Component* model = Find(catalogue_.populations, p.model);
    if (model == nullptr)
      Fault(field + ".model", absl::StrCat("there is no neuron model \"", p.model, "\""));
    if (p.size < 1 || p.size > limits::kMaxNeurons) {
      Fault(field + ".size",
            absl::StrCat("is ", p.size, ", but must be 1 to ", limits::kMaxNeurons));
    } else if (circuit_->neurons_ += p.size; circuit_->neurons_ > limits::kMaxNeurons) {
      Fault(field + ".size",
            absl::StrCat("takes the circuit to ", circuit_->neurons_,
                         " neurons, but it may have at most ", limits::kMaxNeurons));
    }
    if (model == nullptr) continue;
    Node node;
    node.component = model;
    node.name = p.name;
    node.size = p.size;
    node.params = Parameters(model->params, p.parameters, field + ".parameters", &violations_);
    if (violations_.size() > before) continue;
    const auto when =
        CheckWhen(p.when, model->when ? model->when(node.params) : When{}, field + ".when");
    if (!when) continue;
    if (when->clock == When::Clock::kDelivery || when->clock == When::Clock::kEpisode) {
      Fault(field + ".when.clock", "must be TICK, EVERY, AT or STEP for a population");
      continue;
    }
    node.when = *when;
    AddNode(std::move(node), field);
  }
}

void Compiler::AddModulators() {
  for (size_t i = 0; i < spec_.modulators.size(); ++i) {
    const ModulatorSpec& m = spec_.modulators[i];
    const std::string field = absl::StrCat("modulators[", i, "]");
    const size_t before = violations_.size();
    CheckName(m.name, field + ".name");
    const Component* model = Find(catalogue_.modulators, m.model);
    if (model == nullptr)
      Fault(field + ".model", absl::StrCat("there is no modulator \"", m.model, "\""));
    if (m.size < 1 || m.size > limits::kMaxObservationValues) {
      Fault(field + ".size",
            absl::StrCat("is ", m.size, ", but must be 1 to ", limits::kMaxObservationValues));
    }
    if (model == nullptr) continue;
    Node node;
    node.component = model;
    node.name = m.name;
    node.size = m.size;
    node.params = Parameters(model->params, m.parameters, field + ".parameters", &violations_);
    if (violations_.size() > before) continue;
    const When natural = model->when ? model->when(node.params) : When{};
    const auto when = CheckWhen(m.when, natural, field + ".when");
    if (!when) continue;
    const bool between_ticks =
        when->clock == When::Clock::kDelivery || when->clock == When::Clock::kEpisode;
    if (between_ticks && !model->sites.empty()) {
      Fault(field + ".when.clock",
            "must be TICK, EVERY, AT or STEP for a modulator that reads activity");
      continue;
    }
    node.when = *when;
    if (const int index = AddNode(std::move(node), field); index >= 0) {
      circuit_->channels_.push_back(index);
    }
  }
}

}  // namespace phasic
