// SPDX-License-Identifier: Apache-2.0
#include "core/model/column.h"

namespace phasic {

const char* NameOf(Life life) {
  switch (life) {
    case Life::kLearned:
      return "learned";
    case Life::kAdaptive:
      return "adaptive";
    case Life::kTrace:
      return "trace";
    case Life::kFast:
      return "fast";
    case Life::kClock:
      return "clock";
  }
  return "";
}

}  // namespace phasic
