// SPDX-License-Identifier: Apache-2.0
#include "core/stores/factored.h"

#include <algorithm>
#include <cstring>

#include "core/stores/kernels.h"
#include "core/stores/pairs.h"

namespace phasic {
namespace {

bool Fold(const State& s, const Link& link, const BoundTerm& t, Real* e) noexcept {
  const FactoredTrace& f = t.factored;
  return link.kernels->fold(e, static_cast<Real>(t.decay), s.data<Real>(f.post),
                            s.data<Real>(f.pre), *s.data<uint32_t>(f.count), link.post, link.pre);
}

}  // namespace

bool FormPair(State* state, const Link& link, const BoundTerm& t, bool modest) noexcept {
  State& s = *state;
  const FactoredTrace& f = t.factored;
  uint32_t& count = *s.data<uint32_t>(f.count);
  Real* const post = s.data<Real>(f.post) + static_cast<int64_t>(count) * link.post;
  CopyPost(s, link, t, post);
  const Values b = ReadPre(s, link, t.pre, t.pre_is_delivered);
  Real* const pre = s.data<Real>(f.pre) + count * kFoldColumns;
  for (int64_t j = 0; j < link.pre; j += kFoldColumns) {
    std::copy_n(b.data + j, std::min(kFoldColumns, link.pre - j), pre + j * kFoldPairs);
  }
  ++count;
  // A pair that is not modest goes in at once.
  const Kernels& k = *link.kernels;
  modest = modest || k.largest(post, link.post) * k.largest(b.data, link.pre) <= kModest;
  return (modest && count < kFoldPairs) || FoldPairs(state, link, t);
}

bool FoldPairs(State* state, const Link& link, const BoundTerm& t) noexcept {
  uint32_t& count = *state->data<uint32_t>(t.factored.count);
  if (count == 0) return true;
  const bool finite = Fold(*state, link, t, state->data<Real>(t.trace));
  count = 0;
  return finite;
}

void ReadFolded(const State& state, const Link& link, const BoundTerm& t, std::byte* to) noexcept {
  const auto bytes = state.bytes(t.trace);
  std::memcpy(to, bytes.data(), bytes.size());
  Fold(state, link, t, reinterpret_cast<Real*>(to));
}

}  // namespace phasic
