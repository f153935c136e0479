// SPDX-License-Identifier: Apache-2.0
//
// The sparse store: a list of synapses, and only those are touched whose source or target is active
// (Izhikevich 2007; Potjans, Morrison, Diesmann 2010 for exact changes between spikes).
//
// Between touches nothing happens to a synapse but that its trace e decays and moves its weight w,
// both of which can be said in closed form when it is next touched or looked at: with `slot`, the
// number of decays so far,
//
//   e_now = decay^(slot - since) e,    w_now = clip(w + pending[since] e)
//
// where pending[s] = sum of gate decay^(age of slot s) over all that has gated since slot s. Every
// gate adds to all of pending. One running sum and its differences would do, but they cancel: what
// a faint gate does after a strong one would be lost. So the table is kept, and it is short: when
// its slots are used up, all synapses are settled, and it begins anew.
//
// With bounds, one clip for many changes equals a clip for each as long as they go the same way: a
// trace keeps its sign between touches, so this holds while the gate keeps its sign, and when that
// turns all synapses are settled first. FROZEN is a gate of 0.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/stores/store.h"

namespace phasic {
namespace {

constexpr uint8_t kUp = 1, kDown = 2;

// One agent's synapses of one learning projection.
class Plastic {
 public:
  Plastic(State& s, const Link& link)
      : link_(link),
        w_(s.data<Real>(link.weights)),
        e_(s.data<Real>(link.terms.front().trace)),
        since_(s.data<uint16_t>(link.lazy.since)),
        pending_(s.data<double>(link.lazy.pending)),
        slot_(*s.data<uint32_t>(link.lazy.slot)),
        direction_(*s.data<uint8_t>(link.lazy.direction)),
        powers_(link.lazy.powers.data()),
        last_(static_cast<uint32_t>(link.lazy.powers.size()) - 1),
        low_(link.bounded ? link.min_weight : -std::numeric_limits<double>::infinity()),
        high_(link.bounded ? link.max_weight : std::numeric_limits<double>::infinity()) {}

  // As they are now.
  Real Weight(int64_t k) const noexcept {
    const double w = w_[k] + pending_[since_[k]] * e_[k];
    return static_cast<Real>(std::clamp(w, low_, high_));
  }
  Real Trace(int64_t k, Real pair = 0) const noexcept {
    // The number of slots is a power of two: whatever a snapshot says, this is within the table.
    return static_cast<Real>(e_[k] * powers_[last_ - ((slot_ - since_[k]) & last_)] + pair);
  }
  // The synapse takes in a pair. False when it is not finite any more.
  bool Touch(int64_t k, Real pair) noexcept {
    w_[k] = Weight(k);
    e_[k] = Trace(k, pair);
    since_[k] = static_cast<uint16_t>(slot_);
    return w_[k] - w_[k] == 0 && e_[k] - e_[k] == 0;
  }
  void Prefetch(int64_t k) const noexcept {
    __builtin_prefetch(w_ + k, 1);
    __builtin_prefetch(e_ + k, 1);
    __builtin_prefetch(since_ + k, 1);
  }
  void Settle() noexcept {
    for (int64_t k = 0; k < link_.size(); ++k) {
      w_[k] = Weight(k);
      e_[k] = Trace(k);
      since_[k] = 0;
    }
    std::fill_n(pending_, slot_ + 1, 0.0);
    slot_ = 0;
    direction_ = 0;
  }
  // All traces decay.
  void Decay() noexcept {
    if (slot_ == last_) Settle();
    pending_[++slot_] = 0;
  }
  // Every weight moves by `change` times its trace as it is now.
  void Apply(double change) noexcept {
    if (change == 0) return;
    const uint8_t direction = change > 0 ? kUp : kDown;
    if (link_.bounded && direction_ != 0 && direction_ != direction) Settle();
    direction_ = direction;
    const double* const power = powers_ + (last_ - slot_);
#pragma omp simd
    for (uint32_t s = 0; s <= slot_; ++s) pending_[s] += change * power[s];
  }

