// SPDX-License-Identifier: Apache-2.0
//
// The dense store: every source unit meets every target unit. Weights and traces are post x pre
// matrices; a row's changes and traces are done together, while the row is in the cache.
#include <algorithm>

#include "core/stores/kernels.h"
#include "core/stores/store.h"

namespace phasic {
namespace {

void Deliver(Lanes lanes, const Link& link) noexcept {
  const Kernels& k = *link.kernels;
  for (const Lane& lane : lanes) {
    State& s = *lane.state;
    const Real* x = link.Delivered(s);
    Real* y = s.data<Real>(link.site);
    const Real* w = s.data<Real>(link.weights);
    if (link.transposed) {
      k.deliver_transposed(w, x, y, link.pre, link.post);
    } else {
      k.deliver(w, x, y, link.post, link.pre);
    }
  }
}

// The numbers of one factor or gate in one agent's state: element i, or the one that stands for
// all.
struct Values {
  const Real* data = nullptr;  // null: the number 1
  bool broadcast = false;
  Real operator[](int64_t i) const noexcept {
    return data == nullptr ? Real{1} : data[broadcast ? 0 : i];
  }
  bool vector() const noexcept { return data != nullptr && !broadcast; }
};

Values Read(const State& s, const Source& source) noexcept {
  if (source.column == kNoColumn) return {};
  return {s.data<Real>(source.column), source.broadcast};
}

Values ReadPre(const State& s, const Link& link, const Source& source, bool delivered) noexcept {
  if (delivered) return {link.Delivered(s), false};
  return Read(s, source);
}

// The ring slot of the pair that a term applies: the oldest before this tick's pair is formed, the
// newest after.
int64_t AppliedSlot(const State& s, const BoundTerm& t) noexcept {
  const uint32_t head = *s.data<uint32_t>(t.ring_head);
  return t.term->present_pair ? (head + t.depth - 1) % t.depth : head;
}

// One row's change by one term.
void ApplyRow(State& s, const Link& link, const BoundTerm& t, double rate, int64_t i,
              Real* w) noexcept {
  const Values gate = Read(s, t.gate.value);
  const Real c = static_cast<Real>(rate * gate[i]);
  const Kernels& k = *link.kernels;
  if (t.trace != kNoColumn) {
    k.apply(w, s.data<Real>(t.trace) + i * link.pre, c, link.pre);
    return;
  }
  const int64_t slot = AppliedSlot(s, t);
  k.apply_pair(w, s.data<Real>(t.post_ring)[slot * link.post + i],
               s.data<Real>(t.pre_ring) + slot * link.pre, c, link.pre);
}

// One row's trace takes in the present pair.
void TraceRow(State& s, const Link& link, const BoundTerm& t, int64_t i) noexcept {
  if (t.trace == kNoColumn) return;
  Real* e = s.data<Real>(t.trace) + i * link.pre;
  const Real a = Read(s, t.post)[i];
  const Values b = ReadPre(s, link, t.pre, t.pre_is_delivered);
  const Real decay = static_cast<Real>(t.decay);
  if (b.vector()) {
    link.kernels->trace(e, decay, a, b.data, link.pre);
  } else {
    const Real pair = a * b[0];
    for (int j = 0; j < link.pre; ++j) e[j] = decay * e[j] + pair;
  }
}

// The ring of a term takes in the present pair, as its two factors.
void PushPair(State& s, const Link& link, const BoundTerm& t) noexcept {
  uint32_t& head = *s.data<uint32_t>(t.ring_head);
  const Values a = Read(s, t.post);
  const Values b = ReadPre(s, link, t.pre, t.pre_is_delivered);
  Real* post = s.data<Real>(t.post_ring) + static_cast<int64_t>(head) * link.post;
  Real* pre = s.data<Real>(t.pre_ring) + static_cast<int64_t>(head) * link.pre;
  for (int i = 0; i < link.post; ++i) post[i] = a[i];
  for (int j = 0; j < link.pre; ++j) pre[j] = b[j];
  head = (head + 1) % t.depth;
}

void LearnTerms(const Lane& lane, const Link& link, Moment moment) noexcept {
  State& s = *lane.state;
  uint64_t apply = 0, form = 0, present = 0;  // bit by term
  for (size_t n = 0; n < link.terms.size(); ++n) {
    const BoundTerm& t = link.terms[n];
    const uint64_t bit = uint64_t{1} << n;
    if (Open(lane, t.gate, t.term->apply, t.apply_clock, moment)) apply |= bit;
    if (Forms(lane, t.form_clock, moment)) form |= bit;
    if (t.term->present_pair) present |= bit;
  }
  if ((apply | form) == 0) return;
  const auto for_terms = [&](uint64_t which, auto&& f) {
    for (size_t n = 0; n < link.terms.size(); ++n) {
      if ((which >> n) & 1) f(link.terms[n]);
    }
  };
  const auto rate = [&](const BoundTerm& t) {
    return t.term->sign * link.param(s, t.term->rate_parameter);
  };
  const auto push = [&](const BoundTerm& t) {
    if (t.trace == kNoColumn) PushPair(s, link, t);
  };

  const auto check = [&](ColumnId column, int64_t i) {
    if (!link.kernels->finite(s.data<Real>(column) + i * link.pre, link.pre)) Diverge(lane, column);
  };

  // A ring is pushed before the rows when its term includes the present pair, after them when not.
  for_terms(form & present, push);
  for (int64_t i = 0; i < link.post; ++i) {
    Real* w = s.data<Real>(link.weights) + i * link.pre;
    for_terms(apply & ~present, [&](const BoundTerm& t) { ApplyRow(s, link, t, rate(t), i, w); });
    for_terms(form, [&](const BoundTerm& t) { TraceRow(s, link, t, i); });
    for_terms(apply & present, [&](const BoundTerm& t) { ApplyRow(s, link, t, rate(t), i, w); });
    if (apply != 0 && link.bounded) {
      link.kernels->clip(w, link.min_weight, link.max_weight, link.pre);
    }
    // While the row is in the cache.
    if (apply != 0) check(link.weights, i);
    for_terms(form, [&](const BoundTerm& t) {
      if (t.trace != kNoColumn) check(t.trace, i);
    });
  }
  for_terms(form & ~present, push);
}

// A rule of its own kind: element-wise, one row at a time.
void LearnRows(const Lane& lane, const Link& link, Moment moment) noexcept {
  constexpr int kMost = 8;  // factors, gates, columns and parameters; the compiler checks
  State& s = *lane.state;
  const bool form = Forms(lane, link.row_clock, moment);
  const bool step = form && Forms(lane, link.step_clock, moment);
  bool open[kMost], any = form;
  for (size_t g = 0; g < link.row_gates.size(); ++g) {
    open[g] = Open(lane, link.row_gates[g], When::Clock::kDelivery, link.row_clock, moment);
    any = any || open[g];
  }
  if (!any) return;

  double params[kMost], gates[kMost], discounts[kMost];
  Real post[kMost];
  const Real* pre[kMost];
  Real* traces[kMost];
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
    Real* w = s.data<Real>(link.weights) + i * link.pre;
    link.rule->row({link.pre, w, traces, post, pre, gates, open, discounts, params, form, step});
    if (link.bounded) link.kernels->clip(w, link.min_weight, link.max_weight, link.pre);
    if (!link.kernels->finite(w, link.pre)) Diverge(lane, link.weights);
    for (size_t n = 0; n < link.row_columns.size(); ++n) {
      if (!link.kernels->finite(traces[n], link.pre)) Diverge(lane, link.row_columns[n]);
    }
  }
}

void Learn(Lanes lanes, const Link& link, Moment moment) noexcept {
  for (const Lane& lane : lanes) {
    if (link.rule->row != nullptr) {
      LearnRows(lane, link, moment);
    } else {
      LearnTerms(lane, link, moment);
    }
  }
}

}  // namespace

const Store kDenseStore = {"dense", Deliver, Learn, 0};

}  // namespace phasic
