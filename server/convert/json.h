// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace phasic::convert {

// A message in Protobuf's JSON form, with the names of the contract. Numbers survive to the bit.
std::string ToJson(const google::protobuf::Message& message);
// False when the text is not of such a message.
bool FromJson(const std::string& text, google::protobuf::Message* message);

}  // namespace phasic::convert
