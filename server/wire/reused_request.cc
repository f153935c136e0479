// SPDX-License-Identifier: Apache-2.0
#include "server/wire/reused_request.h"

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/support/proto_buffer_reader.h>

namespace phasic::wire {
namespace {

// Adds what the buffer holds to the message, as Protobuf's parser does.
bool Merge(grpc::ByteBuffer* buffer, v1::InteractRequest* message) {
  grpc::ProtoBufferReader reader(buffer);
  return reader.status().ok() &&
         message->MergeFromBoundedZeroCopyStream(&reader, static_cast<int>(buffer->Length()));
}

// Clears all but what the item takes its memory from. False: that had to go too.
bool ClearKeepingItem(v1::InteractRequest* message) {
  message->clear_id();
  const bool known = message->GetReflection()->GetUnknownFields(*message).empty();
  if (known && message->has_step()) {
    message->mutable_step()->Clear();
  } else if (known && message->has_batch_step()) {
    message->mutable_batch_step()->Clear();
  } else {
    message->Clear();
    return false;
  }
  return true;
}

// Whether what is there may be the kept item and not one that was sent. No good item is like that.
bool IsItemBlank(const v1::InteractRequest& message) {
  return message.has_step() ? message.step().name().empty() : message.batch_step().uid().empty();
}

bool Read(grpc::ByteBuffer* buffer, v1::InteractRequest* message) {
  const bool kept = ClearKeepingItem(message);
  if (!Merge(buffer, message)) return false;
  if (!kept || !IsItemBlank(*message)) return true;
  message->Clear();
  return Merge(buffer, message);
}

}  // namespace
}  // namespace phasic::wire

namespace grpc {

Status SerializationTraits<phasic::wire::ReusedRequest, void>::Deserialize(
    ByteBuffer* buffer, phasic::wire::ReusedRequest* request) {
  if (buffer == nullptr) return {StatusCode::INTERNAL, "no message"};
  request->bytes = buffer->Length();
  const bool read = phasic::wire::Read(buffer, &request->message);
  buffer->Clear();
  return read ? Status::OK : Status(StatusCode::INTERNAL, "no InteractRequest");
}

}  // namespace grpc
