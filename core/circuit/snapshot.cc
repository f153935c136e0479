// SPDX-License-Identifier: Apache-2.0
//
// A state as bytes: "phasic\0" and a version byte, the circuit's fingerprint, then for every saved
// column its size in bytes and its bytes, little-endian. Arenas are saved up to their last element
// in use; capacity is not state.
#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/circuit/agent.h"
#include "core/circuit/read.h"
#include "core/model/elements.h"

namespace phasic {
namespace {

constexpr char kMagic[8] = {'p', 'h', 'a', 's', 'i', 'c', '\0', 1};

absl::Status Bad(const std::string& why) { return InvalidField("BAD_SNAPSHOT", "snapshot", why); }

void Put(std::string* out, uint64_t word) {
  out->append(reinterpret_cast<const char*>(&word), sizeof word);
}

// Takes a word from the front of what is left.
bool Take(std::span<const char>* in, uint64_t* word) {
  if (in->size() < sizeof *word) return false;
  std::memcpy(word, in->data(), sizeof *word);
  *in = in->subspan(sizeof *word);
  return true;
}

}  // namespace

std::string Agent::Save() const {
  const Layout& layout = circuit_->layout();
  std::string out(kMagic, sizeof kMagic);
  out.reserve(layout.block_bytes + 16 * layout.columns.size());
  Put(&out, circuit_->fingerprint());
  std::vector<std::byte> room;
  for (size_t id = 0; id < layout.columns.size(); ++id) {
    if (layout.columns[id].derived) continue;
    const auto bytes = SavedBytes(*circuit_, state_, static_cast<ColumnId>(id), &room);
    Put(&out, bytes.size());
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return out;
}

absl::Status Agent::Load(const std::string& bytes) {
  const Layout& layout = circuit_->layout();
  std::span<const char> in(bytes);
  if (in.size() < sizeof kMagic || std::memcmp(in.data(), kMagic, sizeof kMagic) != 0) {
    return Bad("is no snapshot, or of a version that is not known here");
  }
  in = in.subspan(sizeof kMagic);
  uint64_t fingerprint = 0;
  if (!Take(&in, &fingerprint)) return Bad("ends too early");
  if (fingerprint != circuit_->fingerprint()) return Bad("is of another circuit");
  State loaded(&layout);
  for (size_t id = 0; id < layout.columns.size(); ++id) {
    const Column& column = layout.columns[id];
    if (column.derived) continue;
    uint64_t size = 0;
    if (!Take(&in, &size) || size > in.size()) return Bad("ends too early");
    const uint64_t most = static_cast<uint64_t>(column.size()) * SizeOf(column.type);
    const bool fits =
        column.arena >= 0 ? size <= most && size % SizeOf(column.type) == 0 : size == most;
    if (!fits)
      return Bad(absl::StrCat("has ", size, " bytes of ", column.component, ".", column.name));
    if (const auto fault = FindFault(column, std::as_bytes(in.first(size)))) {
      return Bad(absl::StrCat("has an element of ", column.component, ".", column.name, " that ",
                              fault->description));
    }
    loaded.Assign(static_cast<ColumnId>(id), std::as_bytes(in.first(size)));
    in = in.subspan(size);
  }
  if (!in.empty()) return Bad("has bytes left over");
  state_ = std::move(loaded);
  Rebuild();
  return absl::OkStatus();
}

uint64_t Agent::Digest() const {
  const Layout& layout = circuit_->layout();
  std::vector<std::byte> room;
  Hash hash;
  for (size_t id = 0; id < layout.columns.size(); ++id) {
    if (layout.columns[id].derived) continue;
    const auto bytes = SavedBytes(*circuit_, state_, static_cast<ColumnId>(id), &room);
    hash.Add(uint64_t{bytes.size()}).Add(bytes.data(), bytes.size());
  }
  return hash.value();
}

void Agent::Rebuild() {
  for (const Node& node : circuit_->nodes()) {
    if (node.component != nullptr && node.component->rebuild != nullptr) {
      node.component->rebuild(&state_, node);
    }
  }
}

}  // namespace phasic
