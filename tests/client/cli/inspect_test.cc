// SPDX-License-Identifier: Apache-2.0
//
// phasic agents inspect and curve.
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

template <class T>
constexpr v1::Tensor::Dtype kDtype = v1::Tensor::FLOAT32;
template <>
constexpr v1::Tensor::Dtype kDtype<double> = v1::Tensor::FLOAT64;
template <>
constexpr v1::Tensor::Dtype kDtype<uint64_t> = v1::Tensor::UINT64;

template <class T>
v1::InspectResponse MakeVariable(const std::string& component, const std::string& variable,
                                 const std::vector<int64_t>& shape, const std::vector<T>& values) {
  v1::InspectResponse response;
  response.set_component(component);
  response.set_variable(variable);
  response.set_life("learned");
  response.mutable_shape()->Add(shape.begin(), shape.end());
  response.set_dtype(kDtype<T>);
  response.mutable_summary()->set_count(static_cast<int64_t>(values.size()));
  response.mutable_summary()->set_min(-1);
  response.mutable_summary()->set_mean(0.5);
  response.mutable_summary()->set_max(2);
  response.mutable_summary()->set_norm(3.25);
  response.set_step(17);
  response.set_data(Bytes(values));
  return response;
}

class InspectTest : public CommandTest {
 protected:
  // Every inspection gets these messages.
  void Answer(const std::vector<v1::InspectResponse>& messages) {
    fake_.agents.inspect = [messages](const v1::InspectRequest&,
                                      std::vector<v1::InspectResponse>* answer) {
      *answer = messages;
      return grpc::Status::OK;
    };
  }
};

TEST_F(InspectTest, WithoutAComponentItIsATableOfSummaries) {
  v1::InspectResponse weights = MakeVariable<float>("actor", "weights", {2, 784}, {});
  weights.mutable_summary()->set_count(1568);
  weights.set_unit("mV");
  const v1::InspectResponse empty = MakeVariable<double>("h.deep", "arena", {0}, {});
  Answer({weights, empty, MakeVariable<uint64_t>("agent", "steps", {}, {5})});
  EXPECT_EQ(Output({"agents", "inspect", "cart"}),
            "COMPONENT  VARIABLE  SHAPE   TYPE     LIFE     MIN  MEAN  MAX  NORM  UNIT\n"
            "actor      weights   2x784   float32  learned   -1   0.5    2  3.25  mV\n"
            "h.deep     arena     0       float64  learned    -     -    -     -\n"
            "agent      steps     scalar  uint64   learned   -1   0.5    2  3.25\n");
  ASSERT_THAT(fake_.agents.inspections, SizeIs(1));
  EXPECT_EQ(fake_.agents.inspections[0].name(), "agents/cart");
  EXPECT_EQ(fake_.agents.inspections[0].component(), "");
  EXPECT_TRUE(fake_.agents.inspections[0].summary_only());
}

TEST_F(InspectTest, AComponentIsATableToo) {
  Answer({MakeVariable<float>("actor", "weights", {1}, {})});
  EXPECT_THAT(Output({"agents", "inspect", "cart", "actor"}), HasSubstr("\nactor      weights"));
  EXPECT_EQ(fake_.agents.inspections.at(0).component(), "actor");
  EXPECT_TRUE(fake_.agents.inspections.at(0).summary_only());
}

TEST_F(InspectTest, AMatrixHasALineForEachRow) {
  Answer({MakeVariable<float>("actor", "weights", {2, 3}, {1, -0.5f, 0, 0.25f, 1.0f / 3, 100})});
  EXPECT_EQ(Output({"agents", "inspect", "cart", "actor.weights"}),
            "actor.weights  2x3 float32  learned  before step 17\n"
            "min -1  mean 0.5  max 2  norm 3.25\n"
            "[0,0]         1      -0.5         0\n"
            "[1,0]      0.25  0.333333       100\n");
  const v1::InspectRequest& request = fake_.agents.inspections.at(0);
  EXPECT_EQ(request.component(), "actor");
  EXPECT_EQ(request.variable(), "weights");
  EXPECT_FALSE(request.summary_only());
}

TEST_F(InspectTest, ASliceBeginsInTheMiddleOfARow) {
  v1::InspectResponse slice = MakeVariable<float>("actor", "weights", {2, 3}, {5, 6, 7});
  slice.set_offset(2);
  Answer({slice});
  const std::string out =
      Output({"agents", "inspect", "cart", "actor.weights", "--offset", "2", "--count", "3"});
  EXPECT_THAT(out, EndsWith("[0,2]  5\n[1,0]  6  7\n"));
  EXPECT_EQ(fake_.agents.inspections.at(0).offset(), 2);
  EXPECT_EQ(fake_.agents.inspections.at(0).count(), 3);
}

