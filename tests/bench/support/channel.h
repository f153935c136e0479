// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace phasic::testing {

// A channel to a server, once it answers; ends the program when it does not. Each channel has a
// connection of its own. Without retries, which cost the client a copy of each call.
std::shared_ptr<grpc::Channel> Connect(const std::string& address);

// Until when answers are waited for, of a slice that begins now.
gpr_timespec PatienceAfter(double seconds);

}  // namespace phasic::testing
