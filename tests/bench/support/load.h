// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace phasic::testing {

using Clock = std::chrono::steady_clock;

// What a load has done. An operation is a step of one agent; a batch is many.
struct Traffic {
  double operations = 0;
  double answer_bytes = 0;        // of all answers, in gRPC's messages
  std::vector<double> latencies;  // of each message, in microseconds
  double seconds = 0;             // that it took; 0: as long as the caller waited
};

// Keeps so much outstanding as it was made to, one after the other. Not thread-safe.
class Load {
 public:
  virtual ~Load() = default;
  // Sends for so long, at least one, and returns when all is answered. Nothing when an answer was
  // not as it must be: stderr says how.
  virtual std::optional<Traffic> Run(double seconds) = 0;
};

inline std::chrono::nanoseconds Nanoseconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(1e9 * seconds));
}
inline double Microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace phasic::testing
