// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/inputs.h"

namespace phasic::convert {

// The writes of a request. Refers to the request, which must outlive it.
class WriteList {
 public:
  using Protos = google::protobuf::RepeatedPtrField<v1::VariableWrite>;

  // `columns` are those that the writes name, one for each. Faults become violations
  // ("writes[2].values[7]"), numbers that the variable cannot have among them. What depends on the
  // agent's state, and which variables may be written, is left to core.
  void Read(const Protos& protos, std::span<const ColumnId> columns, const Circuit& circuit,
            std::vector<Violation>* violations);
  std::span<const StateWrite> writes() const { return writes_; }

 private:
  std::vector<StateWrite> writes_;
  std::deque<std::vector<std::byte>>
      converted_;  // what writes_ refer to that is not in the request
};

}  // namespace phasic::convert
