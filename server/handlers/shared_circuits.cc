// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/shared_circuits.h"

#include <google/protobuf/util/message_differencer.h>

#include "server/convert/spec.h"

namespace phasic::handlers {
namespace {

// Equal fingerprints are not enough: they are of what shapes the state, and first weights do not.
bool SameSpec(const Circuit& a, const Circuit& b) {
  v1::CircuitSpec x, y;
  convert::ToProto(a.spec(), &x);
  convert::ToProto(b.spec(), &y);
  return google::protobuf::util::MessageDifferencer::Equals(x, y);
}

// A circuit and the room that it takes.
struct Housed {
  std::shared_ptr<const Circuit> circuit;
  Budget::Room room;
};

}  // namespace

std::shared_ptr<const Circuit> SharedCircuits::Share(
    const std::shared_ptr<const Circuit>& circuit) {
  for (auto& candidate : Candidates(circuit->fingerprint())) {
    if (SameSpec(*candidate, *circuit)) return candidate;
  }
  auto room = budget_.Take(BytesOf(*circuit), 0);
  if (!room) return nullptr;
  auto housed = std::make_shared<Housed>(Housed{circuit, *std::move(room)});
  std::shared_ptr<const Circuit> shared(housed, circuit.get());
  MutexLock lock(mutex_);
  // Entries of circuits that are gone go when there may be as many of them as of others.
  if (circuits_.size() >= sweep_at_) {
    std::erase_if(circuits_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = 2 * circuits_.size() + 16;
  }
  circuits_.emplace(circuit->fingerprint(), shared);
  return shared;
}

std::vector<std::shared_ptr<const Circuit>> SharedCircuits::Candidates(uint64_t fingerprint) {
  std::vector<std::shared_ptr<const Circuit>> found;
  MutexLock lock(mutex_);
  const auto [begin, end] = circuits_.equal_range(fingerprint);
  for (auto at = begin; at != end; ++at) {
    if (auto circuit = at->second.lock()) found.push_back(std::move(circuit));
  }
  return found;
}

int64_t SharedCircuits::BytesOf(const Circuit& circuit) {
  int64_t numbers = 0;
  for (const Node& node : circuit.nodes()) {
    numbers += static_cast<int64_t>(node.derived.size());
    for (int i = 0; i < node.params.size(); ++i) {
      numbers += static_cast<int64_t>(node.params.list(i).size());
    }
  }
  for (const ProjectionSpec& projection : circuit.spec().projections) {
    numbers += static_cast<int64_t>(projection.initial.values.size());
  }
  int64_t indices = 0;
  for (const Link& link : circuit.links()) {
    if (link.synapses != nullptr) indices += link.synapses->bytes();
  }
  const size_t parts = circuit.nodes().size() + circuit.links().size();
  constexpr int64_t kBytesOfPart = 2'048;
  return numbers * static_cast<int64_t>(sizeof(double)) + indices +
         static_cast<int64_t>(parts) * kBytesOfPart;
}

}  // namespace phasic::handlers
