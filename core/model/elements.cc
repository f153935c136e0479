// SPDX-License-Identifier: Apache-2.0
#include "core/model/elements.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "core/base/math.h"

namespace phasic {
namespace {

// Squares of doubles stay finite up to here, and sums of them; floats are far below.
constexpr double kMostDouble = 1e150;

template <class T>
std::optional<ElementFault> FindFaultOf(const Column& column, std::span<const std::byte> elements) {
  double min = column.min, max = column.max;
  if constexpr (std::is_same_v<T, double>) {
    min = std::max(min, -kMostDouble);
    max = std::min(max, kMostDouble);
  }
  for (size_t i = 0; i < elements.size() / sizeof(T); ++i) {
    T element;
    std::memcpy(&element, elements.data() + i * sizeof element, sizeof element);
    const auto value = static_cast<double>(element);
    if (value >= min && value <= max && (!std::is_floating_point_v<T> || IsFinite(value))) continue;
    const std::string bound = !IsFinite(value) ? "finite"
                              : value < min    ? absl::StrCat("at least ", min)
                                               : absl::StrCat("at most ", max);
    return ElementFault{static_cast<int64_t>(i),
                        absl::StrCat("is ", element, ", but must be ", bound)};
  }
  return std::nullopt;
}

template <class T>
std::optional<ElementFault> ToElementOf(double number, std::byte* to) {
  T element = 0;
  if constexpr (std::is_floating_point_v<T>) {
    element = static_cast<T>(number);
    if (!IsFinite(element)) {
      return ElementFault{0, absl::StrCat("is ", number, ", but must be finite",
                                          IsFinite(number) ? " as a 32-bit float" : "")};
    }
  } else {
    // The first double that is too large: the greatest T need not be one.
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (!(number >= 0 && number < end) || number != std::floor(number)) {
      return ElementFault{
          0, absl::StrCat("is ", number, ", but must be a whole number from 0 to below ", end)};
    }
    element = static_cast<T>(number);
  }
  std::memcpy(to, &element, sizeof element);
  return std::nullopt;
}

// Calls f.operator()<T>() with the type's T.
template <class F>
auto WithType(Type type, F&& f) {
  switch (type) {
    case Type::kF64:
      return f.template operator()<double>();
    case Type::kU8:
      return f.template operator()<uint8_t>();
    case Type::kU16:
      return f.template operator()<uint16_t>();
    case Type::kU32:
      return f.template operator()<uint32_t>();
    case Type::kU64:
      return f.template operator()<uint64_t>();
    case Type::kF32:
      break;
  }
  return f.template operator()<float>();
}

}  // namespace

std::optional<ElementFault> FindFault(const Column& column, std::span<const std::byte> elements) {
  return WithType(column.type, [&]<class T>() { return FindFaultOf<T>(column, elements); });
}

std::optional<ElementFault> ToElement(double number, Type type, std::byte* element) {
  return WithType(type, [&]<class T>() { return ToElementOf<T>(number, element); });
}

}  // namespace phasic
