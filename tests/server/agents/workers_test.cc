// SPDX-License-Identifier: Apache-2.0
#include "server/agents/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace phasic {
namespace {

struct Noted final : Workers::Job {
  void Run() noexcept override {
    place = (*count)++;
    done = true;
  }
  std::atomic<int>* count = nullptr;
  int place = -1;
  std::atomic<bool> done = false;
};

TEST(Workers, DoAllThatIsAddedBeforeTheyEnd) {
  std::atomic<int> count = 0;
  std::vector<Noted> jobs(1000);
  {
    Workers workers(3);
    for (Noted& job : jobs) {
      job.count = &count;
      workers.Add(&job);
    }
  }
  EXPECT_EQ(count, 1000);
  for (const Noted& job : jobs) EXPECT_TRUE(job.done);
}

TEST(Workers, OneWorkerKeepsTheOrder) {
  std::atomic<int> count = 0;
  std::vector<Noted> jobs(100);
  {
    Workers workers(1);
    for (Noted& job : jobs) {
      job.count = &count;
      workers.Add(&job);
    }
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(jobs[i].place, i);
}

struct Asked final : Workers::Job {
  void Run() noexcept override {
    index = Workers::index();
    asked = true;
    while (!all->load()) std::this_thread::yield();
  }
  std::atomic<bool>* all = nullptr;
  int index = -1;
  std::atomic<bool> asked = false;
};

TEST(Workers, EachKnowsWhichItIs) {
  std::atomic<bool> all = false;
  Asked jobs[2];
  Workers workers(2);
  for (Asked& job : jobs) {
    job.all = &all;
    workers.Add(&job);
  }
  while (!jobs[0].asked || !jobs[1].asked) std::this_thread::yield();
  all = true;
  EXPECT_EQ(jobs[0].index + jobs[1].index, 1);
  EXPECT_NE(jobs[0].index, jobs[1].index);
}

// A job that adds itself again until it has run often enough.
struct Returning final : Workers::Job {
  void Run() noexcept override {
    if (++runs < 50) workers->Add(this);
  }
  Workers* workers = nullptr;
  std::atomic<int> runs = 0;
};

TEST(Workers, AJobMayBeAddedAgainWhileItRuns) {
  Returning job;
  Workers workers(2);
  job.workers = &workers;
  workers.Add(&job);
  while (job.runs < 50) std::this_thread::yield();
}

}  // namespace
}  // namespace phasic
