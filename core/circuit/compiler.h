// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/circuit/circuit.h"

namespace phasic {

// Turns a spec into a circuit, once. Each step adds to the circuit and to the violations; later
// steps look only at what earlier ones found good, so that one fault is reported once, where it is.
// Not part of the public interface.
class Compiler {
 public:
  Compiler(const CircuitSpec& spec, const Catalogue& catalogue, Isa isa,
           std::vector<Violation>* violations)
      : spec_(spec),
        catalogue_(catalogue),
        isa_(isa),
        violations_(*violations),
        circuit_(new Circuit()) {}

  // Null when there are violations.
  std::shared_ptr<const Circuit> Run();

 private:
  struct Found {
    int node = -1;
    ColumnId column = kNoColumn;
    const ColumnInfo* info = nullptr;
    int size = 0;
    explicit operator bool() const { return node >= 0; }
  };
  struct FoundSite {
    int node = -1;
    ColumnId column = kNoColumn;
    const SiteInfo* info = nullptr;
    explicit operator bool() const { return node >= 0; }
  };

  void Fault(const std::string& field, const std::string& description);

  // compile_parts.cc: ports, populations, modulators.
  bool CheckHeader();  // false: too large to look at

  void CheckName(const std::string& name, const std::string& field);
  void AddAgentColumns();
  void AddInputs();
  void AddPopulations();
  void AddModulators();
  void AddOutputs();
  int AddNode(Node node, const std::string& field);
  void AddComponentColumns(Node* node);
  std::optional<When> CheckWhen(const std::optional<When>& given, const When& otherwise,
                                const std::string& field);
  int Clock(const When& when);
  double Period(const When& when) const;
  ColumnId AddColumn(const std::string& component, const std::string& name, const ColumnInfo& info,
                     int64_t rows, int64_t cols);
  ColumnId AddLive(const std::string& component, std::span<const ParamInfo> infos,
                   const Parameters& params, std::vector<int>* index);
  // "component.variable", or "component" for its first output or site. Nothing, and a violation,
  // when there is none.
  Found FindOutput(const std::string& text, const std::string& field);
  FoundSite FindSite(const std::string& text, const std::string& field);
  int Split(const std::string& text, const std::string& field, std::string* variable);

  // compile_links.cc: projections and their rules.
  void AddLinks();
  void AddLink(const ProjectionSpec& spec, const std::string& field);
  void BindWeights(const ProjectionSpec& spec, const std::string& field, Link* link);
  void CheckSynapses(const ProjectionSpec& spec, const std::string& field, const Link& link);
  void BindTransmission(const TransmissionSpec& spec, const std::string& field, Link* link);
  void BindRule(const RuleSpec& spec, const std::string& field, Link* link);
  Source BindFactor(const FactorInfo& factor, bool post, const RuleSpec& spec,
                    const std::string& field, const Link& link, bool* delivered);
  Gate BindGate(const GateInfo& gate, const RuleSpec& spec, const std::string& field,
                const Link& link);
  void BindTerm(const Term& term, const When& when, const std::string& field,
                const std::vector<Source>& post, const std::vector<Source>& pre,
                const std::vector<bool>& delivered, const std::vector<Gate>& gates, Link* link);
  void Integrate(double period, const std::string& field, const Link& link, BoundTerm* term);
  void CheckLazy(const Rule& rule, const std::vector<Gate>& gates, const std::string& field);
  void BindLazy(Link* link);
  void BindRow(const When& when, const std::string& field, Link* link);

  // compile_window.cc: rewards that name a step.
  void AddWindow();
  void CheckWindow();
  std::string WhyNoWindow(int node) const;
  void AddPastOutputs(int node);
  void KeepPast(Link* link, const std::string& suffix, BoundTerm* term);

  // compile_put_off.cc: traces that are seldom applied, and changes until delivery.
  void PutOff();
  bool IsSeldomApplied(const BoundTerm& term) const;
  bool MayWait(const Link& link) const;

  // compile_shadow.cc: actions that someone else took.
  void AddShadow();
  std::string WhyNoShadow() const;

  // compile_program.cc: order, fingerprint.
  void OrderProgram();
  std::vector<int> Order(Phase phase, const std::vector<int>& nodes, bool last_first);
  Phase WrittenIn(const Link& link) const;
  void ReportCircle(const std::map<int, std::vector<const Link*>>& outgoing,
                    const std::map<int, int>& left);
  Stage MakeStage(int node, Phase phase) const;
  void CheckSizes();
  void Fingerprint();

  // compile_seconds.cc: how long a turn takes, beside what a window of past rewards does.
  void EstimateSeconds();

  // compile_layout.cc: where columns lie, what is watched, which clock strikes when.
  void PlaceColumns();
  void WatchColumns();
  void SortClocks();

  const CircuitSpec& spec_;
  const Catalogue& catalogue_;
  const Isa isa_;
  std::vector<Violation>& violations_;
  std::shared_ptr<Circuit> circuit_;
  std::map<std::string, int> nodes_by_name_;  // -1: a projection
  std::vector<int> link_spec_;                // by link: index in spec_.projections
  std::map<std::string, int> links_by_name_;
  double total_bytes_ = 0;
  double dt_ = 1;  // the spec's, once they are known to be good
  int ticks_per_step_ = 1;
};

}  // namespace phasic
