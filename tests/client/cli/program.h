// SPDX-License-Identifier: Apache-2.0
//
// Runs the built `phasic` program, as a shell would.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace phasic {

struct Ending {
  int code;  // the exit code; -N when signal N ended it
  std::string out;
  std::string err;
};

struct Surroundings {
  std::string input;                             // standard input
  std::map<std::string, std::string> variables;  // of the environment, which has nothing else
};

// A running program. Its standard output is a file, no terminal.
class Program {
 public:
  explicit Program(const std::vector<std::string>& words, const Surroundings& surroundings = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  // What it has written to standard output so far.
  std::string Output() const;
  void Signal(int signal) const;
  // Waits for its end, at most a minute; once.
  Ending Wait();

 private:
  pid_t pid_ = -1;
  int in_, out_, err_;
};

// Runs it to its end.
Ending RunProgram(const std::vector<std::string>& words, const Surroundings& surroundings = {});

}  // namespace phasic
