// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

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
  bool plain() const noexcept { return vector() && of == nullptr; }
  void Copy(int64_t n, Real* to) const noexcept {
    if (plain()) {
      std::copy_n(data, n, to);
    } else {
      for (int64_t i = 0; i < n; ++i) to[i] = (*this)[i];
    }
  }
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
  Read(s, t.post).Copy(link.post, post);
}
inline void CopyPre(const State& s, const Link& link, const BoundTerm& t, Real* pre) noexcept {
  ReadPre(s, link, t.pre, t.pre_is_delivered).Copy(link.pre, pre);
}

}  // namespace phasic
