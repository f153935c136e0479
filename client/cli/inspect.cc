// SPDX-License-Identifier: Apache-2.0
//
// phasic agents inspect: weights, traces, activity and all else that an agent holds.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/table.h"
#include "client/cli/values.h"
#include "client/cpp/error.h"

namespace phasic {
namespace {

using client::Numbers;
using client::Variable;

constexpr Table::Align kRight = Table::Align::kRight;
// Columns of a line of a vector's values when lines have no limit.
constexpr int kUsualWidth = 80;

std::string ShapeText(const v1::InspectResponse& info) {
  return info.shape().empty() ? "scalar" : absl::StrJoin(info.shape(), "x");
}

std::string SummariesText(const std::vector<Variable>& variables, int width) {
  Table table({{"COMPONENT"},
               {"VARIABLE"},
               {"SHAPE"},
               {"TYPE"},
               {"LIFE"},
               {"MIN", kRight},
               {"MEAN", kRight},
               {"MAX", kRight},
               {"NORM", kRight},
               {"UNIT"}});
  for (const Variable& variable : variables) {
    const v1::InspectResponse& info = variable.info;
    const auto& summary = info.summary();
    const bool empty = summary.count() == 0;
    const auto number = [empty](double value) { return empty ? "-" : ShortText(value); };
    table.Row({info.component(), info.variable(), ShapeText(info), DtypeText(info.dtype()),
               info.life(), number(summary.min()), number(summary.mean()), number(summary.max()),
               number(summary.norm()), info.unit()});
  }
  return table.Text(width);
}

// The place of an element, "[3]" or "[2,0]".
std::string PlaceText(const v1::InspectResponse& info, int64_t element) {
  std::vector<int64_t> place(info.shape_size());
  for (int i = info.shape_size(); i-- > 0;) {
    place[i] = element % info.shape(i);
    element /= info.shape(i);
  }
  return absl::StrCat("[", absl::StrJoin(place, ","), "]");
}

// The values, each line after the place of its first: a matrix has a line for each row, a vector as
// many values in a line as fit.
std::string ValuesText(const Variable& variable, int width) {
  const v1::InspectResponse& info = variable.info;
  const Numbers& numbers = variable.numbers;
  const int64_t size = static_cast<int64_t>(numbers.size());
  if (size == 0) return "";
  if (info.shape().empty()) return absl::StrCat(ShortText(numbers, 0), "\n");

  std::vector<std::string> texts;
  size_t widest = 0;
  for (int64_t i = 0; i < size; ++i) {
    texts.push_back(ShortText(numbers, i));
    widest = std::max(widest, texts.back().size());
  }
  const int64_t last = info.offset() + size - 1;
  const size_t margin = PlaceText(info, last).size();
  int64_t in_line = info.shape(info.shape_size() - 1);
  if (info.shape_size() == 1) {
    const int64_t room = (width == 0 ? kUsualWidth : width) - static_cast<int64_t>(margin);
    in_line = std::max<int64_t>(1, room / static_cast<int64_t>(widest + 2));
  }
  std::string text;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t element = info.offset() + i;
    const bool begins = info.shape_size() == 1 ? i % in_line == 0 : element % in_line == 0;
    if (i == 0 || begins) {
      const std::string place = PlaceText(info, element);
      absl::StrAppend(&text, i == 0 ? "" : "\n", place,
                      std::string(margin - std::min(margin, place.size()), ' '));
    }
    absl::StrAppend(&text, "  ", std::string(widest - texts[i].size(), ' '), texts[i]);
  }
  return text + "\n";
}

std::string VariableText(const Variable& variable, int width) {
  const v1::InspectResponse& info = variable.info;
  std::string text = absl::StrCat(info.component(), ".", info.variable(), "  ", ShapeText(info),
                                  " ", DtypeText(info.dtype()), "  ", info.life());
  if (!info.unit().empty()) absl::StrAppend(&text, "  in ", info.unit());
  absl::StrAppend(&text, "  before step ", info.step(), "\n");
  const auto& summary = info.summary();
  if (summary.count() > 0) {
    absl::StrAppend(&text, "min ", ShortText(summary.min()), "  mean ", ShortText(summary.mean()),
                    "  max ", ShortText(summary.max()), "  norm ", ShortText(summary.norm()), "\n");
  }
  return absl::StrCat(text, ValuesText(variable, width));
}

// {"step", "variables": [{"component", "variable", ..., "values"}]}; "values" only where they were
// asked for.
void WriteVariables(const std::vector<Variable>& variables, bool values, JsonWriter& writer) {
  writer.BeginObject();
  writer.Key("variables");
  writer.BeginArray();
  for (const Variable& variable : variables) {
    const v1::InspectResponse& info = variable.info;
    writer.BeginObject();
    writer.Key("component");
    writer.String(info.component());
    writer.Key("variable");
    writer.String(info.variable());
    writer.Key("unit");
    writer.String(info.unit());
    writer.Key("life");
    writer.String(info.life());
    writer.Key("shape");
    writer.BeginArray();
    for (const int64_t size : info.shape()) writer.Integer(size);
    writer.EndArray();
    writer.Key("dtype");
    writer.String(absl::AsciiStrToUpper(DtypeText(info.dtype())));
    writer.Key("step");
    writer.Integer(static_cast<int64_t>(info.step()));
    writer.Key("summary");
    writer.Message(info.summary());
    if (values) {
      writer.Key("offset");
      writer.Integer(info.offset());
      writer.Key("values");
      writer.Values(variable.numbers);
    }
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

// Asks for COMPONENT.VARIABLE. Names of components may have dots themselves: the last word is taken
// for a variable first.
absl::StatusOr<std::vector<Variable>> InspectPath(const client::Client& server,
                                                  const std::string& path,
                                                  v1::InspectRequest* request) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) {
    request->set_component(path);
    request->set_summary_only(true);
    return server.Inspect(*request);
  }
  request->set_component(path.substr(0, dot));
  request->set_variable(path.substr(dot + 1));
  auto variables = server.Inspect(*request);
  if (client::ReasonOf(variables.status()) != "VARIABLE_NOT_FOUND") return variables;

  v1::InspectRequest component;
  component.set_name(request->name());
  component.set_component(path);
  component.set_summary_only(true);
  auto of_component = server.Inspect(component);
  if (!of_component.ok()) return variables;
  *request = std::move(component);
  return of_component;
}

absl::StatusOr<Exit> RunInspect(const Context& context) {
  const Args& args = context.args;
  const std::string path = args.Text("PATH");
  const bool slice = args.Has("offset") || args.Has("count");
  v1::InspectRequest request;
  request.set_name(ResourceName("agents", args.Text("ID")));
  request.set_offset(static_cast<int64_t>(args.Count("offset").value_or(0)));
  request.set_count(static_cast<int64_t>(args.Count("count").value_or(0)));
  request.set_summary_only(args.Has("summary") || path.empty());
  if (slice && (args.Has("summary") || path.find('.') == std::string::npos)) {
    return absl::InvalidArgumentError("--offset and --count are for the values of one variable");
  }
  const auto variables =
      path.empty() ? context.server.Inspect(request) : InspectPath(context.server, path, &request);
  if (!variables.ok()) return variables.status();

  const bool values = !request.summary_only();
  if (context.json) {
    JsonWriter writer(context.out);
    WriteVariables(*variables, values, writer);
  } else if (values) {
    for (const Variable& variable : *variables) {
      context.out << VariableText(variable, context.width);
    }
  } else {
    context.out << SummariesText(*variables, context.width);
  }
  return Exit::kOk;
}

}  // namespace

Command InspectCommand() {
  return {"inspect",
          "Show what an agent holds: a table of all variables, or the values of one.",
          "  phasic agents inspect cart\n"
          "  phasic agents inspect cart actor\n"
          "  phasic agents inspect cart actor.weights --offset 100 --count 20",
          {AgentOperand(),
           {"PATH",
            "COMPONENT or COMPONENT.VARIABLE; a component is a population, projection, modulator "
            "or port.",
            false}},
          {{"offset", Type::kOffset, "N", "Values from this one on, in row-major order."},
           {"count", Type::kSize, "N", "At most so many values."},
           {"summary", Type::kSwitch, "", "No values, only their summary."}},
          RunInspect,
          {}};
}

}  // namespace phasic
