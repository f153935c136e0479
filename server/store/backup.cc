// SPDX-License-Identifier: Apache-2.0
#include "server/store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/store/claim.h"
#include "server/store/errors.h"

namespace phasic::store {
namespace {

constexpr int kPagesAtOnce = 1'024;  // between looks at whether the reader was broken off

absl::Status CopyPages(Database* from, Database* to) {
  sqlite3_backup* const backup = sqlite3_backup_init(to->handle(), "main", from->handle(), "main");
  if (backup == nullptr) return to->Error();
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = sqlite3_backup_step(backup, kPagesAtOnce);
  const int result = sqlite3_backup_finish(backup);
  return result == SQLITE_OK ? absl::OkStatus() : to->Error();
}

absl::Status Copy(Database* from, const std::string& path) {
  // One transaction over all steps: else each write of another would make it begin again.
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::Read(from));
  RETURN_IF_ERROR(from->Number("SELECT count(*) FROM meta").status());
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> to,
                   Database::Open(path, "", Database::Mode::kMake));
  // The file is nothing until it has its name, so it needs no journal of its own.
  RETURN_IF_ERROR(to->Execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL;"));
  return CopyPages(from, to.get());
}

// Gives the file its name, if that is free.
absl::Status Name(const std::string& from, const std::string& to) {
  if (link(from.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST) return absl::AlreadyExistsError(absl::StrCat(to, " exists already"));
    return Unavailable(to, std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BackUp(Database* database, const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
  }
  // Under a name that nobody takes for a store until it is one.
  const std::string part = absl::StrCat(path, ".part-", getpid());
  absl::Status status = Copy(database, part);
  if (status.ok()) status = Name(part, path);
  unlink(part.c_str());
  if (status.ok()) status = SyncFolderOf(path);
  return status;
}

}  // namespace phasic::store
