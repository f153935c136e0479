// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "server/store/store.h"
#include "tests/server/support/status_matchers.h"

namespace phasic::store::testing {

// A folder that goes when it ends.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/phasic-store-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  std::string file() const { return path_ + "/phasic.db"; }
  std::string uri() const { return "sqlite://" + file(); }

 private:
  std::string path_;
};

// Runs SQL on a file, beside the store and behind its back.
inline void RunSql(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  char* fault = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &fault), SQLITE_OK) << fault;
  sqlite3_free(fault);
  sqlite3_close(database);
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    store_ = nullptr;
    auto opened = Open(folder_.uri(), {.numerics = 7, .vfs = {}});
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }
  // A circuit, and an agent of it with the uid, whose id is "a" and the uid.
  void MakeAgent(uint64_t uid) {
    Batch batch;
    batch.Add(PutCircuit{5, "a circuit"});
    batch.Add(PutAgent{RowOf(uid)});
    ASSERT_OK(store_->Commit(batch));
  }
  static AgentRow RowOf(uint64_t uid) {
    return {.uid = uid,
            .tenant = "default",
            .id = "a" + std::to_string(uid),
            .made_by = {},
            .circuit = 5,
            .card = "card of " + std::to_string(uid)};
  }
  absl::Status Append(uint64_t agent, uint64_t sequence, const std::string& bytes) {
    Batch batch;
    batch.Add(Record{agent, sequence, bytes});
    return store_->Commit(batch);
  }
  template <typename C>
  absl::Status Do(C change) {
    Batch batch;
    batch.Add(Change(std::move(change)));
    return store_->Commit(batch);
  }
  // "SEQUENCE:BYTES" of each record after the sequence, or the error.
  std::vector<std::string> Records(uint64_t agent, uint64_t after = 0) {
    std::vector<std::string> records;
    const absl::Status status =
        store_->ReadRecords(agent, after, [&](const Record& record, uint32_t numerics) {
          EXPECT_EQ(record.agent, agent);
          EXPECT_EQ(numerics, 7u);
          records.push_back(std::to_string(record.sequence) + ":" + std::string(record.bytes));
          return absl::OkStatus();
        });
    if (!status.ok()) records.push_back(status.ToString());
    return records;
  }

  Folder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace phasic::store::testing
