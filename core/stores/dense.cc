// SPDX-License-Identifier: Apache-2.0
//
// The dense store: every source unit meets every target unit. Weights and traces are post x pre
// matrices; a row's changes and traces are done together, while the row is in the cache.
#include <algorithm>
#include <bit>

#include "core/stores/factored.h"
#include "core/stores/kernels.h"
#include "core/stores/pairs.h"
#include "core/stores/plain.h"
#include "core/stores/store.h"
#include "core/stores/terms.h"
#include "core/stores/transmit.h"
#include "core/stores/waiting.h"
#include "core/stores/window.h"

namespace phasic {
namespace {

void Deliver(Lanes lanes, const Link& link) noexcept {
  const Kernels& k = *link.kernels;
  const bool waits = link.plain && link.terms.front().waiting.due != kNoColumn;
  for (const Lane& lane : lanes) {
    State& s = *lane.state;
    const Real* x = link.Delivered(s);
    Real* y = s.data<Real>(link.site);
    const Real* w = s.data<Real>(link.weights);
    if (waits) {
      ChangeAndDeliver(&s, link, link.terms.front(), x, y);
    } else if (link.transmission.model != nullptr) {
      const Drawn drawn(lane, link);
      for (int64_t i = 0; i < link.post; ++i) {
        k.deliver(drawn.Weights(i), x, y + i, 1, link.pre);
      }
    } else if (link.transposed) {
      k.deliver_transposed(w, x, y, link.pre, link.post);
    } else {
      k.deliver(w, x, y, link.post, link.pre);
    }
  }
}

// The ring slot of the pair that a term applies: the oldest before this tick's pair is formed, the
// newest after.
int64_t AppliedSlot(const State& s, const BoundTerm& t) noexcept {
  const uint32_t head = *s.data<uint32_t>(t.ring_head);
  return t.term->present_pair ? (head + t.depth - 1) % t.depth : head;
}

// One row's change by one term.
void ApplyRow(const Lane& lane, const Link& link, const BoundTerm& t, double rate, int64_t i,
              Real* w) noexcept {
  State& s = *lane.state;
  const Real c = Coefficient(t, rate, Read(s, t.gate.value)[i]);
  const Kernels& k = *link.kernels;
  if (t.trace != kNoColumn) {
    k.apply(w, s.data<Real>(t.trace) + i * link.pre, c, link.pre);
    return;
  }
  const int64_t slot = AppliedSlot(s, t);
  const Real a = s.data<Real>(t.post_ring)[slot * link.post + i];
  if (t.synapse_score && a == 0) return;  // nothing was drawn
  const Real* b = t.synapse_score
                      ? Drawn(lane, link).Regenerate(s.data<uint64_t>(t.draw_ring)[slot], i)
                      : s.data<Real>(t.pre_ring) + slot * link.pre;
  k.apply_pair(w, a, b, c, link.pre);
}

// All stages of a cascade but the first, exactly as if time were continuous: stage n is left with
// decay sum_r step^r / r! times what stage n - r had.
void PassOn(State& s, const Link& link, const BoundTerm& t, int64_t i) noexcept {
  const int64_t stage = static_cast<int64_t>(link.post) * link.pre;
  Real* e = s.data<Real>(t.trace) + i * link.pre;
  for (int n = 0; n + 1 < t.stages; ++n) {
    double share = t.decay * t.step;
    const Real gain = static_cast<Real>(share);
    link.kernels->trace(e + n * stage, static_cast<Real>(t.decay), &gain, e + (n + 1) * stage, 1,
                        link.pre);
    for (int r = 2; n + r < t.stages; ++r) {
      share *= t.step / r;
      link.kernels->apply(e + n * stage, e + (n + r) * stage, static_cast<Real>(share), link.pre);
    }
  }
}

// One row's trace takes in the present pair. `scores` are those of the row's synapses, if a term
// reads them. False: what was done may have left numbers that are not finite.
bool TraceRow(const Lane& lane, const Link& link, const BoundTerm& t, int64_t i,
              const Real* scores) noexcept {
  State& s = *lane.state;
  if (t.trace == kNoColumn) return true;
  PassOn(s, link, t, i);
  const Kernels& k = *link.kernels;
  Real* e = s.data<Real>(t.trace) + ((t.stages - 1) * int64_t{link.post} + i) * link.pre;
  const Real a = Read(s, t.post)[i];
  const Values b = t.synapse_score ? Values{scores} : ReadPre(s, link, t.pre, t.pre_is_delivered);
  const Real decay = static_cast<Real>(t.decay);
  if (!b.vector()) {
    const Real pair = a * b[0];
    for (int j = 0; j < link.pre; ++j) e[j] = decay * e[j] + pair;
    return false;
  }
  k.trace(e, decay, &a, b.data, 1, link.pre);
  if (t.stages > 1) return false;
  return IsModest(lane, link, t) || Modest(t, k.largest(&a, 1), k.largest(b.data, link.pre));
}

// The ring of a term takes in the present pair; of what synapses drew, the number of the draw.
void PushPair(const Lane& lane, const Link& link, const BoundTerm& t) noexcept {
  State& s = *lane.state;
  uint32_t& head = *s.data<uint32_t>(t.ring_head);
  Real* post = s.data<Real>(t.post_ring) + static_cast<int64_t>(head) * link.post;
  CopyPost(s, link, t, post);
  if (t.synapse_score) {
    if (lane.greedy) std::fill_n(post, link.post, Real{0});
    s.data<uint64_t>(t.draw_ring)[head] = Drawn(lane, link).index();
  } else {
    CopyPre(s, link, t, s.data<Real>(t.pre_ring) + static_cast<int64_t>(head) * link.pre);
  }
  head = (head + 1) % t.depth;
}

// Any list of terms.
void LearnTerms(const Lane& lane, const Link& link, Moment moment) noexcept {
  State& s = *lane.state;
  uint64_t apply = 0, form = 0, present = 0, scored = 0;  // bit by term
  for (size_t n = 0; n < link.terms.size(); ++n) {
    const BoundTerm& t = link.terms[n];
    const uint64_t bit = uint64_t{1} << n;
    if (Open(lane, t.gate, t.term->apply, t.apply_clock, moment)) apply |= bit;
    if (Forms(lane, t.form_clock, moment)) form |= bit;
    if (t.term->present_pair) present |= bit;
    if (t.synapse_score && t.trace != kNoColumn) scored |= bit;
  }
  if ((apply | form) == 0) return;
  const auto for_terms = [&](uint64_t which, auto&& f) {
    for (size_t n = 0; n < link.terms.size(); ++n) {
      if ((which >> n) & 1) f(link.terms[n]);
    }
  };
  const auto rate = [&](const BoundTerm& t) { return RateOf(s, link, t); };
  const auto push = [&](const BoundTerm& t) {
    if (t.trace == kNoColumn) PushPair(lane, link, t);
  };

  const auto check = [&](ColumnId column, int64_t i) {
    CheckColumn(*link.kernels, lane, column, s.data<Real>(column) + i * link.pre, link.pre);
  };

  if (Forms(lane, link.row_clock, moment)) UpdateFactors(&s, link);
  for_terms(form, [&](const BoundTerm& t) { KeepPair(&s, link, t); });
  const uint64_t terms = apply | form;
  if ((terms & (terms - 1)) == 0 && (apply & form & present) == 0) {
    const BoundTerm& t = link.terms[std::countr_zero(terms)];
    const Values pre = ReadPre(s, link, t.pre, t.pre_is_delivered);
    const bool plain = t.trace != kNoColumn && t.stages == 1 && !t.synapse_score;
    if (plain && (form == 0 || pre.vector())) {
      return LearnPlainly(lane, link, t, rate(t), apply != 0, form != 0 ? pre.data : nullptr);
    }
  }
  // A ring is pushed before the rows when its term includes the present pair, after them when not.
  for_terms(form & present, push);
  for (int64_t i = 0; i < link.post; ++i) {
    Real* w = s.data<Real>(link.weights) + i * link.pre;
    // Of the weights that it was drawn with.
    const Real* scores = (form & scored) != 0 ? Drawn(lane, link).Scores(i) : nullptr;
    for_terms(apply & ~present,
              [&](const BoundTerm& t) { ApplyRow(lane, link, t, rate(t), i, w); });
    bool sound = true;
    for_terms(form, [&](const BoundTerm& t) { sound &= TraceRow(lane, link, t, i, scores); });
    for_terms(apply & present, [&](const BoundTerm& t) { ApplyRow(lane, link, t, rate(t), i, w); });
    if (apply != 0 && link.bounded) {
      link.kernels->clip(w, link.min_weight, link.max_weight, link.pre);
    }
    // While the row is in the cache.
    if (apply != 0) check(link.weights, i);
    if (sound) continue;
    for_terms(form, [&](const BoundTerm& t) {
      for (int n = 0; n < t.stages && t.trace != kNoColumn; ++n) {
        check(t.trace, n * int64_t{link.post} + i);
      }
    });
  }
  for_terms(form & ~present, push);
}

// A rule of its own kind: element-wise, one row at a time.
void LearnRows(const Lane& lane, const Link& link, Moment moment) noexcept {
  constexpr size_t kMost = kMostRowParts;
  State& s = *lane.state;
  const bool form = Forms(lane, link.row_clock, moment);
  const bool step = form && Forms(lane, link.step_clock, moment);
  bool open[kMost], any = form;
  for (size_t g = 0; g < link.row_gates.size(); ++g) {
    open[g] = Open(lane, link.row_gates[g], When::Clock::kDelivery, link.row_clock, moment);
    any = any || open[g];
  }
  if (!any) return;
  if (form) UpdateFactors(&s, link);

  double params[kMost], gates[kMost], discounts[kMost];
  Real post[kMost];
  const Real* pre[kMost];
  Real *traces[kMost], *unit[kMost];
  for (int n = 0; n < link.params.size(); ++n) params[n] = link.param(s, n);
  for (size_t g = 0; g < link.row_gates.size(); ++g) discounts[g] = link.row_gates[g].discount;
  for (size_t n = 0; n < link.row_pre.size(); ++n) {
    pre[n] = ReadPre(s, link, link.row_pre[n], link.row_pre_delivered[n]).data;
  }
  for (int64_t i = 0; i < link.post; ++i) {
    for (size_t n = 0; n < link.row_post.size(); ++n) post[n] = Read(s, link.row_post[n])[i];
    for (size_t g = 0; g < link.row_gates.size(); ++g) {
      gates[g] = open[g] ? Read(s, link.row_gates[g].value)[i] : 0;
    }
    for (size_t n = 0; n < link.row_columns.size(); ++n) {
      traces[n] = s.data<Real>(link.row_columns[n]) + i * link.pre;
    }
    for (size_t n = 0; n < link.row_post_columns.size(); ++n) {
      unit[n] = s.data<Real>(link.row_post_columns[n]) + i;
    }
    Real* w = s.data<Real>(link.weights) + i * link.pre;
    link.rule->row({link.pre, w, traces, unit, post, pre, gates, open, discounts, params,
                    link.row_period, form, step, lane.learning});
    if (link.bounded) link.kernels->clip(w, link.min_weight, link.max_weight, link.pre);
    if (!link.kernels->finite(w, link.pre)) Diverge(lane, link.weights);
    for (size_t n = 0; n < link.row_columns.size(); ++n) {
      if (!link.kernels->finite(traces[n], link.pre)) Diverge(lane, link.row_columns[n]);
    }
  }
  for (const ColumnId column : link.row_post_columns) {
    if (!link.kernels->finite(s.data<Real>(column), link.post)) Diverge(lane, column);
  }
}

void Learn(Lanes lanes, const Link& link, Moment moment) noexcept {
  for (const Lane& lane : lanes) {
    if (link.rule->row != nullptr) {
      LearnRows(lane, link, moment);
    } else if (link.plain) {
      LearnOne(lane, link, moment);
    } else {
      LearnTerms(lane, link, moment);
    }
  }
}

void Settle(State* state, const Link& link) noexcept {
  for (const BoundTerm& t : link.terms) {
    if (t.factored.count != kNoColumn) FoldPairs(state, link, t);
    if (t.waiting.due != kNoColumn) MakeChange(state, link, t);
  }
}

void ReadLazy(const State& state, const Link& link, ColumnId column, std::byte* to) noexcept {
  const BoundTerm& t = link.terms.front();
  if (t.factored.count != kNoColumn) return ReadFolded(state, link, t, to);
  ReadChanged(state, link, t, column, to);
}

}  // namespace

const Store kDenseStore = {"dense", Deliver, Learn, MarkStep, ApplyPast, Settle, ReadLazy};

}  // namespace phasic
