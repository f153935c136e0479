// SPDX-License-Identifier: Apache-2.0
#include "core/stores/waiting.h"

#include <algorithm>
#include <cstring>

#include "core/stores/kernels.h"
#include "core/stores/pairs.h"
#include "core/stores/terms.h"

namespace phasic {
namespace {

// So many rows are at work at a time: as many as a product takes together, and few beside a cache.
constexpr int64_t kRows = 8;

// The factors of what waits.
struct Factors {
  Factors(const State& s, const Link& link, const BoundTerm& t)
      : low(link.min_weight),
        high(link.max_weight),
        decay(static_cast<Real>(t.decay)),
        change(s.data<Real>(t.waiting.change)),
        post(s.data<Real>(t.waiting.post)),
        pre(s.data<Real>(t.waiting.pre)) {}
  Real low, high, decay;
  const Real *change, *post, *pre;
};

}  // namespace

bool LetWait(const Lane& lane, const Link& link, const BoundTerm& t, double rate) noexcept {
  if (!IsModest(lane, link, t)) return false;
  State& s = *lane.state;
  Real* const change = s.data<Real>(t.waiting.change);
  const Values gate = Read(s, t.gate.value);
  if (gate.vector()) {
    for (int64_t i = 0; i < link.post; ++i) change[i] = Coefficient(t, rate, gate[i]);
  } else {
    std::fill_n(change, link.post, Coefficient(t, rate, gate[0]));
  }
  if (!link.kernels->finite(change, link.post)) return false;
  CopyPost(s, link, t, s.data<Real>(t.waiting.post));
  CopyPre(s, link, t, s.data<Real>(t.waiting.pre));
  *s.data<uint8_t>(t.waiting.due) = 1;
  return true;
}

void MakeChange(State* state, const Link& link, const BoundTerm& t) noexcept {
  State& s = *state;
  uint8_t& due = *s.data<uint8_t>(t.waiting.due);
  if (due == 0) return;
  const Factors f(s, link, t);
  link.kernels->learn(s.data<Real>(link.weights), f.change, f.low, f.high, s.data<Real>(t.trace),
                      f.decay, f.post, f.pre, link.post, link.pre);
  due = 0;
}

void ChangeAndDeliver(State* state, const Link& link, const BoundTerm& t, const Real* x,
                      Real* y) noexcept {
  State& s = *state;
  const Kernels& k = *link.kernels;
  uint8_t& due = *s.data<uint8_t>(t.waiting.due);
  Real* const w = s.data<Real>(link.weights);
  const int64_t n = link.pre;
  if (due == 0) return k.deliver(w, x, y, link.post, n);
  const Factors f(s, link, t);
  Real* const e = s.data<Real>(t.trace);
  for (int64_t i = 0; i < link.post; i += kRows) {
    const int64_t m = std::min(kRows, link.post - i);
    k.learn(w + i * n, f.change + i, f.low, f.high, e + i * n, f.decay, f.post + i, f.pre, m, n);
    k.deliver(w + i * n, x, y + i, m, n);
  }
  due = 0;
}

void ReadChanged(const State& state, const Link& link, const BoundTerm& t, ColumnId column,
                 std::byte* to) noexcept {
  const auto bytes = state.bytes(column);
  std::memcpy(to, bytes.data(), bytes.size());
  if (*state.data<uint8_t>(t.waiting.due) == 0) return;
  const Factors f(state, link, t);
  Real* const x = reinterpret_cast<Real*>(to);
  if (column == t.trace) {
    link.kernels->trace(x, f.decay, f.post, f.pre, link.post, link.pre);
  } else {
    link.kernels->change(x, state.data<Real>(t.trace), f.change, f.low, f.high, link.post,
                         link.pre);
  }
}

}  // namespace phasic
