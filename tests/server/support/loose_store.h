// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "server/base/sync.h"
#include "server/store/store.h"

namespace phasic::testing {

// A store in a file that is gone at the end, and that can be held up or fail.
class LooseStore final : public store::Store {
 public:
  LooseStore()
      : folder_(std::filesystem::temp_directory_path() /
                ("phasic-test-" + std::to_string(getpid()) + "-" + std::to_string(++count_))) {
    std::filesystem::create_directories(folder_);
    Open();
  }
  ~LooseStore() override {
    inner_.reset();
    std::filesystem::remove_all(folder_);
  }

  // As if the process had ended and another begun.
  void Open() {
    inner_.reset();
    auto opened = store::Open("sqlite://" + (folder_ / "phasic.db").string(), {.numerics = 1});
    if (opened.ok()) inner_ = *std::move(opened);
  }

  std::atomic<bool> failing = false;  // commits, and is not good again
  std::atomic<int> commits = 0;
  // While it is held, commits wait.
  Mutex hold;

  absl::Status Commit(const store::Batch& batch) override {
    MutexLock lock(hold);
    if (failing) return absl::UnavailableError("the disk is on fire");
    ++commits;
    return inner_->Commit(batch);
  }
  absl::Status Prove(bool* held) override {
    if (failing) return absl::UnavailableError("the disk is on fire");
    *held = false;
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<store::AgentRow>> FindAgent(const std::string& tenant,
                                                           const std::string& id) override {
    return inner_->FindAgent(tenant, id);
  }
  absl::StatusOr<std::optional<store::AgentRow>> FindAgent(uint64_t uid) override {
    return inner_->FindAgent(uid);
  }
  absl::StatusOr<std::optional<store::AgentRow>> FindMadeBy(const std::string& call) override {
    return inner_->FindMadeBy(call);
  }
  absl::StatusOr<std::vector<store::AgentRow>> ListAgents(const std::string& tenant,
                                                          const std::string& after,
                                                          size_t count) override {
    return inner_->ListAgents(tenant, after, count);
  }
  absl::StatusOr<int64_t> CountAgents() override { return inner_->CountAgents(); }
  absl::StatusOr<std::string> LoadCircuit(uint64_t key) override {
    return inner_->LoadCircuit(key);
  }
  absl::StatusOr<std::optional<store::StateRow>> LoadState(uint64_t agent) override {
    return inner_->LoadState(agent);
  }
  absl::Status ReadRecords(uint64_t agent, uint64_t sequence, const Reader& reader) override {
    return inner_->ReadRecords(agent, sequence, reader);
  }
  absl::StatusOr<std::vector<store::SnapshotRow>> ListSnapshots(uint64_t agent) override {
    return inner_->ListSnapshots(agent);
  }
  absl::StatusOr<std::optional<store::SnapshotRow>> LoadSnapshot(uint64_t agent,
                                                                 const std::string& id) override {
    return inner_->LoadSnapshot(agent, id);
  }
  int64_t journal_bytes() const override { return inner_->journal_bytes(); }
  std::vector<uint64_t> OldestInJournal(size_t count) const override {
    return inner_->OldestInJournal(count);
  }
  absl::StatusOr<uint64_t> ReserveUids(uint64_t at_least, uint64_t count) override {
    return inner_->ReserveUids(at_least, count);
  }
  absl::StatusOr<CheckReport> Check(const std::function<void(const std::string&)>& tell) override {
    return inner_->Check(tell);
  }
  absl::Status Backup(const std::string& path) override { return inner_->Backup(path); }
  const std::string& path() const override { return inner_->path(); }

 private:
  static inline std::atomic<int> count_ = 0;
  const std::filesystem::path folder_;
  std::unique_ptr<store::Store> inner_;
};

}  // namespace phasic::testing