TEST_F(InspectTest, AVectorIsWrappedAndAScalarIsNot) {
  std::vector<double> values;
  for (int i = 0; i < 30; ++i) values.push_back(i);
  Answer({MakeVariable<double>("h", "rate", {30}, values)});
  EXPECT_THAT(
      Output({"agents", "inspect", "cart", "h.rate"}),
      EndsWith("[0]    0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15  16  17  18\n"
               "[19]  19  20  21  22  23  24  25  26  27  28  29\n"));
  Answer({MakeVariable<uint64_t>("agent", "steps", {}, {18446744073709551615u})});
  EXPECT_THAT(Output({"agents", "inspect", "cart", "agent.steps"}),
              EndsWith("\n18446744073709551615\n"));
}

TEST_F(InspectTest, PutsALargeAnswerTogether) {
  v1::InspectResponse first = MakeVariable<float>("actor", "weights", {2, 2}, {1, 2, 3});
  v1::InspectResponse rest;
  rest.set_component("actor");
  rest.set_variable("weights");
  rest.set_offset(3);
  rest.set_data(Bytes<float>({4}));
  Answer({first, rest});
  EXPECT_THAT(Output({"agents", "inspect", "cart", "actor.weights"}),
              EndsWith("[0,0]  1  2\n[1,0]  3  4\n"));
  const auto document = JsonIn(Output({"agents", "inspect", "cart", "actor.weights", "--json"}));
  const auto& variables = document.fields().at("variables").list_value();
  ASSERT_EQ(variables.values_size(), 1);
  const auto& fields = variables.values(0).struct_value().fields();
  EXPECT_EQ(fields.at("component").string_value(), "actor");
  EXPECT_EQ(fields.at("dtype").string_value(), "FLOAT32");
  EXPECT_EQ(fields.at("step").number_value(), 17);
  EXPECT_EQ(fields.at("summary").struct_value().fields().at("norm").number_value(), 3.25);
  EXPECT_EQ(fields.at("shape").list_value().values(1).number_value(), 2);
  ASSERT_EQ(fields.at("values").list_value().values_size(), 4);
  EXPECT_EQ(fields.at("values").list_value().values(3).number_value(), 4);
}

TEST_F(InspectTest, ASummaryHasNoValues) {
  Answer({MakeVariable<float>("actor", "weights", {4}, {})});
  const auto document =
      JsonIn(Output({"agents", "inspect", "cart", "actor.weights", "--summary", "--json"}));
  const auto& fields =
      document.fields().at("variables").list_value().values(0).struct_value().fields();
  EXPECT_EQ(fields.count("values"), 0u);
  EXPECT_EQ(fields.count("summary"), 1u);
  EXPECT_TRUE(fake_.agents.inspections.at(0).summary_only());
  EXPECT_EQ(fake_.agents.inspections.at(0).variable(), "weights");
}

TEST_F(InspectTest, AComponentMayHaveADotInItsName) {
  fake_.agents.inspect = [](const v1::InspectRequest& request,
                            std::vector<v1::InspectResponse>* answer) {
    if (request.component() != "vac.wta") {
      return ErrorMaker(grpc::StatusCode::NOT_FOUND, "no variable \"wta\" of \"vac\"",
                        "VARIABLE_NOT_FOUND")
          .Make();
    }
    *answer = {MakeVariable<float>("vac.wta", "v", {1}, {})};
    return grpc::Status::OK;
  };
  EXPECT_THAT(Output({"agents", "inspect", "cart", "vac.wta"}), HasSubstr("\nvac.wta    v "));
  ASSERT_THAT(fake_.agents.inspections, SizeIs(2));
  EXPECT_TRUE(fake_.agents.inspections[1].summary_only());
  // When it is neither, the first answer is told.
  EXPECT_EQ(Fault(1, {"agents", "inspect", "cart", "no.such"}),
            "phasic: NOT_FOUND VARIABLE_NOT_FOUND: no variable \"wta\" of \"vac\"\n");
}

TEST_F(InspectTest, RefusesASliceOfMany) {
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{"--offset", "1"},
                                             {"actor", "--count", "1"},
                                             {"actor.w", "--summary", "--count", "1"}}) {
    std::vector<std::string> words = {"agents", "inspect", "cart"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(Fault(2, words), "phasic: --offset and --count are for the values of one variable\n");
  }
  EXPECT_THAT(fake_.agents.inspections, IsEmpty());
}

TEST_F(InspectTest, NonsenseIsTold) {
  v1::InspectResponse broken = MakeVariable<float>("a", "w", {1}, {1});
  broken.set_data("abc");
  Answer({broken});
  EXPECT_EQ(Fault(1, {"agents", "inspect", "cart", "a.w"}),
            "phasic: the server sent 3 bytes of FLOAT32, no whole number of values\n");
}

class CurveTest : public InspectTest {
 protected:
  // The statistics of an agent whose nth episode returned n.
  void Episodes(uint64_t ended) {
    std::vector<double> ring(100, 0.0);
    for (uint64_t i = 0; i < ended; ++i) ring[i % 100] = static_cast<double>(i);
    Answer({MakeVariable<uint64_t>("agent", "steps", {}, {5000}),
            MakeVariable<uint64_t>("agent", "episodes", {}, {ended}),
            MakeVariable<double>("agent", "returns", {100}, ring)});
  }

