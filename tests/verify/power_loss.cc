// SPDX-License-Identifier: Apache-2.0
//
// That what a SYNCED agent has acknowledged outlives the loss of power. The server's hosting runs
// in this process on a file layer that remembers what a disk would have: what was synced, and of
// what was written since, each write or not, the last of them torn. Under load from several
// threads, with agents that fall asleep and wake, images of that disk are taken at random moments.
// A new server is started on each: every SYNCED agent must be there, as it was after an input that
// is not earlier than the last one acknowledged; every other agent as it ever was, or refused, or
// not there; and the store must be without a fault.
#include <atomic>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/base/numerics.h"
#include "server/handlers/handlers.h"
#include "server/handlers/step_job.h"
#include "tests/server/store/support/fault_vfs.h"
#include "tests/server/support/handler_test.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

using store::testing::FaultVfs;

constexpr int kRounds = 20, kImages = 10, kThreads = 4, kInputs = 4;
constexpr auto kBetweenImages = std::chrono::milliseconds(60);

// One agent: what its clients know.
struct Life {
  std::string id;
  v1::Durability durability = v1::SYNCED;
  std::atomic<bool> made = false, ending = false,
                    ended = false;       // the first and last: acknowledged
  std::atomic<size_t> acknowledged = 0;  // inputs
  std::vector<uint64_t> digests = {};    // after so many inputs
};

std::unique_ptr<Env> Start(const std::string& folder, const std::string& vfs, std::string* fault) {
  auto opened = store::Open("sqlite://" + folder + "/phasic.db", {kNumerics, vfs});
  if (!opened.ok()) {
    *fault = std::string(opened.status().message());
    return nullptr;
  }
  Keeper::Habits habits;
  habits.hibernate_after = std::chrono::milliseconds(30);
  habits.snapshot_period = std::chrono::milliseconds(50);
  return std::make_unique<Env>(
      ServerLimits(), *std::move(opened), [](const absl::Status&) {}, habits);
}

absl::StatusOr<uint64_t> Digest(const Call& call, const std::string& id) {
  v1::GetAgentRequest request;
  request.set_name("agents/" + id);
  request.set_view(v1::FULL);
  v1::Agent agent;
  const absl::Status status = handlers::GetAgent(call, request, &agent);
  if (!status.ok()) return status;
  return agent.digest();
}

absl::Status Step(const Call& call, const std::string& id, std::mt19937_64& random) {
  std::uniform_real_distribution<float> number(-1, 1);
  v1::StepRequest request;
  request.set_name("agents/" + id);
  for (int i = 0; i < kInputs; ++i) request.add_observation(number(random));
  request.add_rewards()->set_value(number(random));
  if (random() % 10 == 0) request.set_end(random() % 2 == 0 ? v1::TERMINATED : v1::TRUNCATED);
  v1::StepResponse response;
  return Await<handlers::StepJob>(call, request, &response);
}

absl::Status Input(const Call& call, const std::string& id, std::mt19937_64& random) {
  const std::string name = "agents/" + id;
  switch (random() % 10) {
    case 0: {
      v1::ResetEpisodeRequest request;
      request.set_name(name);
      v1::ResetEpisodeResponse response;
      return handlers::ResetEpisode(call, request, &response);
    }
    case 1: {
      v1::UpdateAgentRequest request;
      request.mutable_agent()->set_name(name);
      request.mutable_agent()->set_mode(random() % 3 == 0 ? v1::FROZEN : v1::LEARNING);
      v1::Agent response;
      return handlers::UpdateAgent(call, request, &response);
    }
    case 2:
    case 3: {
      v1::RewardRequest request;
      request.set_name(name);
      request.add_rewards()->set_value(0.5);
      v1::RewardResponse response;
      return handlers::Reward(call, request, &response);
    }
    default:
      return Step(call, id, random);
  }
}

// A thread's clients: they make agents, give them inputs and delete them. False when a call fails.
class Client {
 public:
  Client(Env& env, int number, uint64_t seed) : call_{env, {}, "default"}, number_(number) {
    random_.seed(seed);
  }

