// SPDX-License-Identifier: Apache-2.0
//
// The arguments of the table's calls as the contract's requests.
#pragma once

#include <string>

#include "phasic/v1/agent_service.pb.h"
#include "phasic/v1/circuit_service.pb.h"
#include "tests/conformance/cpp/table.h"

namespace phasic::conformance {

// Arguments, and the case whose agents they name.
class Requests {
 public:
  Requests(const Json& arguments, const std::string& prefix)
      : arguments_(arguments), prefix_(prefix) {}

  bool Has(const char* key) const { return arguments_.contains(key); }

  // The resource name of the agent.
  std::string Name() const;
  v1::CreateAgentRequest Create() const;
  v1::BatchCreateAgentsRequest BatchCreate() const;
  v1::GetAgentRequest Get() const;
  v1::ListAgentsRequest List() const;
  v1::UpdateAgentRequest Update() const;
  v1::DeleteAgentRequest Delete() const;
  v1::CloneAgentRequest Clone() const;
  v1::WriteStateRequest WriteState() const;
  v1::CreateSnapshotRequest CreateSnapshot() const;
  // Of its snapshot: a request with a name.
  template <class Request>
  Request OfSnapshot() const {
    Request request;
    request.set_name(Name() + "/snapshots/" + Or("snapshot", std::string()));
    return request;
  }
  v1::ListSnapshotsRequest ListSnapshots() const;
  v1::RestoreSnapshotRequest RestoreSnapshot() const;
  v1::ExportAgentRequest Export() const;
  // With the whole file.
  v1::ImportAgentRequest Import() const;
  v1::StepRequest Step() const;
  v1::RewardRequest Reward() const;
  v1::ResetEpisodeRequest Reset() const;
  v1::InspectRequest Inspect() const;
  v1::BatchStepRequest Batch() const;
  v1::ValidateCircuitRequest Validate() const;
  v1::GetCircuitRequest Circuit() const;
  v1::ListComponentsRequest Components() const;

 private:
  template <class T>
  T Or(const char* key, T fallback) const {
    return arguments_.value(key, fallback);
  }
  // The list or object; an empty one when there is none.
  Json List(const char* key) const { return Or(key, Json::array()); }
  // By value: the members stay while they are walked through.
  Json::object_t Object(const char* key) const {
    const Json object = Or(key, Json::object());
    return object.get_ref<const Json::object_t&>();
  }
  template <class Message>
  void SetSource(Message* message) const;
  void SetAgent(v1::Agent* agent) const;
  v1::Durability ToDurability() const;

  const Json& arguments_;
  const std::string& prefix_;
};

}  // namespace phasic::conformance
