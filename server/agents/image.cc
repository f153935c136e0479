// SPDX-License-Identifier: Apache-2.0
#include "server/agents/image.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"

namespace phasic {
namespace {

constexpr uint8_t kCardVersion = 2, kImageVersion = 2, kInfoVersion = 1;

using Clock = std::chrono::system_clock;

absl::Status CheckVersion(uint8_t version, uint8_t known, const std::string& what) {
  if (version >= 1 && version <= known) return absl::OkStatus();
  return errors::UnknownVersion(absl::StrCat(what, " of version ", version));
}

void PutTime(Clock::time_point time, ByteWriter* out) {
  out->Put(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

Clock::time_point GetTime(ByteReader& in) {
  return Clock::time_point(
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(in.Get<int64_t>())));
}

template <class T>
void PutVector(const std::vector<T>& values, ByteWriter* out) {
  out->PutList(std::span<const T>(values));
}

void Put(const Space& space, ByteWriter* out) {
  out->Put(space.kind);
  out->Put(space.n);
  PutVector(space.shape, out);
  PutVector(space.low, out);
  PutVector(space.high, out);
  PutVector(space.nvec, out);
}

Space GetSpace(ByteReader& in) {
  Space space;
  space.kind = in.GetEnum(Space::Kind::kMultiDiscrete);
  space.n = in.Get<int>();
  in.GetList(&space.shape);
  in.GetList(&space.low);
  in.GetList(&space.high);
  in.GetList(&space.nvec);
  return space;
}

void Put(const ParamValue& value, ByteWriter* out) {
  out->Put(static_cast<uint8_t>(value.index()));
  if (const auto* number = std::get_if<double>(&value)) out->Put(*number);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) PutVector(*list, out);
  if (const auto* word = std::get_if<std::string>(&value)) out->PutText(*word);
}

ParamValue GetParamValue(ByteReader& in) {
  switch (in.Get<uint8_t>()) {
    case 0:
      return in.Get<double>();
    case 1: {
      std::vector<double> list;
      in.GetList(&list);
      return list;
    }
    case 2:
      return std::string(in.GetText());
    default:
      in.Fail();
      return 0.0;
  }
}

void Put(const PresetChoice& choice, ByteWriter* out) {
  out->PutText(choice.preset);
  out->PutLength(choice.parameters.size());
  for (const auto& [name, value] : choice.parameters) {
    out->PutText(name);
    Put(value, out);
  }
  out->PutLength(choice.spaces.size());
  for (const auto& [port, space] : choice.spaces) {
    out->PutText(port);
    Put(space, out);
  }
}

PresetChoice GetPresetChoice(ByteReader& in) {
  PresetChoice choice;
  choice.preset = in.GetText();
  for (size_t left = in.GetCount(2); left > 0 && in.ok(); --left) {
    std::string name(in.GetText());
    choice.parameters.insert_or_assign(std::move(name), GetParamValue(in));
  }
  for (size_t left = in.GetCount(2); left > 0 && in.ok(); --left) {
    std::string port(in.GetText());
    choice.spaces.insert_or_assign(std::move(port), GetSpace(in));
  }
  return choice;
}

void Put(const Settings& settings, ByteWriter* out) {
  out->Put(settings.mode);
  out->PutLength(settings.labels.size());
  for (const auto& [key, value] : settings.labels) {
    out->PutText(key);
    out->PutText(value);
  }
  PutVector(settings.live_parameters, out);
  out->Put(settings.version);
}

Settings GetSettings(ByteReader& in) {
  Settings settings;
  settings.mode = in.GetEnum(Mode::kShadow);
  for (size_t left = in.GetCount(2); left > 0 && in.ok(); --left) {
    std::string key(in.GetText());
    settings.labels.insert_or_assign(std::move(key), std::string(in.GetText()));
  }
  in.GetList(&settings.live_parameters);
  settings.version = in.Get<uint64_t>();
  return settings;
}

void Put(const Stats& stats, ByteWriter* out) {
  for (const uint64_t count :
       {stats.steps, stats.episodes, stats.rewards_applied, stats.rewards_duplicate,
        stats.rewards_not_learning, stats.rewards_pending, stats.rewards_expired,
        stats.rewards_unknown_event}) {
    out->Put(count);
  }
  out->Put(stats.mean_return);
  out->Put(stats.mean_return_episodes);
  out->Put(stats.time);
  PutTime(stats.last_active, out);
}

Stats GetStats(ByteReader& in, uint8_t version) {
  Stats stats;
  for (uint64_t* count : {&stats.steps, &stats.episodes, &stats.rewards_applied,
                          &stats.rewards_duplicate, &stats.rewards_not_learning}) {
    *count = in.Get<uint64_t>();
  }
  if (version >= 2) {
    for (uint64_t* count :
         {&stats.rewards_pending, &stats.rewards_expired, &stats.rewards_unknown_event}) {
      *count = in.Get<uint64_t>();
    }
  }
  stats.mean_return = in.Get<double>();
  stats.mean_return_episodes = in.Get<int>();
  stats.time = in.Get<double>();
  stats.last_active = GetTime(in);
  return stats;
}

void Put(const Card& card, ByteWriter* out) {
  out->Put(card.incarnation);
  Put(card.settings, out);
  Put(card.stats, out);
  PutVector(card.numerics, out);
}

Card GetCard(ByteReader& in, uint8_t version) {
  Card card;
  card.incarnation = in.Get<uint64_t>();
  card.settings = GetSettings(in);
  card.stats = GetStats(in, version);
  in.GetList(&card.numerics);
  return card;
}

void Put(const StepOutcome& outcome, ByteWriter* out) {
  out->Put(outcome.end);
  PutVector(outcome.action, out);
  out->PutLength(outcome.report.size());
  for (const ColumnCopy& copy : outcome.report) {
    out->Put(copy.column);
    PutVector(copy.bytes, out);
  }
  out->PutLength(outcome.recordings.size());
  for (const Samples& samples : outcome.recordings) {
    out->Put(samples.column);
    out->Put(samples.count);
    PutVector(samples.bytes, out);
  }
  out->Put(outcome.step);
  out->Put(outcome.episode);
  out->Put(outcome.time);
  out->Put(outcome.incarnation);
  PutVector(outcome.dispositions, out);
}

// Its columns must be of the circuit, with whole numbers of elements: an answer is put into words
// by them.
bool Fits(ColumnId column, size_t bytes, const Layout& layout) {
  if (column < 0 || static_cast<size_t>(column) >= layout.columns.size()) return false;
  return bytes % SizeOf(layout.columns[column].type) == 0;
}

std::shared_ptr<const StepOutcome> GetOutcome(ByteReader& in, uint8_t version, const Card& card,
                                              const Circuit& circuit) {
  const Layout& layout = circuit.layout();
  auto outcome = std::make_shared<StepOutcome>();
  outcome->end = in.GetEnum(End::kTruncated);
  in.GetList(&outcome->action);
  const auto size = static_cast<size_t>(circuit.action_size());
  if (outcome->action.size() != (outcome->end == End::kNone ? size : 0)) in.Fail();
  outcome->report.resize(in.GetCount(5));
  for (ColumnCopy& copy : outcome->report) {
    copy.column = in.Get<ColumnId>();
    in.GetList(&copy.bytes);
    if (!Fits(copy.column, copy.bytes.size(), layout)) in.Fail();
  }
  outcome->recordings.resize(in.GetCount(9));
  for (Samples& samples : outcome->recordings) {
    samples.column = in.Get<ColumnId>();
    samples.count = in.Get<int>();
    in.GetList(&samples.bytes);
    if (!Fits(samples.column, samples.bytes.size(), layout) || samples.count < 0) {
      in.Fail();
      break;
    }
    const Column& column = layout.columns[samples.column];
    const auto row = static_cast<size_t>(column.size()) * SizeOf(column.type);
    if (samples.bytes.size() != row * static_cast<size_t>(samples.count)) in.Fail();
  }
  outcome->step = in.Get<uint64_t>();
  outcome->episode = in.Get<uint64_t>();
  outcome->time = in.Get<double>();
  outcome->incarnation = version >= 2 ? in.Get<uint64_t>() : card.incarnation;
  in.GetList(&outcome->dispositions);
  for (const Disposition disposition : outcome->dispositions) {
    if (disposition > Disposition::kUnknownEvent) in.Fail();
  }
  return outcome;
}

}  // namespace

std::string EncodeCard(const Identity& identity, const Card& card) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Put(kCardVersion);
  PutTime(identity.create_time, &out);
  out.Put(identity.seed);
  out.Put(identity.durability);
  out.Put(identity.preset.has_value());
  if (identity.preset) Put(*identity.preset, &out);
  Put(card, &out);
  return bytes;
}

