// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/circuit/circuit.h"
#include "server/agents/budget.h"
#include "server/base/sync.h"

namespace phasic::handlers {

// Agents made from equal specs share one compiled circuit: it is often as large as the state of a
// small agent. May be called from any thread; must outlive the circuits that it gives.
class SharedCircuits {
 public:
  explicit SharedCircuits(Budget& budget) : budget_(budget) {}

  // The circuit of the same spec that some agent has, or else the given one, from then on counted
  // as memory of agents. Null when there is no room for it.
  std::shared_ptr<const Circuit> Share(const std::shared_ptr<const Circuit>& circuit)
      PHASIC_EXCLUDES(mutex_);

  // What a circuit holds beside its fixed parts, roughly.
  static int64_t BytesOf(const Circuit& circuit);

 private:
  std::vector<std::shared_ptr<const Circuit>> Candidates(uint64_t fingerprint)
      PHASIC_EXCLUDES(mutex_);

  Budget& budget_;
  Mutex mutex_;
  size_t sweep_at_ PHASIC_GUARDED_BY(mutex_) = 16;
  std::multimap<uint64_t, std::weak_ptr<const Circuit>> circuits_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic::handlers
