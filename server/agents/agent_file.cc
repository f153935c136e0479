// SPDX-License-Identifier: Apache-2.0
#include "server/agents/agent_file.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "core/circuit/read.h"
#include "core/model/elements.h"
#include "server/agents/columns.h"
#include "server/agents/errors.h"

namespace phasic {
namespace {

using errors::BadExport;
using safetensors::Metadata;

// The names of what the metadata have.
constexpr char kFormat[] = "format", kVersion[] = "version", kCircuit[] = "circuit",
               kPreset[] = "preset", kFingerprint[] = "fingerprint", kSeed[] = "seed",
               kDigest[] = "digest", kMode[] = "mode", kDurability[] = "durability",
               kRunId[] = "run_id", kNumerics[] = "numerics", kLabel[] = "labels.",
               kRewardId[] = "reward_ids.";
constexpr char kAgent[] = "phasic-agent", kKnownVersion[] = "1";

// Rewards by disposition.
constexpr struct {
  const char* name;
  uint64_t Stats::*count;
} kRewards[] = {{"rewards_applied", &Stats::rewards_applied},
                {"rewards_duplicate", &Stats::rewards_duplicate},
                {"rewards_not_learning", &Stats::rewards_not_learning},
                {"rewards_pending", &Stats::rewards_pending},
                {"rewards_expired", &Stats::rewards_expired},
                {"rewards_unknown_event", &Stats::rewards_unknown_event}};

constexpr const char* kModes[] = {"LEARNING", "FROZEN", "SHADOW"};
constexpr const char* kDurabilities[] = {"EPHEMERAL", "SNAPSHOT", "JOURNALED", "SYNCED"};

constexpr size_t kMaxIdBytes = 4 * limits::kMaxIdLength;  // UTF-8
constexpr size_t kMaxNumerics = 1'000;

absl::StatusOr<std::string> Find(const Metadata& metadata, const std::string& name) {
  const auto at = metadata.find(name);
  if (at == metadata.end()) return BadExport(absl::StrCat("its metadata have no ", name));
  return at->second;
}

absl::Status FindNumber(const Metadata& metadata, const std::string& name, uint64_t* number) {
  ASSIGN_OR_RETURN(const std::string text, Find(metadata, name));
  if (absl::SimpleAtoi(text, number)) return absl::OkStatus();
  return BadExport(absl::StrCat("its ", name, " is no number"));
}

// One of the words for the values of an enum, in order.
template <class E>
absl::Status FindWord(const Metadata& metadata, const std::string& name,
                      std::span<const char* const> words, E* value) {
  ASSIGN_OR_RETURN(const std::string word, Find(metadata, name));
  const auto at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) return BadExport(absl::StrCat("its ", name, " is not known here"));
  *value = static_cast<E>(at - words.begin());
  return absl::OkStatus();
}

// Those whose names begin so, by what follows.
Metadata Beginning(const Metadata& metadata, const std::string& prefix) {
  Metadata found;
  for (auto at = metadata.lower_bound(prefix);
       at != metadata.end() && at->first.starts_with(prefix); ++at) {
    found.emplace(at->first.substr(prefix.size()), at->second);
  }
  return found;
}

absl::StatusOr<std::vector<uint32_t>> ParseNumerics(const std::string& text) {
  std::vector<uint32_t> numerics;
  for (const auto part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    uint32_t number = 0;
    const bool ascends =
        absl::SimpleAtoi(part, &number) && (numerics.empty() || numerics.back() < number);
    if (!ascends || numerics.size() == kMaxNumerics) {
      return BadExport("its numerics are no ascending numbers");
    }
    numerics.push_back(number);
  }
  return numerics;
}

}  // namespace

