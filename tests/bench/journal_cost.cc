// SPDX-License-Identifier: Apache-2.0
//
// What does it cost that nothing is lost? One phasicd with a store; agents that are EPHEMERAL and
// agents that are JOURNALED, alike in all else, are stepped by turns, block by block: over a stream
// with 64 steps outstanding, and one call at a time. Medians over the blocks; each block of one
// kind is compared with that of the other beside it.
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "phasic/v1/agent_service.grpc.pb.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBlocks = 31;
constexpr int kMessages = 8'000, kOutstanding = 64, kCalls = 400;
constexpr int kAgents = 16, kInputs = 32, kActions = 8;  // of each kind

enum Kind { kEphemeral, kJournaled };

double Median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + static_cast<long>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

// A client of the server, and the agents of both kinds.
class Client {
 public:
  explicit Client(const std::string& address)
      : channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        stub_(v1::AgentService::NewStub(channel_)) {}

  bool Prepare() {
    if (!channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) {
      return false;
    }
    for (const Kind kind : {kEphemeral, kJournaled}) {
      for (int i = 0; i < kAgents; ++i) {
        if (!Create(kind, i)) return false;
      }
    }
    return true;
  }

  // Negative when something fails.
  double MessagesPerSecond(Kind kind) {
    std::vector<v1::InteractRequest> requests(kAgents);
    for (int i = 0; i < kAgents; ++i) *requests[i].mutable_step() = Request(kind, i);
    grpc::ClientContext context;
    const auto stream = stub_->Interact(&context);
    v1::InteractResponse response;
    const auto begin = Clock::now();
    for (int sent = 0, got = 0; got < kMessages;) {
      if (sent < kMessages && sent - got < kOutstanding) {
        v1::InteractRequest& request = requests[sent % kAgents];
        request.set_id(++sent);
        // Those that may follow are sent together.
        const bool more = sent < kMessages && sent - got < kOutstanding;
        if (!stream->Write(request,
                           more ? grpc::WriteOptions().set_buffer_hint() : grpc::WriteOptions())) {
          break;
        }
        continue;
      }
      // A half of what is outstanding comes before more is sent, so that neither side waits for one
      // message at a time.
      const int goal = std::min(kMessages, got + kOutstanding / 2);
      while (got < goal) {
        if (!stream->Read(&response) || !response.has_step()) return Failed(response);
        ++got;
      }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    stream->WritesDone();
    return stream->Finish().ok() ? kMessages / seconds : -1;
  }

  // The median of one call at a time, in microseconds.
  double Unary(Kind kind) {
    std::vector<double> times;
    v1::StepResponse response;
    for (int i = 0; i < kCalls; ++i) {
      const v1::StepRequest request = Request(kind, i % kAgents);
      grpc::ClientContext context;
      const auto begin = Clock::now();
      if (!stub_->Step(&context, request, &response).ok()) return -1;
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    return Median(std::move(times));
  }

 private:
  static std::string Id(Kind kind, int index) {
    return (kind == kEphemeral ? "ephemeral-" : "journaled-") + std::to_string(index);
  }

  static v1::StepRequest Request(Kind kind, int index) {
    v1::StepRequest request;
    request.set_name("agents/" + Id(kind, index));
    for (int i = 0; i < kInputs; ++i) request.add_observation(0.1f * static_cast<float>(i % 7));
    request.add_rewards()->set_value(0.25);
    return request;
  }

  bool Create(Kind kind, int index) {
    v1::CreateAgentRequest request;
    request.set_agent_id(Id(kind, index));
    request.mutable_agent()->set_durability(kind == kEphemeral ? v1::EPHEMERAL : v1::JOURNALED);
    auto* preset = request.mutable_agent()->mutable_preset();
    preset->set_preset("reinforce");
    (*preset->mutable_spaces())["observation"].mutable_box()->add_shape(kInputs);
    (*preset->mutable_spaces())["action"].mutable_discrete()->set_n(kActions);
    grpc::ClientContext context;
    v1::Agent agent;
    const grpc::Status status = stub_->CreateAgent(&context, request, &agent);
    if (!status.ok()) std::fprintf(stderr, "CreateAgent: %s\n", status.error_message().c_str());
    return status.ok();
  }

  static double Failed(const v1::InteractResponse& response) {
    std::fprintf(stderr, "Interact: %s\n", response.ShortDebugString().c_str());
    return -1;
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
};

int Run(Report& report, const std::string& address) {
  Client client(address);
  if (!client.Prepare()) return 2;
  std::vector<double> rates[2], times[2], ratios, differences;
  for (int block = 0; block < kBlocks; ++block) {
    for (const Kind kind : {kEphemeral, kJournaled}) {
      rates[kind].push_back(client.MessagesPerSecond(kind));
      times[kind].push_back(client.Unary(kind));
      if (rates[kind].back() < 0 || times[kind].back() < 0) return 2;
    }
    ratios.push_back(rates[kJournaled].back() / rates[kEphemeral].back());
    differences.push_back(times[kJournaled].back() - times[kEphemeral].back());
  }
  std::printf("Interact: %.0f messages/s EPHEMERAL, %.0f JOURNALED; Step: %.0f us and %.0f us\n",
              Median(rates[kEphemeral]), Median(rates[kJournaled]), Median(times[kEphemeral]),
              Median(times[kJournaled]));
  report.AtLeast("JOURNALED messages/s over EPHEMERAL's, 64 outstanding", Median(ratios), 0.7);
  report.AtMost("JOURNALED unary p50 beyond EPHEMERAL's, us", Median(differences), 150);
  return report.exit_code();
}

// phasicd with a store of its own.
class Server {
 public:
  explicit Server(const std::string& address) {
    const char* bin = std::getenv("PHASIC_BIN");
    folder_ = std::filesystem::temp_directory_path() / ("journal-cost-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    std::string words[] = {std::string(bin != nullptr ? bin : "build/release/bin") + "/phasicd",
                           "--listen=" + address,
                           "--store=sqlite://" + (folder_ / "phasic.db").string()};
    char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    if (posix_spawn(&pid_, argv[0], nullptr, nullptr, argv, environ) != 0) pid_ = -1;
  }
  ~Server() {
    if (pid_ > 0 && kill(pid_, SIGTERM) == 0) waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  // A port by process, so that two runs do not meet.
  const std::string address = "127.0.0.1:" + std::to_string(20000 + getpid() % 20000);
  const Server server(address);
  return Run(report, address);
}
