// SPDX-License-Identifier: Apache-2.0
//
// Names for requests, so that one that comes twice is done once. The library's own.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace phasic::client {

// 16 hexadecimal digits that no other name has.
std::string UniqueId();

// Gives the request an id unless it has one.
template <class Request>
void NameIfNeedBe(Request& request) {
  if (request.request_id().empty()) request.set_request_id(UniqueId());
}

// Names the requests of one caller, one after the other.
class RequestIds {
 public:
  // Sets the request's id: a new one, except that the same request sent again after a failure keeps
  // the one it had. If it was done after all, the server then answers from memory.
  template <class Request>
  void Name(Request& request) {
    request.set_request_id(Id());
    if (failed_.empty() || request.SerializeAsString() == failed_) return;
    // Another request must not get the answer of that one.
    Next();
    request.set_request_id(Id());
  }

  // Tells how the request of the last Name ended.
  void Done(const google::protobuf::MessageLite& request, bool ok) {
    if (ok) {
      Next();
    } else {
      failed_ = request.SerializeAsString();
    }
  }

 private:
  std::string Id() const { return absl::StrCat(prefix_, "-", count_); }
  void Next() {
    ++count_;
    failed_.clear();
  }

  std::string prefix_ = UniqueId();
  uint64_t count_ = 0;
  // The request that failed, as it was sent.
  std::string failed_;
};

}  // namespace phasic::client
