// SPDX-License-Identifier: Apache-2.0
//
// phasic agents step, reward and reset: what takes an agent's turn and changes its state.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/command.h"
#include "client/cli/table.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

absl::Status Fault(const std::string& option, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", std::string(status.message())));
}

// --obs: one value for the only port, or PORT=VALUES for each of several.
absl::Status ReadObservation(const Args& args, v1::StepRequest* request) {
  const std::vector<std::string> texts = args.All("obs");
  for (const std::string& text : texts) {
    const auto values = ParseNamedNumbers(text);
    if (!values.ok()) return Fault("--obs", values.status());
    const std::vector<double>& numbers = values->numbers;
    if (values->name.empty()) {
      if (texts.size() > 1) {
        return absl::InvalidArgumentError("--obs: with several, each is PORT=NUMBERS");
      }
      request->mutable_observation()->Add(numbers.begin(), numbers.end());
      continue;
    }
    v1::Tensor& tensor = *request->add_inputs();
    tensor.set_name(values->name);
    tensor.add_shape(static_cast<int64_t>(numbers.size()));
    tensor.set_dtype(v1::Tensor::FLOAT64);
    tensor.set_data(numbers.data(), numbers.size() * sizeof(double));
  }
  return absl::OkStatus();
}

absl::Status ReadMasks(const Args& args, v1::StepRequest* request) {
  for (const std::string& text : args.All("mask")) {
    const auto values = ParseNamedNumbers(text);
    if (!values.ok()) return Fault("--mask", values.status());
    v1::ActionMask& mask = *request->add_action_masks();
    mask.set_port(values->name);
    for (const double allowed : values->numbers) {
      if (allowed != 0 && allowed != 1) {
        return absl::InvalidArgumentError(
            absl::StrCat("--mask: \"", text, "\" has other than 0 and 1"));
      }
      mask.add_allowed(allowed == 1);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TensorText(const v1::Tensor& tensor) {
  const auto numbers = client::Numbers::Make(tensor.dtype(), tensor.data());
  if (!numbers.ok()) return numbers.status();
  std::string text;
  for (size_t i = 0; i < numbers->size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ", ShortText(*numbers, i));
  }
  return text;
}

std::string DispositionsText(const google::protobuf::RepeatedField<int>& dispositions) {
  return absl::StrJoin(dispositions, " ", [](std::string* out, int disposition) {
    absl::StrAppend(out, v1::Disposition_Name(static_cast<v1::Disposition>(disposition)));
  });
}

absl::StatusOr<std::string> StepText(const v1::StepResponse& response) {
  Table table({{""}, {""}});
  if (!response.action().empty()) {
    table.Row({"action", absl::StrJoin(response.action(), " ", [](std::string* out, float value) {
                 absl::StrAppend(out, ShortText(value));
               })});
  }
  for (const auto* tensors : {&response.actions(), &response.report()}) {
    for (const v1::Tensor& tensor : *tensors) {
      absl::StatusOr<std::string> text = TensorText(tensor);
      if (!text.ok()) return text.status();
      table.Row({tensor.name(), *std::move(text)});
    }
  }
  if (!response.dispositions().empty()) {
    table.Row({"rewards", DispositionsText(response.dispositions())});
  }
  table.Row({"step", absl::StrCat(response.step())});
  table.Row({"episode", absl::StrCat(response.episode())});
  table.Row({"time", absl::StrCat(ShortText(response.time()), " ms")});
  return table.Text();
}

absl::Status ReadStep(const Args& args, v1::StepRequest* request) {
  request->set_name(ResourceName("agents", args.Text("ID")));
  if (absl::Status status = ReadObservation(args, request); !status.ok()) return status;
  if (absl::Status status = ReadMasks(args, request); !status.ok()) return status;
  for (const std::string& text : args.All("reward")) {
    const auto values = ParseNamedNumbers(text);
    if (!values.ok()) return Fault("--reward", values.status());
    *request->add_rewards() = MakeReward(*values);
  }
  if (args.Has("taken")) {
    const auto taken = ParseNumbers(args.Text("taken"));
    if (!taken.ok()) return Fault("--taken", taken.status());
    request->mutable_taken_action()->Add(taken->begin(), taken->end());
  }
  if (args.Has("end")) {
    request->set_end(args.Text("end") == "terminated" ? v1::TERMINATED : v1::TRUNCATED);
  }
  if (const auto step = args.Count("step")) request->set_step(*step);
  request->set_greedy(args.Has("greedy"));
  request->set_ticks(static_cast<int32_t>(args.Count("ticks").value_or(0)));
  request->set_request_id(args.Text("request-id"));
  request->set_run_id(args.Text("run-id"));
  for (const std::string& text : args.All("report")) {
    const std::vector<std::string> variables = absl::StrSplit(text, ',');
    for (const std::string& variable : variables) request->add_report(variable);
  }
  return absl::OkStatus();
}

absl::StatusOr<Exit> Step(const Context& context) {
  v1::StepRequest request;
  const absl::Status status = ReadStep(context.args, &request);
  if (!status.ok()) return status;
  const absl::StatusOr<v1::StepResponse> response = context.server.Step(request);
  if (!response.ok()) return response.status();
  if (context.json) {
    JsonWriter(context.out).Message(*response);
    return Exit::kOk;
  }
  const absl::StatusOr<std::string> text = StepText(*response);
  if (!text.ok()) return text.status();
  context.out << *text;
  return Exit::kOk;
}

absl::StatusOr<Exit> GiveReward(const Context& context) {
  const Args& args = context.args;
  const auto numbers = ParseNumbers(args.Text("VALUE"));
  if (!numbers.ok()) return Fault("VALUE", numbers.status());
  v1::RewardRequest request;
  request.set_name(ResourceName("agents", args.Text("ID")));
  *request.add_rewards() = MakeReward({args.Text("channel"), *numbers});
  request.mutable_rewards(0)->set_reward_id(args.Text("reward-id"));
  if (const auto step = args.Count("step")) request.mutable_rewards(0)->set_step(*step);
  const absl::StatusOr<v1::RewardResponse> response = context.server.Reward(request);
  if (!response.ok()) return response.status();
  if (context.json) {
    JsonWriter(context.out).Message(*response);
  } else {
    context.out << DispositionsText(response->dispositions()) << '\n';
  }
  return Exit::kOk;
}

absl::StatusOr<Exit> Reset(const Context& context) {
  v1::ResetEpisodeRequest request;
  request.set_name(ResourceName("agents", context.args.Text("ID")));
  if (const auto step = context.args.Count("step")) request.set_step(*step);
  const absl::StatusOr<v1::ResetEpisodeResponse> response = context.server.ResetEpisode(request);
  if (!response.ok()) return response.status();
  if (context.json) {
    JsonWriter(context.out).Message(*response);
  } else {
    context.out << "episode " << response->episode() << " begins\n";
  }
  return Exit::kOk;
}

constexpr char kStepDetails[] =
    R"(NUMBERS are separated by commas. A set of them without a name is for the only port, or for the first channel.

  phasic agents step cart --obs 0.1,0,-0.02,0
  phasic agents step cart --obs 0.1,0.2,-0.02,0.1 --reward 1 --report policy.probability
  phasic agents step cart --reward 0 --end terminated)";

}  // namespace

std::vector<Command> TurnCommands() {
  const Option step = {"step", Type::kCount, "N", "Only if the agent's next step has this index."};
  return {
      {"step",
       "Rewards, then an observation, then time, then an action.",
       kStepDetails,
       {AgentOperand()},
       {{"obs", Type::kText, "[PORT=]NUMBERS", "The observation.", true},
        {"reward", Type::kText, "[CHANNEL=]NUMBERS", "A reward, delivered before the observation.",
         true},
        {"end", Type::kChoice, "terminated|truncated",
         "The episode ends: the world ended it, or it was cut off."},
        step,
        {"greedy", Type::kSwitch, "", "Act without exploring."},
        {"ticks", Type::kSize, "N",
         "Ticks of simulated time; the circuit's own number unless said."},
        {"mask", Type::kText, "[PORT=]1,0,...", "Which actions are allowed.", true},
        {"taken", Type::kText, "NUMBERS",
         "In shadow mode: what was done on this observation, all outputs in turn."},
        {"report", Type::kText, "COMPONENT.VARIABLE,...", "What to tell besides the action.", true},
        {"request-id", Type::kText, "ID", "Makes it safe to try again."},
        {"run-id", Type::kText, "ID",
         "Names the run of the environment; a new run resets an open episode."}},
       Step,
       {}},
      {"reward",
       "A reward, punishment or teaching signal that comes by itself.",
       "  phasic agents reward cart 1\n  phasic agents reward cart 0.5,-1 --channel errors",
       {AgentOperand(),
        {"VALUE", "A number, or for a channel of several, numbers with commas between."}},
       {{"channel", Type::kText, "NAME",
         "The modulator that it is for; the circuit's first unless said."},
        {"step", Type::kCount, "N", "The step that it is for, within the circuit's reward window."},
        {"reward-id", Type::kText, "ID", "A second reward with this id is not delivered."}},
       GiveReward,
       {}},
      {"reset",
       "End the episode as truncated, without a last observation.",
       "",
       {AgentOperand()},
       {step},
       Reset,
       {}},
  };
}

}  // namespace phasic
