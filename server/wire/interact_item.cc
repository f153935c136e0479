// SPDX-License-Identifier: Apache-2.0
#include "server/wire/interact_item.h"

#include "core/base/errors.h"
#include "server/agents/errors.h"
#include "server/convert/status.h"
#include "server/handlers/guard.h"
#include "server/wire/interact_stream.h"

namespace phasic::wire {

void InteractItem::Start(const Call& call, Gate& gate) noexcept {
  const v1::InteractRequest& asked = request.message;
  response.set_id(asked.id());
  pass_.emplace(gate);
  if (!pass_->entered()) return Done(errors::Draining());
  switch (asked.item_case()) {
    case v1::InteractRequest::kStep:
      return step_.Start(call, asked.step(), response.mutable_step(), this);
    case v1::InteractRequest::kBatchStep:
      return batch_step_.Start(call, asked.batch_step(), response.mutable_batch_step(), this);
    case v1::InteractRequest::ITEM_NOT_SET:
      return Done(InvalidField(errors::kBadField, "step", "or else batch_step must be given"));
  }
}

void InteractItem::Done(absl::Status status) noexcept {
  if (!status.ok()) {
    response.clear_result();
    const absl::Status told = handlers::Guarded([&] {
      convert::ToProto(status, response.mutable_error());
      return absl::OkStatus();
    });
    if (!told.ok()) response.mutable_error()->set_code(static_cast<int>(status.code()));
  }
  stream_.Answer(this);
}

void InteractItem::Clear() {
  bytes = 0;
  done = false;
  pass_.reset();
}

}  // namespace phasic::wire
