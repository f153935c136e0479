// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/circuit/compiler.h"

namespace phasic {
namespace {

constexpr ColumnInfo kForced = {.name = "forced",
                                .description = "what someone else did, as the source's draw",
                                .derived = true};
constexpr ColumnInfo kDrawn = {
    .name = "drawn", .description = "what the source drew itself meanwhile", .derived = true};

// Whether an action of that space says what was drawn.
bool Says(Space::Kind action, Space::Kind draw) {
  return action == draw ||
         (action == Space::Kind::kMultiDiscrete && draw == Space::Kind::kDiscrete);
}

}  // namespace

// An agent learns from what someone else did as if it had drawn that itself. So every output must
// be a draw that the action determines; and nothing may be learned from other draws, for those did
// not bring the action about.
std::string Compiler::WhyNoShadow() const {
  std::set<int> forced;
  for (const Port& port : circuit_->outputs_) {
    const auto source =
        std::find_if(circuit_->nodes_.begin(), circuit_->nodes_.end(), [&](const Node& node) {
          return std::find(node.columns.begin(), node.columns.end(), port.source) !=
                 node.columns.end();
        });
    const Component& component = *source->component;
    if (port.source != source->columns[0] || port.decoder->invert == nullptr ||
        !Says(port.space.kind, component.draws)) {
      return absl::StrCat("the output \"", port.name, "\" does not say what \"", source->name,
                          "\" (", component.name, ") draws");
    }
    if (!forced.insert(static_cast<int>(source - circuit_->nodes_.begin())).second) {
      return absl::StrCat("the output \"", port.name, "\" reads \"", source->name,
                          "\", as another does");
    }
  }
  std::set<ColumnId> free;  // what tells of draws that no output says
  for (size_t n = 0; n < circuit_->nodes_.size(); ++n) {
    const Node& node = circuit_->nodes_[n];
    if (node.component == nullptr || forced.contains(static_cast<int>(n))) continue;
    for (size_t c = 0; c < node.columns.size(); ++c) {
      if (node.component->columns[c].drawn) free.insert(node.columns[c]);
    }
  }
  for (const int index : circuit_->learning_links_) {
    const Link& link = circuit_->links_[index];
    if (link.transmission.model != nullptr) {
      return absl::StrCat("the synapses of the projection \"", link.name,
                          "\" draw, and no action says what");
    }
    std::vector<Source> sources = link.row_post;
    sources.insert(sources.end(), link.row_pre.begin(), link.row_pre.end());
    for (const BoundTerm& term : link.terms) sources.insert(sources.end(), {term.post, term.pre});
    if (std::any_of(sources.begin(), sources.end(),
                    [&](const Source& source) { return free.contains(source.column); })) {
      return absl::StrCat("the projection \"", link.name,
                          "\" learns from draws that do not bring an action about when someone "
                          "else acts");
    }
  }
  return "";
}

void Compiler::AddShadow() {
  circuit_->why_no_shadow_ = WhyNoShadow();
  if (!circuit_->why_no_shadow_.empty()) return;
  for (Port& port : circuit_->outputs_) {
    port.forced = AddColumn(port.name, kForced.name, kForced, 1, port.source_size);
    port.drawn = AddColumn(port.name, kDrawn.name, kDrawn, 1, port.source_size);
    for (Node& node : circuit_->nodes_) {
      if (node.component == nullptr || node.columns.empty() || node.columns[0] != port.source)
        continue;
      node.forced = port.forced;
      node.drawn = port.drawn;
    }
  }
}

}  // namespace phasic
