// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/agents/hosted_agent.h"

// What the store keeps of an agent, as bytes. FORMAT.md of server/store says every byte. Errors are
// DATA_LOSS, or FAILED_PRECONDITION for a version that is not known here.
namespace phasic {

// What the catalogue says: enough to tell of an agent that sleeps, and to make it anew if it has
// never had a turn.
struct CatalogueCard {
  Identity identity;  // without id, uid and made_by, which the row has
  Card card;
};
std::string EncodeCard(const Identity& identity, const Card& card);
absl::StatusOr<CatalogueCard> DecodeCard(std::string_view bytes);

// A whole state: everything that is under the turn but the way back. May throw std::bad_alloc.
std::string EncodeImage(const Inside& inside);
// An agent of this circuit with that state; its digest has been compared. `inside.sequence` is left
// as the image has it.
absl::StatusOr<Inside> DecodeImage(std::string_view bytes,
                                   const std::shared_ptr<const Circuit>& circuit,
                                   Budget::Room room);

// What is said of a snapshot.
std::string EncodeInfo(const SnapshotInfo& info);
absl::StatusOr<SnapshotInfo> DecodeInfo(std::string_view bytes);

}  // namespace phasic
