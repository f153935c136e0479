// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/model/parameter.h"
#include "google/protobuf/struct.pb.h"

namespace phasic::convert {

using ProtoParameters = google::protobuf::Map<std::string, google::protobuf::Value>;

// A number, a word, a truth value (1 or 0) or a list of numbers; anything else becomes a violation
// at `path`.NAME and is left out.
ParamMap FromProto(const ProtoParameters& proto, const std::string& path,
                   std::vector<Violation>* violations);
void ToProto(const ParamMap& parameters, ProtoParameters* proto);

}  // namespace phasic::convert
