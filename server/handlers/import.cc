// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/agent_file.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/json.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/new_agent.h"
#include "server/handlers/settings.h"
#include "server/handlers/sources.h"

namespace phasic::handlers {
namespace {

// A circuit's text takes so many times its length while it is read: a part of it that says nothing
// is three characters, and a hundred bytes as a message.
constexpr int64_t kBytesOfHeaderByte = 32;

absl::Status BadSource(const std::string& what, const std::vector<Violation>& violations) {
  return errors::BadExport(violations.empty()
                               ? absl::StrCat(what, " cannot be read")
                               : absl::StrCat(what, " is faulty: ", violations.front().field, " ",
                                              violations.front().description));
}

// What an agent is made with while its file is read.
class Newcomer final : public Importer {
 public:
  // With `durable_as_exported` the identity's durability does not count.
  Newcomer(const Call& call, Identity identity, bool durable_as_exported)
      : call_(call), identity_(std::move(identity)), durable_as_exported_(durable_as_exported) {}

  absl::Status AdmitHeader(size_t bytes) override {
    header_room_ = call_.env.copies.Take(static_cast<int64_t>(bytes) * kBytesOfHeaderByte);
    return header_room_ ? absl::OkStatus() : errors::TooMuchInspected();
  }

  absl::StatusOr<std::shared_ptr<const Circuit>> Admit(const AgentSource& source) override {
    std::vector<Violation> violations;
    v1::CircuitSpec spec;
    std::shared_ptr<const Circuit> circuit;
    if (convert::FromJson(source.circuit, &spec)) circuit = Compile(spec, "", &violations);
    if (circuit == nullptr) return BadSource("its circuit", violations);
    if (!source.preset.empty()) {
      v1::PresetSource preset;
      if (!convert::FromJson(source.preset, &preset)) return BadSource("its preset", {});
      identity_.preset = convert::FromProto(preset, "", &violations);
      if (!violations.empty()) return BadSource("its preset", violations);
    }
    circuit = call_.env.circuits.Share(circuit);
    if (circuit == nullptr) return errors::ServerFull("max_total_bytes", "no room for a circuit");
    ASSIGN_OR_RETURN(room_, call_.env.hosting.TakeRoom(*circuit));
    return circuit;
  }

  // The agent, not yet entered.
  absl::StatusOr<AgentPtr> Make(ExportedAgent exported) {
    std::vector<Violation> violations;
    const auto& labels = exported.settings.labels;
    CheckLabels({labels.begin(), labels.end()}, "labels", &violations);
    if (!violations.empty()) return BadSource("a label", violations);
    if (durable_as_exported_ && call_.env.store != nullptr) {
      identity_.durability = exported.durability;
    }
    Inside inside = ImportFrom(std::move(exported), std::move(room_));
    identity_.seed = inside.agent.seed();
    Card card = inside.card;
    return MakeAgent(call_, std::move(identity_), std::move(inside), std::move(card));
  }

 private:
  const Call& call_;
  Identity identity_;
  const bool durable_as_exported_;
  std::optional<Budget::Room> header_room_;
  Budget::Room room_;
};

}  // namespace

absl::Status ImportAgent(const Call& call, Reader<v1::ImportAgentRequest>& reader,
                         v1::Agent* response) {
  v1::ImportAgentRequest message;
  if (!reader.Read(&message)) return errors::BadExport("there is none");
  RETURN_IF_ERROR(CheckParent(call, message.parent()));
  Identity identity{.id = message.agent_id()};
  identity.made_by = CallKey("import", message.agent_id(), message.request_id());
  ASSIGN_OR_RETURN(const Before before, LookBefore(call, message.agent_id(), identity.made_by));
  if (before.made != nullptr) return Answer(call, before.made, response);
  std::vector<Violation> violations;
  CheckNewId(message.agent_id(), message.request_id(), &violations);
  identity.durability = ReadDurability(call, message.durability(), "durability", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  RETURN_IF_ERROR(before.free);

  Newcomer newcomer(call, std::move(identity), message.durability() == v1::DURABILITY_UNSPECIFIED);
  AgentFileReader file(newcomer);
  do {
    RETURN_IF_ERROR(file.Add(message.data()));
  } while (reader.Read(&message));
  if (call.patience.gone && call.patience.gone()) return errors::Cancelled();
  ASSIGN_OR_RETURN(ExportedAgent exported, file.Finish());
  ASSIGN_OR_RETURN(const AgentPtr agent, newcomer.Make(std::move(exported)));
  return Enter(call, agent, /*has_state=*/true, response);
}

}  // namespace phasic::handlers
