// SPDX-License-Identifier: Apache-2.0
//
// phasic agents curve: the returns of an agent's last episodes as a chart.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cli/chart.h"
#include "client/cli/command.h"
#include "client/cli/terminal.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

// The component of every agent that keeps its statistics, and the variables used here.
constexpr char kStatistics[] = "agent";
constexpr char kReturns[] = "returns";
constexpr char kEpisodes[] = "episodes";
constexpr char kSteps[] = "steps";

// The returns of the last episodes that ended, oldest first.
struct Curve {
  int64_t first_episode = 0;
  std::vector<double> returns;
  int64_t steps = 0;
};

absl::StatusOr<Curve> ReadCurve(const client::Client& server, const std::string& name) {
  v1::InspectRequest request;
  request.set_name(name);
  request.set_component(kStatistics);
  const auto variables = server.Inspect(request);
  if (!variables.ok()) return variables.status();
  using client::Variable;
  const Variable* returns = Find(*variables, kReturns);
  const Variable* episodes = Find(*variables, kEpisodes);
  const Variable* steps = Find(*variables, kSteps);
  if (returns == nullptr || returns->numbers.size() == 0 || episodes == nullptr ||
      episodes->numbers.size() != 1 || steps == nullptr || steps->numbers.size() != 1) {
    return absl::DataLossError("the server sent no returns of episodes");
  }
  // A ring: the return of episode e is at e modulo the ring's size.
  const int64_t ring = static_cast<int64_t>(returns->numbers.size());
  const int64_t ended = static_cast<int64_t>(episodes->numbers[0]);
  Curve curve;
  curve.first_episode = std::max<int64_t>(0, ended - ring);
  curve.steps = static_cast<int64_t>(steps->numbers[0]);
  for (int64_t episode = curve.first_episode; episode < ended; ++episode) {
    curve.returns.push_back(returns->numbers[episode % ring]);
  }
  return curve;
}

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string CurveText(const std::string& id, const Curve& curve, const ChartStyle& style) {
  if (curve.returns.empty()) {
    return absl::StrCat(id, ": no episode has ended yet, after ", curve.steps, " steps\n");
  }
  const int64_t last = curve.first_episode + static_cast<int64_t>(curve.returns.size()) - 1;
  return absl::StrCat(id, ": return of episodes ", curve.first_episode, " to ", last, ", after ",
                      curve.steps, " steps\n\n",
                      DrawChart(curve.returns, curve.first_episode, "episode", style), "\nmean ",
                      ShortText(Mean(curve.returns)), "  best ",
                      ShortText(*std::max_element(curve.returns.begin(), curve.returns.end())),
                      "  last ", ShortText(curve.returns.back()), "\n");
}

absl::StatusOr<Exit> RunCurve(const Context& context) {
  const std::string name = ResourceName("agents", context.args.Text("ID"));
  const auto period = context.args.Number("watch");
  if (period.has_value() && context.json) {
    return absl::InvalidArgumentError("--watch draws again and again; --json answers once");
  }
  for (;;) {
    const absl::StatusOr<Curve> curve = ReadCurve(context.server, name);
    if (!curve.ok()) return curve.status();
    if (context.json) {
      JsonWriter writer(context.out);
      writer.BeginObject();
      writer.Key("firstEpisode");
      writer.Integer(curve->first_episode);
      writer.Key("steps");
      writer.Integer(curve->steps);
      writer.Key("returns");
      writer.Values(curve->returns);
      writer.EndObject();
      return Exit::kOk;
    }
    const ChartStyle style = {TerminalWidth(), IsUtf8() && !context.args.Has("ascii")};
    // A terminal shows one chart, drawn over the last; a file gets one after the other.
    if (period.has_value() && IsTerminal()) context.out << "\x1b[H\x1b[2J";
    context.out << CurveText(IdOf(name), *curve, style) << std::flush;
    if (!period.has_value()) return Exit::kOk;
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(*period, 1e6)));
  }
}

}  // namespace

Command CurveCommand() {
  return {"curve",
          "Draw an agent's learning curve: the returns of its last episodes.",
          "  phasic agents curve cart --watch 2",
          {AgentOperand()},
          {{"watch", Type::kPositive, "SECONDS", "Draw it again so often, until Ctrl-C."},
           {"ascii", Type::kSwitch, "", "Without block characters."}},
          RunCurve,
          {}};
}

}  // namespace phasic
