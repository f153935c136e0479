// SPDX-License-Identifier: Apache-2.0
#include "tests/client/cli/program.h"

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"

namespace phasic {
namespace {

// A program that runs longer is killed.
constexpr std::chrono::seconds kLongest(60);

// The test itself must not go on when the system cannot run programs.
void Require(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::abort();
}

std::string Contents(int file) {
  std::string text;
  std::array<char, 4096> buffer;
  off_t at = 0;
  for (ssize_t read; (read = pread(file, buffer.data(), buffer.size(), at)) > 0; at += read) {
    text.append(buffer.data(), read);
  }
  return text;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const Surroundings& surroundings)
    : in_(memfd_create("in", MFD_CLOEXEC)),
      out_(memfd_create("out", MFD_CLOEXEC)),
      err_(memfd_create("err", MFD_CLOEXEC)) {
  Require(in_ >= 0 && out_ >= 0 && err_ >= 0, "memfd_create");
  const std::string& input = surroundings.input;
  Require(pwrite(in_, input.data(), input.size(), 0) == static_cast<ssize_t>(input.size()),
          "pwrite");

  std::vector<std::string> arguments = {PHASIC_PROGRAM};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : surroundings.variables) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in_, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_, STDERR_FILENO);
  const int error = posix_spawn(&pid_, PHASIC_PROGRAM, &actions, nullptr,
                                Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  Require(error == 0, PHASIC_PROGRAM);
}

Program::~Program() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int file : {in_, out_, err_}) close(file);
}

std::string Program::Output() const { return Contents(out_); }

void Program::Signal(int signal) const { kill(pid_, signal); }

Ending Program::Wait() {
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  int status;
  pid_t ended;
  while ((ended = waitpid(pid_, &status, WNOHANG)) == 0) {
    if (std::chrono::steady_clock::now() > deadline) Signal(SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Require(ended == pid_, "waitpid");
  pid_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), Contents(out_),
          Contents(err_)};
}

Ending RunProgram(const std::vector<std::string>& words, const Surroundings& surroundings) {
  return Program(words, surroundings).Wait();
}

}  // namespace phasic
