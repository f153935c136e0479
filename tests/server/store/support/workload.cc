// SPDX-License-Identifier: Apache-2.0
#include "tests/server/store/support/workload.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"

namespace phasic::store::testing {
namespace {

void AddAgent(const AgentRow& row, const std::optional<StateRow>& state, std::string* text) {
  absl::StrAppend(text, "agent ", row.uid, " ", row.tenant, "/", row.id, " by ", row.made_by,
                  " of ", row.circuit, " card ", row.card, "\n");
  if (state) absl::StrAppend(text, "  state ", state->sequence, " ", state->bytes, "\n");
}

void AddRecord(uint64_t sequence, std::string_view bytes, std::string* text) {
  absl::StrAppend(text, "  record ", sequence, " ", std::string(bytes), "\n");
}

void AddSnapshot(const SnapshotRow& row, std::string* text) {
  absl::StrAppend(text, "  snapshot ", row.id, " ", row.info, " ", row.bytes, "\n");
}

std::string Draw(std::mt19937_64* random, size_t most) {
  std::string bytes((*random)() % most, ' ');
  for (char& c : bytes) c = static_cast<char>('a' + (*random)() % 26);
  return bytes;
}

// All agents of a store, over the pages of a list.
absl::StatusOr<std::map<uint64_t, AgentRow>> AllAgents(Store* store) {
  std::map<uint64_t, AgentRow> agents;
  std::string after;
  while (true) {
    auto page = store->ListAgents("default", after, 3);
    if (!page.ok()) return page.status();
    if (page->empty()) return agents;
    after = page->back().id;
    for (AgentRow& row : *page) agents.emplace(row.uid, std::move(row));
  }
}

absl::Status AddAll(Store* store, std::string* text) {
  const auto agents = AllAgents(store);
  if (!agents.ok()) return agents.status();
  for (const auto& [uid, row] : *agents) {
    const auto state = store->LoadState(uid);
    if (!state.ok()) return state.status();
    AddAgent(row, *state, text);
    absl::Status read = store->ReadRecords(uid, *state ? (*state)->sequence : 0,
                                           [text](const Record& record, uint32_t) {
                                             AddRecord(record.sequence, record.bytes, text);
                                             return absl::OkStatus();
                                           });
    if (!read.ok()) return read;
    const auto snapshots = store->ListSnapshots(uid);
    if (!snapshots.ok()) return snapshots.status();
    for (const SnapshotRow& snapshot : *snapshots) {
      const auto whole = store->LoadSnapshot(uid, snapshot.id);
      if (!whole.ok()) return whole.status();
      AddSnapshot(whole->value(), text);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void Model::Apply(const Batch& batch) {
  size_t record = 0;
  const auto take = [&](size_t end) {
    for (; record < end; ++record) {
      const Record taken = batch.record(record);
      Agent& agent = agents_.at(taken.agent);
      agent.last = taken.sequence;
      agent.records[taken.sequence] = taken.bytes;
    }
  };
  for (size_t i = 0; i < batch.changes().size(); ++i) {
    take(batch.records_before(i));
    std::visit([this](const auto& change) { Do(change); }, batch.changes()[i]);
  }
  take(batch.records());
}

void Model::Do(const PutAgent& change) {
  agents_[change.row.uid].row = change.row;
  next_uid_ = std::max(next_uid_, change.row.uid + 1);
}

void Model::Do(const PutState& change) {
  Agent& agent = agents_.at(change.agent);
  agent.row.card = change.card;
  agent.state = StateRow{change.sequence, change.bytes};
  agent.last = std::max(agent.last, change.sequence);
  agent.records.erase(agent.records.begin(), agent.records.upper_bound(change.sequence));
}

void Model::Do(const PutSnapshot& change) {
  agents_.at(change.agent).snapshots[change.row.id] = change.row;
}

void Model::Do(const DeleteSnapshot& change) {
  agents_.at(change.agent).snapshots.erase(change.id);
}

std::string Model::Text() const {
  std::string text;
  for (const auto& [uid, agent] : agents_) {
    AddAgent(agent.row, agent.state, &text);
    for (const auto& [sequence, bytes] : agent.records) AddRecord(sequence, bytes, &text);
    for (const auto& [id, snapshot] : agent.snapshots) AddSnapshot(snapshot, &text);
  }
  return text;
}

std::string TextOf(Store* store) {
  std::string text;
  const absl::Status status = AddAll(store, &text);
  if (!status.ok()) absl::StrAppend(&text, status.ToString());
  return text;
}

Batch NextBatch(const Model& model, std::mt19937_64* random) {
  Batch batch;
  if ((*random)() % 3 == 0) batch.set_synced();
  if (model.agents().size() < 4) {
    const uint64_t uid = model.next_uid();
    batch.Add(PutCircuit{5, "a circuit"});
    batch.Add(PutAgent{{.uid = uid,
                        .tenant = "default",
                        .id = absl::StrCat("a", uid),
                        .made_by = uid % 2 == 0 ? absl::StrCat("call ", uid) : "",
                        .circuit = 5,
                        .card = Draw(random, 100)}});
    batch.Add(Record{uid, 1, Draw(random, 300)});
  }
  for (const auto& [uid, agent] : model.agents()) {
    uint64_t last = agent.last;
    for (uint64_t i = (*random)() % 3; i > 0; --i) {
      const std::string bytes = Draw(random, 600);
      batch.Add(Record{uid, ++last, bytes});
    }
    switch ((*random)() % 12) {
      case 0:
        batch.Add(PutState{uid, last, Draw(random, 20'000), Draw(random, 100)});
        break;
      case 1:
        batch.Add(PutCard{uid, Draw(random, 100)});
        break;
      case 2:
        batch.Add(PutSnapshot{
            uid, {.id = absl::StrCat("s", last, "-", (*random)()), .info = "i", .bytes = "b"}});
        break;
      case 3:
        if (!agent.snapshots.empty()) {
          batch.Add(DeleteSnapshot{uid, agent.snapshots.begin()->first});
        }
        break;
      case 4:
        if (uid % 3 == 0) batch.Add(DeleteAgent{uid});
        break;
      default:
        break;
    }
  }
  return batch;
}

}  // namespace phasic::store::testing