 private:
  const Link& link_;
  Real* const w_;
  Real* const e_;
  uint16_t* const since_;
  double* const pending_;
  uint32_t& slot_;
  uint8_t& direction_;
  const double* const powers_;
  const uint32_t last_;
  const double low_, high_;
};

// f(i) for every x[i] that is not 0, in order; most are.
template <class F>
void ForActive(const Real* x, int n, F&& f) {
  constexpr int kBlock = 16;
  // As many bits; all but the sign are 0 of what is 0.
  using Bits = std::conditional_t<sizeof(Real) == sizeof(uint32_t), uint32_t, uint64_t>;
  int i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    Bits bits[kBlock], any = 0;
    std::memcpy(bits, x + i, sizeof bits);
    for (const Bits b : bits) any |= b;
    if (any << 1 == 0) continue;
    for (int l = 0; l < kBlock; ++l) {
      if (x[i + l] != 0) f(i + l);
    }
  }
  for (; i < n; ++i) {
    if (x[i] != 0) f(i);
  }
}

void Deliver(Lanes lanes, const Link& link) noexcept {
  const Synapses& synapses = *link.synapses;
  for (const Lane& lane : lanes) {
    State& s = *lane.state;
    const Real* x = link.Delivered(s);
    Real* y = s.data<Real>(link.site);
    const auto send = [&](auto weight) {
      ForActive(x, link.pre, [&](int j) {
        for (uint32_t k = synapses.first[j]; k < synapses.first[j + 1]; ++k) {
          y[synapses.target[k]] += x[j] * weight(k);
        }
      });
    };
    if (link.rule == nullptr) {
      const Real* const w = s.data<Real>(link.weights);
      send([&](uint32_t k) { return w[k]; });
    } else {
      const Plastic plastic(s, link);
      send([&](uint32_t k) { return plastic.Weight(k); });
    }
  }
}

// A factor: one number for each unit, or one for all.
struct Factor {
  const Real* data;
  bool broadcast;
  Factor(const State& s, const Source& source)
      : data(source.column == kNoColumn ? nullptr : s.data<Real>(source.column)),
        broadcast(source.broadcast) {}
  Real operator[](uint32_t i) const noexcept {
    return data == nullptr ? Real{1} : data[broadcast ? 0 : i];
  }
};

// The pairs of one term: those of active sources where the term reads what the source sent, else
// those of targets whose factor is not 0. False when a number is not finite any more.
bool Pair(State& s, const Link& link, const BoundTerm& t, Plastic* plastic) noexcept {
  constexpr uint32_t kAhead = 8;
  const Synapses& synapses = *link.synapses;
  const Real sign = static_cast<Real>(t.term->sign * link.terms.front().term->sign);
  const Factor post(s, t.post), pre(s, t.pre);
  bool finite = true;
  if (t.pre_is_delivered) {
    const Real* const sent = link.Delivered(s);
    ForActive(sent, link.pre, [&](int j) {
      for (uint32_t k = synapses.first[j]; k < synapses.first[j + 1]; ++k) {
        finite &= plastic->Touch(k, sign * sent[j] * post[synapses.target[k]]);
      }
    });
    return finite;
  }
  const auto take_in = [&](int i) {
    const uint32_t end = synapses.in_first[i + 1];
    for (uint32_t n = synapses.in_first[i]; n < end; ++n) {
      if (n + kAhead < end) plastic->Prefetch(synapses.in[n + kAhead]);
      finite &= plastic->Touch(synapses.in[n], sign * post[i] * pre[synapses.in_source[n]]);
    }
  };
  if (post.data != nullptr && !post.broadcast) {
    ForActive(post.data, link.post, take_in);
  } else {
    for (int i = 0; i < link.post; ++i) take_in(i);
  }
  return finite;
}

void Learn(Lanes lanes, const Link& link, Moment moment) noexcept {
  const BoundTerm& t = link.terms.front();  // all have the same clocks, gate and trace
  for (const Lane& lane : lanes) {
    State& s = *lane.state;
    const bool apply = Open(lane, t.gate, t.term->apply, t.apply_clock, moment);
    const bool form = Forms(lane, t.form_clock, moment);
    Plastic plastic(s, link);
    const auto change = [&] {
      const double gate = t.gate.always() ? 1 : *s.data<Real>(t.gate.value.column);
      plastic.Apply(t.term->sign * link.param(s, t.term->rate_parameter) *
                    (t.gain * gate + t.offset));
    };
    if (apply && !t.term->present_pair) change();
    if (Forms(lane, link.row_clock, moment)) UpdateFactors(&s, link);
    if (form) {
      plastic.Decay();
      bool finite = true;
      for (const BoundTerm& term : link.terms) finite &= Pair(s, link, term, &plastic);
      if (!finite) Diverge(lane, link.weights);
    }
    if (apply && t.term->present_pair) change();
  }
}

void Settle(State* state, const Link& link) noexcept { Plastic(*state, link).Settle(); }

void Read(const State& state, const Link& link, ColumnId column, std::byte* to) noexcept {
  // Nothing below writes to the state.
  const Plastic plastic(const_cast<State&>(state), link);
  if (column == link.weights || column == link.terms.front().trace) {
    const bool weights = column == link.weights;
    for (int64_t k = 0; k < link.size(); ++k) {
      const Real value = weights ? plastic.Weight(k) : plastic.Trace(k);
      std::memcpy(to + k * sizeof value, &value, sizeof value);
    }
  } else {
    const auto bytes = state.bytes(column);
    std::fill_n(to, bytes.size(), std::byte{0});  // of a settled state
  }
}

}  // namespace

const Store kSparseStore = {
    .name = "sparse", .deliver = Deliver, .learn = Learn, .settle = Settle, .read = Read};

}  // namespace phasic
