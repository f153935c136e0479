// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/limits.h"

namespace phasic {

namespace limits {

// Every bound of the server that is not configurable, each with its reason. Bounds of a circuit and
// of one step are core's (core/base/limits.h).

inline constexpr int kMaxIdLength = 63;     // agent ids, request, reward and run ids; a DNS label
inline constexpr int kMaxLabels = 64;       // as Kubernetes and Google Cloud have it
inline constexpr int kMaxLabelLength = 63;  // keys and values
inline constexpr int kMaxRewardsPerRequest =
    1'024;                                       // no more than the reward ids that an agent knows
inline constexpr int kMaxUnansweredItems = 256;  // of a stream; then it is read no further...
inline constexpr size_t kMaxUnansweredBytes = 16 << 20;  // ...as when they hold so much
inline constexpr size_t kKeptMessageBytes =
    256 << 10;  // a larger message's memory is given back, not kept for the next
inline constexpr int kMaxBatchItems = 4'096;           // of BatchStep and BatchCreateAgents
inline constexpr int kRewardIdsKept = 1'024;           // of each agent
inline constexpr int kMaxSnapshots = 100;              // of each agent
inline constexpr size_t kMaxBacklogBytes = 128 << 20;  // that the store has not taken yet
inline constexpr int kResponsesKept = 8;  // of each agent's calls that carried a request_id
inline constexpr size_t kLargeAnswerBytes = 1 << 20;
inline constexpr int kMaxReportValues = 65'536;       // of one step: eight such answers are kept
inline constexpr int kMaxRecordedValues = 1'000'000;  // of one step
inline constexpr int kMaxWrites = 1'024;              // of one WriteState
inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1'000;
inline constexpr int kMaxFilterLength = 4'096;
inline constexpr int kChunkBytes =
    256 << 10;  // of one message of a stream: small beside HTTP/2's windows
inline constexpr int64_t kMaxInspectBytes =
    2 * kMaxStateBytes;  // copies being sent, of all calls together
inline constexpr int64_t kAgentOverheadBytes =
    32 << 10;  // what an agent takes beside its state: circuit, names, memory
inline constexpr int kUnaryDeadlineSeconds = 60;  // of a call that has none: no call waits for ever
inline constexpr int kMaxHealthWatchers = 64;     // each holds a thread...
inline constexpr int kMaxWatchers = 256;          // ...as each Watch does, of all agents together
inline constexpr size_t kMaxWatchersOfAgent = 16;                // each takes some of its turn
inline constexpr size_t kMaxMoments = 256;                       // that wait for one who watches...
inline constexpr size_t kMaxMomentBytes = size_t{1} << 20;       // ...or so many bytes of them
inline constexpr double kWatchRate = 10, kMaxWatchRate = 1'000;  // messages a second
inline constexpr int kSilentSeconds =
    60;  // that a stream's client may keep a thread waiting for its next message, or to read one

}  // namespace limits

// The bounds that a server's flags set.
struct ServerLimits {
  int64_t max_message_bytes = 16 << 20;
  int64_t max_agents = 1'000'000;
  int64_t max_total_bytes = int64_t{4} << 30;        // of all agents together
  int64_t max_agent_bytes = limits::kMaxStateBytes;  // of one agent
  int max_waiting_turns = 1'024;                     // calls that may wait for one agent
};

}  // namespace phasic
