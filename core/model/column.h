// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/real.h"

namespace phasic {

// A column is an array that a component remembers. All state of an agent is columns, so reset,
// clone, digest, snapshot and inspection are one walk over them.

enum class Type : uint8_t { kF32, kF64, kU8, kU16, kU32, kU64 };
inline constexpr Type kReal = sizeof(Real) == 4 ? Type::kF32 : Type::kF64;
constexpr size_t SizeOf(Type type) {
  constexpr size_t kSizes[] = {4, 8, 1, 2, 4, 8};
  return kSizes[static_cast<int>(type)];
}

// How many elements a column has.
enum class Extent : uint8_t {
  kScalar,
  kUnit,     // one for each unit of the component
  kPre,      // one for each source unit of the projection
  kPost,     // one for each target unit of the projection
  kSynapse,  // post x pre, row-major
  kHistory,  // delay x pre
  kArena,    // grows, up to a cap
};

// What happens to a column over an agent's life.
enum class Life : uint8_t {
  kLearned,   // weights: changed by learning; FROZEN holds it; survives an end of episode
  kAdaptive,  // baselines, running statistics: as kLearned
  kTrace,     // eligibility: an end of episode clears it to 0
  kFast,      // activity: an end of episode returns it to the home image
  kClock,     // counters, settings, what is kept of the past: nothing but time and people change it
};
const char* NameOf(Life life);

// Who writes a column within a tick: it may be read without delay only after that.
enum class Phase : uint8_t { kForward, kFeedback, kModulator };

// What a building block declares of a column.
struct ColumnInfo {
  const char* name;
  const char* description;
  const char* unit = "";
  Type type = kReal;
  Extent extent = Extent::kUnit;
  Life life = Life::kFast;
  bool output = false;  // projections, decoders, factors and gates may read it (Real, kUnit)
  Phase written = Phase::kForward;
  double initial = 0;          // the first value of every element
  int initial_parameter = -1;  // instead: the parameter that says it (kUnit, kScalar)
  bool derived = false;        // rebuilt after restore, not saved
  bool non_negative = false;   // as a gate: never changes the sign of a trace
  double max = std::numeric_limits<double>::infinity();  // no element is above, written ones too
  int cap_parameter = -1;  // kArena: the parameter that says how many elements at most
  int growth = 0;          // kArena: elements that one tick may add at most
  bool drawn = false;      // tells of the component's own draws: a score, a noise
};

// The most that a counter may be set to: exact as a double, and never counted up to its end.
inline constexpr double kMostCounted = 1e15;

// Where a column lies: an index into the circuit's layout.
using ColumnId = int32_t;
inline constexpr ColumnId kNoColumn = -1;

}  // namespace phasic