ExportedAgent ExportOf(const Inside& inside) {
  ExportedAgent exported(inside.agent);
  exported.settings = inside.card.settings;
  const Stats& stats = inside.card.stats;
  for (const auto& [name, count] : kRewards) exported.stats.*count = stats.*count;
  exported.run_id = inside.run_id;
  inside.reward_ids.ForEach([&](const std::string& id) { exported.reward_ids.push_back(id); });
  exported.numerics = inside.card.numerics;
  return exported;
}

Inside ImportFrom(ExportedAgent exported, Budget::Room room) {
  Inside inside(std::move(exported.agent), std::move(room));
  inside.card.settings = std::move(exported.settings);
  inside.card.stats = exported.stats;
  inside.card.numerics = std::move(exported.numerics);
  inside.run_id = std::move(exported.run_id);
  inside.reward_ids.Prepare(exported.reward_ids.size());
  for (std::string& id : exported.reward_ids) inside.reward_ids.Add(std::move(id));
  return inside;
}

absl::StatusOr<bool> WriteAgentFile(const ExportedAgent& exported, const AgentSource& source,
                                    const safetensors::Sink& sink) {
  const Agent& agent = exported.agent;
  const Circuit& circuit = agent.circuit();
  Metadata metadata = {
      {kFormat, kAgent},
      {kVersion, kKnownVersion},
      {kCircuit, source.circuit},
      {kFingerprint, absl::StrCat(circuit.fingerprint())},
      {kSeed, absl::StrCat(agent.seed())},
      {kDigest, absl::StrCat(agent.Digest())},
      {kMode, kModes[static_cast<int>(exported.settings.mode)]},
      {kDurability, kDurabilities[static_cast<int>(exported.durability)]},
      {kRunId, exported.run_id},
      {kNumerics, absl::StrJoin(exported.numerics, " ")},
  };
  for (const auto& [name, count] : kRewards) {
    metadata.emplace(name, absl::StrCat(exported.stats.*count));
  }
  if (!source.preset.empty()) metadata[kPreset] = source.preset;
  for (const auto& [key, value] : exported.settings.labels) metadata[kLabel + key] = value;
  for (size_t i = 0; i < exported.reward_ids.size(); ++i) {
    // Four digits, so that the order of the names is that of the ids.
    metadata[absl::StrCat(kRewardId, absl::Dec(i, absl::kZeroPad4))] = exported.reward_ids[i];
  }
  std::vector<safetensors::Tensor> tensors;
  const std::vector<Column>& columns = circuit.layout().columns;
  std::vector<std::vector<std::byte>> rooms(columns.size());
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].derived) continue;
    const auto data = SavedBytes(circuit, agent.state(), static_cast<ColumnId>(id), &rooms[id]);
    tensors.push_back(
        {NameOf(columns[id]), columns[id].type, ShapeOf(circuit, columns[id], data.size()), data});
  }
  for (const Ends& ends : EndsOf(circuit)) {
    tensors.push_back(
        {ends.name(), kEndsType, {static_cast<int64_t>(ends.units.size())}, ends.bytes()});
  }
  return safetensors::Write(metadata, std::move(tensors), limits::kChunkBytes, sink);
}

absl::Status AgentFileReader::Add(std::string_view bytes) {
  if (!exported_) RETURN_IF_ERROR(AddToHeader(&bytes));
  while (!bytes.empty()) {
    if (entry_ == places_.size()) return BadExport("it has bytes left over");
    const safetensors::Entry& entry = header_.entries[entry_];
    const size_t part = std::min<uint64_t>(bytes.size(), entry.end - entry.begin - filled_);
    const Place& place = places_[entry_];
    if (part > 0 && place.ends == nullptr) {
      std::memcpy(exported_->agent.state().elements(place.column) + filled_, bytes.data(), part);
    } else if (part > 0 &&
               std::memcmp(place.ends->bytes().data() + filled_, bytes.data(), part) != 0) {
      return BadExport(
          absl::StrCat("the tensor ", entry.name, " is not what its circuit says it is"));
    }
    filled_ += part;
    bytes.remove_prefix(part);
    if (filled_ == entry.end - entry.begin) ++entry_, filled_ = 0;
  }
  return absl::OkStatus();
}

