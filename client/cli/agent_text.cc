// SPDX-License-Identifier: Apache-2.0
#include "client/cli/agent_text.h"

#include <google/protobuf/util/time_util.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/circuit_text.h"
#include "client/cli/numbers.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

constexpr Table::Align kRight = Table::Align::kRight;

// In the FULL view the circuit stands in place of the preset; otherwise a circuit of the caller's
// is not told.
std::string SourceText(const v1::Agent& agent) {
  if (agent.has_preset()) return agent.preset().preset();
  return agent.has_circuit() ? "the circuit below" : "a circuit";
}

// The mean return with the number of episodes that it is over; "-" before the first episode has
// ended.
std::string MeanReturnText(const v1::AgentStats& stats) {
  return stats.has_mean_return() ? ShortText(stats.mean_return()) : "-";
}

void AddStats(const v1::AgentStats& stats, Table& table) {
  table.Row({"steps", absl::StrCat(stats.steps())});
  table.Row({"episodes", absl::StrCat(stats.episodes())});
  table.Row({"mean return", stats.has_mean_return()
                                ? absl::StrCat(MeanReturnText(stats), " over the last ",
                                               stats.mean_return_episodes(), " episodes")
                                : "-"});
  table.Row(
      {"rewards", absl::StrCat(stats.rewards_applied(), " applied, ", stats.rewards_duplicate(),
                               " duplicate, ", stats.rewards_not_learning(), " not learning, ",
                               stats.rewards_pending(), " pending, ", stats.rewards_expired(),
                               " expired, ", stats.rewards_unknown_event(), " of no event")});
  table.Row({"simulated time", absl::StrCat(ShortText(stats.time()), " ms")});
  table.Row({"last active", TimeText(stats.last_active_time())});
}

std::string ParametersText(const v1::PresetSource& preset) {
  Table table({{""}, {""}});
  const std::map<std::string, google::protobuf::Value> parameters(preset.parameters().begin(),
                                                                  preset.parameters().end());
  for (const auto& [name, value] : parameters) table.Row({name, ValueText(value)});
  return table.Text(0, 2);
}

std::string LiveParametersText(const v1::Agent& agent) {
  Table table({{""}, {""}});
  const std::map<std::string, double> parameters(agent.live_parameters().begin(),
                                                 agent.live_parameters().end());
  for (const auto& [name, value] : parameters) table.Row({name, ShortText(value)});
  return table.Text(0, 2);
}

std::string LabelsText(const v1::Agent& agent) {
  Table table({{""}, {""}});
  const std::map<std::string, std::string> labels(agent.labels().begin(), agent.labels().end());
  for (const auto& [key, value] : labels) table.Row({key, value});
  return table.Text(0, 2);
}

std::string ChannelsText(const v1::Agent& agent) {
  Table table({{"NAME"}, {"MODULATOR"}, {"SIZE", kRight}});
  for (const v1::ChannelInfo& channel : agent.channels()) {
    table.Row({channel.name(), channel.model(), absl::StrCat(channel.size())});
  }
  return table.Text(0, 2);
}

// The name of an enum's value; "-" for the one that says nothing.
std::string WordText(int value, const std::string& name) { return value == 0 ? "-" : name; }

}  // namespace

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "-";
  google::protobuf::Timestamp second;
  second.set_seconds(time.seconds());
  return google::protobuf::util::TimeUtil::ToString(second);
}

void AddSize(const v1::AgentSize& size, Table& table) {
  table.Row({"neurons", absl::StrCat(size.neurons())});
  table.Row({"synapses", absl::StrCat(size.synapses())});
  const bool grows = size.max_bytes() > size.bytes();
  table.Row({"state", grows ? absl::StrCat(BytesText(size.bytes()), ", at most ",
                                           BytesText(size.max_bytes()))
                            : BytesText(size.bytes())});
  table.Row({"time of a step", absl::StrCat(SecondsText(size.step_seconds()), ", estimated")});
}

std::string PortsText(const google::protobuf::RepeatedPtrField<v1::PortInfo>& ports, int indent) {
  Table table({{"NAME"}, {"DIRECTION"}, {"SPACE"}, {"SIZE", kRight}, {"MASK"}});
  for (const v1::PortInfo& port : ports) {
    table.Row({port.name(), port.direction() == v1::PortInfo::INPUT ? "input" : "output",
               SpaceText(port.space()), absl::StrCat(port.size()), port.maskable() ? "yes" : ""});
  }
  return table.Text(0, indent);
}

std::string AgentText(const v1::Agent& agent, int width) {
  Table table({{""}, {""}});
  table.Row({"agent", IdOf(agent.name())});
  table.Row({"name", agent.name()});
  table.Row({"made of", SourceText(agent)});
  table.Row({"mode", v1::Mode_Name(agent.mode())});
  table.Row({"durability", WordText(agent.durability(), v1::Durability_Name(agent.durability()))});
  const v1::Residency residency = agent.stats().residency();
  table.Row({"residency", WordText(residency, v1::Residency_Name(residency))});
  table.Row({"numerics", agent.numerics().empty() ? "-" : absl::StrJoin(agent.numerics(), ", ")});
  table.Row({"seed", absl::StrCat(agent.seed())});
  table.Row({"uid", absl::StrCat(agent.uid())});
  table.Row({"incarnation", absl::StrCat(agent.incarnation())});
  table.Row({"etag", agent.etag()});
  if (agent.digest() != 0) table.Row({"digest", absl::StrCat(agent.digest())});
  table.Row({"created", TimeText(agent.create_time())});
  AddSize(agent.size(), table);
  AddStats(agent.stats(), table);

  std::string text = table.Text();
  absl::StrAppend(&text, Section("labels", LabelsText(agent)),
                  Section("overrides", ParametersText(agent.preset())),
                  Section("ports", PortsText(agent.ports(), 2)),
                  Section("channels", ChannelsText(agent)),
                  Section("live parameters", LiveParametersText(agent)));
  if (agent.has_circuit()) absl::StrAppend(&text, CircuitText(agent.circuit(), width));
  return text;
}

std::string AgentsText(const google::protobuf::RepeatedPtrField<v1::Agent>& agents) {
  Table table({{"AGENT"},
               {"MADE OF"},
               {"MODE"},
               {"STEPS", kRight},
               {"EPISODES", kRight},
               {"MEAN RETURN", kRight},
               {"SYNAPSES", kRight},
               {"STATE", kRight},
               {"LAST ACTIVE"}});
  for (const v1::Agent& agent : agents) {
    table.Row({IdOf(agent.name()), SourceText(agent), v1::Mode_Name(agent.mode()),
               absl::StrCat(agent.stats().steps()), absl::StrCat(agent.stats().episodes()),
               MeanReturnText(agent.stats()), absl::StrCat(agent.size().synapses()),
               BytesText(agent.size().bytes()), TimeText(agent.stats().last_active_time())});
  }
  return table.Text();
}

}  // namespace phasic