  const Surroundings utf8_ = {"", {{"LC_ALL", "C.UTF-8"}, {"COLUMNS", "40"}}};
  const Surroundings plain_ = {"", {{"LC_ALL", "C"}, {"COLUMNS", "40"}}};
};

TEST_F(CurveTest, DrawsTheEpisodesSoFar) {
  Episodes(5);
  EXPECT_EQ(Output({"agents", "curve", "cart"}, utf8_),
            "cart: return of episodes 0 to 4, after 5000 steps\n"
            "\n"
            "4 ┤                ████\n"
            "  │                ████\n"
            "  │                ████\n"
            "3 ┤            ████████\n"
            "  │            ████████\n"
            "  │            ████████\n"
            "2 ┤        ████████████\n"
            "  │        ████████████\n"
            "  │        ████████████\n"
            "1 ┤    ████████████████\n"
            "  │    ████████████████\n"
            "  │▁▁▁▁████████████████\n"
            "0 └────────────────────\n"
            "   0     episode      4\n"
            "\n"
            "mean 2  best 4  last 4\n");
  ASSERT_THAT(fake_.agents.inspections, SizeIs(1));
  EXPECT_EQ(fake_.agents.inspections[0].component(), "agent");
  EXPECT_FALSE(fake_.agents.inspections[0].summary_only());
}

TEST_F(CurveTest, UnrollsTheRing) {
  Episodes(257);
  const auto fields = JsonIn(Output({"agents", "curve", "cart", "--json"})).fields();
  EXPECT_EQ(fields.at("firstEpisode").number_value(), 157);
  EXPECT_EQ(fields.at("steps").number_value(), 5000);
  const auto& returns = fields.at("returns").list_value();
  ASSERT_EQ(returns.values_size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(returns.values(i).number_value(), 157 + i);
  const std::string out = Output({"agents", "curve", "cart"}, utf8_);
  EXPECT_THAT(out, HasSubstr("return of episodes 157 to 256,"));
  EXPECT_THAT(out, EndsWith("mean 206.5  best 256  last 256\n"));
}

TEST_F(CurveTest, IsPlainWhereTheLocaleOrTheUserSaysSo) {
  Episodes(5);
  const std::string plain = Output({"agents", "curve", "cart"}, plain_);
  EXPECT_THAT(plain, HasSubstr("4 +                ####\n"));
  EXPECT_TRUE(std::all_of(plain.begin(), plain.end(), [](char c) { return c > 0; }));
  EXPECT_EQ(Output({"agents", "curve", "cart", "--ascii"}, utf8_), plain);
}

TEST_F(CurveTest, SaysWhenNoEpisodeHasEnded) {
  Episodes(0);
  EXPECT_EQ(Output({"agents", "curve", "cart"}),
            "cart: no episode has ended yet, after 5000 steps\n");
  const auto fields = JsonIn(Output({"agents", "curve", "cart", "--json"})).fields();
  EXPECT_EQ(fields.at("returns").list_value().values_size(), 0);
}

TEST_F(CurveTest, SaysWhenTheServerKeepsNoReturns) {
  Answer({MakeVariable<uint64_t>("agent", "steps", {}, {5000})});
  EXPECT_EQ(Fault(1, {"agents", "curve", "cart"}),
            "phasic: the server sent no returns of episodes\n");
  fake_.agents.inspect = [](const v1::InspectRequest&, std::vector<v1::InspectResponse>*) {
    return ErrorMaker(grpc::StatusCode::NOT_FOUND, "no agent \"cart\"", "AGENT_NOT_FOUND").Make();
  };
  EXPECT_EQ(Fault(1, {"agents", "curve", "cart"}),
            "phasic: NOT_FOUND AGENT_NOT_FOUND: no agent \"cart\"\n");
}

TEST_F(CurveTest, WatchesUntilItIsInterrupted) {
  Episodes(5);
  Surroundings surroundings = utf8_;
  surroundings.variables["PHASIC_SERVER"] = fake_.address();
  Program program({"agents", "curve", "cart", "--watch", "0.01"}, surroundings);
  const std::string title = "cart: return of episodes 0 to 4";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  // Three charts.
  size_t at = 0;
  for (int charts = 0; charts < 3 && std::chrono::steady_clock::now() < deadline;) {
    const size_t found = program.Output().find(title, at);
    if (found == std::string::npos) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    } else {
      at = found + 1;
      ++charts;
    }
  }
  program.Signal(SIGINT);
  const Ending ending = program.Wait();
  EXPECT_EQ(ending.code, -SIGINT);
  EXPECT_EQ(ending.err, "");
  EXPECT_GT(at, 2 * title.size());
  // No terminal, no control characters.
  EXPECT_THAT(ending.out, Not(HasSubstr("\x1b")));
}

TEST_F(CurveTest, WatchingHasNoSingleDocument) {
  EXPECT_EQ(Fault(2, {"agents", "curve", "cart", "--watch", "1", "--json"}),
            "phasic: --watch draws again and again; --json answers once\n");
}

}  // namespace
}  // namespace phasic
