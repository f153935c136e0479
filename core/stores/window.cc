// SPDX-License-Identifier: Apache-2.0
#include "core/stores/window.h"

#include <algorithm>

#include "core/stores/kernels.h"
#include "core/stores/pairs.h"
#include "core/stores/store.h"

namespace phasic {
namespace {

// Elements first to first + n of row i take in the pairs from one up to another, in order.
void Replay(const State& s, const Link& link, const TermWindow& w, uint64_t from, uint64_t to,
            int64_t i, int64_t first, int64_t n, Real* e) noexcept {
  const auto capacity = static_cast<uint64_t>(w.capacity);
  while (from < to) {
    const auto slot = static_cast<int64_t>(from % capacity);
    const auto pairs = static_cast<int64_t>(std::min(to - from, capacity - slot));
    link.kernels->replay(e, s.data<Real>(w.decay) + slot,
                         s.data<Real>(w.post) + slot * link.post + i, link.post,
                         s.data<Real>(w.pre) + slot * link.pre + first, link.pre, pairs, n);
    from += pairs;
  }
}

// The first pair that is kept.
uint64_t Oldest(const State& s, const TermWindow& w) noexcept {
  const uint64_t formed = *s.data<uint64_t>(w.formed);
  return formed - std::min<uint64_t>(formed, *s.data<uint32_t>(w.kept));
}

// Makes room for a pair.
void Forget(State& s, const Link& link, const TermWindow& w) noexcept {
  uint32_t& kept = *s.data<uint32_t>(w.kept);
  if (w.base == kNoColumn) {
    --kept;
    return;
  }
  const uint64_t oldest = Oldest(s, w);
  for (int64_t i = 0; i < link.post; ++i) {
    Replay(s, link, w, oldest, oldest + kFoldPairs, i, 0, link.pre,
           s.data<Real>(w.base) + i * link.pre);
  }
  kept -= kFoldPairs;
}

// How a term's trace of a past step is made.
struct PastTrace {
  const BoundTerm* term = nullptr;
  double rate = 0;
  bool present = false;       // it is the present one
  bool based = false;         // else: replay on the base, or on 0,
  uint64_t from = 0, to = 0;  // these pairs
};

PastTrace Find(const State& s, const BoundTerm& t, uint64_t step) noexcept {
  const TermWindow& w = t.window;
  const size_t slot = step % s.span<uint64_t>(w.step_formed).size();
  const uint64_t formed = *s.data<uint64_t>(w.formed), oldest = Oldest(s, w);
  PastTrace past{&t};
  past.to = std::clamp(s.data<uint64_t>(w.step_formed)[slot], oldest, formed);
  const uint64_t lasting = std::min(s.data<uint64_t>(w.step_lasting)[slot], past.to);
  if (w.base == kNoColumn) {  // the one pair that would be applied, if there was one by then
    const auto back = static_cast<uint64_t>(t.term->present_pair ? 1 : t.depth);
    past.from = lasting >= back ? past.to - back : past.to;
    past.to = std::min(past.to, past.from + 1);
    return past;
  }
  past.present = past.to == formed && lasting == *s.data<uint64_t>(w.lasting);
  const uint64_t from = past.to - std::min(lasting, w.reach);
  past.based = from < oldest;
  past.from = std::max(from, oldest);
  return past;
}

// Row i changes by one term.
void ApplyRow(State& s, const Link& link, const PastTrace& past, int64_t i) noexcept {
  constexpr int64_t kChunk = 256;
  const BoundTerm& t = *past.term;
  const Kernels& k = *link.kernels;
  const Source& gate = t.gate.past;
  const Real c = static_cast<Real>(past.rate * s.data<Real>(gate.column)[gate.broadcast ? 0 : i]);
  if (c == 0) return;
  Real* w = s.data<Real>(link.weights) + i * link.pre;
  if (past.present) {
    k.apply(w, s.data<Real>(t.trace) + i * link.pre, c, link.pre);
    return;
  }
  for (int64_t first = 0; first < link.pre; first += kChunk) {
    const int64_t n = std::min(kChunk, link.pre - first);
    Real e[kChunk] = {};
    if (past.based) std::copy_n(s.data<Real>(t.window.base) + i * link.pre + first, n, e);
    Replay(s, link, t.window, past.from, past.to, i, first, n, e);
    k.apply(w + first, e, c, n);
  }
}

}  // namespace

void KeepPair(State* state, const Link& link, const BoundTerm& term) noexcept {
  State& s = *state;
  const TermWindow& w = term.window;
  if (w.capacity == 0) return;
  uint64_t& formed = *s.data<uint64_t>(w.formed);
  uint64_t& lasting = *s.data<uint64_t>(w.lasting);
  uint32_t& kept = *s.data<uint32_t>(w.kept);
  if (kept == w.capacity) Forget(s, link, w);
  const auto slot = static_cast<int64_t>(formed % w.capacity);
  s.data<Real>(w.decay)[slot] = lasting == 0 ? 0 : static_cast<Real>(term.decay);
  ++formed;
  ++lasting;
  ++kept;
  CopyPost(s, link, term, s.data<Real>(w.post) + slot * link.post);
  CopyPre(s, link, term, s.data<Real>(w.pre) + slot * link.pre);
}

void MarkStep(State* state, const Link& link) noexcept {
  const uint64_t step = *state->data<uint64_t>(kAgentStep);
  for (const BoundTerm& t : link.terms) {
    const TermWindow& w = t.window;
    if (w.capacity == 0) continue;
    const size_t slot = step % state->span<uint64_t>(w.step_formed).size();
    state->data<uint64_t>(w.step_formed)[slot] = *state->data<uint64_t>(w.formed);
    state->data<uint64_t>(w.step_lasting)[slot] = *state->data<uint64_t>(w.lasting);
  }
}

void ApplyPast(const Lane& lane, const Link& link, int node, uint64_t step) noexcept {
  constexpr size_t kMostTerms = 64;  // the compiler checks
  State& s = *lane.state;
  PastTrace pasts[kMostTerms];
  size_t count = 0;
  for (const BoundTerm& t : link.terms) {
    if (t.gate.node != node || t.window.capacity == 0) continue;
    pasts[count] = Find(s, t, step);
    pasts[count++].rate = t.term->sign * link.param(s, t.term->rate_parameter);
  }
  if (count == 0) return;
  for (int64_t i = 0; i < link.post; ++i) {
    for (size_t n = 0; n < count; ++n) ApplyRow(s, link, pasts[n], i);
    Real* w = s.data<Real>(link.weights) + i * link.pre;
    if (link.bounded) link.kernels->clip(w, link.min_weight, link.max_weight, link.pre);
    if (!link.kernels->finite(w, link.pre)) Diverge(lane, link.weights);
  }
}

}  // namespace phasic
