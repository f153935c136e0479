// SPDX-License-Identifier: Apache-2.0
//
// What does it bring to touch only the synapses of neurons that fire? The network of Izhikevich
// 2007 (1000 neurons, 100 synapses each, a call for each ms, a reward each second) by phasic; by
// plain loops over all synapses, as matrices and as rows; in Brian2's C++ standalone mode; and by
// phasic over gRPC.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/kernel_load.h"
#include "tests/bench/support/process_load.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"
#include "tests/bench/support/swept_network.h"

namespace phasic::testing {
namespace {

using Arrays = SweptNetwork::Arrays;

const AgentKind kNetwork = {.preset = "distal-reward", .own_spaces = true};
constexpr int kSteps = 2'000, kSecond = 1'000, kNeurons = 1'000;  // of a run
constexpr Real kDopamine = 0.5;

Real RewardAt(uint64_t ms) { return ms % kSecond == kSecond / 2 ? kDopamine : 0; }

// The agent as a caller in process has it.
class SteppedNetwork {
 public:
  explicit SteppedNetwork(const Agent& agent)
      : agent_(agent),
        nothing_(agent.circuit().observation_size()),
        action_(agent.circuit().action_size()) {}
  void Step(Real reward) {
    const RewardInput input{0, {reward}};
    StepInput step{.observation = nothing_};
    if (reward != 0) step.rewards = {&input, 1};
    agent_.Step(step, action_);
  }
  const Agent& agent() const { return agent_; }

 private:
  Agent agent_;
  std::vector<float> nothing_, action_;
};

// The same two seconds again and again.
template <class Network>
class NetworkLoad final : public Load {
 public:
  explicit NetworkLoad(Network network) : begin_(std::move(network)) {}
  std::optional<Traffic> Run(double seconds) override {
    const auto end = Clock::now() + Nanoseconds(seconds);
    Traffic traffic;
    do {
      Network network = begin_;
      for (uint64_t ms = 0; ms < kSteps; ++ms) network.Step(RewardAt(ms));
      traffic.operations += kSteps;
    } while (Clock::now() < end);
    return traffic;
  }

 private:
  const Network begin_;
};

class NetworkRequests final : public Requests {
 public:
  NetworkRequests(const std::string& prefix, int inputs) {
    request_.mutable_step()->set_name(NameOf(prefix, 0));
    for (int i = 0; i < inputs; ++i) request_.mutable_step()->add_observation(0);
  }
  v1::InteractRequest& Next() override {
    const Real reward = RewardAt(ms_++);
    request_.mutable_step()->clear_rewards();
    if (reward != 0) request_.mutable_step()->add_rewards()->set_value(reward);
    return request_;
  }
  int operations() const override { return 1; }

 private:
  v1::InteractRequest request_;
  uint64_t ms_ = 0;
};

// Whether agent and loops do the same, and how often neurons fire.
void Compare(const Agent& agent, Report& report) {
  SteppedNetwork ours(agent);
  SweptNetwork matrix(agent, Arrays::kMatrix), rows(agent, Arrays::kRows);
  const auto cells = [&](const char* name) -> const Node& {
    const auto& nodes = agent.circuit().nodes();
    return *std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.name == name; });
  };
  const Node &exc = cells("exc"), &inh = cells("inh");
  int fired = 0, different = 0;
  for (uint64_t ms = 0; ms < kSteps; ++ms) {
    ours.Step(RewardAt(ms));
    matrix.Step(RewardAt(ms));
    rows.Step(RewardAt(ms));
    const State& state = ours.agent().state();
    for (int i = 0; i < kNeurons; ++i) {
      const Real spike = i < exc.size ? state.data<Real>(exc.columns[0])[i]
                                      : state.data<Real>(inh.columns[0])[i - exc.size];
      fired += spike != 0;
      different += spike != matrix.spikes()[i] || spike != rows.spikes()[i];
    }
  }
  const double rate = 1e3 * fired / kNeurons / kSteps;
  report.Judged("mean rate, Hz", rate, "1 to 8", rate >= 1 && rate <= 8);
  report.AtMost("spikes that loops have otherwise", different, 0);
}

