// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace phasic::testing {
namespace {

void Must(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(2);
}

}  // namespace

Process::Process(std::vector<std::string> command, Pipes pipes) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  int to[2] = {-1, -1}, from[2] = {-1, -1};
  if (pipes == Pipes::kBoth) {
    Must(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe2");
    signal(SIGPIPE, SIG_IGN);
  } else {
    to[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    from[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
  }
  pid_ = fork();
  Must(pid_ >= 0, "fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    std::perror(argv[0]);
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  in_ = to[1];
  out_ = from[0];
  Must(clock_getcpuclockid(pid_, &cpu_clock_) == 0, "clock_getcpuclockid");
}

Process::~Process() {
  if (in_ >= 0) close(in_);
  if (out_ >= 0) close(out_);
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

bool Process::Say(const std::string& line) {
  const std::string text = line + "\n";
  return write(in_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<std::string> Process::Hear() {
  size_t end = 0;
  while ((end = heard_.find('\n')) == std::string::npos) {
    char bytes[4'096];
    const ssize_t count = read(out_, bytes, sizeof bytes);
    if (count <= 0) return {};
    heard_.append(bytes, static_cast<size_t>(count));
  }
  std::string line = heard_.substr(0, end);
  heard_.erase(0, end + 1);
  return line;
}

double SecondsOf(clockid_t clock) {
  timespec time{};
  Must(clock_gettime(clock, &time) == 0, "clock_gettime");
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string Beside(const std::string& program) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
}

}  // namespace phasic::testing
