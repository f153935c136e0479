// SPDX-License-Identifier: Apache-2.0
#include "server/agents/agent_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "server/agents/columns.h"
#include "tests/server/support/circuits.h"
#include "tests/server/support/importer.h"
#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using absl::StatusCode;
using testing::Fails;
using testing::ReadAgentFile;

CircuitSpec BoundedLearner() {
  CircuitSpec spec = testing::LearnerSpec();
  spec.projections[0].min_weight = -2;
  spec.projections[0].max_weight = 2;
  return spec;
}

class AgentFileTest : public ::testing::Test {
 protected:
  AgentFileTest() : exported_(Agent(circuit_, 5)) {
    const std::vector<float> observation = {0.5f, -0.25f, 1.0f};
    std::vector<float> action(1);
    for (int i = 0; i < 20; ++i) {
      const RewardInput reward{0, {Real(0.5)}};
      StepInput input;
      input.observation = observation;
      input.rewards = {&reward, 1};
      exported_.agent.Step(input, action);
    }
    exported_.settings.mode = Mode::kFrozen;
    exported_.durability = Durability::kSynced;
    exported_.settings.labels = {{"env", "maze"}, {"note", "a \"b\" é"}};
    exported_.stats.rewards_applied = 20;
    exported_.stats.rewards_duplicate = 3;
    exported_.stats.rewards_not_learning = 1;
    exported_.run_id = "run";
    for (int i = 0; i < 1'024; ++i) exported_.reward_ids.push_back("r" + std::to_string(i));
    exported_.numerics = {1, 3};
  }

  std::string Write() const { return Write(exported_); }
  static std::string Write(const ExportedAgent& exported) {
    std::string file;
    EXPECT_OK(WriteAgentFile(exported, {"circuit", "preset"}, [&](std::string_view chunk) {
      file += chunk;
      return true;
    }));
    return file;
  }
  absl::StatusOr<ExportedAgent> Read(const std::string& file, size_t chunk = 1'000) {
    return ReadAgentFile(importer_, file, chunk);
  }
  // Refused with a message that has the words.
  void ExpectBad(const std::string& file, const std::string& words) {
    const auto read = Read(file);
    EXPECT_THAT(read, Fails(StatusCode::kInvalidArgument, "BAD_EXPORT")) << words;
    EXPECT_THAT(std::string(read.status().message()), ::testing::HasSubstr(words));
  }
  // The file with one text in its header in the place of another of the same length.
  std::string With(const std::string& from, const std::string& to) const {
    EXPECT_EQ(from.size(), to.size());
    std::string file = Write();
    const size_t at = file.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return file.replace(at, from.size(), to);
  }
  // The file of an agent one column of which has the element first, whatever it may be.
  template <class T>
  std::string WithElement(const std::string& name, T element) const {
    ExportedAgent spoilt = exported_;
    std::memcpy(spoilt.agent.state().elements(FindColumn(*circuit_, name)), &element,
                sizeof element);
    return Write(spoilt);
  }

  const std::shared_ptr<const Circuit> circuit_ = testing::CompileOrDie(BoundedLearner());
  testing::OneCircuitImporter importer_{circuit_};
  ExportedAgent exported_;
};

TEST_F(AgentFileTest, WhatIsWrittenIsRead) {
  const std::string file = Write();
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{4'096}, file.size()}) {
    const auto read = Read(file, chunk);
    ASSERT_OK(read);
    EXPECT_EQ(read->agent.Digest(), exported_.agent.Digest());
    EXPECT_EQ(read->agent.seed(), 5u);
    EXPECT_EQ(read->agent.steps(), 20u);
    EXPECT_EQ(read->settings.mode, Mode::kFrozen);
    EXPECT_EQ(read->durability, Durability::kSynced);
    EXPECT_EQ(read->settings.labels, exported_.settings.labels);
    EXPECT_EQ(read->stats.rewards_applied, 20u);
    EXPECT_EQ(read->stats.rewards_duplicate, 3u);
    EXPECT_EQ(read->stats.rewards_not_learning, 1u);
    EXPECT_EQ(read->run_id, "run");
    EXPECT_EQ(read->reward_ids, exported_.reward_ids);
    EXPECT_EQ(read->numerics, exported_.numerics);
    EXPECT_EQ(importer_.source.preset, "preset");
    EXPECT_LT(importer_.header_bytes, file.size());
    EXPECT_EQ(Write(*read), file);
  }
}

TEST_F(AgentFileTest, EveryShorterAndAnyLongerFileIsRefused) {
  exported_.reward_ids.clear();
  const std::string file = Write();
  for (size_t n = 0; n < file.size(); ++n) {
    EXPECT_THAT(Read(file.substr(0, n)), Fails(StatusCode::kInvalidArgument, "BAD_EXPORT")) << n;
  }
  ExpectBad(file + "x", "left over");
}

TEST_F(AgentFileTest, WhatItSaysOfItselfMustBeSo) {
  ExpectBad(With("phasic-agent", "phasic-fruit"), "no agent");
  ExpectBad(With("\"version\":\"1\"", "\"version\":\"2\""), "version");
  ExpectBad(With("\"circuit\":\"circuit\"", "\"circuit\":\"another\""), "circuit");
  ExpectBad(With("\"seed\":\"5\"", "\"seed\":\"6\""), "seed");
  ExpectBad(With("\"mode\":\"FROZEN\"", "\"mode\":\"FRIZEN\""), "mode");
  ExpectBad(With("\"durability\":\"SYNCED\"", "\"durability\":\"SUNKEN\""), "durability");
  ExpectBad(With("\"numerics\":\"1 3\"", "\"numerics\":\"3 1\""), "numerics");
  ExpectBad(With("\"rewards_applied\":\"20\"", "\"rewards_applied\":\"-1\""), "rewards_applied");
  ExpectBad(With("\"run_id\"", "\"run_ix\""), "run_id");
  const std::string digest = "\"digest\":\"" + std::to_string(exported_.agent.Digest()) + "\"";
  ExpectBad(With(digest, "\"digest\":\"" + std::string(digest.size() - 11, '1') + "\""), "digest");
}

TEST_F(AgentFileTest, EveryTensorMustBeThereAsTheCircuitHasIt) {
  ExpectBad(With("weights.trace", "weights.tracy"), "weights.tracy");
  ExpectBad(With("\"shape\":[4,3]", "\"shape\":[3,4]"), "weights.");
  ExpectBad(With("\"shape\":[4,3]", "\"shape\":[12] "), "weights.");
  ExpectBad(With("\"U32\"", "\"F32\""), "reward.deliveries");
  // A number of the data that is another.
  std::string file = Write();
  file[file.size() - 1] ^= 1;
  EXPECT_FALSE(Read(file).ok());
}

TEST_F(AgentFileTest, SaysWhatSparseSynapsesJoin) {
  const auto circuit = testing::CompileOrDie(testing::SparseLearnerSpec());
  testing::OneCircuitImporter importer(circuit);
  std::string file = Write(ExportedAgent(Agent(circuit, 5)));
  for (const size_t chunk : {size_t{1}, file.size()}) {
    EXPECT_OK(ReadAgentFile(importer, file, chunk));
  }
  const auto sources = EndsOf(*circuit)[0].bytes();
  const size_t at =
      file.find(std::string(reinterpret_cast<const char*>(sources.data()), sources.size()));
  ASSERT_NE(at, std::string::npos);
  for (const size_t spoilt : {at, at + sources.size() - 1}) {
    file[spoilt] ^= 1;
    EXPECT_THAT(std::string(ReadAgentFile(importer, file).status().message()),
                ::testing::HasSubstr("weights.sources is not what its circuit says"));
    file[spoilt] ^= 1;
  }
  file.replace(file.find("weights.targets"), 15, "weights.forgets");
  EXPECT_THAT(std::string(ReadAgentFile(importer, file).status().message()),
              ::testing::HasSubstr("no variable weights.forgets"));
}

TEST_F(AgentFileTest, NumbersThatDoHarmAreRefused) {
  ExpectBad(WithElement("weights.weights", NAN), "weights.weights");
  ExpectBad(WithElement("weights.weights", 2.5f), "weights.weights");
  ExpectBad(WithElement("weights.trace", INFINITY), "weights.trace");
  ExpectBad(WithElement("agent.returns", std::numeric_limits<double>::infinity()), "agent.returns");
  ExpectBad(WithElement("reward.fired", uint8_t{9}), "reward.fired");
  ExpectBad(WithElement("weights.live_parameters", -1.0), "weights.learning_rate");
  ExpectBad(WithElement("weights.live_parameters", std::nan("")), "weights.live_parameters");
}

TEST_F(AgentFileTest, NothingIsTakenInThatIsNotAdmitted) {
  importer_.full = true;
  EXPECT_THAT(Read(Write()), Fails(StatusCode::kResourceExhausted, "TOO_MUCH_INSPECTED"));
  std::string huge(8, '\xff');
  importer_.header_bytes = 0;
  ExpectBad(huge, "header");
  EXPECT_EQ(importer_.header_bytes, 0u);
}

TEST_F(AgentFileTest, IdsAreBounded) {
  exported_.reward_ids.emplace_back("one more");
  ExpectBad(Write(), "reward ids");
  exported_.reward_ids = {std::string(253, 'x')};
  ExpectBad(Write(), "reward ids");
  exported_.reward_ids = {};
  exported_.run_id = std::string(253, 'x');
  ExpectBad(Write(), "run_id");
}

}  // namespace
}  // namespace phasic
