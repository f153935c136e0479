// SPDX-License-Identifier: Apache-2.0
#include "server/agents/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <span>

#include "tests/server/support/status_matchers.h"

namespace phasic::safetensors {
namespace {

std::string File(const Metadata& metadata, const std::vector<Tensor>& tensors, size_t chunk = 64) {
  std::string file;
  const auto all = Write(metadata, tensors, chunk, [&](std::string_view bytes) {
    EXPECT_LE(bytes.size(), chunk);
    file += bytes;
    return true;
  });
  EXPECT_OK(all);
  EXPECT_TRUE(*all);
  return file;
}

absl::StatusOr<Header> HeaderOf(const std::string& file) {
  const auto length = HeaderBytes(std::string_view(file).substr(0, kLengthBytes));
  if (!length.ok()) return length.status();
  return ParseHeader(std::string_view(file).substr(kLengthBytes, *length));
}

template <class T>
std::span<const std::byte> Bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

TEST(SafetensorsTest, WhatIsWrittenIsRead) {
  const std::vector<float> floats = {1, 2, 3, 4, 5, 6};
  const std::vector<uint8_t> flags = {7};
  const std::vector<uint64_t> words = {8, 9};
  const Metadata metadata = {{"format", "x"}, {"circuit", "{\"a\": \"\\n\"}"}, {"label", "é"}};
  const std::string file = File(metadata, {{"p.flag", Type::kU8, {1}, Bytes(flags)},
                                           {"p.w", Type::kF32, {2, 3}, Bytes(floats)},
                                           {"p.none", Type::kF32, {0}, {}},
                                           {"a.words", Type::kU64, {2}, Bytes(words)}});
  const auto length = HeaderBytes(std::string_view(file).substr(0, kLengthBytes));
  ASSERT_OK(length);
  EXPECT_EQ(*length % 8, 0u);
  const auto header = HeaderOf(file);
  ASSERT_OK(header);
  EXPECT_EQ(header->metadata, metadata);
  ASSERT_EQ(header->entries.size(), 4u);
  EXPECT_EQ(header->data_bytes(), 16u + 24 + 1);
  EXPECT_EQ(file.size(), kLengthBytes + *length + header->data_bytes());
  // Every tensor begins at a multiple of its element's size.
  const std::string data = file.substr(kLengthBytes + *length);
  EXPECT_EQ(header->entries[0].name, "a.words");
  EXPECT_EQ(std::memcmp(data.data(), words.data(), 16), 0);
  EXPECT_EQ(header->entries[3].name, "p.flag");
  EXPECT_EQ(header->entries[3].begin, 40u);
  EXPECT_EQ(header->entries[3].type, Type::kU8);
  for (const Entry& entry : header->entries) {
    if (entry.name != "p.w") continue;
    EXPECT_EQ(entry.shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(std::memcmp(data.data() + entry.begin, std::as_bytes(std::span(floats)).data(), 24),
              0);
  }
}

TEST(SafetensorsTest, StopsWhenNobodyTakesMore) {
  const std::vector<float> floats(100);
  int chunks = 0;
  const auto all = Write({}, {{"w", Type::kF32, {100}, Bytes(floats)}}, 64,
                         [&](std::string_view) { return ++chunks < 3; });
  ASSERT_OK(all);
  EXPECT_FALSE(*all);
  EXPECT_EQ(chunks, 3);
}

TEST(SafetensorsTest, LengthsOutOfBoundsAreRefused) {
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{1}, uint64_t{kMaxHeaderBytes} + 1, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_FALSE(HeaderBytes({reinterpret_cast<const char*>(&length), sizeof length}).ok());
  }
  EXPECT_FALSE(HeaderBytes("1234567").ok());
}

constexpr char kGood[] = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

TEST(SafetensorsTest, GoodHeaders) {
  EXPECT_OK(ParseHeader("{}"));
  EXPECT_OK(ParseHeader(std::string(kGood) + "   "));
  EXPECT_OK(ParseHeader(R"({"__metadata__":{"x":"y"}})"));
  // A number alone has no dimensions; order does not matter.
  const auto header = ParseHeader(R"({"b":{"shape":[],"data_offsets":[8,16],"dtype":"F64"},)"
                                  R"("a":{"dtype":"U16","data_offsets":[0,8],"shape":[2,2]}})");
  ASSERT_OK(header);
  EXPECT_EQ(header->entries[0].name, "a");
  EXPECT_EQ(header->entries[1].name, "b");
}

TEST(SafetensorsTest, AnythingElseIsRefused) {
  const std::string deep(100'000, '[');
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  const std::string bad[] = {
      "",
      " {}",
      "[]",
      "null",
      "7",
      "\"x\"",
      "{",
      "{}x",
      "{\"a\":1}",
      "{\"a\":[]}",
      "{\"a\":{}}",
      "{\"a\":null}",
      "{\"a\":true}",
      "{\"__metadata__\":1}",
      "{\"__metadata__\":\"x\"}",
      R"({"__metadata__":{"x":1}})",
      R"({"__metadata__":{"x":{}}})",
      R"({"__metadata__":{"x":[]}})",
      R"({"__metadata__":{"x":"1","x":"2"}})",
      R"({"__metadata__":{},"__metadata__":{}})",
      // No fact is missing, and none comes twice.
      R"({"a":{"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2]}})",
      R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}})",
      (R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
       R"("a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})"),
      // Types and shapes.
      R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":1,"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})",
      R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
      R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})",
      // Offsets.
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,1e400]}})",
      (R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})"),
      (R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
       R"("b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})"),
      // No UTF-8.
      "{\"__metadata__\":{\"x\":\"\xff\"}}",
      "{\"\xc3\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
      "{" + deep,
      deep,
      objects,
  };
  for (const std::string& text : bad) {
    const auto header = ParseHeader(text);
    EXPECT_EQ(header.status().code(), absl::StatusCode::kInvalidArgument) << text.substr(0, 200);
    EXPECT_FALSE(header.status().message().empty());
  }
}

TEST(SafetensorsTest, EveryShorterHeaderIsRefused) {
  const std::string good = kGood;
  ASSERT_OK(ParseHeader(good));
  for (size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(ParseHeader(good.substr(0, n)).ok()) << n;
}

TEST(SafetensorsTest, MetadataAreBounded) {
  Metadata metadata;
  for (size_t i = 0; i <= kMaxMetadata; ++i) metadata["key" + std::to_string(i)] = "";
  EXPECT_FALSE(HeaderOf(File(metadata, {})).ok());
  metadata.erase("key0");
  EXPECT_OK(HeaderOf(File(metadata, {})));
}

}  // namespace
}  // namespace phasic::safetensors