// Takes what belongs to the header from the front, and begins with the agent once it is complete.
absl::Status AgentFileReader::AddToHeader(std::string_view* bytes) {
  const auto take = [&](size_t until) {
    const size_t part = std::min(bytes->size(), until - head_.size());
    head_.append(bytes->substr(0, part));
    bytes->remove_prefix(part);
    return head_.size() == until;
  };
  if (header_bytes_ == 0) {
    if (!take(safetensors::kLengthBytes)) return absl::OkStatus();
    const auto length = safetensors::HeaderBytes(head_);
    if (!length.ok()) return BadExport(std::string(length.status().message()));
    RETURN_IF_ERROR(importer_.AdmitHeader(*length));
    header_bytes_ = *length;
  }
  return take(safetensors::kLengthBytes + header_bytes_) ? Begin() : absl::OkStatus();
}

absl::Status AgentFileReader::Begin() {
  auto header = safetensors::ParseHeader(std::string_view(head_).substr(safetensors::kLengthBytes));
  if (!header.ok()) return BadExport(std::string(header.status().message()));
  header_ = *std::move(header);
  std::string().swap(head_);
  const Metadata& metadata = header_.metadata;
  ASSIGN_OR_RETURN(const std::string format, Find(metadata, kFormat));
  ASSIGN_OR_RETURN(const std::string version, Find(metadata, kVersion));
  if (format != kAgent) return BadExport("it is no agent");
  if (version != kKnownVersion) {
    return BadExport(absl::StrCat("its version ", version, " is not known here"));
  }
  AgentSource source;
  ASSIGN_OR_RETURN(source.circuit, Find(metadata, kCircuit));
  if (metadata.contains(kPreset)) source.preset = metadata.at(kPreset);
  ASSIGN_OR_RETURN(std::shared_ptr<const Circuit> circuit, importer_.Admit(source));
  uint64_t fingerprint = 0;
  RETURN_IF_ERROR(FindNumber(metadata, kFingerprint, &fingerprint));
  if (fingerprint != circuit->fingerprint()) {
    return BadExport("its fingerprint is not that of its circuit");
  }
  exported_.emplace(Agent(std::move(circuit), 0));
  RETURN_IF_ERROR(ReadMetadata());
  return PlaceTensors();
}

absl::Status AgentFileReader::ReadMetadata() {
  const Metadata& metadata = header_.metadata;
  ExportedAgent& out = *exported_;
  RETURN_IF_ERROR(FindWord(metadata, kMode, kModes, &out.settings.mode));
  RETURN_IF_ERROR(FindWord(metadata, kDurability, kDurabilities, &out.durability));
  out.settings.labels = Beginning(metadata, kLabel);
  for (const auto& [name, count] : kRewards) {
    // Files of earlier servers have fewer of them.
    if (metadata.contains(name)) {
      RETURN_IF_ERROR(FindNumber(metadata, name, &(out.stats.*count)));
    }
  }
  ASSIGN_OR_RETURN(out.run_id, Find(metadata, kRunId));
  if (out.run_id.size() > kMaxIdBytes) return BadExport("its run_id is too long");
  for (auto& [place, id] : Beginning(metadata, kRewardId)) {
    if (id.empty() || id.size() > kMaxIdBytes || out.reward_ids.size() == limits::kRewardIdsKept) {
      return BadExport("its reward ids are too many, or too long");
    }
    out.reward_ids.push_back(id);
  }
  ASSIGN_OR_RETURN(const std::string numerics, Find(metadata, kNumerics));
  ASSIGN_OR_RETURN(out.numerics, ParseNumerics(numerics));
  return absl::OkStatus();
}

