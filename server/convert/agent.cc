// SPDX-License-Identifier: Apache-2.0
#include "server/convert/agent.h"

#include "server/convert/parameters.h"
#include "server/convert/space.h"

namespace phasic::convert {
namespace {

void TimeToProto(std::chrono::system_clock::time_point time, google::protobuf::Timestamp* proto) {
  const auto ns = std::chrono::nanoseconds(time.time_since_epoch()).count();
  proto->set_seconds(ns / 1'000'000'000);
  proto->set_nanos(static_cast<int>(ns % 1'000'000'000));
}

void PortToProto(const Port& port, v1::PortInfo* proto) {
  proto->set_name(port.name);
  proto->set_direction(port.input ? v1::PortInfo::INPUT : v1::PortInfo::OUTPUT);
  ToProto(port.space, proto->mutable_space());
  proto->set_size(port.size);
  proto->set_maskable(port.forbidden != kNoColumn);
}

}  // namespace

std::optional<Mode> FromProto(v1::Mode mode) {
  // In the same order, after UNSPECIFIED.
  if (mode < v1::LEARNING || mode > v1::SHADOW) return std::nullopt;
  return static_cast<Mode>(mode - v1::LEARNING);
}

v1::Mode ToProto(Mode mode) { return static_cast<v1::Mode>(v1::LEARNING + static_cast<int>(mode)); }

std::optional<Durability> FromProto(v1::Durability durability) {
  // In the same order, after UNSPECIFIED.
  if (durability < v1::EPHEMERAL || durability > v1::SYNCED) return std::nullopt;
  return static_cast<Durability>(durability - v1::EPHEMERAL);
}

v1::Durability ToProto(Durability durability) {
  return static_cast<v1::Durability>(v1::EPHEMERAL + static_cast<int>(durability));
}

PresetChoice FromProto(const v1::PresetSource& proto, const std::string& path,
                       std::vector<Violation>* violations) {
  PresetChoice choice{
      proto.preset(), FromProto(proto.parameters(), path + ".parameters", violations), {}};
  for (const auto& [port, space] : proto.spaces()) choice.spaces.emplace(port, FromProto(space));
  return choice;
}

void ToProto(const PresetChoice& choice, v1::PresetSource* proto) {
  proto->set_preset(choice.preset);
  ToProto(choice.parameters, proto->mutable_parameters());
  for (const auto& [port, space] : choice.spaces) ToProto(space, &(*proto->mutable_spaces())[port]);
}

void SizeToProto(const Circuit& circuit, v1::AgentSize* proto) {
  proto->set_neurons(circuit.neurons());
  proto->set_synapses(circuit.synapses());
  proto->set_bytes(circuit.state_bytes());
  proto->set_max_bytes(circuit.max_state_bytes());
  proto->set_step_seconds(circuit.tick_seconds() * circuit.spec().ticks_per_step);
}

void PortsToProto(const Circuit& circuit,
                  google::protobuf::RepeatedPtrField<v1::PortInfo>* protos) {
  for (const Port& port : circuit.inputs()) PortToProto(port, protos->Add());
  for (const Port& port : circuit.outputs()) PortToProto(port, protos->Add());
}

void ToProto(const std::string& name, const SnapshotInfo& info, v1::Snapshot* proto) {
  proto->set_name(name);
  TimeToProto(info.create_time, proto->mutable_create_time());
  proto->set_step(info.steps);
  proto->set_incarnation(info.incarnation);
  proto->set_digest(info.digest);
  proto->set_bytes(info.bytes);
  proto->set_note(info.note);
}

void ToProto(const Stats& stats, bool awake, v1::AgentStats* proto) {
  proto->set_steps(stats.steps);
  proto->set_episodes(stats.episodes);
  if (stats.mean_return_episodes > 0) proto->set_mean_return(stats.mean_return);
  proto->set_mean_return_episodes(stats.mean_return_episodes);
  proto->set_rewards_applied(stats.rewards_applied);
  proto->set_rewards_duplicate(stats.rewards_duplicate);
  proto->set_rewards_not_learning(stats.rewards_not_learning);
  proto->set_rewards_pending(stats.rewards_pending);
  proto->set_rewards_expired(stats.rewards_expired);
  proto->set_rewards_unknown_event(stats.rewards_unknown_event);
  proto->set_time(stats.time);
  TimeToProto(stats.last_active, proto->mutable_last_active_time());
  proto->set_residency(awake ? v1::RESIDENT : v1::HIBERNATED);
}

void ToProto(const Identity& identity, const Circuit& circuit, const Card& card, bool awake,
             v1::Agent* proto) {
  proto->set_name(identity.name());
  if (identity.uid != 0) {
    proto->set_uid(identity.uid);
    proto->set_incarnation(card.incarnation);
    proto->mutable_numerics()->Assign(card.numerics.begin(), card.numerics.end());
    TimeToProto(identity.create_time, proto->mutable_create_time());
    proto->set_etag(EtagOf(card));
    ToProto(card.stats, awake, proto->mutable_stats());
  }
  proto->mutable_labels()->insert(card.settings.labels.begin(), card.settings.labels.end());
  proto->set_mode(ToProto(card.settings.mode));
  proto->set_seed(identity.seed);
  proto->set_durability(ToProto(identity.durability));
  if (identity.preset) ToProto(*identity.preset, proto->mutable_preset());
  for (size_t i = 0; i < card.settings.live_parameters.size(); ++i) {
    (*proto->mutable_live_parameters())[circuit.live_parameters()[i].name] =
        card.settings.live_parameters[i];
  }
  SizeToProto(circuit, proto->mutable_size());
  PortsToProto(circuit, proto->mutable_ports());
  for (const int index : circuit.channels()) {
    const Node& node = circuit.nodes()[index];
    v1::ChannelInfo* channel = proto->add_channels();
    channel->set_name(node.name);
    channel->set_model(node.component->name);
    channel->set_size(node.size);
  }
}

}  // namespace phasic::convert
