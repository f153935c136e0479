// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/settings.h"

namespace phasic::handlers {
namespace {

// Reads what an UpdateAgent asks for, path by path.
class ChangeReader {
 public:
  ChangeReader(const v1::Agent& agent, const Circuit& circuit, SettingsChange* change,
               std::vector<Violation>* violations)
      : agent_(agent), circuit_(circuit), change_(change), violations_(violations) {}

  void ReadAll(const google::protobuf::FieldMask& mask) {
    if (mask.paths_size() == 0) {
      if (agent_.mode() != v1::MODE_UNSPECIFIED) ReadMode();
      if (!agent_.labels().empty()) ReadLabels();
      ReadLiveParameters();
    }
    for (int i = 0; i < mask.paths_size(); ++i) Read(mask.paths(i), i);
  }

 private:
  static constexpr std::string_view kLabel = "labels.", kLiveParameter = "live_parameters.";

  void Read(const std::string& path, int index) {
    if (path == "mode") {
      ReadMode();
    } else if (path == "labels") {
      ReadLabels();
    } else if (path == "live_parameters") {
      ReadLiveParameters();
    } else if (path.starts_with(kLabel)) {
      ReadLabel(path.substr(kLabel.size()));
    } else if (path.starts_with(kLiveParameter)) {
      ReadLiveParameter(path.substr(kLiveParameter.size()));
    } else {
      violations_->push_back(
          {absl::StrCat("update_mask.paths[", index, "]"),
           absl::StrCat("is \"", path,
                        "\", but only mode, labels, labels.KEY, live_parameters and "
                        "live_parameters.COMPONENT.PARAMETER can be changed")});
    }
  }

  void ReadMode() {
    change_->mode = convert::FromProto(agent_.mode());
    if (!change_->mode) violations_->push_back({"agent.mode", "must be LEARNING or FROZEN"});
  }

  void ReadLabels() {
    CheckLabels(agent_.labels(), "agent.labels", violations_);
    change_->replace_labels = true;
    for (const auto& [key, value] : agent_.labels()) change_->labels[key] = value;
  }

  void ReadLabel(const std::string& key) {
    const auto at = agent_.labels().find(key);
    const bool given = at != agent_.labels().end();
    CheckLabel(key, given ? at->second : "", "agent.labels", violations_);
    change_->labels[key] = given ? std::optional(at->second) : std::nullopt;
  }

  void ReadLiveParameters() {
    const std::map<std::string, double> sorted(agent_.live_parameters().begin(),
                                               agent_.live_parameters().end());
    for (const auto& [name, value] : sorted) ReadLiveParameter(name);
  }

  void ReadLiveParameter(const std::string& name) {
    constexpr char kPath[] = "agent.live_parameters";
    const auto at = agent_.live_parameters().find(name);
    if (at == agent_.live_parameters().end()) {
      violations_->push_back({absl::StrCat(kPath, ".", name), "is in the mask but has no value"});
      return;
    }
    const int index = CheckLiveParameter(name, at->second, circuit_, kPath, violations_);
    if (index >= 0) change_->live_parameters.emplace_back(index, at->second);
  }

  const v1::Agent& agent_;
  const Circuit& circuit_;
  SettingsChange* const change_;
  std::vector<Violation>* const violations_;
};

}  // namespace

absl::Status UpdateAgent(const Call& call, const v1::UpdateAgentRequest& request,
                         v1::Agent* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.agent().name(), "agent.name"));
  SettingsChange change;
  std::vector<Violation> violations;
  ChangeReader(request.agent(), agent->circuit(), &change, &violations)
      .ReadAll(request.update_mask());
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  if (change.mode == Mode::kShadow) RETURN_IF_ERROR(agent->circuit().CheckShadow());

  Card card;
  Journal::Ticket ticket;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    ASSIGN_OR_RETURN(ticket, turn.Update(change, request.agent().etag()));
    call.env.hosting.PutCard(turn);
    card = turn.card();
  }
  RETURN_IF_ERROR(call.env.journal.Wait(ticket));
  convert::ToProto(agent->identity(), agent->circuit(), card, /*awake=*/true, response);
  return absl::OkStatus();
}

}  // namespace phasic::handlers