// Finds the column of each tensor, and makes room in those that grow.
absl::Status AgentFileReader::PlaceTensors() {
  const Circuit& circuit = exported_->agent.circuit();
  State& state = exported_->agent.state();
  std::map<std::string, ColumnId> missing;
  std::map<std::string, const Ends*> ends;  // Files of earlier servers have none.
  ends_ = EndsOf(circuit);
  for (const Ends& e : ends_) ends.emplace(e.name(), &e);
  for (size_t id = 0; id < circuit.layout().columns.size(); ++id) {
    const Column& column = circuit.layout().columns[id];
    if (!column.derived) missing.emplace(NameOf(column), static_cast<ColumnId>(id));
  }
  const auto misshapen = [](const safetensors::Entry& entry) {
    return BadExport(
        absl::StrCat("the tensor ", entry.name, " has another dtype or shape than the variable"));
  };
  for (const safetensors::Entry& entry : header_.entries) {
    if (const auto fixed = ends.find(entry.name); fixed != ends.end()) {
      const auto size = static_cast<int64_t>(fixed->second->units.size());
      if (entry.type != kEndsType || entry.shape != std::vector<int64_t>{size}) {
        return misshapen(entry);
      }
      places_.push_back({.ends = fixed->second});
      ends.erase(fixed);
      continue;
    }
    const auto at = missing.find(entry.name);
    if (at == missing.end()) {
      return BadExport(absl::StrCat("the agent has no variable ", entry.name));
    }
    const Column& column = circuit.layout().columns[at->second];
    const uint64_t bytes = entry.end - entry.begin;
    const uint64_t most = static_cast<uint64_t>(column.size()) * SizeOf(column.type);
    if (entry.type != column.type || bytes > most || (column.arena < 0 && bytes < most) ||
        entry.shape != ShapeOf(circuit, column, bytes)) {
      return misshapen(entry);
    }
    if (column.arena >= 0) state.arena(at->second).Resize(bytes);
    places_.push_back({.column = at->second});
    missing.erase(at);
  }
  if (missing.empty()) return absl::OkStatus();
  return BadExport(absl::StrCat("the tensor ", missing.begin()->first, " is missing"));
}

absl::Status AgentFileReader::CheckState() {
  Agent& agent = exported_->agent;
  const Circuit& circuit = agent.circuit();
  for (const Place& place : places_) {
    if (place.ends != nullptr) continue;
    const ColumnId id = place.column;
    const Column& column = circuit.layout().columns[id];
    if (const auto fault = FindFault(column, agent.state().bytes(id))) {
      return BadExport(absl::StrCat("the tensor ", NameOf(column), " has element ", fault->index,
                                    ", which ", fault->description));
    }
  }
  for (const LiveParameter& parameter : circuit.live_parameters()) {
    const double value = agent.live_parameter(parameter);
    if (const std::string fault = CheckNumber(*parameter.info, value); !fault.empty()) {
      return BadExport(absl::StrCat("the live parameter ", parameter.name, " ", fault));
    }
  }
  agent.Rebuild();
  uint64_t digest = 0, seed = 0;
  RETURN_IF_ERROR(FindNumber(header_.metadata, kDigest, &digest));
  RETURN_IF_ERROR(FindNumber(header_.metadata, kSeed, &seed));
  if (digest != agent.Digest()) return BadExport("its digest is not that of its tensors");
  if (seed != agent.seed()) return BadExport("its seed is not that of its tensors");
  return absl::OkStatus();
}

absl::StatusOr<ExportedAgent> AgentFileReader::Finish() {
  // Tensors without elements may come last.
  while (exported_ && entry_ < places_.size() &&
         header_.entries[entry_].begin == header_.entries[entry_].end) {
    ++entry_;
  }
  if (!exported_ || entry_ < places_.size()) return BadExport("it ends too early");
  RETURN_IF_ERROR(CheckState());
  return *std::move(exported_);
}

}  // namespace phasic