  bool Act() {
    const size_t choice = random_() % 3;
    if (current_[choice] == nullptr) return Make(choice);
    Life& life = *current_[choice];
    if (random_() % 60 == 0) return End(choice, life);
    const absl::Status status = Input(call_, life.id, random_);
    if (!status.ok()) return Failed(life, status);
    ++life.acknowledged;
    return Note(life);
  }

  // Whoever reads this while the client acts holds the lock.
  std::mutex mutex;
  std::deque<Life> lives;

 private:
  bool Make(size_t choice) {
    Life* life = nullptr;
    {
      const std::lock_guard lock(mutex);
      life = &lives.emplace_back();
      life->id = "a" + std::to_string(number_) + "-" + std::to_string(lives.size());
      life->durability = std::array{v1::SYNCED, v1::JOURNALED, v1::SNAPSHOT}[choice];
    }
    v1::CreateAgentRequest request;
    request.set_agent_id(life->id);
    request.mutable_agent()->set_durability(life->durability);
    request.mutable_agent()->set_seed(random_());
    auto* preset = request.mutable_agent()->mutable_preset();
    preset->set_preset(random_() % 2 == 0 ? "reinforce" : "actor-critic");
    auto* box = (*preset->mutable_spaces())["observation"].mutable_box();
    box->add_shape(kInputs);
    (*preset->mutable_spaces())["action"].mutable_discrete()->set_n(3);
    v1::Agent agent;
    const absl::Status status = handlers::CreateAgent(call_, request, &agent);
    if (!status.ok()) return Failed(*life, status);
    current_[choice] = life;
    life->made = true;
    return Note(*life);
  }

  bool End(size_t choice, Life& life) {
    v1::DeleteAgentRequest request;
    request.set_name("agents/" + life.id);
    google::protobuf::Empty response;
    life.ending = true;
    const absl::Status status = handlers::DeleteAgent(call_, request, &response);
    if (!status.ok()) return Failed(life, status);
    life.ended = true;
    current_[choice] = nullptr;
    return true;
  }

  bool Note(Life& life) {
    const absl::StatusOr<uint64_t> digest = Digest(call_, life.id);
    if (!digest.ok()) return Failed(life, digest.status());
    life.digests.push_back(*digest);
    return true;
  }

  bool Failed(const Life& life, const absl::Status& status) {
    std::printf("agent %s: %s\n", life.id.c_str(), status.ToString().c_str());
    return false;
  }

  const Call call_;
  const int number_;
  std::mt19937_64 random_;
  Life* current_[3] = {};
};

// A disk after the loss of power, and what was acknowledged before it.
struct Image {
  struct Known {
    const Life* life;
    bool made, ended;
    size_t acknowledged;
  };
  std::string folder;
  std::vector<Known> known;
};

struct Tally {
  int images = 0, synced = 0, inputs = 0, lost = 0, wrong = 0, unopened = 0, refused = 0,
      failed = 0;
};

void Fault(const Life& life, const Image::Known& known, const std::string& what) {
  std::printf("%s agent %s, made %d, deleted %d, %zu inputs acknowledged of %zu: %s\n",
              v1::Durability_Name(life.durability).c_str(), life.id.c_str(), known.made,
              known.ended, known.acknowledged, life.digests.size() - 1, what.c_str());
}

void CheckAgent(const Call& call, const Image::Known& known, std::mt19937_64& random,
                Tally& tally) {
  const Life& life = *known.life;
  const bool synced = life.durability == v1::SYNCED;
  tally.synced += synced;
  tally.inputs += synced ? static_cast<int>(known.acknowledged) : 0;
  const absl::StatusOr<uint64_t> digest = Digest(call, life.id);
  if (!digest.ok()) {
    const bool gone = absl::IsNotFound(digest.status());
    const bool may_be_gone = !known.made || life.ending;
    if (synced && !(gone && may_be_gone)) {
      ++tally.lost;
      Fault(life, known, digest.status().ToString());
    }
    tally.refused += !gone;
    return;
  }
  if (synced && known.ended) {
    ++tally.wrong;
    return Fault(life, known, "it is there again");
  }
  // One that was under way when its maker was stopped has no digests.
  if (life.digests.empty()) return;
  const size_t first = synced ? known.acknowledged : 0;
  for (size_t i = first; i < life.digests.size(); ++i) {
    if (life.digests[i] != *digest) continue;
    const absl::Status goes_on = Step(call, life.id, random);
    if (!goes_on.ok()) {
      ++tally.wrong;
      Fault(life, known, goes_on.ToString());
    }
    return;
  }
  ++(synced ? tally.lost : tally.wrong);
  Fault(life, known, "a state that it never had, or had before");
}

