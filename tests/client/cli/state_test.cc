// SPDX-License-Identifier: Apache-2.0
//
// phasic agents write, export, import; phasic server backup; phasic store check.
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

grpc::Status NoStore() {
  return ErrorMaker(grpc::StatusCode::FAILED_PRECONDITION, "this server keeps nothing", "NO_STORE")
      .Make();
}

class StateTest : public CommandTest {
 protected:
  StateTest() {
    char folder[] = "/tmp/phasic-cli-XXXXXX";
    folder_ = ::mkdtemp(folder);
    fake_.agents.exports.chunks = {"all", " of", " it"};
    fake_.server.backup.chunks = {"store"};
    v1::Agent agent;
    agent.set_name("tenants/default/agents/twin");
    agent.set_durability(v1::SYNCED);
    fake_.agents.import.answers = {agent};
  }
  ~StateTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static std::string Contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  size_t Files() const {
    return std::distance(std::filesystem::directory_iterator(folder_),
                         std::filesystem::directory_iterator());
  }

  std::string folder_;
};

TEST_F(StateTest, WriteSendsWhatIsSet) {
  v1::WriteStateResponse response;
  response.set_digest(18446744073709551615u);
  fake_.agents.write.answers = {response};
  EXPECT_EQ(Output({"agents", "write", "cart", "--set", "actor.weights=0", "--set",
                    "actor.weights[10:12]=0.5,-1", "--set", "actor.weights[7]=2", "--step", "9",
                    "--etag", "e1"}),
            "digest  18446744073709551615\n");
  const v1::WriteStateRequest& request = fake_.agents.write.requests.at(0);
  EXPECT_EQ(request.name(), "agents/cart");
  EXPECT_EQ(request.step(), 9u);
  EXPECT_EQ(request.etag(), "e1");
  ASSERT_THAT(request.writes(), SizeIs(3));
  EXPECT_EQ(request.writes(0).variable(), "actor.weights");
  EXPECT_TRUE(request.writes(0).has_fill());
  EXPECT_EQ(request.writes(0).count(), 0);
  EXPECT_EQ(request.writes(1).offset(), 10);
  EXPECT_THAT(request.writes(1).values(), ElementsAre(0.5, -1));
  EXPECT_EQ(request.writes(2).fill(), 2);
  EXPECT_EQ(request.writes(2).offset(), 7);
  EXPECT_EQ(request.writes(2).count(), 1);
  const auto json = JsonIn(Output({"agents", "write", "cart", "--set", "a.b=1", "--json"}));
  EXPECT_EQ(json.fields().at("digest").string_value(), "18446744073709551615");
  EXPECT_FALSE(fake_.agents.write.requests.at(1).has_step());
}

TEST_F(StateTest, WriteTakesAnInspection) {
  fake_.agents.inspect = [](const v1::InspectRequest&, std::vector<v1::InspectResponse>* answer) {
    v1::InspectResponse part;
    part.set_component("actor");
    part.set_variable("weights");
    part.add_shape(4);
    part.set_offset(2);
    part.set_dtype(v1::Tensor::FLOAT32);
    part.mutable_summary()->set_count(4);
    part.set_data(Bytes<float>({0.1f, -3}));
    answer->push_back(part);
    return grpc::Status::OK;
  };
  const std::string inspection =
      Output({"agents", "inspect", "cart", "actor.weights", "--offset", "2", "--json"});
  Output({"agents", "write", "twin", "--from", "-"}, {inspection, {}});
  const v1::VariableWrite& write = fake_.agents.write.requests.at(0).writes(0);
  EXPECT_EQ(write.variable(), "actor.weights");
  EXPECT_EQ(write.offset(), 2);
  ASSERT_THAT(write.values(), SizeIs(2));
  EXPECT_EQ(static_cast<float>(write.values(0)), 0.1f);
  EXPECT_EQ(write.values(1), -3);
}

