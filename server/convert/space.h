// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/space.h"
#include "phasic/v1/space.pb.h"

namespace phasic::convert {

// As written; core checks it. Without a kind: unset.
Space FromProto(const v1::Space& proto);
void ToProto(const Space& space, v1::Space* proto);

}  // namespace phasic::convert
