// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/agents/agent_file.h"
#include "server/agents/errors.h"

namespace phasic::testing {

// Knows one circuit, by the text "circuit".
class OneCircuitImporter final : public Importer {
 public:
  explicit OneCircuitImporter(std::shared_ptr<const Circuit> circuit)
      : circuit_(std::move(circuit)) {}

  absl::Status AdmitHeader(size_t bytes) override {
    header_bytes = bytes;
    return full ? errors::TooMuchInspected() : absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const Circuit>> Admit(const AgentSource& given) override {
    source = given;
    if (given.circuit == "circuit") return circuit_;
    return errors::BadExport("its circuit is another");
  }

  size_t header_bytes = 0;
  bool full = false;
  AgentSource source;

 private:
  std::shared_ptr<const Circuit> circuit_;
};

// Reads a whole file, so many bytes at a time.
inline absl::StatusOr<ExportedAgent> ReadAgentFile(Importer& importer, std::string_view file,
                                                   size_t chunk = 1'000) {
  AgentFileReader reader(importer);
  for (size_t at = 0; at < file.size(); at += chunk) {
    const absl::Status status = reader.Add(file.substr(at, chunk));
    if (!status.ok()) return status;
  }
  return reader.Finish();
}

}  // namespace phasic::testing
