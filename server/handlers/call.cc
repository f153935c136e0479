// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/call.h"

#include <utility>

#include "server/handlers/sources.h"

namespace phasic {
namespace {

std::unique_ptr<StoreJournal> JournalIn(store::Store* store, StoreJournal::Watch watch) {
  return store == nullptr ? nullptr : std::make_unique<StoreJournal>(*store, std::move(watch));
}

}  // namespace

Env::Env(const ServerLimits& bounds, std::unique_ptr<store::Store> kept, StoreJournal::Watch watch,
         const Keeper::Habits& habits)
    : limits(bounds),
      store(std::move(kept)),
      store_journal(JournalIn(store.get(), std::move(watch))),
      hosting(bounds, store.get(), store_journal.get(),
              [this](const std::string& spec) { return handlers::ReadSpec(spec, circuits); }),
      circuits(registry.budget()),
      copies(INT64_MAX, limits::kMaxInspectBytes),
      keeper(hosting, habits) {}

}  // namespace phasic
