// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn_job.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "tests/server/support/agents.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::Fails;

// Notes when and where it was done.
class Noted final : public TurnJob {
 public:
  using TurnJob::Join;
  using TurnJob::Start;
  void Resume() {
    AgentPtr refused;
    absl::StatusOr<Turn> turn = Take(&refused);
    Work(std::move(turn), std::move(refused));
  }
  void Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept override {
    EXPECT_EQ(refused == nullptr, turn.ok()) << "who has the turn has the agent";
    if (order != nullptr) place = (*order)++;
    thread = std::this_thread::get_id();
    done.set_value(turn.status());
  }
  absl::Status Wait() { return done.get_future().get(); }

  Patience patience;
  std::atomic<int>* order = nullptr;
  int place = -1;
  std::thread::id thread;
  std::promise<absl::Status> done;
};

class TurnJobTest : public ::testing::Test {
 protected:
  Turn Take() { return *Turn::Take(agent_, {}, journal_); }
  void Start(Noted* job, Patience patience = {}, double seconds = 0) {
    job->patience = std::move(patience);
    job->Start(agent_, job->patience, journal_, workers_, seconds);
  }

  const std::shared_ptr<const Circuit> circuit_ = testing::CompileOrDie(testing::LearnerSpec());
  Budget budget_{10, 1'000'000};
  MemoryJournal journal_;
  Workers workers_{2};
  AgentPtr agent_ = testing::Host({.id = "a"}, Agent(circuit_, 1), {}, *budget_.Take(1), 4);
};

TEST_F(TurnJobTest, ShortWorkOnAFreeAgentIsDoneAtOnceHere) {
  Noted job;
  Start(&job);
  EXPECT_OK(job.Wait());
  EXPECT_EQ(job.thread, std::this_thread::get_id());
}

TEST_F(TurnJobTest, LongWorkGoesToAWorker) {
  Noted job;
  Start(&job, {}, 1.0);
  EXPECT_OK(job.Wait());
  EXPECT_NE(job.thread, std::this_thread::get_id());
}

TEST_F(TurnJobTest, OneThatHasJoinedIsDoneWhenItIsResumedAndNoLaterOneBefore) {
  std::atomic<int> order = 0;
  Noted first, second;
  first.order = second.order = &order;
  EXPECT_TRUE(first.Join(agent_, first.patience, journal_, workers_));
  EXPECT_FALSE(second.Join(agent_, second.patience, journal_, workers_));
  EXPECT_EQ(order, 0);
  std::thread([&first] { first.Resume(); }).join();
  EXPECT_OK(first.Wait());
  EXPECT_OK(second.Wait());
  EXPECT_EQ(first.place, 0);
  EXPECT_EQ(second.place, 1);
}

TEST_F(TurnJobTest, OneThatHasJoinedAndIsResumedTooLateLeavesTheTurn) {
  Noted job, next;
  job.patience.deadline = steady_clock::now() + milliseconds(20);
  EXPECT_TRUE(job.Join(agent_, job.patience, journal_, workers_));
  std::this_thread::sleep_for(milliseconds(40));
  job.Resume();
  EXPECT_THAT(job.Wait(), Fails(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  Start(&next);
  EXPECT_OK(next.Wait());
}

TEST_F(TurnJobTest, WhatWaitsIsDoneInTheOrderOfItsStart) {
  std::atomic<int> order = 0;
  std::vector<Noted> jobs(4);
  {
    const Turn turn = Take();
    for (Noted& job : jobs) {
      job.order = &order;
      Start(&job);
    }
    EXPECT_EQ(order, 0);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_OK(jobs[i].Wait());
    EXPECT_EQ(jobs[i].place, i);
    EXPECT_NE(jobs[i].thread, std::this_thread::get_id()) << "the leaver has its own to do";
  }
}

TEST_F(TurnJobTest, ThreadsAndJobsStandInOneLine) {
  std::atomic<int> order = 0;
  Noted first, last;
  first.order = last.order = &order;
  int middle = -1;
  // Only who stands in line is asked whether he has gone.
  std::atomic<bool> in_line = false;
  const Patience patience = {.gone = [&in_line] {
    in_line = true;
    return false;
  }};
  std::thread waiter;
  {
    const Turn turn = Take();
    Start(&first);
    waiter = std::thread([&] {
      const Turn own = *Turn::Take(agent_, patience, journal_);
      middle = order++;
    });
    while (!in_line) std::this_thread::sleep_for(milliseconds(1));
    Start(&last);
  }
  EXPECT_OK(first.Wait());
  EXPECT_OK(last.Wait());
  waiter.join();
  EXPECT_EQ(first.place, 0);
  EXPECT_EQ(middle, 1);
  EXPECT_EQ(last.place, 2);
}

TEST_F(TurnJobTest, ALineThatIsFullTakesNoMore) {
  std::vector<Noted> jobs(4);
  Noted late;
  {
    const Turn turn = Take();
    for (Noted& job : jobs) Start(&job);
    Start(&late);
    EXPECT_THAT(late.Wait(), Fails(StatusCode::kResourceExhausted, "TOO_MANY_WAITING"));
  }
  for (Noted& job : jobs) EXPECT_OK(job.Wait());
}

TEST_F(TurnJobTest, ADeadlineCountsUntilTheTurnBegins) {
  Noted passed, waited;
  Start(&passed, {steady_clock::now(), {}});
  EXPECT_THAT(passed.Wait(), Fails(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  {
    const Turn turn = Take();
    Start(&waited, {steady_clock::now() + milliseconds(20), {}});
    std::this_thread::sleep_for(milliseconds(40));
  }
  EXPECT_THAT(waited.Wait(), Fails(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  Noted next;  // the turn was given back
  Start(&next);
  EXPECT_OK(next.Wait());
}

TEST_F(TurnJobTest, WhoHasGoneIsNotServed) {
  std::atomic<bool> gone = false;
  Noted job;
  {
    const Turn turn = Take();
    Start(&job, {.gone = [&] { return gone.load(); }});
    gone = true;
  }
  EXPECT_THAT(job.Wait(), Fails(StatusCode::kCancelled, "CANCELLED"));
  Noted next;
  Start(&next);
  EXPECT_OK(next.Wait());
}

TEST_F(TurnJobTest, ADeletedAgentTurnsAllAway) {
  Noted job;
  {
    Turn turn = Take();
    Start(&job);
    turn.Close();
  }
  EXPECT_THAT(job.Wait(), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  Noted late;
  Start(&late);
  EXPECT_THAT(late.Wait(), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

}  // namespace
}  // namespace phasic
