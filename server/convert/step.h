// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "core/circuit/circuit.h"
#include "phasic/v1/agent_service.pb.h"
#include "server/agents/inputs.h"
#include "server/convert/rewards.h"

namespace phasic::convert {

// A StepRequest as the agent's turn takes it. Its memory is used again by the next request.
class StepCall {
 public:
  StepCall() = default;
  StepCall(const StepCall&) = delete;
  StepCall& operator=(const StepCall&) = delete;

  // Both must live as long as this is used.
  void Read(const v1::StepRequest& request, const Circuit& circuit);

  const StepArguments& arguments() const { return arguments_; }
  // OK, or what is wrong with the request as far as it shows without the agent.
  const absl::Status& valid() const { return valid_; }
  // The same error with fields in the request's words: an element of the observation that came as a
  // tensor is named there.
  absl::Status InWordsOfRequest(const absl::Status& error) const;

 private:
  void ReadInputs();
  bool ReadTensor(const v1::Tensor& tensor, const std::string& field, const Port& port);
  void ReadMasks();
  void ReadReport();
  void ReadRecord();
  // The variable's column, or kNoColumn and a fault.
  ColumnId FindVariable(const std::string& name, const std::string& field);
  void Fault(const std::string& field, const std::string& description);

  const v1::StepRequest* request_ = nullptr;
  const Circuit* circuit_ = nullptr;
  StepArguments arguments_;
  absl::Status valid_;
  std::vector<Violation> violations_;
  // What arguments_ refers to that is not in the request.
  std::vector<float> observation_;
  RewardList rewards_;
  std::vector<uint8_t> forbidden_;
  std::vector<ColumnId> report_;
  std::vector<RecordArguments> record_;
  std::vector<bool> given_;  // of the ports
};

// Whatever was in `proto` goes; not its memory.
void ToProto(const StepOutcome& outcome, const Circuit& circuit, v1::StepResponse* proto);

}  // namespace phasic::convert
