// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/stream.h"

#include <future>
#include <thread>

#include "tests/client/cpp/client_test.h"

namespace phasic::client {
namespace {

using testing::ElementsAre;

v1::InteractRequest MakeStep(uint64_t id) {
  v1::InteractRequest request;
  request.set_id(id);
  request.mutable_step()->set_name("agents/cart");
  return request;
}

v1::InteractResponse Done(uint64_t id) {
  v1::InteractResponse response;
  response.set_id(id);
  response.mutable_step()->set_step(id);
  return response;
}

// Answers each request, as it comes.
grpc::Status Echo(FakeAgents::Line& line) {
  v1::InteractRequest request;
  while (line.Read(&request)) line.Write(Done(request.id()));
  return grpc::Status::OK;
}

std::vector<uint64_t> ReceiveAll(Stream& stream) {
  std::vector<uint64_t> ids;
  v1::InteractResponse response;
  while (stream.Receive(&response)) ids.push_back(response.id());
  return ids;
}

class StreamTest : public ClientTest {};

TEST_F(StreamTest, SendsWithoutWaiting) {
  // Answers only when it has all three, the last first.
  fake_.agents.interact = [](FakeAgents::Line& line) {
    std::vector<uint64_t> ids;
    v1::InteractRequest request;
    while (line.Read(&request)) ids.insert(ids.begin(), request.id());
    for (const uint64_t id : ids) line.Write(Done(id));
    return grpc::Status::OK;
  };
  Stream stream = client_.Interact();
  for (const uint64_t id : {7, 8, 9}) EXPECT_TRUE(stream.Send(MakeStep(id)));
  EXPECT_EQ(stream.unanswered(), 3);
  stream.HalfClose();
  EXPECT_FALSE(stream.Send(MakeStep(10)));
  EXPECT_THAT(ReceiveAll(stream), ElementsAre(9, 8, 7));
  EXPECT_EQ(stream.unanswered(), 0);
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(StreamTest, TwoThreadsMayShareIt) {
  fake_.agents.interact = Echo;
  constexpr uint64_t kRequests = 2000;
  Stream stream = client_.Interact();
  std::thread sender([&] {
    for (uint64_t id = 0; id < kRequests; ++id) ASSERT_TRUE(stream.Send(MakeStep(id)));
    stream.HalfClose();
  });
  const std::vector<uint64_t> ids = ReceiveAll(stream);
  sender.join();
  ASSERT_EQ(ids.size(), kRequests);
  for (uint64_t id = 0; id < kRequests; ++id) ASSERT_EQ(ids[id], id);
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(StreamTest, AFailedItemDoesNotEndIt) {
  fake_.agents.interact = [](FakeAgents::Line& line) {
    v1::InteractRequest request;
    line.Read(&request);
    v1::InteractResponse response;
    response.set_id(request.id());
    *response.mutable_error() =
        InBand(ErrorMaker(grpc::StatusCode::NOT_FOUND, "no agent", "AGENT_NOT_FOUND").Make());
    line.Write(response);
    return Echo(line);
  };
  Stream stream = client_.Interact();
  stream.Send(MakeStep(1));
  stream.Send(MakeStep(2));
  v1::InteractResponse response;
  ASSERT_TRUE(stream.Receive(&response));
  EXPECT_TRUE(absl::IsNotFound(StatusOf(response)));
  EXPECT_EQ(ReasonOf(StatusOf(response)), "AGENT_NOT_FOUND");
  ASSERT_TRUE(stream.Receive(&response));
  EXPECT_TRUE(StatusOf(response).ok());
  EXPECT_EQ(response.step().step(), 2u);
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(StreamTest, FinishLetsGoOfWhatWasNotReceived) {
  fake_.agents.interact = Echo;
  Stream stream = client_.Interact();
  for (uint64_t id = 0; id < 100; ++id) stream.Send(MakeStep(id));
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_TRUE(stream.Finish().ok());
  v1::InteractResponse response;
  EXPECT_FALSE(stream.Receive(&response));
  EXPECT_FALSE(stream.Send(MakeStep(100)));
}

TEST_F(StreamTest, SaysHowTheServerEndedIt) {
  fake_.agents.interact = [](FakeAgents::Line&) { return Draining(); };
  Stream stream = client_.Interact();
  EXPECT_THAT(ReceiveAll(stream), ElementsAre());
  EXPECT_EQ(ReasonOf(stream.Finish()), "DRAINING");
}

// The stream blocks at the server until it is told to go on, or cancelled.
TEST_F(StreamTest, CancelWakesAReceiver) {
  fake_.agents.interact = Echo;
  Stream stream = client_.Interact();
  auto received = std::async(std::launch::async, [&] {
    v1::InteractResponse response;
    return stream.Receive(&response);
  });
  EXPECT_EQ(received.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  stream.Cancel();
  EXPECT_FALSE(received.get());
  EXPECT_TRUE(absl::IsCancelled(stream.Finish()));
}

TEST_F(StreamTest, DroppingItCancels) {
  std::promise<void> ended;
  fake_.agents.interact = [&ended](FakeAgents::Line& line) {
    Echo(line);
    ended.set_value();
    return grpc::Status::OK;
  };
  {
    Stream first = client_.Interact();
    first.Send(MakeStep(1));
    Stream second = std::move(first);
  }
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(StreamTest, OutlivesItsClient) {
  fake_.agents.interact = Echo;
  Stream stream = Client(fake_.address()).Interact();
  EXPECT_TRUE(stream.Send(MakeStep(1)));
  stream.HalfClose();
  EXPECT_THAT(ReceiveAll(stream), ElementsAre(1));
}

TEST_F(StreamTest, TellsThatTheServerHasGoneAway) {
  fake_.agents.interact = Echo;
  Stream stream = client_.Interact();
  v1::InteractResponse response;
  EXPECT_TRUE(stream.Send(MakeStep(1)));
  ASSERT_TRUE(stream.Receive(&response));
  fake_.Stop();
  EXPECT_FALSE(stream.Receive(&response));
  const absl::Status status = stream.Finish();
  EXPECT_TRUE(IsUnanswered(status)) << status;
}

}  // namespace
}  // namespace phasic::client
