// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <time.h>

#include <optional>
#include <string>
#include <vector>

namespace phasic::testing {

// A child, which ends with this object and, if this process should die, with it. Start children
// before threads.
class Process {
 public:
  // Its input and output: nowhere, or Say and Hear.
  enum class Pipes : bool { kNone, kBoth };
  explicit Process(std::vector<std::string> command, Pipes pipes = Pipes::kNone);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Counts the time that all its threads have run, as clock_gettime reads it.
  clockid_t cpu_clock() const { return cpu_clock_; }

  // A line to it, and the next one from it; nothing when it has ended.
  bool Say(const std::string& line);
  std::optional<std::string> Hear();

 private:
  pid_t pid_ = -1;
  clockid_t cpu_clock_ = -1;
  int in_ = -1, out_ = -1;
  std::string heard_;
};

// The seconds that a clock shows.
double SecondsOf(clockid_t clock);

// Of the folder of this program, where other programs of `bench` are too.
std::string Beside(const std::string& program);

}  // namespace phasic::testing
