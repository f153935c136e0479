// SPDX-License-Identifier: Apache-2.0
#include "server/wire/reused_request.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/allocations.h"

namespace phasic::wire {
namespace {

using Traits = grpc::SerializationTraits<ReusedRequest>;

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string BytesOf(const std::string& text) {
  v1::InteractRequest message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message.SerializeAsString();
}

const char* const kStep =
    "id: 7 step { name: 'agents/some-agent' observation: [1, 2, 3] rewards { value: 1 reward_id: "
    "'r' } "
    "step: 4 end: TRUNCATED }";

TEST(ReusedRequest, IsWhatWasSentWhateverWasReadBefore) {
  std::vector<std::string> messages = {BytesOf(kStep),
                                       BytesOf("id: 8 step { name: 'agents/b' }"),
                                       BytesOf("step { observation: 1 }"),
                                       BytesOf("step { }"),
                                       BytesOf("id: 1"),
                                       "",
                                       BytesOf("id: 3 batch_step { uid: [1, 2] reward: [1, 2] }"),
                                       BytesOf("batch_step { uid: 3 }"),
                                       BytesOf("batch_step { }"),
                                       BytesOf(kStep) + BytesOf("batch_step { uid: 3 }"),
                                       BytesOf(kStep) + BytesOf("step { greedy: true }")};
  messages.push_back(messages[0] + std::string("\x98\x06\x01"));  // a field that nobody knows
  for (const std::string& before : messages) {
    for (const std::string& bytes : messages) {
      ReusedRequest request;
      for (const std::string& one : {before, bytes}) {
        grpc::ByteBuffer buffer = BufferOf(one);
        ASSERT_TRUE(Traits::Deserialize(&buffer, &request).ok());
        EXPECT_EQ(request.bytes, one.size());
      }
      v1::InteractRequest fresh;
      ASSERT_TRUE(fresh.ParseFromString(bytes));
      EXPECT_EQ(request.message.SerializeAsString(), fresh.SerializeAsString())
          << fresh.ShortDebugString() << " after " << before;
    }
  }
}

TEST(ReusedRequest, WhatIsNoMessageIsRefusedAndForgotten) {
  ReusedRequest request;
  for (const std::string& bytes :
       {BytesOf(kStep) + "\x12\x7f", std::string("\x12\x02\x0a\x01\xff")}) {
    grpc::ByteBuffer broken = BufferOf(bytes);
    EXPECT_FALSE(Traits::Deserialize(&broken, &request).ok());
    grpc::ByteBuffer good = BufferOf(BytesOf("step { name: 'agents/b' }"));
    ASSERT_TRUE(Traits::Deserialize(&good, &request).ok());
    EXPECT_EQ(request.message.ShortDebugString(), "step { name: \"agents/b\" }");
  }
}

TEST(ReusedRequest, TheNextOfItsKindTakesNoMemory) {
  const std::string bytes = BytesOf(kStep);
  ReusedRequest request;
  std::vector<grpc::ByteBuffer> buffers(100, BufferOf(bytes));
  int64_t taken = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int64_t before = testing::Allocations();
    const bool read = Traits::Deserialize(&buffers[i], &request).ok();
    if (i >= 10) taken += testing::Allocations() - before;
    ASSERT_TRUE(read);
  }
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace phasic::wire
