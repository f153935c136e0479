// SPDX-License-Identifier: Apache-2.0
//
// What does a Step cost over a bare call? phasicd steps a small agent; its ceiling is a server that
// answers the same message with an action of the same size and does nothing. Both use gRPC's
// synchronous API over loopback, in processes of their own; one caller, one call at a time, the two
// by turns. Medians over the rounds.
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "phasic/v1/agent_service.grpc.pb.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kRounds = 21, kCalls = 500, kInputs = 32, kActions = 8;

class Echo final : public v1::AgentService::Service {
  grpc::Status Step(grpc::ServerContext*, const v1::StepRequest*,
                    v1::StepResponse* reply) override {
    reply->add_action(1);
    return grpc::Status::OK;
  }
};

// The echo server's process: prints nothing, ends with its parent's signal.
[[noreturn]] void ServeEcho(const std::string& address) {
  Echo echo;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) std::exit(1);
  server->Wait();
  std::exit(0);
}

pid_t Spawn(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return -1;
  return pid;
}

std::unique_ptr<v1::AgentService::Stub> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) {
    std::fprintf(stderr, "nothing answers at %s\n", address.c_str());
    return nullptr;
  }
  return v1::AgentService::NewStub(channel);
}

double MicrosecondsPerCall(v1::AgentService::Stub& stub, const v1::StepRequest& request) {
  v1::StepResponse reply;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kCalls; ++i) {
    grpc::ClientContext context;
    const grpc::Status status = stub.Step(&context, request, &reply);
    if (!status.ok()) {
      std::fprintf(stderr, "Step: %s\n", status.error_message().c_str());
      return -1;
    }
  }
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
             .count() /
         kCalls;
}

double Median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
  return v[v.size() / 2];
}

bool CreateAgent(v1::AgentService::Stub& stub) {
  v1::CreateAgentRequest request;
  request.set_agent_id("bench");
  auto* preset = request.mutable_agent()->mutable_preset();
  preset->set_preset("reinforce");
  auto* box = (*preset->mutable_spaces())["observation"].mutable_box();
  box->add_shape(kInputs);
  (*preset->mutable_spaces())["action"].mutable_discrete()->set_n(kActions);
  grpc::ClientContext context;
  v1::Agent agent;
  const grpc::Status status = stub.CreateAgent(&context, request, &agent);
  if (!status.ok()) std::fprintf(stderr, "CreateAgent: %s\n", status.error_message().c_str());
  return status.ok();
}

int Run(Report& report, const std::string& phasicd, const std::string& echo) {
  const auto agents = Connect(phasicd), bare = Connect(echo);
  if (agents == nullptr || bare == nullptr || !CreateAgent(*agents)) return 2;
  v1::StepRequest request;
  request.set_name("agents/bench");
  for (int i = 0; i < kInputs; ++i) request.add_observation(0.1f * static_cast<float>(i % 7));
  std::vector<double> ours, ceiling, again, ratios, noise;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(MicrosecondsPerCall(*agents, request));
    ceiling.push_back(MicrosecondsPerCall(*bare, request));
    again.push_back(MicrosecondsPerCall(*bare, request));
    if (ours.back() < 0 || ceiling.back() < 0 || again.back() < 0) return 2;
    ratios.push_back(ours.back() / ceiling.back());
    noise.push_back(again.back() / ceiling.back());
  }
  std::printf("Step %.0f us, bare call %.0f us\n", Median(ours), Median(ceiling));
  report.Measured("Step over bare call", Median(ratios));
  report.Measured("bare call over bare call (the noise)", Median(noise));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  if (argc == 3 && std::strcmp(argv[1], "--echo") == 0) ServeEcho(argv[2]);
  Report report(argc, argv, 1);
  const char* folder = std::getenv("PHASIC_BIN");
  // Ports by process, so that two runs do not meet.
  const int port = 20000 + getpid() % 20000;
  const std::string phasicd = "127.0.0.1:" + std::to_string(port);
  const std::string echo = "127.0.0.1:" + std::to_string(port + 20000);
  const pid_t servers[] = {Spawn({std::string(folder ? folder : "build/release/bin") + "/phasicd",
                                  "--listen=" + phasicd}),
                           Spawn({"/proc/self/exe", "--echo", echo})};
  const int code = Run(report, phasicd, echo);
  for (const pid_t server : servers) {
    if (server > 0 && kill(server, SIGTERM) == 0) waitpid(server, nullptr, 0);
  }
  return code;
}
