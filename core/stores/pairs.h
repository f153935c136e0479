// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"

namespace phasic {

// The numbers of one factor or gate in one agent's state: element i, or the one that stands for
// all.
struct Values {
  const Real* data = nullptr;  // null: the number 1
  bool broadcast = false;
  Real (*of)(Real x) noexcept = nullptr;
  Real operator[](int64_t i) const noexcept {
    const Real x = data == nullptr ? Real{1} : data[broadcast ? 0 : i];
    return of == nullptr ? x : of(x);
  }
  bool vector() const noexcept { return data != nullptr && !broadcast; }
};

inline Values Read(const State& s, const Source& source) noexcept {
  if (source.column == kNoColumn) return {};
  return {s.data<Real>(source.column), source.broadcast, source.of};
}

// What a term's pair has for the source's units.
inline Values ReadPre(const State& s, const Link& link, const Source& source,
                      bool delivered) noexcept {
  if (delivered) return {link.Delivered(s)};
  return Read(s, source);
}

// The present pair, as its two factors.
inline void CopyPost(const State& s, const Link& link, const BoundTerm& t, Real* post) noexcept {
  const Values a = Read(s, t.post);
  for (int i = 0; i < link.post; ++i) post[i] = a[i];
}
inline void CopyPre(const State& s, const Link& link, const BoundTerm& t, Real* pre) noexcept {
  const Values b = ReadPre(s, link, t.pre, t.pre_is_delivered);
  for (int j = 0; j < link.pre; ++j) pre[j] = b[j];
}

}  // namespace phasic
