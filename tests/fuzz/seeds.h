// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/agents/columns.h"
#include "server/agents/image.h"
#include "server/agents/record.h"
#include "server/agents/turn.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/importer.h"

// What fuzz targets begin with.
namespace phasic::testing {

// The circuit of every agent that it imports.
inline std::shared_ptr<const Circuit> FuzzedCircuit() {
  static const std::shared_ptr<const Circuit> circuit = [] {
    CircuitSpec spec = LearnerSpec();
    spec.projections[0].min_weight = -2;
    spec.projections[0].max_weight = 2;
    spec.projections[0].delay = 2;
    return CompileOrDie(spec);
  }();
  return circuit;
}

inline std::string FileOf(const ExportedAgent& exported) {
  std::string file;
  const auto written = WriteAgentFile(exported, {"circuit"}, [&](std::string_view chunk) {
    file += chunk;
    return true;
  });
  return written.ok() ? file : "";
}

inline void StepSome(Agent& agent, int steps) {
  const std::vector<float> observation = {0.5f, -0.25f, 1.0f};
  std::vector<float> action(agent.circuit().action_size());
  const RewardInput reward{0, {Real(0.5)}};
  for (int i = 0; i < steps && agent.divergence().column == kNoColumn; ++i) {
    StepInput input;
    input.observation = observation;
    input.rewards = {&reward, 1};
    input.end = i % 5 == 4 ? End::kTruncated : End::kNone;
    agent.Step(input, action);
  }
}

// A journal that keeps what it is told, as bytes.
class SeedJournal final : public Journal {
 public:
  absl::StatusOr<Ticket> Append(const JournalRecord& record) override {
    EncodeInput(record, &inputs.emplace_back());
    return 0;
  }
  absl::Status Wait(Ticket) override { return absl::OkStatus(); }
  std::optional<absl::Status> Join(Ticket, Waiter*) override { return absl::OkStatus(); }
  bool IsKept(Ticket) const override { return true; }
  std::vector<std::string> inputs;
};

// One input of each kind, and images of the agent before and after them.
inline void InputAndImageSeeds(std::vector<std::string>* inputs, std::vector<std::string>* images) {
  SeedJournal journal;
  const auto agent =
      std::make_shared<HostedAgent>(Identity{.id = "a"}, Inside(Agent(FuzzedCircuit(), 5), {}),
                                    Card{.numerics = {1}}, nullptr, 1);
  auto turn = Turn::Take(agent, {}, journal);
  if (!turn.ok()) return;
  images->push_back(EncodeImage(turn->Copy({}, {})));
  const std::vector<float> observation = {0.5f, -0.25f, 1.0f}, weight = {1};
  const std::vector<double> value = {0.5};
  const std::vector<RewardArguments> rewards = {{0, value, "r-1", true}};
  const std::vector<uint8_t> forbidden = {0, 1, 0, 0};
  const std::vector<ColumnId> report = {0};
  const std::vector<RecordArguments> record = {{0, 1}};
  const StateWrite write{FindColumn(*FuzzedCircuit(), "weights.weights"), 1, 1,
                         std::as_bytes(std::span(weight))};
  StepRoom room;
  turn->Step({.observation = observation}, absl::OkStatus(), &room).IgnoreError();
  turn->Step({.observation = observation,
              .rewards = rewards,
              .request_id = "request",
              .run_id = "run",
              .ticks = 2,
              .forbidden = forbidden,
              .report = report,
              .record = record},
             absl::OkStatus(), &room)
      .IgnoreError();
  turn->Reward(rewards).IgnoreError();
  turn->WriteState({&write, 1}, {}, "").IgnoreError();
  turn->Update({.mode = Mode::kFrozen, .labels = {{"env", "maze"}}, .live_parameters = {{0, 0.1}}},
               "")
      .IgnoreError();
  turn->ResetEpisode({}).IgnoreError();
  images->push_back(EncodeImage(turn->Copy({}, {})));
  *inputs = journal.inputs;
}

// Good files: of a new agent, and of one that has lived.
inline std::vector<std::string> ImportSeeds() {
  std::vector<std::string> seeds;
  for (const int steps : {0, 20}) {
    ExportedAgent exported(Agent(FuzzedCircuit(), 5));
    StepSome(exported.agent, steps);
    exported.settings.labels = {{"env", "maze"}};
    exported.reward_ids = {"a", "b"};
    exported.numerics = {1};
    seeds.push_back(FileOf(exported));
  }
  return seeds;
}

}  // namespace phasic::testing
