// SPDX-License-Identifier: Apache-2.0
#include "server/convert/step.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/agents/columns.h"
#include "server/agents/errors.h"
#include "server/convert/columns.h"
#include "server/convert/text.h"

namespace phasic::convert {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

const Port* FindPort(const std::vector<Port>& ports, const std::string& name) {
  const auto at =
      std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; });
  return at == ports.end() ? nullptr : &*at;
}

template <class T>
void CopyNumbers(const std::string& data, float* to) {
  for (size_t i = 0; i < data.size() / sizeof(T); ++i) {
    T number;
    std::memcpy(&number, data.data() + i * sizeof(T), sizeof(T));
    to[i] = static_cast<float>(number);
  }
}

// The number of elements, or -1 when the shape is none.
int64_t ElementsOf(const v1::Tensor& tensor) {
  int64_t elements = 1;
  for (const int64_t size : tensor.shape()) {
    if (size < 0 || (size > 0 && elements > std::numeric_limits<int64_t>::max() / size)) return -1;
    elements *= size;
  }
  return elements;
}

}  // namespace

void StepCall::Read(const v1::StepRequest& request, const Circuit& circuit) {
  request_ = &request;
  circuit_ = &circuit;
  arguments_ = {};
  violations_.clear();
  if (request.has_step()) arguments_.step = request.step();
  arguments_.request_id = request.request_id();
  arguments_.run_id = request.run_id();
  arguments_.greedy = request.greedy();
  arguments_.ticks = request.ticks();
  arguments_.taken_action = {request.taken_action().data(),
                             static_cast<size_t>(request.taken_action_size())};
  if (request.end() < v1::NONE || request.end() > v1::TRUNCATED) {
    Fault("end", "is unknown");
  } else {
    arguments_.end = static_cast<End>(request.end());
  }
  if (request.ticks() < 0) Fault("ticks", "must not be negative");
  CheckLength(request.run_id(), "run_id", &violations_);
  if (arguments_.end != End::kTerminated) ReadInputs();
  rewards_.Read(request.rewards(), circuit, &violations_);
  arguments_.rewards = rewards_.rewards();
  ReadMasks();
  ReadReport();
  ReadRecord();
  valid_ = violations_.empty() ? absl::OkStatus()
                               : InvalidFields(errors::kBadField, std::move(violations_));
}

void StepCall::Fault(const std::string& field, const std::string& description) {
  violations_.push_back({field, description});
}

void StepCall::ReadInputs() {
  const std::vector<Port>& ports = circuit_->inputs();
  if (request_->inputs_size() == 0) {
    if (ports.size() > 1) {
      Fault("observation",
            absl::StrCat("serves one port, but the agent has ", ports.size(), ": use inputs"));
    }
    arguments_.observation = {request_->observation().data(),
                              static_cast<size_t>(request_->observation_size())};
    return;
  }
  if (request_->observation_size() > 0) Fault("inputs", "must not come with an observation");
  observation_.assign(circuit_->observation_size(), 0);
  given_.assign(ports.size(), false);
  for (int i = 0; i < request_->inputs_size(); ++i) {
    const std::string field = absl::StrCat("inputs[", i, "]");
    const Port* port = FindPort(ports, request_->inputs(i).name());
    if (port == nullptr) {
      Fault(field + ".name", "is no input port of the agent");
    } else if (given_[port - ports.data()]) {
      Fault(field + ".name", "names a port that has a value already");
    } else if (ReadTensor(request_->inputs(i), field, *port)) {
      given_[port - ports.data()] = true;
    }
  }
  for (size_t p = 0; violations_.empty() && p < ports.size(); ++p) {
    if (!given_[p])
      Fault("inputs", absl::StrCat("have no value for the port \"", ports[p].name, "\""));
  }
  arguments_.observation = observation_;
}

