// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/model/state.h"

namespace phasic {

// An element that a column cannot have.
struct ElementFault {
  int64_t index = 0;
  std::string description;  // "is nan, but must be finite"
};

// The first of these elements, in bytes of the column's type, that is not finite or out of the
// column's bounds; nothing when all are good. Whatever comes from outside is looked at with this
// before it becomes state: then no index leads out of an array, and no number poisons others.
std::optional<ElementFault> FindFault(const Column& column, std::span<const std::byte> elements);

// The number as one element of the type, or why it cannot be one ("is 1.5, but must be a whole
// number"). A float takes the nearest one.
std::optional<ElementFault> ToElement(double number, Type type, std::byte* element);

}  // namespace phasic