absl::StatusOr<CatalogueCard> DecodeCard(std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.Get<uint8_t>();
  RETURN_IF_ERROR(CheckVersion(version, kCardVersion, "a card"));
  CatalogueCard result;
  result.identity.create_time = GetTime(in);
  result.identity.seed = in.Get<uint64_t>();
  result.identity.durability = in.GetEnum(Durability::kSynced);
  if (in.GetFlag()) result.identity.preset = GetPresetChoice(in);
  result.card = GetCard(in, version);
  if (!in.done()) return errors::Corrupt("a card that cannot be read");
  return result;
}

std::string EncodeImage(const Inside& inside) {
  std::string bytes;
  const std::string state = inside.agent.Save();
  bytes.reserve(state.size() + 1'024);
  ByteWriter out(&bytes);
  out.Put(kImageVersion);
  out.Put(inside.sequence);
  out.Put(inside.agent.Digest());
  Put(inside.card, &out);
  out.PutText(inside.run_id);
  out.PutLength(inside.reward_ids.size());
  inside.reward_ids.ForEach([&](const std::string& id) { out.PutText(id); });
  out.PutLength(inside.answers.size());
  inside.answers.ForEach([&](const std::string& request_id, const StepOutcome& outcome) {
    out.PutText(request_id);
    Put(outcome, &out);
  });
  out.PutText(state);
  return bytes;
}

absl::StatusOr<Inside> DecodeImage(std::string_view bytes,
                                   const std::shared_ptr<const Circuit>& circuit,
                                   Budget::Room room) {
  ByteReader in(bytes);
  const auto version = in.Get<uint8_t>();
  RETURN_IF_ERROR(CheckVersion(version, kImageVersion, "a state"));
  Inside inside(Agent(circuit, 0), std::move(room));
  inside.sequence = in.Get<uint64_t>();
  const auto digest = in.Get<uint64_t>();
  inside.card = GetCard(in, version);
  inside.run_id = in.GetText();
  const size_t ids = in.GetCount();
  inside.reward_ids.Prepare(ids);
  for (size_t i = 0; i < ids && in.ok(); ++i) inside.reward_ids.Add(std::string(in.GetText()));
  inside.answers.Prepare();
  for (size_t left = in.GetCount(); left > 0 && in.ok(); --left) {
    std::string request_id(in.GetText());
    inside.answers.Add(std::move(request_id),
                       {GetOutcome(in, version, inside.card, *circuit), 0, false});
  }
  const std::string state(in.GetText());
  if (!in.done()) return errors::Corrupt("a state that cannot be read");
  const absl::Status loaded = inside.agent.Load(state);
  if (!loaded.ok()) return errors::Corrupt(absl::StrCat("a state that ", loaded.message()));
  if (inside.agent.Digest() != digest) return errors::Corrupt("a state with another digest");
  if (inside.card.settings.live_parameters.size() != circuit->live_parameters().size()) {
    return errors::Corrupt("a state with other live parameters");
  }
  inside.stored_sequence = inside.sequence;
  return inside;
}

std::string EncodeInfo(const SnapshotInfo& info) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Put(kInfoVersion);
  PutTime(info.create_time, &out);
  for (const uint64_t number : {info.steps, info.incarnation, info.digest}) out.Put(number);
  out.Put(info.bytes);
  out.PutText(info.note);
  out.PutText(info.made_by);
  return bytes;
}

absl::StatusOr<SnapshotInfo> DecodeInfo(std::string_view bytes) {
  ByteReader in(bytes);
  RETURN_IF_ERROR(CheckVersion(in.Get<uint8_t>(), kInfoVersion, "a snapshot's info"));
  SnapshotInfo info;
  info.create_time = GetTime(in);
  for (uint64_t* number : {&info.steps, &info.incarnation, &info.digest}) {
    *number = in.Get<uint64_t>();
  }
  info.bytes = in.Get<int64_t>();
  info.note = in.GetText();
  info.made_by = in.GetText();
  if (!in.done()) return errors::Corrupt("a snapshot's info that cannot be read");
  return info;
}

}  // namespace phasic
