// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/circuit/compiler.h"

namespace phasic {
namespace {

constexpr ColumnInfo kObservation = {"observation", "the value in force", "", kReal};
constexpr ColumnInfo kAction = {"action", "the last value decoded", "", kReal};
constexpr ColumnInfo kForbidden = {"forbidden", "1 where the step's mask forbids", "", kReal};

}  // namespace

void Compiler::AddInputs() {
  for (size_t i = 0; i < spec_.inputs.size(); ++i) {
    const InputSpec& in = spec_.inputs[i];
    const std::string field = absl::StrCat("inputs[", i, "]");
    const size_t before = violations_.size();
    CheckName(in.name, field + ".name");
    const Component* encoder = Find(catalogue_.encoders, in.encoder);
    if (encoder == nullptr)
      Fault(field + ".encoder", absl::StrCat("there is no encoder \"", in.encoder, "\""));
    if (in.space.kind == Space::Kind::kUnset) {
      Fault(field + ".space", "is not set");
    } else {
      in.space.Check(field + ".space", &violations_);
    }
    if (encoder == nullptr || violations_.size() > before) continue;
    Node node;
    node.component = encoder;
    node.name = in.name;
    node.space = in.space;
    node.params = Parameters(encoder->params, in.parameters, field + ".parameters", &violations_);
    if (violations_.size() > before) continue;
    node.size = encoder->units(node.params, in.space);
    if (node.size < 1) {
      Fault(field + ".space", absl::StrCat("is ", in.space.ToString(), ", which the encoder \"",
                                           in.encoder, "\" cannot encode with these parameters"));
      continue;
    }
    if (node.size > limits::kMaxNeurons) {
      Fault(field, absl::StrCat("encodes into ", node.size, " units, but at most ",
                                limits::kMaxNeurons, " are allowed"));
      continue;
    }
    Port port;
    port.name = in.name;
    port.input = true;
    port.space = in.space;
    port.size = in.space.size();
    port.offset = circuit_->observation_size_;
    if (port.offset + port.size > limits::kMaxObservationValues) {
      Fault(field + ".space",
            absl::StrCat("takes the observation to ", port.offset + port.size,
                         " values, but it may have at most ", limits::kMaxObservationValues));
      continue;
    }
    node.value = AddColumn(in.name, kObservation.name, kObservation, 1, port.size);
    port.node = AddNode(std::move(node), field);
    if (port.node < 0) continue;
    circuit_->observation_size_ += port.size;
    circuit_->encoders_.push_back(port.node);
    // What it drives, once the populations are there.
    const FoundSite site = FindSite(in.target, field + ".target");
    if (!site) continue;
    const Node& target = circuit_->nodes_[site.node];
    const int units = circuit_->nodes_[port.node].size;
    if (target.component->kind != Kind::kPopulation || site.info->phase != Phase::kForward) {
      Fault(field + ".target",
            absl::StrCat("\"", in.target, "\" is no site that an encoder can drive"));
    } else if (target.size != units) {
      Fault(field + ".target", absl::StrCat("\"", target.name, "\" has ", target.size,
                                            " units, but the encoder gives ", units));
    }
    port.target = site.node;
    port.site = site.column;
    circuit_->inputs_.push_back(std::move(port));
  }
}

void Compiler::AddOutputs() {
  for (size_t i = 0; i < spec_.outputs.size(); ++i) {
    const OutputSpec& out = spec_.outputs[i];
    const std::string field = absl::StrCat("outputs[", i, "]");
    const size_t before = violations_.size();
    CheckName(out.name, field + ".name");
    const Decoder* decoder = Find(catalogue_.decoders, out.decoder);
    if (decoder == nullptr)
      Fault(field + ".decoder", absl::StrCat("there is no decoder \"", out.decoder, "\""));
    if (out.space.kind != Space::Kind::kUnset) out.space.Check(field + ".space", &violations_);
    const Found source = FindOutput(out.source, field + ".source");
    if (decoder == nullptr || !source || violations_.size() > before) continue;
    Node node;
    node.name = out.name;
    node.params = Parameters(decoder->params, out.parameters, field + ".parameters", &violations_);
    if (violations_.size() > before) continue;
    const Node& population = circuit_->nodes_[source.node];
    std::vector<int> groups;
    if (population.component->groups != nullptr) groups = population.component->groups(population);
    node.space = decoder->space(node.params, source.size, groups, out.space);
    if (node.space.kind == Space::Kind::kUnset) {
      Fault(field + ".space",
            absl::StrCat("the decoder \"", out.decoder, "\" cannot make ", out.space.ToString(),
                         " of ", source.size, " units", groups.empty() ? "" : " that choose as ",
                         groups.empty() ? "" : Space::MultiDiscrete(groups).ToString()));
      continue;
    }
    // The decoder's own space too: an action must fit a message, as an observation must.
    node.space.Check(field + ".space", &violations_);
    if (violations_.size() > before) continue;
    if (circuit_->action_size_ + node.space.size() > limits::kMaxObservationValues) {
      Fault(field + ".space",
            absl::StrCat("takes the actions to ", circuit_->action_size_ + node.space.size(),
                         " values, but they may have at most ", limits::kMaxObservationValues));
      continue;
    }
    const auto when = CheckWhen(out.when, When::On(When::Clock::kStep), field + ".when");
    if (!when) continue;
    if (when->clock != When::Clock::kStep && when->clock != When::Clock::kAt) {
      Fault(field + ".when.clock", "must be STEP or AT for an output port");
      continue;
    }
    node.when = *when;
    node.clock = Clock(node.when);
    node.size = node.space.size();
    node.stream = HashOf(node.name);

    Port port;
    port.name = out.name;
    port.space = node.space;
    port.size = node.size;
    port.offset = circuit_->action_size_;
    circuit_->action_size_ += port.size;
    port.source = source.column;
    port.source_size = source.size;
    port.decoder = decoder;
    node.value = AddColumn(out.name, kAction.name, kAction, 1, port.size);
    if (decoder->maskable) {
      port.forbidden = AddColumn(out.name, kForbidden.name, kForbidden, 1, source.size);
      port.mask_offset = circuit_->mask_size_;
      circuit_->mask_size_ += source.size;
      for (size_t s = 0; s < population.component->sites.size(); ++s) {
        const SiteInfo& site = population.component->sites[s];
        if (std::string_view(site.name) == kForbiddenSite && site.phase == Phase::kForward) {
          port.target = source.node;
          port.site = population.sites[s];
          // Two masks together could forbid every unit, though each of them allows one.
          for (const Port& other : circuit_->outputs_) {
            if (other.site == port.site) {
              Fault(field + ".source",
                    absl::StrCat("\"", out.source, "\" takes the action mask of \"", other.name,
                                 "\" already"));
            }
          }
        }
      }
    }
    port.node = static_cast<int>(circuit_->nodes_.size());
    nodes_by_name_[node.name] = port.node;
    circuit_->nodes_.push_back(std::move(node));
    circuit_->outputs_.push_back(std::move(port));
  }
}

int Compiler::Split(const std::string& text, const std::string& field, std::string* variable) {
  std::string name = text;
  auto at = nodes_by_name_.find(name);
  if (at == nodes_by_name_.end()) {
    if (const size_t dot = text.rfind('.'); dot != std::string::npos) {
      name = text.substr(0, dot);
      *variable = text.substr(dot + 1);
      at = nodes_by_name_.find(name);
    }
  }
  if (at == nodes_by_name_.end()) {
    Fault(field, text.empty() ? "is not set" : absl::StrCat("there is no part \"", name, "\""));
    return -1;
  }
  // A part that is named but has no node is either a projection or at fault itself, and reported
  // there.
  if (at->second < 0) return -2;
  if (circuit_->nodes_[at->second].component == nullptr ||
      circuit_->nodes_[at->second].component->kind == Kind::kEncoder) {
    Fault(field, absl::StrCat("\"", name, "\" is a port, not a population or modulator"));
    return -1;
  }
  return at->second;
}

Compiler::Found Compiler::FindOutput(const std::string& text, const std::string& field) {
  std::string variable;
  const int index = Split(text, field, &variable);
  if (index < 0) {
    if (index == -2 && violations_.empty())
      Fault(field, absl::StrCat("\"", text, "\" has no outputs"));
    return {};
  }
  const Node& node = circuit_->nodes_[index];
  for (size_t i = 0; i < node.component->columns.size(); ++i) {
    const ColumnInfo& info = node.component->columns[i];
    if (info.output && (variable.empty() || variable == info.name)) {
      return {index, node.columns[i], &info, info.extent == Extent::kScalar ? 1 : node.size};
    }
  }
  Fault(field, absl::StrCat("\"", node.name, "\" (", node.component->name, ") has no output \"",
                            variable, "\""));
  return {};
}

Compiler::FoundSite Compiler::FindSite(const std::string& text, const std::string& field) {
  std::string variable;
  const int index = Split(text, field, &variable);
  if (index < 0) {
    if (index == -2 && violations_.empty())
      Fault(field, absl::StrCat("\"", text, "\" has no sites"));
    return {};
  }
  const Node& node = circuit_->nodes_[index];
  for (size_t i = 0; i < node.component->sites.size(); ++i) {
    const SiteInfo& info = node.component->sites[i];
    if (variable.empty() || variable == info.name) return {index, node.sites[i], &info};
  }
  Fault(field, absl::StrCat("\"", node.name, "\" (", node.component->name, ") has no site",
                            variable.empty() ? "" : absl::StrCat(" \"", variable, "\"")));
  return {};
}

}  // namespace phasic
