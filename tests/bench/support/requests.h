// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phasic/v1/agent_service.pb.h"

namespace phasic::testing {

// What a load sends: one request after the other, for as long as it likes. They carry rewards and
// the ends of episodes, and go on where the last slice stopped, so each has one load for good.
class Requests {
 public:
  virtual ~Requests() = default;
  // Valid until the next. Its id is the load's.
  virtual v1::InteractRequest& Next() = 0;
  // Of each request.
  virtual int operations() const = 0;
};

// Steps of PREFIX-0, PREFIX-1... by turns.
class StepRequests final : public Requests {
 public:
  StepRequests(const std::string& prefix, int agents);
  v1::InteractRequest& Next() override;
  int operations() const override { return 1; }

 private:
  std::vector<v1::InteractRequest> requests_;  // for each agent
  uint64_t next_ = 0;
};

// Batches of the same agents. Each item carries the index that its step must have.
class BatchRequests final : public Requests {
 public:
  explicit BatchRequests(const std::vector<uint64_t>& uids);
  v1::InteractRequest& Next() override;
  int operations() const override { return request_.batch_step().uid_size(); }

 private:
  v1::InteractRequest request_;
  uint64_t step_ = 0;
};

// Whether an answer tells that all was done.
bool Good(const v1::InteractResponse& response);

}  // namespace phasic::testing
