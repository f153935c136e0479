// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/status_macros.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite in the house's words. Nothing here knows what is stored.
namespace phasic::store {

// Tells bytes from text when bound.
struct Blob {
  std::string_view bytes;
};

// A statement that runs, borrowed from its database until it ends. What it reads lives until the
// next Step.
class Statement {
 public:
  Statement(Statement&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)),
        path_(other.path_),
        bind_(other.bind_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void Bind(int place, int64_t value);
  void Bind(int place, uint64_t value) { Bind(place, static_cast<int64_t>(value)); }
  void Bind(int place, std::string_view text);  // refers to the text
  void Bind(int place, Blob blob);              // refers to the bytes
  void Bind(int place, std::nullptr_t);

  // Whether there is a row (more).
  absl::StatusOr<bool> Step();
  int64_t Int(int column) const;
  uint64_t Uint(int column) const { return static_cast<uint64_t>(Int(column)); }
  bool IsNull(int column) const;
  std::string_view Bytes(int column) const;  // of a text or a blob
  std::string Text(int column) const { return std::string(Bytes(column)); }

 private:
  friend class Database;
  Statement(sqlite3_stmt* statement, const std::string* path)
      : statement_(statement), path_(path) {}

  sqlite3_stmt* statement_;
  const std::string* path_;
  int bind_ = 0;  // the first fault of Bind
};

// A connection. For one thread at a time.
class Database {
 public:
  enum class Mode { kRead, kWrite, kMake };
  // `vfs` is the name of SQLite's file layer; empty for its own.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const std::string& vfs, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `sql` is a literal: it is compiled once, and known by its address.
  template <typename... Values>
  absl::StatusOr<Statement> Query(const char* sql, const Values&... values) {
    ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
    int place = 0;
    (statement.Bind(++place, values), ...);
    return statement;
  }
  // How many rows it changed.
  template <typename... Values>
  absl::StatusOr<int64_t> Run(const char* sql, const Values&... values) {
    ASSIGN_OR_RETURN(Statement statement, Query(sql, values...));
    return RunThrough(&statement);
  }
  // Several statements that are run once.
  absl::Status Execute(const std::string& sql);
  // The first column of the first row.
  absl::StatusOr<int64_t> Number(const std::string& sql);

  // Of the last call that failed.
  absl::Status Error() const;
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  absl::StatusOr<Statement> Prepare(const char* sql);
  absl::StatusOr<int64_t> RunThrough(Statement* statement);

  sqlite3* handle_;
  const std::string path_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// Rolls back when it ends, unless committed.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Write(Database* database);
  // Sees the store as of its first read, whatever is written meanwhile.
  static absl::StatusOr<Transaction> Read(Database* database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace phasic::store
