// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "server/agents/inputs.h"
#include "server/agents/journal.h"

// An input as bytes, and back. FORMAT.md of server/store says every byte.
namespace phasic {

// Appends the input's bytes.
void EncodeInput(const JournalRecord& record, std::string* out);

// An input that owns what it refers to. Neither copied nor moved: the arguments point into it.
class DecodedInput {
 public:
  // DATA_LOSS when the bytes are not those of an input.
  absl::Status Decode(std::string_view bytes);

  using Input = JournalRecord::Input;
  const Input& input() const { return input_; }

 private:
  void DecodeStep(class ByteReader& in);
  void DecodeRewards(class ByteReader& in);
  void DecodeSteps(class ByteReader& in);
  void DecodeChange(class ByteReader& in);
  void DecodeWrites(class ByteReader& in);

  Input input_;
  StepArguments step_;
  SettingsChange change_;
  std::vector<RewardArguments> rewards_;
  std::vector<std::vector<double>> values_;
  std::vector<float> observation_;
  std::vector<uint8_t> forbidden_;
  std::vector<float> taken_;
  std::vector<ColumnId> report_;
  std::vector<RecordArguments> record_;
  std::vector<StateWrite> writes_;
  std::vector<std::vector<std::byte>> written_;
  std::string bytes_;  // the texts lie here
};

}  // namespace phasic
