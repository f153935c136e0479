// SPDX-License-Identifier: Apache-2.0
//
// JSON and numbers.
#include "client/cli/json.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "client/cli/numbers.h"
#include "phasic/v1/agent.pb.h"
#include "phasic/v1/circuit.pb.h"

namespace phasic {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::string JsonOf(const google::protobuf::Message& message) {
  std::ostringstream out;
  JsonWriter(out).Message(message);
  return out.str();
}

TEST(JsonWriter, WritesDocuments) {
  std::ostringstream out;
  JsonWriter writer(out);
  writer.BeginObject();
  writer.Key("text");
  writer.String("a\"b\\c\nd\te\x01 τ");
  writer.Key("list");
  writer.BeginArray();
  writer.Integer(-3);
  writer.Bool(true);
  writer.BeginObject();
  writer.EndObject();
  writer.EndArray();
  writer.Key("numbers");
  writer.Values(std::vector<double>{0.1, 1e300, NAN, -INFINITY});
  writer.EndObject();
  EXPECT_EQ(out.str(), R"({
  "text": "a\"b\\c\nd\te\u0001 τ",
  "list": [
    -3,
    true,
    {}
  ],
  "numbers": [0.1, 1e+300, "NaN", "-Infinity"]
}
)");
}

TEST(JsonWriter, WritesCountsAsNumbersAndIdentitiesAsStrings) {
  v1::Agent agent;
  agent.set_name("agents/a");
  agent.set_uid(18446744073709551615u);
  agent.set_seed(7);
  agent.mutable_size()->set_synapses(9007199254740993);
  agent.mutable_stats()->set_steps(12);
  agent.set_mode(v1::FROZEN);
  (*agent.mutable_labels())["b"] = "2";
  (*agent.mutable_labels())["a"] = "1";
  agent.mutable_create_time()->set_seconds(1);
  (*agent.mutable_preset()->mutable_parameters())["x"].set_number_value(0.1);
  const std::string json = JsonOf(agent);
  EXPECT_THAT(json, HasSubstr("\"uid\": \"18446744073709551615\""));
  EXPECT_THAT(json, HasSubstr("\"seed\": \"7\""));
  EXPECT_THAT(json, HasSubstr("\"synapses\": 9007199254740993,"));
  EXPECT_THAT(json, HasSubstr("\"steps\": 12,"));
  EXPECT_THAT(json, HasSubstr("\"episodes\": 0,"));
  EXPECT_THAT(json, HasSubstr("\"mode\": \"FROZEN\""));
  EXPECT_THAT(json, HasSubstr("\"labels\": {\n    \"a\": \"1\",\n    \"b\": \"2\"\n  }"));
  EXPECT_THAT(json, HasSubstr("\"createTime\": \"1970-01-01T00:00:01Z\""));
  EXPECT_THAT(json, HasSubstr("\"x\": 0.1"));
  EXPECT_THAT(json, HasSubstr("\"ports\": []"));
  // What has presence and is absent stays absent.
  EXPECT_THAT(json, Not(HasSubstr("meanReturn\"")));
  EXPECT_THAT(json, Not(HasSubstr("circuit")));
}

TEST(JsonWriter, WritesMessagesThatProtobufReadsBack) {
  v1::CircuitSpec spec;
  spec.set_dt(0.5);
  v1::ProjectionSpec& projection = *spec.add_projections();
  projection.set_name("a \"quoted\" τ name");
  projection.set_min_weight(-0.25);
  projection.mutable_initial()->add_values(0.1f);
  projection.mutable_initial()->add_values(-3e-9f);
  projection.mutable_rule()->mutable_when()->set_clock(v1::When::AT);
  projection.mutable_rule()->mutable_when()->add_at(2.5);
  auto& list = (*projection.mutable_rule()->mutable_parameters())["l"];
  list.mutable_list_value()->add_values()->set_number_value(1);
  list.mutable_list_value()->add_values()->set_string_value("w");
  spec.add_inputs()->mutable_space()->mutable_box()->add_low(-INFINITY);
  v1::CircuitSpec back;
  const auto status = google::protobuf::util::JsonStringToMessage(JsonOf(spec), &back);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(back.DebugString(), spec.DebugString());
}

TEST(JsonWriter, WritesTensorsWithTheirValues) {
  v1::Tensor tensor;
  tensor.set_name("policy.probability");
  tensor.add_shape(2);
  tensor.set_dtype(v1::Tensor::FLOAT32);
  tensor.set_data(Bytes<float>({0.1f, 0.9f}));
  EXPECT_EQ(JsonOf(tensor), R"({
  "name": "policy.probability",
  "shape": [2],
  "dtype": "FLOAT32",
  "values": [0.1, 0.9]
}
)");
  // Bytes that are no values are shown as they came.
  tensor.set_data("abc");
  EXPECT_THAT(JsonOf(tensor), HasSubstr("\"data\": \"YWJj\""));
}

TEST(Numbers, AreShortOrExact) {
  const auto numbers = client::Numbers::Make(v1::Tensor::FLOAT32,
                                             Bytes<float>({0.1f, 1.0f / 3, -0.0f, NAN, INFINITY}));
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(ExactText(*numbers, 0), "0.1");
  EXPECT_EQ(ExactText(*numbers, 1), "0.33333334");
  EXPECT_EQ(ShortText(*numbers, 1), "0.333333");
  EXPECT_EQ(ShortText(*numbers, 2), "0");
  EXPECT_EQ(ExactText(*numbers, 3), "NaN");
  EXPECT_EQ(ExactText(*numbers, 4), "Infinity");
  EXPECT_EQ(ExactText(0.1 + 0.2), "0.30000000000000004");
  const auto large = client::Numbers::Make(v1::Tensor::UINT64, Bytes<uint64_t>({1, UINT64_MAX}));
  ASSERT_TRUE(large.ok());
  EXPECT_EQ(ExactText(*large, 1), "18446744073709551615");
  EXPECT_EQ(ShortText(*large, 1), "18446744073709551615");
}

TEST(Numbers, HaveUnitsForPeople) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1023), "1023 B");
  EXPECT_EQ(BytesText(1536), "1.5 KiB");
  EXPECT_EQ(BytesText(16 << 20), "16 MiB");
  EXPECT_EQ(BytesText(int64_t{1} << 40), "1 TiB");
  EXPECT_EQ(SecondsText(0), "0 s");
  EXPECT_EQ(SecondsText(12e-6), "12 us");
  EXPECT_EQ(SecondsText(0.0035), "3.5 ms");
  EXPECT_EQ(SecondsText(30), "30 s");
  EXPECT_EQ(SecondsText(86400), "86400 s");
}

}  // namespace
}  // namespace phasic