bool StepCall::ReadTensor(const v1::Tensor& tensor, const std::string& field, const Port& port) {
  const bool wide = tensor.dtype() == v1::Tensor::FLOAT64;
  if (!wide && tensor.dtype() != v1::Tensor::FLOAT32 &&
      tensor.dtype() != v1::Tensor::DTYPE_UNSPECIFIED) {
    Fault(field + ".dtype", "must be FLOAT32 or FLOAT64");
    return false;
  }
  if (tensor.shape_size() > 0 && ElementsOf(tensor) != port.size) {
    Fault(field + ".shape",
          absl::StrCat("must have ", port.size, " elements, as ", port.space.ToString(), " has"));
    return false;
  }
  if (tensor.data().size() != port.size * (wide ? sizeof(double) : sizeof(float))) {
    Fault(field + ".data", absl::StrCat("has ", tensor.data().size(), " bytes, but ", port.size,
                                        " numbers are needed"));
    return false;
  }
  float* const to = observation_.data() + port.offset;
  wide ? CopyNumbers<double>(tensor.data(), to) : CopyNumbers<float>(tensor.data(), to);
  return true;
}

void StepCall::ReadMasks() {
  if (request_->action_masks_size() == 0) return;
  const std::vector<Port>& ports = circuit_->outputs();
  forbidden_.assign(circuit_->mask_size(), 0);
  given_.assign(ports.size(), false);
  for (int i = 0; i < request_->action_masks_size(); ++i) {
    const v1::ActionMask& mask = request_->action_masks(i);
    const std::string field = absl::StrCat("action_masks[", i, "]");
    const bool only = mask.port().empty() && ports.size() == 1;
    const Port* port = only ? &ports.front() : FindPort(ports, mask.port());
    if (port == nullptr) {
      Fault(field + ".port", "is no output port of the agent");
    } else if (port->forbidden == kNoColumn) {
      Fault(field + ".port", "takes no mask");
    } else if (given_[port - ports.data()]) {
      Fault(field + ".port", "names a port that has a mask already");
    } else if (mask.allowed_size() != port->source_size) {
      Fault(field + ".allowed", absl::StrCat("has ", mask.allowed_size(), " values, but there are ",
                                             port->source_size, " alternatives"));
    } else {
      given_[port - ports.data()] = true;
      const auto forbidden = std::span(forbidden_).subspan(port->mask_offset, port->source_size);
      std::transform(mask.allowed().begin(), mask.allowed().end(), forbidden.begin(),
                     [](bool allowed) { return !allowed; });
      if (const int choice = port->space.ChoiceWithout(forbidden); choice >= 0) {
        Fault(field + ".allowed", port->size > 1
                                      ? absl::StrCat("allows no alternative of choice ", choice)
                                      : "allows no alternative");
      }
    }
  }
  arguments_.forbidden = forbidden_;
}

ColumnId StepCall::FindVariable(const std::string& name, const std::string& field) {
  const ColumnId column = FindColumn(*circuit_, name);
  if (column == kNoColumn) Fault(field, "is no variable of the agent");
  return column;
}

void StepCall::ReadReport() {
  int64_t values = 0;
  report_.clear();
  for (int i = 0; i < request_->report_size(); ++i) {
    const ColumnId column = FindVariable(request_->report(i), absl::StrCat("report[", i, "]"));
    if (column == kNoColumn) continue;
    report_.push_back(column);
    values += circuit_->layout().columns[column].size();
  }
  if (values > limits::kMaxReportValues) {
    Fault("report", absl::StrCat("has ", values, " values, but may have at most ",
                                 limits::kMaxReportValues, "; Inspect has no such bound"));
  }
  arguments_.report = report_;
}

