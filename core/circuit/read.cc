// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/read.h"

#include <cstring>

#include "core/base/float_mode.h"
#include "core/stores/store.h"

namespace phasic {

void Read(const Circuit& circuit, const State& state, ColumnId column, std::byte* to) noexcept {
  if (const int lazy = state.layout().columns[column].lazy; lazy >= 0) {
    const FloatMode mode;
    const Link& link = circuit.links()[lazy];
    return link.store->read(state, link, column, to);
  }
  const auto bytes = state.bytes(column);
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
}

std::span<const std::byte> SavedBytes(const Circuit& circuit, const State& state, ColumnId column,
                                      std::vector<std::byte>* room) {
  if (!state.layout().columns[column].folded) return state.bytes(column);
  room->resize(state.bytes(column).size());
  Read(circuit, state, column, room->data());
  return *room;
}

void Settle(const Circuit& circuit, State* state) noexcept {
  const FloatMode mode;
  for (const int l : circuit.learning_links()) {
    const Link& link = circuit.links()[l];
    if (link.store->settle != nullptr) link.store->settle(state, link);
  }
}

}  // namespace phasic
