// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/requests.h"

#include "tests/bench/support/agents.h"

namespace phasic::testing {

StepRequests::StepRequests(const std::string& prefix, int agents)
    : requests_(static_cast<size_t>(agents)) {
  for (int agent = 0; agent < agents; ++agent) {
    v1::StepRequest* const step = requests_[static_cast<size_t>(agent)].mutable_step();
    step->set_name(NameOf(prefix, agent));
    for (int i = 0; i < kInputs; ++i) step->add_observation(ObservationOf(agent, i));
    step->add_rewards()->set_value(kReward);
  }
}

v1::InteractRequest& StepRequests::Next() {
  const size_t agent = next_ % requests_.size();
  const uint64_t step = next_++ / requests_.size();
  requests_[agent].mutable_step()->set_end(Ends(static_cast<int>(agent), step) ? v1::TRUNCATED
                                                                               : v1::NONE);
  return requests_[agent];
}

BatchRequests::BatchRequests(const std::vector<uint64_t>& uids) {
  v1::BatchStepRequest* const batch = request_.mutable_batch_step();
  for (size_t item = 0; item < uids.size(); ++item) {
    batch->add_uid(uids[item]);
    for (int i = 0; i < kInputs; ++i) {
      batch->add_observation(ObservationOf(static_cast<int>(item), i));
    }
    batch->add_reward(kReward);
    batch->add_end(v1::NONE);
    batch->add_step(0);
  }
}

v1::InteractRequest& BatchRequests::Next() {
  v1::BatchStepRequest* const batch = request_.mutable_batch_step();
  for (int item = 0; item < batch->uid_size(); ++item) {
    batch->set_end(item, Ends(item, step_) ? v1::TRUNCATED : v1::NONE);
    batch->set_step(item, step_);
  }
  ++step_;
  return request_;
}

bool Good(const v1::InteractResponse& response) {
  return response.has_step() ||
         (response.has_batch_step() && response.batch_step().failures_size() == 0);
}

}  // namespace phasic::testing
