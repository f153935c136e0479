// SPDX-License-Identifier: Apache-2.0
#include "client/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/numbers.h"

namespace phasic {
namespace {

constexpr size_t kPartBytes = 1 << 20;

struct Closer {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using FilePointer = std::unique_ptr<std::FILE, Closer>;

absl::Status CannotRead(const std::string& path) {
  return absl::InvalidArgumentError(absl::StrCat(FileText(path), ": cannot be read"));
}

FilePointer Open(const std::string& path) {
  // The C library's files, because the streams of libstdc++ throw when they meet a directory.
  return FilePointer(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
}

// The place that the path leads to, through symbolic links.
std::string RealPath(const std::string& path) {
  char* const found = ::realpath(path.c_str(), nullptr);
  std::string real = found == nullptr ? path : found;
  std::free(found);
  return real;
}

// A file that takes its place when all of it is there.
class OutFile {
 public:
  explicit OutFile(const std::string& path) : path_(RealPath(path)) {
    struct stat found;
    const bool special = ::stat(path_.c_str(), &found) == 0 && !S_ISREG(found.st_mode);
    if (special) {
      file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
      temporary_ = absl::StrCat(path_, ".", ::getpid(), ".part");
      file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file_ < 0) temporary_.clear();
    }
    error_ = file_ < 0 ? errno : 0;
  }
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;
  ~OutFile() {
    if (file_ >= 0) ::close(file_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  absl::Status Write(const std::string& bytes) {
    for (size_t done = 0; error_ == 0 && done < bytes.size();) {
      const ssize_t written = ::write(file_, bytes.data() + done, bytes.size() - done);
      if (written >= 0) {
        done += static_cast<size_t>(written);
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    return status();
  }

  absl::Status Commit() {
    if (error_ == 0 && !temporary_.empty()) {
      if (::fsync(file_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
        error_ = errno;
      } else {
        temporary_.clear();
      }
    }
    return status();
  }

  // The first fault, since the file was opened.
  absl::Status status() const {
    if (error_ == 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": cannot be written: ", std::generic_category().message(error_)));
  }

 private:
  std::string path_;
  // Empty when there is none, any more or at all.
  std::string temporary_;
  int file_ = -1;
  int error_ = 0;
};

}  // namespace

std::string FileText(const std::string& path) { return path == "-" ? "standard input" : path; }

absl::StatusOr<client::Source> ReadParts(const std::string& path) {
  const std::shared_ptr<std::FILE> file = Open(path);
  if (file == nullptr) return CannotRead(path);
  return [file, path]() -> absl::StatusOr<std::string> {
    std::string bytes(kPartBytes, '\0');
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
    if (std::ferror(file.get()) != 0) return CannotRead(path);
    return bytes;
  };
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  const absl::StatusOr<client::Source> next = ReadParts(path);
  if (!next.ok()) return next.status();
  std::string text;
  for (;;) {
    const absl::StatusOr<std::string> bytes = (*next)();
    if (!bytes.ok() || bytes->empty()) return bytes.ok() ? text : bytes;
    text += *bytes;
  }
}

absl::StatusOr<Exit> SaveAs(const Context& context, const std::string& path,
                            const std::function<absl::Status(const client::Sink&)>& call) {
  if (path == "-") {
    if (context.json) return absl::InvalidArgumentError("--json: standard output is the file");
    const absl::Status status = call(client::Into(context.out));
    if (!status.ok()) return status;
    return Exit::kOk;
  }
  OutFile file(path);
  absl::Status status = file.status();
  if (!status.ok()) return status;
  int64_t size = 0;
  status = call([&](const std::string& bytes) {
    size += static_cast<int64_t>(bytes.size());
    return file.Write(bytes);
  });
  if (status.ok()) status = file.Commit();
  if (!status.ok()) return status;

  if (context.json) {
    JsonWriter writer(context.out);
    writer.BeginObject();
    writer.Key("file");
    writer.String(path);
    writer.Key("bytes");
    writer.Integer(size);
    writer.EndObject();
  } else {
    context.out << "wrote " << path << ", " << BytesText(size) << '\n';
  }
  return Exit::kOk;
}

}  // namespace phasic
