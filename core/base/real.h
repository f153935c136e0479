// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace phasic {

// The number that circuits compute with. The served build uses float; a second build of the same
// code with PHASIC_DOUBLE is the precision oracle that the mathematical tests run against.
#ifdef PHASIC_DOUBLE
using Real = double;
#else
using Real = float;
#endif

}  // namespace phasic
