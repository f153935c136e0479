// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"
#include "core/stores/store.h"

namespace phasic {

// What most agents learn by, the short way: one term of a dense projection whose trace is of one
// stage and takes in pairs of two vectors.

// Of a plain link (Link::plain): as Store::learn.
void LearnOne(const Lane& lane, const Link& link, Moment moment) noexcept;

// Such a trace is applied, or takes in a pair, or both in this order, with one walk through weights
// and traces. `pre` is null when there is no pair to take in. The same bits as one after the other.
void LearnPlainly(const Lane& lane, const Link& link, const BoundTerm& t, double rate, bool apply,
                  const Real* pre) noexcept;

}  // namespace phasic
