// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/channel.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace phasic::testing {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // While a server starts, it is tried again at once.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kPatience)) {
    std::fprintf(stderr, "nothing answers at %s\n", address.c_str());
    std::exit(2);
  }
  return channel;
}

gpr_timespec PatienceAfter(double seconds) {
  const auto millis = static_cast<int64_t>(1e3 * seconds) + 1'000 * kPatience.count();
  return gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_millis(millis, GPR_TIMESPAN));
}

}  // namespace phasic::testing