TEST_F(StateTest, WriteRefusesABadCommandLine) {
  EXPECT_EQ(Fault(2, {"agents", "write", "cart"}),
            "phasic: nothing to write: give --set or --from\n");
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--set", "a.b"}),
            "phasic: --set: \"a.b\" is not of the form COMPONENT.VARIABLE[RANGE]=NUMBERS\n");
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--set", "a.b=heavy"}),
            "phasic: --set: \"heavy\" is not a number\n");
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--set", "a.b[1:3]=1,2,3"}),
            "phasic: --set: \"a.b[1:3]=1,2,3\" has 3 numbers for 2 elements\n");
  for (const char* range : {"[]", "[3:3]", "[4:3]", "[-1]", "[1:2:3]", "[x]", "[1"}) {
    EXPECT_THAT(Fault(2, {"agents", "write", "cart", "--set", "a.b" + std::string(range) + "=1"}),
                HasSubstr("\"" + std::string(range) + "\" is no range: "));
  }
  const std::string text =
      "phasic: standard input: is not what phasic agents inspect --json prints\n";
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--from", "-"}, {"{", {}}), text);
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--from", "-"}, {"{}", {}}), text);
  EXPECT_EQ(Fault(2, {"agents", "write", "cart", "--from", "-"},
                  {R"({"variables": [{"component": "a", "variable": "b"}]})", {}}),
            "phasic: standard input: a.b: has no values\n");
  EXPECT_EQ(
      Fault(2, {"agents", "write", "cart", "--from", "-"},
            {R"({"variables": [{"component": "a", "variable": "b", "values": ["NaN"]}]})", {}}),
      "phasic: standard input: a.b: has other than numbers\n");
  EXPECT_THAT(fake_.agents.write.requests, IsEmpty());
}

