// SPDX-License-Identifier: Apache-2.0
#include "server/convert/watch.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/columns.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

using Clock = std::chrono::steady_clock;

// How soon a caller who has gone gives its thread back.
constexpr std::chrono::milliseconds kLook{250};
// Of an agent's time, looking at its weights and traces takes one part in so many.
constexpr int kShare = 10;

using Sizes = google::protobuf::RepeatedPtrField<v1::WatchResponse::Size>;

// One column after the other, so that one copy is held at a time.
absl::Status Measure(const Call& call, const Turn& turn, const Circuit& circuit,
                     const std::vector<ColumnId>& columns, Sizes* sizes) {
  for (const ColumnId id : columns) {
    const Column& column = circuit.layout().columns[id];
    const auto room =
        call.env.copies.Take(column.size() * static_cast<int64_t>(SizeOf(column.type)));
    if (!room) return errors::TooMuchInspected();
    v1::WatchResponse::Size* size = sizes->Add();
    size->set_component(column.component);
    size->set_variable(column.name);
    convert::Summarise(column.type, turn.Read(id), size->mutable_summary());
  }
  return absl::OkStatus();
}

absl::Status Fill(const Call& call, const AgentPtr& agent, const convert::WatchWish& wish,
                  const Watcher::News& news, v1::WatchResponse* response) {
  const Circuit& circuit = agent->circuit();
  for (const Moment& moment : news.moments) {
    convert::ToProto(moment, circuit, response->add_moments());
  }
  response->set_dropped(news.dropped);
  const bool measures = !wish.traces.empty() || !wish.weights.empty();
  if (measures && agent->awake() && !news.ended) {
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(Measure(call, turn, circuit, wish.traces, response->mutable_traces()));
    RETURN_IF_ERROR(Measure(call, turn, circuit, wish.weights, response->mutable_weights()));
    convert::ToProto(turn.card().stats, /*awake=*/true, response->mutable_stats());
  } else {
    convert::ToProto(agent->card().stats, agent->awake(), response->mutable_stats());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Watch(const Call& call, const v1::WatchRequest& request,
                   Writer<v1::WatchResponse>* writer) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
  ASSIGN_OR_RETURN(const convert::WatchWish wish, convert::FromProto(request, agent->circuit()));
  const auto seat = call.env.watchers.Take(0);
  if (!seat) return errors::TooManyWatchers("this server's agents", limits::kMaxWatchers);
  const auto watcher = std::make_shared<Watcher>(wish.choice);
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(turn.Welcome(watcher));
  }
  const absl::Cleanup leave = [&] { watcher->Leave(); };

  // Whoever watches waits as long as it likes.
  const Call patient{call.env, {.gone = call.patience.gone}, call.tenant};
  Watcher::News news;
  news.stirred = true;
  Clock::time_point next = Clock::now();
  while (true) {
    if (news.stirred) {
      const Clock::time_point start = Clock::now();
      v1::WatchResponse response;
      RETURN_IF_ERROR(Fill(patient, agent, wish, news, &response));
      const Clock::time_point end = Clock::now();
      next = std::max(start + wish.period, end + (kShare - 1) * (end - start));
      if (!writer->Write(response)) return errors::Cancelled();
    }
    if (news.ended) return errors::AgentNotFound(agent->identity().name());
    if (call.patience.gone && call.patience.gone()) return errors::Cancelled();
    if (call.env.draining) return errors::Draining();
    news = watcher->Await(next, Clock::now() + kLook);
  }
}

}  // namespace phasic::handlers
