// SPDX-License-Identifier: Apache-2.0
//
// phasic snapshots: stored states of agents.
#include <google/protobuf/empty.pb.h>

#include "absl/strings/str_cat.h"
#include "client/cli/agent_text.h"
#include "client/cli/command.h"
#include "client/cli/numbers.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

constexpr Table::Align kRight = Table::Align::kRight;

// Of the operands AGENT and SNAPSHOT.
std::string NameOf(const Args& args) {
  return absl::StrCat(ResourceName("agents", args.Text("AGENT")), "/snapshots/",
                      args.Text("SNAPSHOT"));
}

absl::StatusOr<Exit> Show(const Context& context, const absl::StatusOr<v1::Snapshot>& snapshot) {
  if (!snapshot.ok()) return snapshot.status();
  if (context.json) {
    JsonWriter(context.out).Message(*snapshot);
    return Exit::kOk;
  }
  Table table({{""}, {""}});
  table.Row({"snapshot", IdOf(snapshot->name())});
  table.Row({"name", snapshot->name()});
  table.Row({"created", TimeText(snapshot->create_time())});
  table.Row({"next step", absl::StrCat(snapshot->step())});
  table.Row({"incarnation", absl::StrCat(snapshot->incarnation())});
  table.Row({"digest", absl::StrCat(snapshot->digest())});
  table.Row({"size", BytesText(snapshot->bytes())});
  table.Row({"note", snapshot->note()});
  context.out << table.Text();
  return Exit::kOk;
}

absl::StatusOr<Exit> Create(const Context& context) {
  const Args& args = context.args;
  v1::CreateSnapshotRequest request;
  request.set_parent(ResourceName("agents", args.Text("AGENT")));
  request.set_snapshot_id(args.Text("SNAPSHOT"));
  request.set_note(args.Text("note"));
  request.set_request_id(args.Text("request-id"));
  return Show(context, context.server.CreateSnapshot(std::move(request)));
}

absl::StatusOr<Exit> Get(const Context& context) {
  v1::GetSnapshotRequest request;
  request.set_name(NameOf(context.args));
  return Show(context, context.server.GetSnapshot(request));
}

absl::StatusOr<Exit> List(const Context& context) {
  v1::ListSnapshotsRequest request;
  request.set_parent(ResourceName("agents", context.args.Text("AGENT")));
  const auto all = context.server.AllSnapshots(std::move(request));
  if (!all.ok()) return all.status();
  if (context.json) {
    JsonWriter writer(context.out);
    writer.BeginObject();
    writer.Key("snapshots");
    writer.BeginArray();
    for (const v1::Snapshot& snapshot : all->snapshots()) writer.Message(snapshot);
    writer.EndArray();
    writer.EndObject();
    return Exit::kOk;
  }
  Table table({{"SNAPSHOT"}, {"CREATED"}, {"NEXT STEP", kRight}, {"SIZE", kRight}, {"NOTE"}});
  for (const v1::Snapshot& snapshot : all->snapshots()) {
    table.Row({IdOf(snapshot.name()), TimeText(snapshot.create_time()),
               absl::StrCat(snapshot.step()), BytesText(snapshot.bytes()), snapshot.note()});
  }
  context.out << table.Text(context.width);
  return Exit::kOk;
}

absl::StatusOr<Exit> Delete(const Context& context) {
  v1::DeleteSnapshotRequest request;
  request.set_name(NameOf(context.args));
  const absl::Status status = context.server.DeleteSnapshot(request);
  if (!status.ok()) return status;
  if (context.json) {
    JsonWriter(context.out).Message(google::protobuf::Empty());
  } else {
    context.out << "deleted " << IdOf(request.name()) << '\n';
  }
  return Exit::kOk;
}

absl::StatusOr<Exit> Restore(const Context& context) {
  v1::RestoreSnapshotRequest request;
  request.set_name(NameOf(context.args));
  request.set_etag(context.args.Text("etag"));
  return ShowAgent(context, context.server.RestoreSnapshot(request));
}

}  // namespace

Command SnapshotsCommand() {
  const Operand agent = {"AGENT", "The agent whose state it is."};
  const Operand snapshot = {"SNAPSHOT", "The snapshot."};
  Command snapshots;
  snapshots.name = "snapshots";
  snapshots.summary = "Stored states of agents: make them, go back to them.";
  snapshots.details =
      "An agent is named as for phasic agents, a snapshot by its id. phasic agents clone and "
      "export "
      "take one too, with --snapshot.";
  snapshots.commands = {
      {"create",
       "Store an agent's state as it is.",
       "  phasic snapshots create cart before-lesion --note 'learned for 1000 episodes'",
       {agent, {"SNAPSHOT", "The new snapshot; without it, the server draws an id.", false}},
       {{"note", Type::kText, "TEXT", "What to remember about it, up to 63 characters."},
        {"request-id", Type::kText, "ID", "Makes it safe to try again."}},
       Create,
       {}},
      {"list", "List an agent's snapshots.", "", {agent}, {}, List, {}},
      {"get", "Show a snapshot.", "", {agent, snapshot}, {}, Get, {}},
      {"restore",
       "Let the agent go on from a snapshot; what came after it is lost.",
       "",
       {agent, snapshot},
       {{"etag", Type::kText, "ETAG", "Only if the agent's etag is still this."}},
       Restore,
       {}},
      {"delete", "Delete a snapshot for good.", "", {agent, snapshot}, {}, Delete, {}},
  };
  return snapshots;
}

}  // namespace phasic
