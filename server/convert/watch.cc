// SPDX-License-Identifier: Apache-2.0
#include "server/convert/watch.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/convert/rewards.h"

namespace phasic::convert {
namespace {

// As every population that spikes calls its output.
constexpr std::string_view kSpike = "spike";

// The columns of outputs that are `meant`.
template <class Meant>
std::vector<ColumnId> OutputsOf(const Circuit& circuit, const Meant& meant) {
  std::vector<ColumnId> outputs;
  for (const Node& node : circuit.nodes()) {
    if (node.component == nullptr) continue;  // a port
    for (size_t i = 0; i < node.component->columns.size(); ++i) {
      const ColumnInfo& info = node.component->columns[i];
      if (info.output && meant(node.component->kind, info)) outputs.push_back(node.columns[i]);
    }
  }
  return outputs;
}

std::vector<ColumnId> LevelsOf(const Circuit& circuit) {
  return OutputsOf(circuit, [](Kind kind, const ColumnInfo&) { return kind == Kind::kModulator; });
}

std::vector<ColumnId> SpikesOf(const Circuit& circuit) {
  return OutputsOf(circuit, [](Kind kind, const ColumnInfo& info) {
    return kind == Kind::kPopulation && info.name == kSpike;
  });
}

std::vector<ColumnId> TracesOf(const Circuit& circuit) {
  std::vector<ColumnId> traces;
  const std::vector<Column>& columns = circuit.layout().columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool of_link =
        std::any_of(circuit.links().begin(), circuit.links().end(),
                    [&](const Link& link) { return link.name == columns[i].component; });
    const bool real = columns[i].type == kReal;
    if (of_link && real && columns[i].life == Life::kTrace && !columns[i].derived) {
      traces.push_back(static_cast<ColumnId>(i));
    }
  }
  return traces;
}

std::vector<ColumnId> WeightsOf(const Circuit& circuit) {
  std::vector<ColumnId> weights;
  for (const Link& link : circuit.links()) {
    if (!link.transposed) weights.push_back(link.weights);
  }
  return weights;
}

}  // namespace

absl::StatusOr<WatchWish> FromProto(const v1::WatchRequest& request, const Circuit& circuit) {
  std::vector<Violation> violations;
  for (int i = 0; i < request.topics_size(); ++i) {
    if (v1::WatchRequest::Topic_IsValid(request.topics(i)) && request.topics(i) != 0) continue;
    violations.push_back({absl::StrCat("topics[", i, "]"), "is unknown"});
  }
  if (request.stride() < 0) violations.push_back({"stride", "must not be negative"});
  const double rate = request.max_rate() == 0 ? limits::kWatchRate : request.max_rate();
  if (!(rate > 0 && rate <= limits::kMaxWatchRate)) {
    violations.push_back({"max_rate", absl::StrCat("must be 0 to ", limits::kMaxWatchRate)});
  }
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));

  const auto wanted = [&](v1::WatchRequest::Topic topic) {
    const auto& topics = request.topics();
    return topics.empty() || std::find(topics.begin(), topics.end(), topic) != topics.end();
  };
  WatchWish wish;
  wish.choice.stride = static_cast<uint64_t>(std::max<int64_t>(1, request.stride()));
  wish.choice.rewards = wanted(v1::WatchRequest::REWARDS);
  wish.choice.actions = wanted(v1::WatchRequest::ACTIONS);
  if (wanted(v1::WatchRequest::MODULATORS)) wish.choice.levels = LevelsOf(circuit);
  if (wanted(v1::WatchRequest::SPIKES)) wish.choice.spikes = SpikesOf(circuit);
  if (wanted(v1::WatchRequest::TRACES)) wish.traces = TracesOf(circuit);
  if (wanted(v1::WatchRequest::WEIGHTS)) wish.weights = WeightsOf(circuit);
  // A rate may be as small as one likes; a day is never to most.
  wish.period = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(std::min(1 / rate, 86'400.0)));
  return wish;
}

void ToProto(const Moment& moment, const Circuit& circuit, v1::WatchResponse::Moment* proto) {
  if (moment.stepped) {
    proto->set_step(moment.step);
  } else {
    proto->set_next_step(moment.step);
  }
  proto->set_episode(moment.episode);
  proto->set_time(moment.time);
  proto->set_end(static_cast<v1::End>(moment.end));
  for (const Moment::SeenReward& reward : moment.rewards) {
    v1::WatchResponse::SeenReward* seen = proto->add_rewards();
    seen->set_channel(circuit.nodes()[circuit.channels()[reward.channel]].name);
    seen->mutable_values()->Assign(reward.values.begin(), reward.values.end());
    seen->set_disposition(ToProto(reward.disposition));
  }
  proto->mutable_action()->Assign(moment.action.begin(), moment.action.end());
  const std::vector<Column>& columns = circuit.layout().columns;
  for (const Moment::Level& level : moment.levels) {
    v1::WatchResponse::Level* modulator = proto->add_modulators();
    modulator->set_component(columns[level.column].component);
    modulator->set_variable(columns[level.column].name);
    modulator->mutable_values()->Assign(level.values.begin(), level.values.end());
  }
  for (const Moment::Spikes& some : moment.spikes) {
    v1::WatchResponse::Spikes* spikes = proto->add_spikes();
    spikes->set_component(columns[some.column].component);
    spikes->mutable_units()->Assign(some.units.begin(), some.units.end());
  }
}

}  // namespace phasic::convert
