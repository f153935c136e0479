// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/connection.h"

#include <algorithm>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/error.h"

namespace phasic::client {
namespace {

// The wait before the second try, doubled before each further one up to the longest. Each is drawn
// between half and all of that, so that clients of a server that comes back do not come at once.
constexpr absl::Duration kFirstWait = absl::Milliseconds(50);
constexpr absl::Duration kLongestWait = absl::Seconds(5);
constexpr int kDoublings = 7;

// gRPC's own: how soon it dials again a server that was not there.
constexpr int kFirstRedialMs = 100;
constexpr int kLongestRedialMs = 2000;

std::shared_ptr<grpc::Channel> Dial(const std::string& target, const std::string& user_agent) {
  grpc::ChannelArguments arguments;
  // gRPC's retries cost on every call, and it does not know which calls may be repeated.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // An http_proxy of the environment is for the web; it would swallow calls to this machine.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstRedialMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestRedialMs);
  // The server bounds its answers itself.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetUserAgentPrefix(user_agent);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Connection::Connection(std::string target, const Options& options)
    : target_(std::move(target)),
      timeout_(options.timeout),
      transfer_timeout_(options.transfer_timeout),
      max_tries_(options.max_tries) {
  const std::shared_ptr<grpc::Channel> channel = Dial(target_, options.user_agent);
  stubs_ = {v1::AgentService::NewStub(channel), v1::CircuitService::NewStub(channel),
            v1::ServerService::NewStub(channel)};
}

absl::Status Connection::AwaitServer(absl::Duration wait) {
  const bool patient = wait > absl::ZeroDuration();
  const absl::Duration timeout = patient ? wait : timeout_;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context.set_wait_for_ready(patient);
  v1::ServerInfo info;
  return Finish(stub<v1::ServerService::Stub>().GetServerInfo(&context, {}, &info), timeout);
}

absl::Status Connection::Finish(const grpc::Status& status, absl::Duration timeout) const {
  if (status.ok()) return absl::OkStatus();
  rpc::Status error;
  // Details that cannot be parsed are left out; code and message stay.
  if (!error.ParseFromString(status.error_details())) error.Clear();
  error.set_code(status.error_code());
  error.set_message(status.error_message());
  absl::Status result = ToStatus(error);
  if (!IsUnanswered(result)) return result;
  return absl::Status(
      result.code(),
      absl::IsDeadlineExceeded(result)
          ? absl::StrCat("no answer from ", target_, " within ", absl::FormatDuration(timeout))
          : absl::StrCat("no phasic server at ", target_, ": ", status.error_message()));
}

bool Connection::WaitForRetry(const absl::Status& status, int tries, absl::Time deadline) const {
  const std::optional<absl::Duration> asked = RetryDelayOf(status);
  // Of a full queue, another try is worth it only if the server says when.
  const bool worth =
      absl::IsUnavailable(status) || (absl::IsResourceExhausted(status) && asked.has_value());
  if (!worth || tries >= max_tries_) return false;
  const absl::Duration longest =
      std::min(kLongestWait, kFirstWait * (1 << std::min(tries - 1, kDoublings)));
  const absl::Duration wait =
      std::max(longest * absl::Uniform(absl::IntervalClosed, absl::BitGen(), 0.5, 1.0),
               asked.value_or(absl::ZeroDuration()));
  if (absl::Now() + wait >= deadline) return false;
  absl::SleepFor(wait);
  return true;
}

}  // namespace phasic::client
