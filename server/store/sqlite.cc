// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite.h"

#include <sqlite3.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/store/errors.h"

namespace phasic::store {
namespace {

constexpr int kBusyMs = 2'000;  // another program may look into the file for a moment

absl::Status StatusOf(sqlite3* handle, const std::string& path) {
  const int code = sqlite3_extended_errcode(handle);
  const int fault = sqlite3_system_errno(handle);
  std::string what = absl::StrCat(sqlite3_errmsg(handle), " (SQLite ", code, ")");
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return absl::AlreadyExistsError(absl::StrCat("the store ", path, ": ", what));
      }
      if (code == SQLITE_CONSTRAINT_FOREIGNKEY) {
        return absl::NotFoundError(absl::StrCat("the store ", path, ": ", what));
      }
      return Corrupt(path, what);
    case SQLITE_TOOBIG:
      return absl::InvalidArgumentError(absl::StrCat("the store ", path, ": ", what));
    // Our statements are right, so one that does not fit the tables says that these are not.
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_FORMAT:
      return Corrupt(path, what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
      if (fault != 0) absl::StrAppend(&what, ": ", std::strerror(fault));
      if (code == SQLITE_IOERR_CORRUPTFS) return Corrupt(path, what);
      return Unavailable(path, what);
    default:
      return Unavailable(path, what);
  }
}

}  // namespace

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::Bind(int place, int64_t value) {
  if (bind_ == SQLITE_OK) bind_ = sqlite3_bind_int64(statement_, place, value);
}

void Statement::Bind(int place, std::string_view text) {
  if (bind_ != SQLITE_OK) return;
  const char* data = text.data() == nullptr ? "" : text.data();
  bind_ = sqlite3_bind_text64(statement_, place, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::Bind(int place, Blob blob) {
  if (bind_ != SQLITE_OK) return;
  const char* data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  bind_ = sqlite3_bind_blob64(statement_, place, data, blob.bytes.size(), SQLITE_STATIC);
}

void Statement::Bind(int place, std::nullptr_t) {
  if (bind_ == SQLITE_OK) bind_ = sqlite3_bind_null(statement_, place);
}

absl::StatusOr<bool> Statement::Step() {
  sqlite3* handle = sqlite3_db_handle(statement_);
  if (bind_ != SQLITE_OK) return StatusOf(handle, *path_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return StatusOf(handle, *path_);
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view Statement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         const std::string& vfs, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  // A connection that only reads is opened for writing too: else it could not make the file that
  // readers and the writer share. query_only holds it to reading.
  flags |= SQLITE_OPEN_READWRITE;
  if (mode == Mode::kMake) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return Unavailable(path, "no memory to open it");
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return database->Error();
  sqlite3_busy_timeout(handle, kBusyMs);
  RETURN_IF_ERROR(
      database->Execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                        "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"));
  RETURN_IF_ERROR(database->Execute(mode == Mode::kRead
                                        ? "PRAGMA query_only=ON; PRAGMA cache_size=-1024;"
                                        : "PRAGMA cache_size=-8192;"));
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

absl::StatusOr<Statement> Database::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr && sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                                 &statement, nullptr) != SQLITE_OK) {
    return Error();
  }
  return Statement(statement, &path_);
}

absl::StatusOr<int64_t> Database::RunThrough(Statement* statement) {
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, statement->Step());
  }
  return sqlite3_changes64(handle_);
}

absl::Status Database::Execute(const std::string& sql) {
  return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK
             ? absl::OkStatus()
             : Error();
}

absl::StatusOr<int64_t> Database::Number(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) return Error();
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  const int code = sqlite3_step(raw);
  if (code == SQLITE_ROW) return sqlite3_column_int64(raw, 0);
  if (code == SQLITE_DONE) return Corrupt(path_, absl::StrCat("no row from ", sql));
  return Error();
}

absl::Status Database::Error() const { return StatusOf(handle_, path_); }

absl::StatusOr<Transaction> Transaction::Write(Database* database) {
  RETURN_IF_ERROR(database->Run("BEGIN IMMEDIATE").status());
  return Transaction(database);
}

absl::StatusOr<Transaction> Transaction::Read(Database* database) {
  RETURN_IF_ERROR(database->Run("BEGIN").status());
  return Transaction(database);
}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some faults. A rollback that fails is known by the next
  // BEGIN.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0) {
    database_->Run("ROLLBACK").IgnoreError();
  }
}

absl::Status Transaction::Commit() {
  RETURN_IF_ERROR(database_->Run("COMMIT").status());
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace phasic::store
