// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/agents.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>

#include "core/presets/presets.h"
#include "phasic/v1/agent_service.grpc.pb.h"
#include "tests/bench/support/channel.h"

namespace phasic::testing {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(2);
}

}  // namespace

float ObservationOf(int agent, int input) { return 0.1f * static_cast<float>((agent + input) % 7); }

std::vector<uint64_t> CreateAgents(const std::string& address, const AgentKind& kind,
                                   const std::string& prefix, int count,
                                   v1::Durability durability) {
  v1::BatchCreateAgentsRequest request;
  for (int i = 0; i < count; ++i) {
    v1::CreateAgentRequest* const one = request.add_requests();
    one->set_agent_id(prefix + "-" + std::to_string(i));
    one->mutable_agent()->set_seed(static_cast<uint64_t>(i));
    one->mutable_agent()->set_durability(durability);
    v1::PresetSource* const source = one->mutable_agent()->mutable_preset();
    source->set_preset(kind.preset);
    for (const auto& [name, value] : kind.parameters) {
      (*source->mutable_parameters())[name].set_number_value(value);
    }
    if (kind.own_spaces) continue;
    v1::Box* const box = (*source->mutable_spaces())["observation"].mutable_box();
    box->add_shape(kInputs);
    box->add_low(-1);
    box->add_high(1);
    (*source->mutable_spaces())["action"].mutable_discrete()->set_n(kAlternatives);
  }
  grpc::ClientContext context;
  v1::BatchCreateAgentsResponse response;
  const auto stub = v1::AgentService::NewStub(Connect(address));
  const grpc::Status status = stub->BatchCreateAgents(&context, request, &response);
  if (!status.ok()) Fail("BatchCreateAgents: " + status.error_message());
  std::vector<uint64_t> uids;
  for (const v1::Agent& agent : response.agents()) uids.push_back(agent.uid());
  return uids;
}

std::vector<Agent> MakeAgents(const AgentKind& kind, int count) {
  std::map<std::string, Space> spaces;
  if (!kind.own_spaces) {
    spaces = {{"observation", Space::Box({kInputs}, {-1}, {1})},
              {"action", Space::Discrete(kAlternatives)}};
  }
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(
      kind.preset, {kind.parameters.begin(), kind.parameters.end()}, spaces, &violations);
  if (!violations.empty()) Fail(violations[0].field + " " + violations[0].description);
  auto circuit = Circuit::Compile(spec);
  if (!circuit.ok()) Fail(circuit.status().ToString());
  std::vector<Agent> agents;
  for (int i = 0; i < count; ++i) agents.emplace_back(*circuit, static_cast<uint64_t>(i));
  return agents;
}

}  // namespace phasic::testing