TEST_F(StateTest, ExportWritesTheWholeFile) {
  EXPECT_EQ(Output({"agents", "export", "cart", Path("a"), "--snapshot", "s1"}),
            "wrote " + Path("a") + ", 9 B\n");
  EXPECT_EQ(Contents(Path("a")), "all of it");
  EXPECT_EQ(fake_.agents.exports.requests.at(0).name(), "agents/cart");
  EXPECT_EQ(fake_.agents.exports.requests.at(0).snapshot(), "s1");
  EXPECT_EQ(Output({"agents", "export", "cart", "-"}), "all of it");
  const auto json = JsonIn(Output({"agents", "export", "cart", Path("a"), "--json"})).fields();
  EXPECT_EQ(json.at("file").string_value(), Path("a"));
  EXPECT_EQ(json.at("bytes").number_value(), 9);
  EXPECT_EQ(Fault(2, {"agents", "export", "cart", "-", "--json"}),
            "phasic: --json: standard output is the file\n");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(StateTest, ABrokenExportLeavesWhatWasThere) {
  std::ofstream(Path("a")) << "earlier";
  fake_.agents.exports.status =
      ErrorMaker(grpc::StatusCode::NOT_FOUND, "no agent \"cart\"", "AGENT_NOT_FOUND").Make();
  EXPECT_EQ(Fault(1, {"agents", "export", "cart", Path("a")}),
            "phasic: NOT_FOUND AGENT_NOT_FOUND: no agent \"cart\"\n");
  EXPECT_EQ(Contents(Path("a")), "earlier");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(StateTest, ExportGoesWhereThePathLeads) {
  std::filesystem::create_symlink("a", Path("link"));
  std::ofstream(Path("a")) << "earlier";
  Output({"agents", "export", "cart", Path("link")});
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_EQ(Contents(Path("a")), "all of it");
  Output({"agents", "export", "cart", "/dev/null"});
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(StateTest, WhatCannotBeWrittenIsSaid) {
  EXPECT_EQ(Fault(2, {"agents", "export", "cart", Path("none/a")}),
            "phasic: " + Path("none/a") + ": cannot be written: No such file or directory\n");
  EXPECT_EQ(Fault(2, {"agents", "export", "cart", folder_}),
            "phasic: " + folder_ + ": cannot be written: Is a directory\n");
  EXPECT_THAT(fake_.agents.exports.requests, IsEmpty());
  EXPECT_EQ(Fault(2, {"agents", "export", "cart", "/dev/full"}),
            "phasic: /dev/full: cannot be written: No space left on device\n");
}

TEST_F(StateTest, ImportSendsTheFile) {
  const std::string big(3 << 20, 'x');
  std::ofstream(Path("a")) << big;
  EXPECT_THAT(Output({"agents", "import", Path("a"), "twin", "--durability", "synced",
                      "--request-id", "r1"}),
              HasSubstr("durability      SYNCED\n"));
  const v1::ImportAgentRequest& request = fake_.agents.import.requests.at(0);
  EXPECT_EQ(request.agent_id(), "twin");
  EXPECT_EQ(request.request_id(), "r1");
  EXPECT_EQ(request.durability(), v1::SYNCED);
  EXPECT_EQ(request.data(), big);
  Output({"agents", "import", "-"}, {"small", {}});
  EXPECT_EQ(fake_.agents.import.requests.at(1).data(), "small");
  EXPECT_EQ(fake_.agents.import.requests.at(1).durability(), v1::DURABILITY_UNSPECIFIED);
}

TEST_F(StateTest, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(Fault(2, {"agents", "import", "/no/such/file"}),
            "phasic: /no/such/file: cannot be read\n");
  EXPECT_EQ(Fault(2, {"agents", "import", "/"}), "phasic: /: cannot be read\n");
  fake_.agents.import.status =
      ErrorMaker(grpc::StatusCode::INVALID_ARGUMENT, "bad export", "BAD_EXPORT")
          .Violation("data", "is no safetensors file")
          .Make();
  EXPECT_EQ(Fault(1, {"agents", "import", "-"}, {"x", {}}),
            "phasic: INVALID_ARGUMENT BAD_EXPORT: data: is no safetensors file\n");
}

TEST_F(StateTest, BackupWritesTheStore) {
  EXPECT_EQ(Output({"server", "backup", Path("b")}), "wrote " + Path("b") + ", 5 B\n");
  EXPECT_EQ(Contents(Path("b")), "store");
  fake_.server.backup.chunks.clear();
  fake_.server.backup.status = NoStore();
  EXPECT_EQ(Fault(1, {"server", "backup", Path("c")}),
            "phasic: FAILED_PRECONDITION NO_STORE: this server keeps nothing\n");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(StateTest, CheckTellsEveryFault) {
  v1::CheckStoreResponse good;
  good.set_agents(3);
  good.set_states(3);
  good.set_snapshots(2);
  good.set_records(1234);
  good.set_bytes(3 << 20);
  v1::CheckStoreResponse bad = good;
  bad.add_faults("snapshot 7: its checksum is wrong");
  bad.add_faults("record 9: of no agent");
  fake_.server.check.answers = {good, bad};
  const std::string counts =
      "  agents     3\n"
      "  states     3\n"
      "  snapshots  2\n"
      "  records    1234\n"
      "  size       3 MiB\n";
  EXPECT_EQ(Output({"store", "check"}), "good\n" + counts);
  const Ending faulty = Run({"store", "check"});
  EXPECT_EQ(faulty.code, 1);
  EXPECT_EQ(faulty.out, "faulty\n" + counts +
                            "\nfaults:\n"
                            "  snapshot 7: its checksum is wrong\n"
                            "  record 9: of no agent\n");
  const Ending json = Run({"store", "check", "--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(JsonIn(json.out).fields().at("faults").list_value().values_size(), 2);
  EXPECT_EQ(JsonIn(json.out).fields().at("records").number_value(), 1234);
  fake_.server.check.status = NoStore();
  EXPECT_EQ(Fault(1, {"store", "check"}),
            "phasic: FAILED_PRECONDITION NO_STORE: this server keeps nothing\n");
}

}  // namespace
}  // namespace phasic
