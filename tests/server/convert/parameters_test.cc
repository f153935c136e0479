// SPDX-License-Identifier: Apache-2.0
#include "server/convert/parameters.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

namespace phasic::convert {
namespace {

google::protobuf::Struct Parse(const std::string& json) {
  google::protobuf::Struct parsed;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &parsed).ok());
  return parsed;
}

TEST(Parameters, TakeNumbersWordsAndLists) {
  std::vector<Violation> violations;
  const ParamMap parameters = FromProto(
      Parse(R"({"tau": 5, "mode": "tanh", "bins": [4, 4, 7], "on": true, "none": []})").fields(),
      "p", &violations);
  EXPECT_TRUE(violations.empty());
  const ParamMap expected = {{"tau", 5.0},
                             {"mode", std::string("tanh")},
                             {"bins", std::vector<double>{4, 4, 7}},
                             {"on", 1.0},
                             {"none", std::vector<double>{}}};
  EXPECT_EQ(parameters, expected);
}

TEST(Parameters, RefuseAllElseByName) {
  std::vector<Violation> violations = {{"z", "was here before"}};
  const ParamMap parameters =
      FromProto(Parse(R"({"c": null, "b": {"x": 1}, "a": [1, "two"], "good": 1})").fields(), "q",
                &violations);
  EXPECT_EQ(parameters, (ParamMap{{"good", 1.0}}));
  ASSERT_EQ(violations.size(), 4u);
  EXPECT_EQ(violations[0].field, "z");
  EXPECT_EQ(violations[1].field, "q.a");
  EXPECT_EQ(violations[2].field, "q.b");
  EXPECT_EQ(violations[3].field, "q.c");
}

TEST(Parameters, ComeBackAsTheyWere) {
  const ParamMap parameters = {
      {"x", -0.1}, {"word", std::string("a \"b\"")}, {"list", std::vector<double>{1, 2}}};
  ProtoParameters proto;
  ToProto(parameters, &proto);
  std::vector<Violation> violations;
  EXPECT_EQ(FromProto(proto, "p", &violations), parameters);
  EXPECT_TRUE(violations.empty());
}

}  // namespace
}  // namespace phasic::convert
