// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "client/cli/connection.h"

namespace phasic {

// Calls a List method page by page; `take` gets each page and says whether to go on. A server that
// gives a token back has lost its place: that is DATA_LOSS.
template <class Stub, class Request, class Response, class Take>
absl::Status ForEachPage(Connection& server,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                      Response*),
                         Request request, const Take& take) {
  for (;;) {
    Response page;
    const absl::Status status = server.Call(method, request, &page);
    if (!status.ok()) return status;
    const std::string next = page.next_page_token();
    if (!take(page) || next.empty()) return absl::OkStatus();
    if (next == request.page_token()) {
      return absl::DataLossError("the server sent the same page token twice");
    }
    request.set_page_token(next);
  }
}

}  // namespace phasic
