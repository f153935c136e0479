// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "server/store/store.h"

namespace phasic::store {
namespace {

size_t BytesOf(const Change& change) {
  struct Sizes {
    size_t operator()(const PutCircuit& c) const { return c.spec.size(); }
    size_t operator()(const PutAgent& c) const {
      return c.row.tenant.size() + c.row.id.size() + c.row.made_by.size() + c.row.card.size();
    }
    size_t operator()(const PutCard& c) const { return c.card.size(); }
    size_t operator()(const PutState& c) const { return c.bytes.size() + c.card.size(); }
    size_t operator()(const DeleteAgent&) const { return 0; }
    size_t operator()(const PutSnapshot& c) const {
      return c.row.id.size() + c.row.info.size() + c.row.bytes.size();
    }
    size_t operator()(const DeleteSnapshot& c) const { return c.id.size(); }
  };
  return sizeof change + std::visit(Sizes{}, change);
}

}  // namespace

void Batch::Add(const Record& record) {
  const size_t before = bytes_.size();
  bytes_.append(record.bytes);
  try {
    ends_.push_back({record.agent, record.sequence, bytes_.size()});
  } catch (...) {
    bytes_.resize(before);
    throw;
  }
}

void Batch::Add(Change change) {
  before_.push_back(ends_.size());
  try {
    changes_.push_back(std::move(change));
  } catch (...) {
    before_.pop_back();
    throw;
  }
  change_bytes_ += BytesOf(changes_.back());
}

void Batch::Clear() {
  bytes_.clear();
  ends_.clear();
  changes_.clear();
  before_.clear();
  change_bytes_ = 0;
  synced_ = false;
}

Record Batch::record(size_t index) const {
  const size_t begin = index == 0 ? 0 : ends_[index - 1].end;
  const Mark& mark = ends_[index];
  return {mark.agent, mark.sequence, std::string_view(bytes_).substr(begin, mark.end - begin)};
}

}  // namespace phasic::store
