// SPDX-License-Identifier: Apache-2.0
#include "server/agents/record.h"

#include <algorithm>
#include <limits>

#include "core/base/bytes.h"
#include "server/agents/errors.h"

namespace phasic {
namespace {

enum Kind : uint8_t {
  kStep = 1,
  kRewards = 2,
  kReset = 3,
  kChange = 4,
  kWrites = 5,
  kRewardsForSteps = 6,
};

// What a step has beside its observation, one bit each; the ends take two.
enum StepFlag : uint16_t {
  kEndMask = 3,
  kGreedy = 4,
  kTicks = 8,
  kForbidden = 16,
  kRequestId = 32,
  kRunId = 64,
  kRewardsGiven = 128,
  kTaken = 256,
  kStepsGiven = 512,  // of rewards
  kKnownFlags = 1023,
};

void PutRewards(std::span<const RewardArguments> rewards, ByteWriter* out) {
  out->PutLength(rewards.size());
  for (const RewardArguments& reward : rewards) {
    out->PutLength(reward.channel);
    out->PutList(reward.values);
    out->PutText(reward.id);
  }
}

bool NamesStep(std::span<const RewardArguments> rewards) {
  return std::any_of(rewards.begin(), rewards.end(),
                     [](const RewardArguments& reward) { return reward.step.has_value(); });
}

// What rewards are for, after the rewards.
void PutSteps(std::span<const RewardArguments> rewards, ByteWriter* out) {
  for (const RewardArguments& reward : rewards) {
    out->Put(reward.step.has_value());
    if (!reward.step) continue;
    out->Put(*reward.step);
    out->Put(reward.incarnation);
  }
}

// What is looked at during a step changes nothing; but it is part of the answer, and an answer that
// may be asked for again must be the same.
void PutQuestions(const StepArguments& step, ByteWriter* out) {
  out->PutText(step.request_id);
  out->PutLength(step.report.size());
  for (const ColumnId column : step.report) out->PutLength(column);
  out->PutLength(step.record.size());
  for (const RecordArguments& record : step.record) {
    out->PutLength(record.column);
    out->PutLength(record.every);
  }
}

void Put(const StepArguments& step, ByteWriter* out) {
  uint16_t flags = static_cast<uint16_t>(step.end);
  if (step.greedy) flags |= kGreedy;
  if (step.ticks != 0) flags |= kTicks;
  if (!step.forbidden.empty()) flags |= kForbidden;
  if (!step.request_id.empty()) flags |= kRequestId;
  if (!step.run_id.empty()) flags |= kRunId;
  if (!step.rewards.empty()) flags |= kRewardsGiven;
  if (!step.taken_action.empty()) flags |= kTaken;
  if (NamesStep(step.rewards)) flags |= kStepsGiven;
  out->Put(flags);
  out->PutList(step.observation);
  if (flags & kTicks) out->PutLength(step.ticks);
  if (flags & kForbidden) out->PutList(step.forbidden);
  if (flags & kRequestId) PutQuestions(step, out);
  if (flags & kRunId) out->PutText(step.run_id);
  if (flags & kRewardsGiven) PutRewards(step.rewards, out);
  if (flags & kStepsGiven) PutSteps(step.rewards, out);
  if (flags & kTaken) out->PutList(step.taken_action);
}

void Put(const SettingsChange& change, ByteWriter* out) {
  out->Put<uint8_t>(change.mode ? 1 + static_cast<uint8_t>(*change.mode) : 0);
  out->Put(change.replace_labels);
  out->PutLength(change.labels.size());
  for (const auto& [key, value] : change.labels) {
    out->PutText(key);
    out->Put(value.has_value());
    if (value) out->PutText(*value);
  }
  out->PutLength(change.live_parameters.size());
  for (const auto& [index, value] : change.live_parameters) {
    out->PutLength(index);
    out->Put(value);
  }
}

struct Encoder {
  ByteWriter* out;
  void operator()(const StepArguments* step) const {
    out->Put(kStep);
    Put(*step, out);
  }
  void operator()(std::span<const RewardArguments> rewards) const {
    const bool steps = NamesStep(rewards);
    out->Put(steps ? kRewardsForSteps : kRewards);
    PutRewards(rewards, out);
    if (steps) PutSteps(rewards, out);
  }
  void operator()(ResetArguments) const { out->Put(kReset); }
  void operator()(const SettingsChange* change) const {
    out->Put(kChange);
    Put(*change, out);
  }
  void operator()(std::span<const StateWrite> writes) const {
    out->Put(kWrites);
    out->PutLength(writes.size());
    for (const StateWrite& write : writes) {
      out->PutLength(write.column);
      out->PutLength(write.first);
      out->PutLength(write.count);
      out->PutList(write.values);
    }
  }
};

// A number that is an int wherever it is used.
int GetInt(ByteReader& in) {
  const uint64_t number = in.GetLength();
  if (number <= std::numeric_limits<int>::max()) return static_cast<int>(number);
  in.Fail();
  return 0;
}

}  // namespace

void EncodeInput(const JournalRecord& record, std::string* out) {
  ByteWriter writer(out);
  std::visit(Encoder{&writer}, record.input);
}

void DecodedInput::DecodeRewards(ByteReader& in) {
  constexpr size_t kLeastBytes = 3;
  const size_t count = in.GetCount(kLeastBytes);
  values_.resize(count);
  rewards_.assign(count, {});
  for (size_t i = 0; i < count && in.ok(); ++i) {
    rewards_[i].channel = GetInt(in);
    in.GetList(&values_[i]);
    rewards_[i].values = values_[i];
    rewards_[i].id = in.GetText();
  }
}

void DecodedInput::DecodeSteps(ByteReader& in) {
  for (RewardArguments& reward : rewards_) {
    if (!in.GetFlag()) continue;
    reward.step = in.Get<uint64_t>();
    reward.incarnation = in.Get<uint64_t>();
  }
}

void DecodedInput::DecodeStep(ByteReader& in) {
  step_ = {};
  const auto flags = in.Get<uint16_t>();
  const int end = flags & kEndMask;
  if ((flags & ~kKnownFlags) != 0 || end > static_cast<int>(End::kTruncated)) return in.Fail();
  step_.end = static_cast<End>(end);
  step_.greedy = (flags & kGreedy) != 0;
  in.GetList(&observation_);
  step_.observation = observation_;
  if (flags & kTicks) step_.ticks = GetInt(in);
  if (flags & kForbidden) {
    in.GetList(&forbidden_);
    step_.forbidden = forbidden_;
  }
  if (flags & kRequestId) {
    step_.request_id = in.GetText();
    report_.resize(in.GetCount());
    for (ColumnId& column : report_) column = GetInt(in);
    record_.resize(in.GetCount(2));
    for (RecordArguments& record : record_) {
      record.column = GetInt(in);
      record.every = GetInt(in);
    }
    step_.report = report_;
    step_.record = record_;
  }
  if (flags & kRunId) step_.run_id = in.GetText();
  if (flags & kRewardsGiven) {
    DecodeRewards(in);
    step_.rewards = rewards_;
  }
  if (flags & kStepsGiven) {
    if (!(flags & kRewardsGiven)) return in.Fail();
    DecodeSteps(in);
  }
  if (flags & kTaken) {
    in.GetList(&taken_);
    step_.taken_action = taken_;
  }
}

void DecodedInput::DecodeChange(ByteReader& in) {
  change_ = {};
  const auto mode = in.Get<uint8_t>();
  if (mode > 1 + static_cast<uint8_t>(Mode::kShadow)) return in.Fail();
  if (mode > 0) change_.mode = static_cast<Mode>(mode - 1);
  change_.replace_labels = in.GetFlag();
  for (size_t left = in.GetCount(2); left > 0 && in.ok(); --left) {
    std::string key(in.GetText());
    auto& value = change_.labels[std::move(key)];
    if (in.GetFlag()) value.emplace(in.GetText());
  }
  for (size_t left = in.GetCount(9); left > 0 && in.ok(); --left) {
    const int index = GetInt(in);
    change_.live_parameters.emplace_back(index, in.Get<double>());
  }
}

void DecodedInput::DecodeWrites(ByteReader& in) {
  constexpr size_t kLeastBytes = 4;
  const size_t count = in.GetCount(kLeastBytes);
  written_.resize(count);
  writes_.assign(count, {});
  for (size_t i = 0; i < count && in.ok(); ++i) {
    writes_[i].column = GetInt(in);
    writes_[i].first = static_cast<int64_t>(in.GetLength());
    writes_[i].count = static_cast<int64_t>(in.GetLength());
    in.GetList(&written_[i]);
    writes_[i].values = written_[i];
  }
}

absl::Status DecodedInput::Decode(std::string_view bytes) {
  bytes_.assign(bytes);
  ByteReader in(bytes_);
  switch (in.Get<uint8_t>()) {
    case kStep:
      DecodeStep(in);
      input_ = &step_;
      break;
    case kRewards:
      DecodeRewards(in);
      input_ = std::span<const RewardArguments>(rewards_);
      break;
    case kRewardsForSteps:
      DecodeRewards(in);
      DecodeSteps(in);
      input_ = std::span<const RewardArguments>(rewards_);
      break;
    case kReset:
      input_ = ResetArguments{};
      break;
    case kChange:
      DecodeChange(in);
      input_ = &change_;
      break;
    case kWrites:
      DecodeWrites(in);
      input_ = std::span<const StateWrite>(writes_);
      break;
    default:
      return errors::Corrupt("an input of a kind that is not known");
  }
  return in.done() ? absl::OkStatus() : errors::Corrupt("an input that cannot be read");
}

}  // namespace phasic