std::unique_ptr<ProcessLoad> Brian(uint64_t seed) {
  if (std::system(PHASIC_PYTHON " -W ignore -c 'import brian2' 2>/dev/null") != 0) return nullptr;
  using Commands = std::vector<std::vector<std::string>>;
  return std::make_unique<ProcessLoad>(
      Commands{{PHASIC_PYTHON, "-u", "-W", "ignore", PHASIC_BRIAN_LOAD, std::to_string(seed)}});
}

int Run(Report& report) {
  const Agent agent = std::move(MakeAgents(kNetwork, 1).front());
  std::printf("%lld synapses, kernels %s\n", static_cast<long long>(agent.circuit().synapses()),
              NameOf(ActiveIsa()));
  Compare(agent, report);

  const auto brian = Brian(report.seed());
  const Server phasicd(Server::Kind::kPhasicd), echo(Server::Kind::kEcho);
  NetworkLoad<SteppedNetwork> ours{SteppedNetwork(agent)}, again{SteppedNetwork(agent)};
  NetworkLoad<SweptNetwork> rows{{agent, Arrays::kRows}}, matrix{{agent, Arrays::kMatrix}};
  Contest contest(report.seed());
  const auto add = [&](const char* name, Load& load) {
    return contest.Add(name, load, KernelLoad::kClock, 0);
  };
  const size_t a = add("phasic", ours), b = add("  again", again);
  const size_t c = add("  rows swept", rows), d = add("  matrices swept", matrix);
  const size_t e = brian != nullptr ? add("  Brian2 C++ standalone", *brian) : 0;

  struct Wire {
    std::string name;
    StreamLoad ours, echo;
    size_t at = 0;
  };
  std::vector<std::unique_ptr<Wire>> wires;
  for (const Transport transport : kTransports) {
    for (const int outstanding : {1, 64}) {
      const std::string id = "wire" + std::to_string(wires.size());
      CreateAgents(phasicd.address(transport), kNetwork, id, 1);
      const auto load = [&](const Server& server) {
        return StreamLoad(server.address(transport),
                          std::make_unique<NetworkRequests>(id, agent.circuit().observation_size()),
                          outstanding);
      };
      const std::string name =
          std::string(NameOf(transport)) + ", " + std::to_string(outstanding) + " outstanding";
      wires.push_back(
          std::unique_ptr<Wire>(new Wire{"Interact, " + name, load(phasicd), load(echo)}));
      Wire& wire = *wires.back();
      wire.at = contest.Add(wire.name, wire.ours, phasicd.cpu_clock(), 0.1);
      contest.Add("  echo", wire.echo, echo.cpu_clock(), 0.1);
    }
  }
  if (!contest.Run()) return 2;

  AtLeast(report, "a sweep of matrices: CPU over phasic's", contest.Ratio(&Slice::cpu, d, a), 15);
  AtLeast(report, "a sweep of rows: CPU over phasic's", contest.Ratio(&Slice::cpu, c, a), 2);
  if (brian != nullptr) {
    AtLeast(report, "steps/s over Brian2's", contest.Ratio(&Slice::rate, a, e), 2);
  } else {
    report.Judged("steps/s over Brian2's", 0, "at least 2; not measured: no python3-brian", false);
  }
  for (const auto& wire : wires) {
    AtLeast(report, wire->name + ": steps/s over those in process",
            contest.Ratio(&Slice::rate, wire->at, a), 0.6);
    Measured(report, wire->name + ": time of a step over echo's + that in process",
             contest.Of([&](const auto& round) {
               return (1 / round[wire->at].rate) /
                      (1 / round[wire->at + 1].rate + 1 / round[a].rate);
             }));
  }
  Measured(report, "CPU over the same again", contest.Ratio(&Slice::cpu, a, b));
  Measured(report, "steps/s over the same again", contest.Ratio(&Slice::rate, a, b));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}
