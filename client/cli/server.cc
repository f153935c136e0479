// SPDX-License-Identifier: Apache-2.0
//
// phasic server: the server itself.
#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/files.h"
#include "client/cli/numbers.h"
#include "client/cli/table.h"

namespace phasic {
namespace {

std::string LimitsText(const v1::Limits& limits) {
  Table table({{""}, {""}});
  table.Row({"message", BytesText(limits.max_message_bytes())});
  table.Row({"observation values", absl::StrCat(limits.max_observation_values())});
  table.Row({"ticks of a step", absl::StrCat(limits.max_ticks_per_step())});
  table.Row({"rewards in a request", absl::StrCat(limits.max_rewards_per_request())});
  table.Row({"time of a turn", SecondsText(limits.max_turn_seconds())});
  table.Row({"turns waiting for an agent", absl::StrCat(limits.max_waiting_turns())});
  table.Row({"neurons of an agent", absl::StrCat(limits.max_neurons())});
  table.Row({"synapses of an agent", absl::StrCat(limits.max_synapses())});
  table.Row({"state of an agent", BytesText(limits.max_agent_bytes())});
  table.Row({"state of all agents", BytesText(limits.max_total_bytes())});
  table.Row({"agents", absl::StrCat(limits.max_agents())});
  return table.Text(0, 2);
}

std::string LoadText(const v1::Load& load) {
  Table table({{""}, {""}});
  table.Row({"up for", SecondsText(load.uptime_seconds())});
  table.Row({"agents", absl::StrCat(load.agents())});
  table.Row({"of these in memory", absl::StrCat(load.resident_agents())});
  table.Row({"their state", BytesText(load.agent_bytes())});
  table.Row({"journal", BytesText(load.journal_bytes())});
  table.Row({"steps", absl::StrCat(load.steps())});
  table.Row({"rewards", absl::StrCat(load.rewards())});
  return table.Text(0, 2);
}

absl::StatusOr<Exit> Info(const Context& context) {
  const absl::StatusOr<v1::ServerInfo> info = context.server.GetServerInfo();
  if (!info.ok()) return info.status();
  if (context.json) {
    JsonWriter(context.out).Message(*info);
    return Exit::kOk;
  }
  Table table({{""}, {""}});
  table.Row({"version", info->version()});
  table.Row({"contract", info->api_version()});
  table.Row({"kernels", info->isa()});
  table.Row({"store", info->store()});
  context.out << table.Text() << Section("load", LoadText(info->load()))
              << Section("limits", LimitsText(info->limits()));
  return Exit::kOk;
}

absl::StatusOr<Exit> Backup(const Context& context) {
  return SaveAs(context, context.args.Text("FILE"),
                [&](const client::Sink& sink) { return context.server.BackupStore(sink); });
}

}  // namespace

Command ServerCommand() {
  Command server;
  server.name = "server";
  server.summary = "The server itself.";
  server.commands = {
      {"info", "Print the server's version, load and limits.", "", {}, {}, Info, {}},
      {"backup",
       "Copy the server's store, as of one moment, to a file.",
       "A server can be started on the file. phasic store check tells whether a server's store is "
       "whole.\n\n"
       "  phasic server backup phasic-2026-08-01.db",
       {{"FILE", "Where to; - is standard output."}},
       {},
       Backup,
       {}}};
  return server;
}

}  // namespace phasic
