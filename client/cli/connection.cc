// SPDX-License-Identifier: Apache-2.0
#include "client/cli/connection.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "client/cli/errors.h"
#include "client/cli/numbers.h"

namespace phasic {

Connection::Connection(std::string address, double timeout)
    : address_(std::move(address)), timeout_(timeout) {
  grpc::ChannelArguments arguments;
  // Retries cost time on every call, and a call must not be done twice unasked.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // An http_proxy of the environment is for the web; it would swallow calls to this machine.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The server bounds its answers itself.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetUserAgentPrefix("phasic-cli/" PHASIC_VERSION);
  channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

void Connection::Prepare(grpc::ClientContext& context) const {
  // 30 years are as good as no limit, and do not overflow.
  const double seconds = std::min(timeout_, 1e9);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6)));
}

absl::Status Connection::Finish(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  if (!IsUnreachable(status)) return FromServer(status);
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  return Unreachable(
      code, code == absl::StatusCode::kDeadlineExceeded
                ? absl::StrCat("no answer from ", address_, " within ", SecondsText(timeout_))
                : absl::StrCat("no phasic server at ", address_, ": ", status.error_message()));
}

}  // namespace phasic
