// SPDX-License-Identifier: Apache-2.0
//
// What an agent holds: the numbers of tensors and of Inspect's answers, and new ones for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "phasic/v1/agent.pb.h"
#include "phasic/v1/agent_service.pb.h"

namespace phasic::client {

// The values of a tensor: little-endian bytes of one type, row-major.
class Numbers {
 public:
  // DATA_LOSS when the type is unknown or the bytes are no whole number of values.
  static absl::StatusOr<Numbers> Make(v1::Tensor::Dtype dtype, std::string bytes);

  size_t size() const { return bytes_.size() / width_; }
  // True for FLOAT32 and FLOAT64.
  bool is_float() const;
  // Bytes of a value.
  size_t width() const { return width_; }
  // The value as a double; integers above 2^53 are rounded.
  double operator[](size_t index) const;
  // The value of an integer type, exactly.
  uint64_t Whole(size_t index) const;

 private:
  Numbers(v1::Tensor::Dtype dtype, size_t width, std::string bytes)
      : dtype_(dtype), width_(width), bytes_(std::move(bytes)) {}

  template <class T>
  T Read(size_t index) const;

  v1::Tensor::Dtype dtype_;
  size_t width_;
  std::string bytes_;
};

// One variable of one component.
struct Variable {
  // The first message of its answer, without the data: names, unit, shape, summary, step.
  v1::InspectResponse info;
  // The elements asked for, from info.offset() on; none when only summaries were.
  Numbers numbers;
};

// The variable of that name; null when there is none.
const Variable* Find(const std::vector<Variable>& variables, const std::string& name);

// For WriteState: the same number in `count` elements of "component.variable" from `offset` on, in
// row-major order; 0: in all that follow.
v1::VariableWrite Fill(const std::string& variable, double value, int64_t offset = 0,
                       int64_t count = 0);
// These values, from `offset` on.
v1::VariableWrite Values(const std::string& variable, std::span<const double> values,
                         int64_t offset = 0);

}  // namespace phasic::client
