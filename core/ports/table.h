// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/model/component.h"

namespace phasic {

// Every encoder and decoder, by name. A new one is one file and one line in table.cc.
std::span<const Component* const> Encoders();
std::span<const Decoder* const> Decoders();

}  // namespace phasic