void StepCall::ReadRecord() {
  const int own = circuit_->spec().ticks_per_step;
  const int64_t ticks = request_->ticks() == 0 ? own : request_->ticks();
  int64_t values = 0;
  record_.clear();
  for (int i = 0; i < request_->record_size(); ++i) {
    const v1::Recording& recording = request_->record(i);
    const std::string field = absl::StrCat("record[", i, "].");
    const ColumnId column = FindVariable(recording.variable(), field + "variable");
    if (recording.every() < 0) Fault(field + "every", "must not be negative");
    if (column == kNoColumn || recording.every() < 0) continue;
    const Column& info = circuit_->layout().columns[column];
    if (info.arena >= 0) Fault(field + "variable", "grows, so it cannot be recorded");
    const int every = std::max(1, recording.every());
    record_.push_back({column, every});
    values += ticks / every * info.size();
  }
  if (values > limits::kMaxRecordedValues) {
    Fault("record", absl::StrCat("would have ", values, " values, but may have at most ",
                                 limits::kMaxRecordedValues));
  }
  arguments_.record = record_;
}

absl::Status StepCall::InWordsOfRequest(const absl::Status& error) const {
  if (request_->inputs_size() == 0) return error;
  ErrorDetails details = DetailsOf(error);
  for (Violation& violation : details.violations) {
    constexpr std::string_view kElement = "observation[";
    if (!violation.field.starts_with(kElement)) continue;
    const int element = std::atoi(violation.field.c_str() + kElement.size());
    for (int i = 0; i < request_->inputs_size(); ++i) {
      const Port* port = FindPort(circuit_->inputs(), request_->inputs(i).name());
      if (port == nullptr || element < port->offset || element >= port->offset + port->size)
        continue;
      violation.field = absl::StrCat("inputs[", i, "].data[", element - port->offset, "]");
      return InvalidFields(details.reason, std::move(details.violations));
    }
  }
  return error;
}

void ToProto(const StepOutcome& outcome, const Circuit& circuit, v1::StepResponse* proto) {
  const std::vector<Port>& ports = circuit.outputs();
  proto->clear_action();
  proto->clear_actions();
  proto->clear_report();
  proto->clear_recordings();
  proto->clear_dispositions();
  if (outcome.end == End::kNone && ports.size() == 1) {
    proto->mutable_action()->Assign(outcome.action.begin(), outcome.action.end());
  } else if (outcome.end == End::kNone) {
    for (const Port& port : ports) {
      v1::Tensor* tensor = proto->add_actions();
      tensor->set_name(port.name);
      if (port.space.kind == Space::Kind::kBox) {
        tensor->mutable_shape()->Assign(port.space.shape.begin(), port.space.shape.end());
      } else if (port.space.kind != Space::Kind::kDiscrete) {
        tensor->add_shape(port.size);
      }  // One index is a scalar.
      tensor->set_dtype(v1::Tensor::FLOAT32);
      tensor->set_data(outcome.action.data() + port.offset, port.size * sizeof(float));
    }
  }
  for (const ColumnCopy& copy : outcome.report) {
    const Column& column = circuit.layout().columns[copy.column];
    const std::vector<int64_t> shape = ShapeOf(circuit, column, copy.bytes.size());
    v1::Tensor* tensor = proto->add_report();
    tensor->set_name(NameOf(column));
    tensor->mutable_shape()->Assign(shape.begin(), shape.end());
    tensor->set_dtype(DtypeOf(column.type));
    tensor->set_data(copy.bytes.data(), copy.bytes.size());
  }
  for (const Samples& samples : outcome.recordings) {
    const Column& column = circuit.layout().columns[samples.column];
    v1::Tensor* tensor = proto->add_recordings();
    tensor->set_name(NameOf(column));
    tensor->add_shape(samples.count);
    for (const int64_t size : ShapeOf(circuit, column, column.size() * SizeOf(column.type))) {
      tensor->add_shape(size);
    }
    tensor->set_dtype(DtypeOf(column.type));
    tensor->set_data(samples.bytes.data(), samples.bytes.size());
  }
  proto->set_step(outcome.step);
  if (outcome.end == End::kNone) {
    proto->mutable_event()->set_incarnation(outcome.incarnation);
    proto->mutable_event()->set_step(outcome.step);
  } else {
    proto->clear_event();
  }
  proto->set_episode(outcome.episode);
  proto->set_time(outcome.time);
  for (const Disposition disposition : outcome.dispositions) {
    proto->add_dispositions(ToProto(disposition));
  }
}

}  // namespace phasic::convert
