// SPDX-License-Identifier: Apache-2.0
//
// What does it cost to host many? Flat batches of small linear agents drawn at random from 10, a
// thousand and 100 thousand: against a bare gRPC server that answers the same batches, and the same
// steps of as many agents in process, drawn in the same order.
#include <algorithm>
#include <numeric>
#include <random>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/kernel_load.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"

namespace phasic::testing {
namespace {

constexpr int kMostItems = 64, kWindow = 4, kCreated = 4'000;  // a call

// Which agents each batch has: none twice.
class RandomOrder {
 public:
  RandomOrder(size_t agents, uint64_t seed) : random_(seed), order_(agents) {
    std::iota(order_.begin(), order_.end(), 0u);
  }
  // Valid until the next.
  std::span<const uint32_t> Next() {
    const size_t count = std::min<size_t>(order_.size(), kMostItems);
    for (size_t i = 0; i < count; ++i) {
      std::swap(order_[i], order_[i + random_() % (order_.size() - i)]);
    }
    return {order_.data(), count};
  }

 private:
  std::mt19937_64 random_;
  std::vector<uint32_t> order_;
};

class RandomBatches final : public Requests {
 public:
  RandomBatches(std::span<const uint64_t> uids, uint64_t seed)
      : uids_(uids), order_(uids.size(), seed) {}
  v1::InteractRequest& Next() override {
    v1::BatchStepRequest* const batch = request_.mutable_batch_step();
    batch->clear_uid();
    batch->clear_observation();
    batch->clear_reward();
    for (const uint32_t agent : order_.Next()) {
      batch->add_uid(uids_[agent]);
      for (int i = 0; i < kInputs; ++i) {
        batch->add_observation(ObservationOf(static_cast<int>(agent), i));
      }
      batch->add_reward(kReward);
    }
    return request_;
  }
  int operations() const override { return request_.batch_step().uid_size(); }

 private:
  const std::span<const uint64_t> uids_;
  RandomOrder order_;
  v1::InteractRequest request_;
};

// The same steps in this process.
class RandomSteps final : public Load {
 public:
  RandomSteps(int agents, uint64_t seed)
      : agents_(MakeAgents(kLinearAgent, agents)), order_(agents_.size(), seed) {
    for (int i = 0; i < kKinds * kInputs; ++i) {
      observations_.push_back(ObservationOf(i / kInputs, i % kInputs));
    }
  }
  std::optional<Traffic> Run(double seconds) override {
    const auto end = Clock::now() + Nanoseconds(seconds);
    const RewardInput reward{.values = {Real{kReward}}};
    const std::span<const float> observations = observations_;
    float action = 0;
    Traffic traffic;
    do {
      for (const uint32_t agent : order_.Next()) {
        const auto observation = observations.subspan(agent % kKinds * kInputs, kInputs);
        agents_[agent].Step({.observation = observation, .rewards = {&reward, 1}}, {&action, 1});
        traffic.operations += 1;
      }
    } while (Clock::now() < end);
    return traffic;
  }

 private:
  std::vector<Agent> agents_;
  RandomOrder order_;
  static constexpr int kKinds = 7;  // of observations: agent k has those of agent k + kKinds
  std::vector<float> observations_;
};

bool Measure(Report& report, const Server& phasicd, const Server& echo, int agents) {
  const std::string address = phasicd.address(Transport::kTcp);
  std::vector<uint64_t> uids;
  for (int first = 0; first < agents; first += kCreated) {
    const std::string prefix = "of" + std::to_string(agents) + "-" + std::to_string(first);
    const auto some =
        CreateAgents(address, kLinearAgent, prefix, std::min(kCreated, agents - first));
    uids.insert(uids.end(), some.begin(), some.end());
  }
  const auto batches = [&](const Server& server) {
    return StreamLoad(server.address(Transport::kTcp),
                      std::make_unique<RandomBatches>(uids, report.seed()), kWindow);
  };
  StreamLoad ours = batches(phasicd), bare = batches(echo), again = batches(echo);
  RandomSteps kernel(agents, report.seed());

  const std::string where = std::to_string(agents) + " agents";
  Contest contest(report.seed());
  const size_t a = contest.Add("BatchStep, " + where, ours, phasicd.cpu_clock());
  const size_t b = contest.Add("  echo", bare, echo.cpu_clock());
  const size_t c = contest.Add("  echo again", again, echo.cpu_clock());
  const size_t d = contest.Add("  step in process", kernel, KernelLoad::kClock, Contest::kSeconds);
  if (!contest.Run()) return false;
  AtMost(report, where + ": CPU per item over echo + kernel", contest.Of([&](const auto& round) {
    return round[a].cpu / (round[b].cpu + round[d].cpu);
  }),
         1.3);
  Measured(report, where + ": echo's CPU over the same again", contest.Ratio(&Slice::cpu, b, c));
  return true;
}

int Run(Report& report) {
  // Room for all of them on a small machine too.
  const Server phasicd(Server::Kind::kPhasicd,
                       {"--store=memory:", "--pollers=1", "--max-total-bytes=8589934592"});
  const Server echo(Server::Kind::kEcho);
  for (const int agents : {10, 1'000, 100'000}) {
    if (!Measure(report, phasicd, echo, agents)) return 2;
  }
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}
