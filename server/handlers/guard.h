// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "server/agents/errors.h"

namespace phasic::handlers {

// What `act` returns, or the error that an exception means. No exception gets further.
template <class Act>
absl::Status Guarded(Act&& act) noexcept {
  try {
    return act();
  } catch (const std::bad_alloc&) {
    return errors::OutOfMemory();
  } catch (const std::exception& e) {
    return errors::Internal(e.what());
  } catch (...) {
    return errors::Internal("unknown");
  }
}

}  // namespace phasic::handlers
