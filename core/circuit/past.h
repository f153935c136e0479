// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/circuit/agent.h"

namespace phasic {

// Rewards that name a step. The modulator's transform (baseline, sign) is today's; the trace is
// that of the step after its pair was formed; kinetics give their whole remaining integral against
// it. What is held for later is state. Nothing here allocates or fails.

// What becomes of a reward to this channel for that step. The channel must keep a window.
Disposition Judge(const Circuit& circuit, const State& state, bool learning, int channel,
                  uint64_t step) noexcept;

// Applies it, holds it, or neither, as judged.
Disposition DeliverPast(const Circuit& circuit, const Lane& lane, int channel, uint64_t step,
                        std::span<const Real> values) noexcept;

// A step begins, which takes another out of the window: what is held for that is combined and
// applied, or else the channel's default.
void CloseWindow(const Circuit& circuit, const Lane& lane) noexcept;

// A step is done, and is still the agent's present one. One that decided something may be named
// from now on, and what came early for it is applied.
void OpenWindow(const Circuit& circuit, const Lane& lane, bool decided) noexcept;

}  // namespace phasic
