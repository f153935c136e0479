// SPDX-License-Identifier: Apache-2.0
#include "tests/server/store/support/fault_vfs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>

namespace phasic::store::testing {
namespace {

// One of ours, and SQLite's own right after it in memory.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* vfs;
  std::string* path;  // null for a file of no interest
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* Of(sqlite3_file* file) { return reinterpret_cast<FaultFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Of(file)->real(); }
sqlite3_vfs* Default() { return sqlite3_vfs_find(nullptr); }

int Close(sqlite3_file* file) {
  delete Of(file)->path;
  return Real(file)->pMethods->xClose(Real(file));
}

int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return Real(file)->pMethods->xRead(Real(file), data, size, offset);
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  FaultFile* const f = Of(file);
  if (f->path == nullptr) return f->real()->pMethods->xWrite(f->real(), data, size, offset);
  const int fault = f->vfs->Before(FaultVfs::kWrite);
  if (fault != SQLITE_OK) size /= 2;
  const int code = f->real()->pMethods->xWrite(f->real(), data, size, offset);
  if (code == SQLITE_OK) f->vfs->Wrote(*f->path, data, size, offset);
  return fault != SQLITE_OK ? fault : code;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  FaultFile* const f = Of(file);
  if (f->path == nullptr) return f->real()->pMethods->xTruncate(f->real(), size);
  if (const int fault = f->vfs->Before(FaultVfs::kTruncate); fault != SQLITE_OK) return fault;
  const int code = f->real()->pMethods->xTruncate(f->real(), size);
  if (code == SQLITE_OK) f->vfs->Truncated(*f->path, size);
  return code;
}

int Sync(sqlite3_file* file, int) {
  FaultFile* const f = Of(file);
  if (f->path == nullptr) return SQLITE_OK;
  // Nothing is really synced: the disk is the one that is remembered.
  const int fault = f->vfs->Before(FaultVfs::kSync);
  f->vfs->Synced(*f->path, fault != SQLITE_OK);
  return fault;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) {
  return Real(file)->pMethods->xUnlock(Real(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), result);
}
int FileControl(sqlite3_file* file, int op, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), op, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
// No promise of the disk's is believed.
int DeviceCharacteristics(sqlite3_file*) { return 0; }
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int erase) {
  return Real(file)->pMethods->xShmUnmap(Real(file), erase);
}

const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  FaultFile* const f = Of(file);
  f->base.pMethods = nullptr;
  f->vfs = static_cast<FaultVfs*>(vfs->pAppData);
  f->path = nullptr;
  const int code = Default()->xOpen(Default(), name, f->real(), flags, flags_out);
  if (f->real()->pMethods == nullptr) return code;
  constexpr int kOfInterest = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  if (name != nullptr && (flags & kOfInterest) != 0) {
    f->path = new std::string(name);
    f->vfs->Opened(*f->path);
  }
  f->base.pMethods = &kMethods;
  return code;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync) {
  const int code = Default()->xDelete(Default(), name, sync);
  if (code == SQLITE_OK) static_cast<FaultVfs*>(vfs->pAppData)->Deleted(name);
  return code;
}

}  // namespace

FaultVfs::FaultVfs(const std::string& name)
    : name_(name), vfs_(std::make_unique<sqlite3_vfs>(*Default())) {
  vfs_->szOsFile = static_cast<int>(sizeof(FaultFile)) + Default()->szOsFile;
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = Open;
  vfs_->xDelete = Delete;
  // The others take the default's own data.
  vfs_->xAccess = [](sqlite3_vfs*, const char* path, int flags, int* result) {
    return Default()->xAccess(Default(), path, flags, result);
  };
  vfs_->xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    return Default()->xFullPathname(Default(), path, size, out);
  };
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(vfs_.get()); }

void FaultVfs::FailFrom(int64_t n, int code, int kinds) {
  const std::lock_guard lock(mutex_);
  fail_at_ = operations_ + n;
  code_ = code;
  kinds_ = kinds;
  failed_ = false;
}

void FaultVfs::Heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = -1;
}

int64_t FaultVfs::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

bool FaultVfs::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

int FaultVfs::Before(Kind kind) {
  const std::lock_guard lock(mutex_);
  const int64_t operation = operations_++;
  if (fail_at_ < 0 || operation < fail_at_ || (kind & kinds_) == 0) return SQLITE_OK;
  failed_ = true;
  if (code_ != SQLITE_IOERR) return code_;
  return kind == kWrite ? SQLITE_IOERR_WRITE
                        : (kind == kSync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_TRUNCATE);
}

void FaultVfs::Opened(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (files_.contains(path)) return;
  std::ifstream in(path, std::ios::binary);
  files_[path].synced.assign(std::istreambuf_iterator<char>(in), {});
}

void FaultVfs::Deleted(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_.erase(path);
}

void FaultVfs::Wrote(const std::string& path, const void* data, int64_t size, int64_t offset) {
  const std::lock_guard lock(mutex_);
  files_[path].pending.push_back(
      {offset, std::string(static_cast<const char*>(data), static_cast<size_t>(size)), false});
}

void FaultVfs::Truncated(const std::string& path, int64_t size) {
  const std::lock_guard lock(mutex_);
  files_[path].pending.push_back({size, {}, true});
}

// A sync that fails forgets what it should have saved, as Linux does: a later one succeeds without
// it.
void FaultVfs::Synced(const std::string& path, bool failed) {
  const std::lock_guard lock(mutex_);
  File& file = files_[path];
  if (!failed) {
    for (const Pending& pending : file.pending) Apply(pending, pending.bytes.size(), &file.synced);
  }
  file.pending.clear();
}

void FaultVfs::Apply(const Pending& pending, size_t bytes, std::string* image) {
  const auto offset = static_cast<size_t>(pending.offset);
  if (pending.truncates) {
    image->resize(std::min(image->size(), offset));
    return;
  }
  if (image->size() < offset + bytes) image->resize(offset + bytes);
  std::copy_n(pending.bytes.begin(), bytes, image->begin() + pending.offset);
}

void FaultVfs::WriteDisk(const std::string& folder, std::mt19937_64* random) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, file] : files_) {
    std::string image = file.synced;
    // Between all writes dropped and none.
    const uint64_t dropped = (*random)() % 5;
    for (size_t i = 0; i < file.pending.size(); ++i) {
      const Pending& pending = file.pending[i];
      if ((*random)() % 4 < dropped) continue;
      const size_t size = pending.bytes.size();
      const bool torn = i + 1 == file.pending.size() && size > 0;
      Apply(pending, torn ? (*random)() % (size + 1) : size, &image);
    }
    const std::filesystem::path name = std::filesystem::path(path).filename();
    std::ofstream out(std::filesystem::path(folder) / name, std::ios::binary);
    out.write(image.data(), static_cast<std::streamsize>(image.size()));
  }
}

}  // namespace phasic::store::testing
