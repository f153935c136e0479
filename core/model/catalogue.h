// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "core/model/component.h"
#include "core/model/rule.h"
#include "core/model/transmission.h"

namespace phasic {

// The building blocks that a circuit may name: the tables of each folder, side by side.
struct Catalogue {
  std::span<const Component*const> populations, modulators, encoders;
  std::span<const Decoder* const> decoders;
  std::span<const Rule* const> rules;
  std::span<const Transmission* const> transmissions = {};
};

// The block of that name, or null.
template <class T>
const T* Find(std::span<const T* const> table, std::string_view name) {
  for (const T* entry : table) {
    if (name == entry->name) return entry;
  }
  return nullptr;
}

}  // namespace phasic
