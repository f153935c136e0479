// SPDX-License-Identifier: Apache-2.0
//
// A disk that fails when it is told to, for a program that runs with this in LD_PRELOAD. Only files
// whose path begins with PHASIC_DISK_PREFIX are on that disk. PHASIC_DISK_CONTROL names a file with
// a Control, which another process writes (disk_faults.py).
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace {

enum Kind { kWriteJournal = 1, kWriteOther = 2, kSync = 4, kTruncate = 8, kOpen = 16 };

struct Control {
  std::atomic<int32_t> kinds;  // that fail
  std::atomic<int32_t> error;
  std::atomic<int64_t> failed;
};

Control* Map() {
  const char* const path = getenv("PHASIC_DISK_CONTROL");
  const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* const mapped = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<Control*>(mapped);
}

Control* control() {
  static Control* const mapped = Map();
  return mapped;
}

bool Fails(int kind) {
  Control* const c = control();
  if (c == nullptr || (c->kinds.load() & kind) == 0) return false;
  ++c->failed;
  errno = c->error.load();
  return true;
}

bool OnDisk(const char* path) {
  static const char* const prefix = getenv("PHASIC_DISK_PREFIX");
  return prefix != nullptr && strncmp(path, prefix, strlen(prefix)) == 0;
}

// The file's kind of write, or 0 when it is not on that disk.
int KindOf(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  if (!OnDisk(path)) return 0;
  return strstr(path, "-wal") != nullptr ? kWriteJournal : kWriteOther;
}

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Half of it gets there before the disk fails.
template <class Offset>
ssize_t PWrite(const char* name, int file, const void* data, size_t size, Offset offset) {
  const auto next = Next<ssize_t (*)(int, const void*, size_t, Offset)>(name);
  const int kind = KindOf(file);
  if (kind == 0 || control() == nullptr || (control()->kinds.load() & kind) == 0) {
    return next(file, data, size, offset);
  }
  next(file, data, size / 2, offset);
  return Fails(kind) ? -1 : next(file, data, size, offset);
}

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  return PWrite("pwrite", file, data, size, offset);
}
ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
  return PWrite("pwrite64", file, data, size, offset);
}
int fsync(int file) {
  if (KindOf(file) != 0 && Fails(kSync)) return -1;
  return Next<int (*)(int)>("fsync")(file);
}
int fdatasync(int file) {
  if (KindOf(file) != 0 && Fails(kSync)) return -1;
  return Next<int (*)(int)>("fdatasync")(file);
}
int ftruncate(int file, off_t size) {
  if (KindOf(file) != 0 && Fails(kTruncate)) return -1;
  return Next<int (*)(int, off_t)>("ftruncate")(file, size);
}
int ftruncate64(int file, off64_t size) {
  if (KindOf(file) != 0 && Fails(kTruncate)) return -1;
  return Next<int (*)(int, off64_t)>("ftruncate64")(file, size);
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (OnDisk(path) && Fails(kOpen)) return -1;
  return Next<int (*)(const char*, int, ...)>("open64")(path, flags, mode);
}

}  // extern "C"
