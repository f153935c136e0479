// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/handlers/handlers.h"

namespace phasic::handlers {
namespace {

constexpr int kMaxFaultsTold = 100;

// A file that is gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

absl::Status CheckKeeps(const Call& call) {
  return call.env.store == nullptr ? errors::NoStore("this server") : absl::OkStatus();
}

}  // namespace

// Through a file beside the store: what is sent is of one moment, however slowly it is read.
absl::Status BackupStore(const Call& call, const v1::BackupStoreRequest&,
                         Writer<v1::BackupStoreResponse>* writer) {
  RETURN_IF_ERROR(CheckKeeps(call));
  static std::atomic<int> number = 0;
  const TemporaryFile file(
      absl::StrCat(call.env.store->path(), ".backup-", getpid(), "-", ++number));
  RETURN_IF_ERROR(call.env.store->Backup(file.path()));
  std::ifstream in(file.path(), std::ios::binary);
  v1::BackupStoreResponse message;
  std::string chunk(limits::kChunkBytes, '\0');
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    if (in.gcount() == 0) break;
    message.set_data(chunk.data(), static_cast<size_t>(in.gcount()));
    if (!writer->Write(message)) return absl::OkStatus();
  }
  return in.eof() ? absl::OkStatus() : errors::StoreUnavailable("the copy cannot be read");
}

absl::Status CheckStore(const Call& call, const v1::CheckStoreRequest&,
                        v1::CheckStoreResponse* response) {
  RETURN_IF_ERROR(CheckKeeps(call));
  const auto tell = [&](const std::string& fault) {
    if (response->faults_size() < kMaxFaultsTold) response->add_faults(fault);
  };
  ASSIGN_OR_RETURN(const store::Store::CheckReport report, call.env.store->Check(tell));
  response->set_agents(report.agents);
  response->set_states(report.states);
  response->set_snapshots(report.snapshots);
  response->set_records(report.records);
  response->set_bytes(report.bytes);
  return absl::OkStatus();
}

}  // namespace phasic::handlers
