// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/agents/columns.h"
#include "server/agents/hosted_agent.h"
#include "server/agents/safetensors.h"

// An agent as one file of the public format "safetensors": a tensor for each saved column, named
// "component.variable", and for what the synapses of sparse projections join; in the metadata what
// else there is to know of it, its circuit included.
namespace phasic {

// What leaves a server with an agent, or comes to one.
struct ExportedAgent {
  explicit ExportedAgent(Agent exported) : agent(std::move(exported)) {}

  Agent agent;             // with its seed and live parameters
  Settings settings = {};  // mode and labels
  Durability durability = Durability::kEphemeral;
  Stats stats = {};  // only the rewards; the agent itself says the rest
  std::string run_id = {};
  std::vector<std::string> reward_ids = {};  // the oldest first
  std::vector<uint32_t> numerics = {};       // that have computed its state, ascending
};

// A copy of what leaves with an agent, but for its durability.
ExportedAgent ExportOf(const Inside& inside);
// What an agent is to be made of that goes on where the exported one was.
Inside ImportFrom(ExportedAgent exported, Budget::Room room);

// What the agent was made from, in words that are not this room's.
struct AgentSource {
  std::string circuit;
  std::string preset = {};  // empty: none
};

// As safetensors::Write.
absl::StatusOr<bool> WriteAgentFile(const ExportedAgent& exported, const AgentSource& source,
                                    const safetensors::Sink& sink);

// Who makes an agent from a file.
class Importer {
 public:
  virtual ~Importer() = default;
  // Asked before a header of so many bytes is taken in.
  virtual absl::Status AdmitHeader(size_t bytes) = 0;
  // The compiled circuit, when there is room for an agent of it.
  virtual absl::StatusOr<std::shared_ptr<const Circuit>> Admit(const AgentSource& source) = 0;
};

// Reads a file as its bytes come, straight into an agent. Whatever is wrong with it is
// INVALID_ARGUMENT BAD_EXPORT with a message that says where; then no more may be added. Takes no
// memory before the importer has admitted it.
class AgentFileReader {
 public:
  explicit AgentFileReader(Importer& importer) : importer_(importer) {}

  // The next bytes.
  absl::Status Add(std::string_view bytes);
  // All have come.
  absl::StatusOr<ExportedAgent> Finish();

 private:
  absl::Status AddToHeader(std::string_view* bytes);
  absl::Status Begin();
  absl::Status ReadMetadata();
  absl::Status PlaceTensors();
  absl::Status CheckState();

  Importer& importer_;
  std::string head_;  // the file up to the end of its header
  size_t header_bytes_ = 0;
  safetensors::Header header_;
  std::optional<ExportedAgent> exported_;  // once the header is good
  // Where the bytes of an entry go, or what they must be.
  struct Place {
    ColumnId column = kNoColumn;
    const Ends* ends = nullptr;
  };
  std::vector<Ends> ends_;
  std::vector<Place> places_;  // by entry
  size_t entry_ = 0;           // the next bytes are of this one...
  uint64_t filled_ = 0;        // ...from here on
};

}  // namespace phasic
