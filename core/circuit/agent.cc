// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/agent.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/float_mode.h"
#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/status_macros.h"
#include "core/circuit/past.h"
#include "core/circuit/read.h"
#include "core/circuit/step.h"

namespace phasic {
namespace {

void DrawWeights(const Circuit& circuit, State& state) {
  const uint64_t seed = *state.data<uint64_t>(kAgentSeed);
  for (const Link& link : circuit.links()) {
    if (link.transposed) continue;
    const auto weights = state.span<Real>(link.weights);
    const auto& projections = circuit.spec().projections;
    const auto spec = std::find_if(projections.begin(), projections.end(),
                                   [&](const ProjectionSpec& p) { return p.name == link.name; });
    const InitialWeights& initial = spec->initial;
    const Random random(seed, HashOf(link.name + ".weights"), 0);
    for (size_t i = 0; i < weights.size(); ++i) {
      double w = initial.mean;
      if (!initial.values.empty()) {
        w = initial.values[i];
      } else if (initial.distribution == InitialWeights::Distribution::kUniform) {
        w += initial.spread * (2 * random.Uniform(static_cast<uint32_t>(i)) - 1);
      } else if (initial.distribution == InitialWeights::Distribution::kNormal) {
        w += initial.spread * random.Normal(static_cast<uint32_t>(i));
      }
      weights[i] = static_cast<Real>(w);
    }
    for (const SynapseWeight& one : initial.synapses) {
      const int64_t at = link.synapses != nullptr
                             ? link.synapses->Find(one.pre, one.post)
                             : static_cast<int64_t>(one.post) * link.pre + one.pre;
      weights[at] = one.weight;
    }
    if (!link.bounded) continue;
    for (Real& w : weights) w = std::clamp(w, link.min_weight, link.max_weight);
  }
}

absl::Status CheckObservation(const Circuit& circuit, std::span<const float> observation) {
  if (static_cast<int>(observation.size()) != circuit.observation_size()) {
    return InvalidField("BAD_OBSERVATION", "observation",
                        absl::StrCat("has ", observation.size(), " values, but the agent takes ",
                                     circuit.observation_size()));
  }
  for (const Port& port : circuit.inputs()) {
    int element = -1;
    const std::string fault =
        port.space.WhyNot(observation.subspan(port.offset, port.size), &element);
    if (!fault.empty()) {
      return InvalidField("BAD_OBSERVATION",
                          absl::StrCat("observation[", port.offset + std::max(element, 0), "]"),
                          absl::StrCat(fault, " (port \"", port.name, "\")"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMask(const Circuit& circuit, std::span<const uint8_t> forbidden) {
  if (forbidden.empty()) return absl::OkStatus();
  if (static_cast<int>(forbidden.size()) != circuit.mask_size()) {
    return InvalidField("BAD_ACTION_MASK", "action_masks",
                        absl::StrCat("have ", forbidden.size(), " alternatives, but the agent has ",
                                     circuit.mask_size()));
  }
  for (const Port& port : circuit.outputs()) {
    if (port.forbidden == kNoColumn) continue;
    const auto mask = forbidden.subspan(port.mask_offset, port.source_size);
    if (const int choice = port.space.ChoiceWithout(mask); choice >= 0) {
      return InvalidField("BAD_ACTION_MASK", "action_masks",
                          absl::StrCat("forbid every alternative of ",
                                       port.size > 1 ? absl::StrCat("choice ", choice, " of ") : "",
                                       "the port \"", port.name, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

Agent::Agent(std::shared_ptr<const Circuit> circuit, uint64_t seed)
    : circuit_(std::move(circuit)), state_(&circuit_->layout()) {
  const FloatMode mode;
  set_seed(seed);
  for (const LiveParameter& p : circuit_->live_parameters()) set_live_parameter(p, p.initial);
  DrawWeights(*circuit_, state_);
}

absl::Status Agent::Check(const StepInput& input) const {
  const int ticks = Ticks(input);
  if (ticks < 1 || ticks > limits::kMaxTicksPerStep) {
    return InvalidField(
        "BAD_TICKS", "ticks",
        absl::StrCat("is ", ticks, ", but must be 1 to ", limits::kMaxTicksPerStep));
  }
  if (circuit_->reward_window().episodes != kNoColumn && ticks > circuit_->spec().ticks_per_step) {
    return InvalidField("BAD_TICKS", "ticks",
                        absl::StrCat("is ", ticks, ", but the reward window has room for ",
                                     circuit_->spec().ticks_per_step, " a step"));
  }
  for (const When& when : circuit_->clocks()) {
    if (when.clock == When::Clock::kAt &&
        when.at.back() > ticks * circuit_->spec().dt * (1 + 1e-9)) {
      return InvalidField("BAD_TICKS", "ticks",
                          absl::StrCat("is ", ticks, ", but something in the circuit happens ",
                                       when.at.back(), " ms into the step"));
    }
  }
  RETURN_IF_ERROR(CheckTurn(ticks, input.rewards.size()));
  RETURN_IF_ERROR(CheckPast(input.rewards, input.learning));
  if (input.end != End::kTerminated || !input.observation.empty()) {
    RETURN_IF_ERROR(CheckObservation(*circuit_, input.observation));
  }
  RETURN_IF_ERROR(CheckMask(*circuit_, input.forbidden));
  return CheckTaken(input);
}

absl::Status Agent::CheckTaken(const StepInput& input) const {
  if (input.taken_action.empty()) return absl::OkStatus();
  const auto bad = [](const std::string& field, const std::string& description) {
    return InvalidField("BAD_ACTION", field, description);
  };
  RETURN_IF_ERROR(circuit_->CheckShadow());
  if (input.end != End::kNone) {
    return bad("taken_action", "is given, but no action follows the end of an episode");
  }
  if (static_cast<int>(input.taken_action.size()) != circuit_->action_size()) {
    return bad("taken_action",
               absl::StrCat("has ", input.taken_action.size(),
                            " values, but the agent's action has ", circuit_->action_size()));
  }
  for (const Port& port : circuit_->outputs()) {
    const auto action = input.taken_action.subspan(port.offset, port.size);
    int element = -1;
    std::string fault = port.space.WhyNot(action, &element);
    int first = port.mask_offset;
    const bool masked = port.forbidden != kNoColumn && !input.forbidden.empty();
    for (int i = 0; masked && fault.empty() && i < port.space.choices(); ++i) {
      element = i;
      if (input.forbidden[first + static_cast<int>(action[i])] != 0)
        fault = "is an alternative that the action mask forbids";
      first += port.space.alternatives(i);
    }
    if (!fault.empty()) {
      return bad(absl::StrCat("taken_action[", port.offset + std::max(element, 0), "]"),
                 absl::StrCat(fault, " (port \"", port.name, "\")"));
    }
  }
  return absl::OkStatus();
}

absl::Status Agent::CheckTurn(int ticks, size_t rewards) const {
  const double seconds = circuit_->TurnSeconds(ticks, rewards);
  if (seconds <= limits::kMaxTurnSeconds) return absl::OkStatus();
  const char* const field = circuit_->TurnSeconds(ticks, 0) > seconds / 2 ? "ticks" : "rewards";
  return MakeError(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat(field, ": ", ticks, " ticks and ", rewards, " rewards take about ", seconds,
                   " s, but a turn may take at most ", limits::kMaxTurnSeconds),
      {"TURN_TOO_LONG", {{field, "too many for one turn"}}, {}});
}

absl::Status Agent::CheckPast(std::span<const RewardInput> rewards, bool learning) const {
  size_t past = 0, pending = 0;
  for (size_t i = 0; i < rewards.size(); ++i) {
    const RewardInput& reward = rewards[i];
    if (!reward.step) continue;
    ++past;
    const std::string& why = circuit_->WhyNoWindow(reward.channel);
    if (!why.empty()) {
      const std::string& channel = circuit_->spec().modulators[reward.channel].name;
      return MakeError(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("a reward to \"", channel, "\" cannot name a step: ", why),
                       {"NO_REWARD_WINDOW", {}, {{"channel", channel}}});
    }
    const Disposition disposition =
        Judge(*circuit_, state_, learning, reward.channel, *reward.step);
    if (disposition == Disposition::kPending) ++pending;
  }
  if (pending > 0) {
    const uint32_t held = *state_.data<uint32_t>(circuit_->reward_window().held);
    if (held + pending > limits::kMaxPendingRewards) {
      return MakeError(
          absl::StatusCode::kResourceExhausted,
          absl::StrCat(held, " rewards wait for their step, and ", pending,
                       " more would, but at most ", limits::kMaxPendingRewards, " may"),
          {"TOO_MANY_PENDING_REWARDS", {}, {}});
    }
  }
  const double seconds = static_cast<double>(past) * circuit_->recall_seconds();
  if (seconds <= limits::kMaxTurnSeconds) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted,
                   absl::StrCat("rewards: ", past, " that name a step take about ", seconds,
                                " s, but a turn may take at most ", limits::kMaxTurnSeconds),
                   {"TURN_TOO_LONG", {{"rewards", "too many for one turn"}}, {}});
}

absl::Status Agent::CheckReward(int channel, std::span<const double> values) const {
  if (channel < 0 || channel >= static_cast<int>(circuit_->channels().size())) {
    return InvalidField("BAD_REWARD", "channel", "the agent has no such channel");
  }
  const Node& node = circuit_->nodes()[circuit_->channels()[channel]];
  if (static_cast<int>(values.size()) != node.size) {
    return InvalidField("BAD_REWARD", "values",
                        absl::StrCat("has ", values.size(), " numbers, but the channel \"",
                                     node.name, "\" takes ", node.size));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!IsFinite(static_cast<Real>(values[i]))) {
      return InvalidField("BAD_REWARD", absl::StrCat("values[", i, "]"),
                          absl::StrCat("is ", values[i], ", but must be finite"));
    }
  }
  return absl::OkStatus();
}

void Agent::Enter(Lane* lane, bool learning) noexcept {
  divergence_ = {};
  lane->state = &state_;
  lane->learning = learning;
  lane->divergence = &divergence_;
}

bool Agent::Begin(const StepInput& input, Lane* lane) noexcept {
  Enter(lane, input.learning);
  lane->ticks = Ticks(input);
  lane->greedy = input.greedy;
  lane->recorders = input.recorders;
  lane->closing = input.end == End::kTruncated;
  for (size_t i = 0; i < input.rewards.size(); ++i) {
    const Disposition disposition = Receive(*lane, input.rewards[i]);
    if (!input.dispositions.empty()) input.dispositions[i] = disposition;
  }
  CloseWindow(*circuit_, *lane);
  if (input.end == End::kTerminated) {
    OpenWindow(*circuit_, *lane, /*decided=*/false);
    EndEpisode(*circuit_, *lane, Closing::kTerminated);
    ++*state_.data<uint64_t>(kAgentStep);
    return false;
  }
  for (const Port& port : circuit_->inputs()) {
    const auto values = input.observation.subspan(port.offset, port.size);
    std::copy(values.begin(), values.end(), state_.data<Real>(circuit_->nodes()[port.node].value));
  }
  for (const Port& port : circuit_->outputs()) {
    if (port.forbidden == kNoColumn) continue;
    const auto forbidden = state_.span<Real>(port.forbidden);
    for (int i = 0; i < port.source_size; ++i) {
      forbidden[i] = !input.forbidden.empty() && input.forbidden[port.mask_offset + i] != 0;
    }
  }
  lane->forced = !input.taken_action.empty();
  if (lane->forced) {
    for (const Port& port : circuit_->outputs()) {
      port.decoder->invert(circuit_->nodes()[port.node],
                           input.taken_action.subspan(port.offset, port.size),
                           state_.span<Real>(port.forced));
    }
  }
  return true;
}

void Agent::Finish(const StepInput& input, const Lane& lane, std::span<float> action) noexcept {
  OpenWindow(*circuit_, lane, input.end == End::kNone);
  ++*state_.data<uint64_t>(kAgentStep);
  if (input.end == End::kTruncated) {
    EndEpisode(*circuit_, lane, Closing::kObserved);
    return;
  }
  ++*state_.data<uint64_t>(kAgentEpisodeStep);
  for (const Port& port : circuit_->outputs()) {
    const Real* value = state_.data<Real>(circuit_->nodes()[port.node].value);
    std::transform(value, value + port.size, action.begin() + port.offset,
                   [](Real x) { return static_cast<float>(x); });
  }
}

void Agent::Step(const StepInput& input, std::span<float> action) {
  Agent* const self = this;
  StepTogether({&self, 1}, {&input, 1}, {&action, 1});
}

void Agent::StepTogether(std::span<Agent* const> agents, std::span<const StepInput> inputs,
                         std::span<const std::span<float>> actions) {
  const FloatMode mode;
  if (agents.empty()) return;
  // A group goes through the program side by side, so its states should stay near the core.
  constexpr size_t kNearBytes = 128 << 10;
  const size_t size = agents[0]->state_.block().size();
  const size_t group_size = std::clamp<size_t>(kNearBytes / size, 1, LaneGroup::kMost);
  LaneGroup group;
  size_t who[LaneGroup::kMost];
  // All memory first: after this nothing can fail.
  for (size_t i = 0; i < agents.size(); ++i) {
    agents[i]->state_.Prepare(agents[i]->Ticks(inputs[i]));
  }
  for (size_t from = 0; from < agents.size(); from += group_size) {
    group.Clear();
    for (size_t i = from; i < std::min(agents.size(), from + group_size); ++i) {
      who[group.size()] = i;
      if (!agents[i]->Begin(inputs[i], &group.Add())) group.Drop();
    }
    const std::span<Lane> lanes = group.lanes();
    RunTicks(agents[0]->circuit(), lanes);
    for (size_t l = 0; l < lanes.size(); ++l)
      agents[who[l]]->Finish(inputs[who[l]], lanes[l], actions[who[l]]);
  }
}

Disposition Agent::Receive(const Lane& lane, const RewardInput& reward) noexcept {
  if (reward.step) return DeliverPast(*circuit_, lane, reward.channel, *reward.step, reward.values);
  Deliver(*circuit_, lane, reward.channel, reward.values);
  return lane.learning ? Disposition::kApplied : Disposition::kNotLearning;
}

Disposition Agent::Reward(const RewardInput& reward, bool learning) noexcept {
  const FloatMode mode;
  Lane lane;
  Enter(&lane, learning);
  return Receive(lane, reward);
}

void Agent::ResetEpisode(bool learning) noexcept {
  const FloatMode mode;
  Lane lane;
  Enter(&lane, learning);
  EndEpisode(*circuit_, lane, Closing::kUnknown);
}

void Agent::ForgetRewards() noexcept { EmptyMailboxes(*circuit_, &state_); }

std::vector<std::byte> Agent::Read(ColumnId column) const {
  std::vector<std::byte> bytes(state_.bytes(column).size());
  phasic::Read(*circuit_, state_, column, bytes.data());
  return bytes;
}

double Agent::time() const {
  return static_cast<double>(*state_.data<uint64_t>(kAgentTick)) * circuit_->spec().dt;
}

double Agent::MeanReturn(int* episodes) const {
  *episodes = static_cast<int>(std::min<uint64_t>(this->episodes(), limits::kReturnsKept));
  const double* returns = state_.data<double>(kAgentReturns);
  double sum = 0;
  for (int i = 0; i < *episodes; ++i) sum += returns[i];
  return *episodes == 0 ? 0 : sum / *episodes;
}

double Agent::live_parameter(const LiveParameter& parameter) const {
  return state_.data<double>(parameter.column)[parameter.index];
}

void Agent::set_live_parameter(const LiveParameter& parameter, double value) {
  state_.data<double>(parameter.column)[parameter.index] = value;
}

}  // namespace phasic
