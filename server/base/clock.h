// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <chrono>

namespace phasic {

// The time of day as of the kernel's last tick, a few milliseconds ago at most. To read it more
// exactly takes ten times as long, some percent of a small agent's step.
inline std::chrono::system_clock::time_point AboutNow() {
  timespec time;
  clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

}  // namespace phasic