void CheckImage(const Image& image, std::mt19937_64& random, Tally& tally) {
  ++tally.images;
  std::string fault;
  const std::unique_ptr<Env> env = Start(image.folder, "", &fault);
  if (env == nullptr) {
    ++tally.unopened;
    std::printf("the store does not open: %s\n", fault.c_str());
    return;
  }
  const Call call{*env, {}, "default"};
  v1::CheckStoreResponse check;
  const absl::Status checked = handlers::CheckStore(call, {}, &check);
  if (!checked.ok() || check.faults_size() > 0) {
    ++tally.wrong;
    std::printf("the store's check: %s %s\n", checked.ToString().c_str(),
                check.ShortDebugString().c_str());
  }
  for (const Image::Known& known : image.known) CheckAgent(call, known, random, tally);
}

Image TakeImage(const FaultVfs& vfs, const std::string& folder,
                const std::vector<std::unique_ptr<Client>>& clients, std::mt19937_64& random) {
  Image image;
  image.folder = folder;
  std::filesystem::create_directories(folder);
  for (const auto& client : clients) {
    const std::lock_guard lock(client->mutex);
    for (const Life& life : client->lives) {
      image.known.push_back({&life, life.made, life.ended, life.acknowledged});
    }
  }
  vfs.WriteDisk(folder, &random);
  return image;
}

void Round(const std::string& folder, uint64_t seed, Tally& tally) {
  std::mt19937_64 random(seed);
  const FaultVfs vfs("power-loss");
  std::filesystem::create_directories(folder);
  std::string fault;
  std::vector<Image> images;
  std::vector<std::unique_ptr<Client>> clients;
  const std::unique_ptr<Env> env = Start(folder, vfs.name(), &fault);
  if (env == nullptr) {
    ++tally.failed;
    std::printf("%s\n", fault.c_str());
    return;
  }
  {
    std::atomic<bool> stop = false;
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      clients.push_back(std::make_unique<Client>(*env, i, random()));
      threads.emplace_back([&stop, &failed, client = clients.back().get()] {
        while (!stop) {
          if (!client->Act()) return void(++failed);
        }
      });
    }
    for (int i = 0; i < kImages; ++i) {
      std::this_thread::sleep_for(kBetweenImages * (1 + random() % 100) / 50);
      images.push_back(TakeImage(vfs, folder + "/image-" + std::to_string(i), clients, random));
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    tally.failed += failed;
  }
  for (const Image& image : images) CheckImage(image, random, tally);
}

int Run(Report& report, int rounds) {
  Tally tally;
  char name[] = "/tmp/phasic-power-loss-XXXXXX";
  const std::string folder = mkdtemp(name);
  for (int round = 0; round < rounds; ++round) {
    Round(folder + "/" + std::to_string(round), report.seed() * 1000 + round, tally);
    std::filesystem::remove_all(folder + "/" + std::to_string(round));
    if (round % 5 == 4) {
      std::printf("round %d: %d images, %d SYNCED agents\n", round + 1, tally.images, tally.synced);
      std::fflush(stdout);
    }
  }
  std::filesystem::remove_all(folder);
  std::printf("%d agents that are not SYNCED were refused\n", tally.refused);
  report.AtLeast("images of a disk that lost power", tally.images, rounds * kImages);
  report.AtLeast("SYNCED agents looked at", tally.synced, rounds * kImages);
  report.AtLeast("their acknowledged inputs", tally.inputs, rounds * kImages);
  report.AtMost("SYNCED agents that lost something acknowledged", tally.lost, 0);
  report.AtMost("stores or agents that were wrong and did not say so", tally.wrong, 0);
  report.AtMost("stores that did not open", tally.unopened, 0);
  report.AtMost("calls that failed before the loss", tally.failed, 0);
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  int rounds = phasic::testing::kRounds;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) == "--rounds") rounds = std::atoi(argv[i + 1]);
  }
  return phasic::testing::Run(report, rounds);
}
