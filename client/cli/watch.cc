// SPDX-License-Identifier: Apache-2.0
//
// phasic agents watch: what an agent does, as it does it.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

using Topic = v1::WatchRequest::Topic;
using Moment = v1::WatchResponse::Moment;

constexpr char kTopics[] = "rewards|actions|modulators|spikes|traces|weights";

// Numbers one after the other; of many only the first ones.
template <class Values>
std::string ValuesText(const Values& values) {
  constexpr int kShown = 8;
  std::string text;
  for (int i = 0; i < std::min(kShown, values.size()); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ", ShortText(values[i]));
  }
  if (values.size() > kShown) absl::StrAppend(&text, " ... (", values.size(), ")");
  return text;
}

std::string MomentText(const Moment& moment) {
  std::string text = moment.has_step() ? absl::StrCat("step ", moment.step())
                                       : absl::StrCat("before step ", moment.next_step());
  absl::StrAppend(&text, "  episode ", moment.episode());
  for (const auto& reward : moment.rewards()) {
    absl::StrAppend(&text, "  ", reward.channel(), " ", ValuesText(reward.values()));
    if (reward.disposition() != v1::APPLIED) {
      absl::StrAppend(&text, " (", v1::Disposition_Name(reward.disposition()), ")");
    }
  }
  if (moment.end() != v1::NONE) absl::StrAppend(&text, "  ", v1::End_Name(moment.end()));
  if (moment.action_size() > 0) absl::StrAppend(&text, "  action ", ValuesText(moment.action()));
  for (const auto& level : moment.modulators()) {
    absl::StrAppend(&text, "  ", level.component(), ".", level.variable(), " ",
                    ValuesText(level.values()));
  }
  for (const auto& spikes : moment.spikes()) {
    absl::StrAppend(&text, "  ", spikes.component(), " fires ", spikes.units_size());
  }
  return text + "\n";
}

std::string SizesText(const google::protobuf::RepeatedPtrField<v1::WatchResponse::Size>& sizes) {
  std::string text;
  for (const auto& size : sizes) {
    absl::StrAppend(&text, "  |", size.component(), ".", size.variable(), "| ",
                    ShortText(size.summary().norm()));
  }
  return text;
}

std::string MessageText(const v1::WatchResponse& message) {
  std::string text;
  if (message.dropped() > 0) {
    absl::StrAppend(&text, "(", message.dropped(), " more came too fast)\n");
  }
  for (const Moment& moment : message.moments()) text += MomentText(moment);
  const v1::AgentStats& stats = message.stats();
  absl::StrAppend(&text, "now at step ", stats.steps());
  if (stats.has_mean_return()) {
    absl::StrAppend(&text, "  mean return ", ShortText(stats.mean_return()));
  }
  return absl::StrCat(text, SizesText(message.traces()), SizesText(message.weights()), "\n");
}

absl::StatusOr<Exit> RunWatch(const Context& context) {
  const Args& args = context.args;
  v1::WatchRequest request;
  request.set_name(ResourceName("agents", args.Text("ID")));
  for (const std::string& word : args.All("topic")) {
    Topic topic = v1::WatchRequest::TOPIC_UNSPECIFIED;
    v1::WatchRequest::Topic_Parse(absl::AsciiStrToUpper(word), &topic);
    request.add_topics(topic);
  }
  request.set_stride(static_cast<int64_t>(args.Count("stride").value_or(0)));
  request.set_max_rate(args.Number("rate").value_or(0));
  uint64_t left = args.Count("messages").value_or(UINT64_MAX);
  const absl::Status done = absl::CancelledError("enough");
  const absl::Status status = context.server.Watch(request, [&](const v1::WatchResponse& message) {
    if (context.json) {
      JsonWriter(context.out).Message(message);
    } else {
      context.out << MessageText(message);
    }
    // Whoever reads a pipe sees it now, and who has gone ends it.
    context.out.flush();
    return --left == 0 || !context.out ? done : absl::OkStatus();
  });
  if (!status.ok() && status != done) return status;
  return Exit::kOk;
}

}  // namespace

Command WatchCommand() {
  return {
      "watch",
      "Follow what an agent does: steps, rewards, modulators, traces and weights.",
      "  phasic agents watch cart\n"
      "  phasic agents watch cart --topic rewards --topic weights --rate 1",
      {AgentOperand()},
      {{"topic", Type::kChoice, kTopics, "What to tell; may be repeated. All by default.", true},
       {"stride", Type::kSize, "N", "Only every N-th step."},
       {"rate", Type::kPositive, "HZ", "Messages a second at most; 10 by default."},
       {"messages", Type::kSize, "N", "End after so many messages."}},
      RunWatch,
      {}};
}

}  // namespace phasic
