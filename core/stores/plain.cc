// SPDX-License-Identifier: Apache-2.0
#include "core/stores/plain.h"

#include <algorithm>
#include <limits>

#include "core/stores/factored.h"
#include "core/stores/kernels.h"
#include "core/stores/pairs.h"
#include "core/stores/terms.h"
#include "core/stores/waiting.h"
#include "core/stores/window.h"

namespace phasic {
namespace {

// A factored trace has taken in its pairs before it is applied.
void LearnFactored(const Lane& lane, const Link& link, const BoundTerm& t, double rate, bool apply,
                   bool form) noexcept {
  State* const s = lane.state;
  const auto change = [&] {
    if (!FoldPairs(s, link, t)) Diverge(lane, t.trace);
    LearnPlainly(lane, link, t, rate, /*apply=*/true, nullptr);
  };
  if (apply && !t.term->present_pair) change();
  if (form && !FormPair(s, link, t, IsModest(lane, link, t))) Diverge(lane, t.trace);
  if (apply && t.term->present_pair) change();
}

}  // namespace

void LearnPlainly(const Lane& lane, const Link& link, const BoundTerm& t, double rate, bool apply,
                  const Real* pre) noexcept {
  State& s = *lane.state;
  const Kernels& k = *link.kernels;
  const Values post = Read(s, t.post);
  const Real decay = static_cast<Real>(t.decay);
  constexpr Real kUnbounded = std::numeric_limits<Real>::infinity();
  const Real low = link.bounded ? link.min_weight : -kUnbounded;
  const Real high = link.bounded ? link.max_weight : kUnbounded;
  const int64_t n = link.pre;
  const bool modest = pre == nullptr || IsModest(lane, link, t);
  const Real largest = modest ? 0 : k.largest(pre, n);
  // So many rows in one call: small ones are short beside a call.
  constexpr int64_t kRows = 64;
  Real c[kRows], copied[kRows];
  const Values gate = Read(s, t.gate.value);
  const bool one = apply && !gate.vector();
  if (one) std::fill_n(c, std::min<int64_t>(kRows, link.post), Coefficient(t, rate, gate[0]));
  for (int64_t first = 0; first < link.post; first += kRows) {
    const int64_t m = std::min(kRows, link.post - first);
    Real* w = s.data<Real>(link.weights) + first * n;
    Real* e = s.data<Real>(t.trace) + first * n;
    for (int64_t i = 0; i < m && apply && !one; ++i) c[i] = Coefficient(t, rate, gate[first + i]);
    const int64_t unlike = one ? 1 : m;  // so many of c, which may not be finite
    const Real* a = copied;
    if (post.plain()) {
      a = post.data + first;
    } else {
      for (int64_t i = 0; i < m && pre != nullptr; ++i) copied[i] = post[first + i];
    }
    if (pre == nullptr) {
      if (!k.change(w, e, c, low, high, m, n) || !k.finite(c, unlike))
        CheckColumn(k, lane, link.weights, w, m * n);
      continue;
    }
    if (!apply) {
      k.trace(e, decay, a, pre, m, n);
    } else if (!k.learn(w, c, low, high, e, decay, a, pre, m, n) || !k.finite(c, unlike)) {
      CheckColumn(k, lane, link.weights, w, m * n);
    }
    if (!modest && !Modest(t, k.largest(a, m), largest)) CheckColumn(k, lane, t.trace, e, m * n);
  }
}

void LearnOne(const Lane& lane, const Link& link, Moment moment) noexcept {
  State& s = *lane.state;
  const BoundTerm& t = link.terms.front();
  const bool apply = Open(lane, t.gate, t.term->apply, t.apply_clock, moment);
  const bool form = Forms(lane, t.form_clock, moment);
  if (!apply && !form) return;
  const double rate = RateOf(s, link, t);
  if (form) KeepPair(&s, link, t);
  if (t.factored.count != kNoColumn) return LearnFactored(lane, link, t, rate, apply, form);
  if (t.waiting.due != kNoColumn) {
    MakeChange(&s, link, t);
    if (apply && form && LetWait(lane, link, t, rate)) return;
  }
  const Real* const pre = form ? ReadPre(s, link, t.pre, t.pre_is_delivered).data : nullptr;
  if (!(apply && form && t.term->present_pair)) {
    return LearnPlainly(lane, link, t, rate, apply, pre);
  }
  LearnPlainly(lane, link, t, rate, /*apply=*/false, pre);
  LearnPlainly(lane, link, t, rate, /*apply=*/true, nullptr);
}

}  // namespace phasic
