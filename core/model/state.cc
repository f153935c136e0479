// SPDX-License-Identifier: Apache-2.0
#include "core/model/state.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace phasic {
namespace {

// A cache line: kernels may use aligned vectors, and two agents never share a line.
constexpr std::align_val_t kAlignment{64};

template <class T>
void Fill(std::byte* at, int64_t n, double value) {
  std::fill_n(reinterpret_cast<T*>(at), n, static_cast<T>(value));
}

void FillColumn(const Column& column, std::byte* at) {
  switch (column.type) {
    case Type::kF32:
      return Fill<float>(at, column.size(), column.initial);
    case Type::kF64:
      return Fill<double>(at, column.size(), column.initial);
    case Type::kU8:
      return Fill<uint8_t>(at, column.size(), column.initial);
    case Type::kU16:
      return Fill<uint16_t>(at, column.size(), column.initial);
    case Type::kU32:
      return Fill<uint32_t>(at, column.size(), column.initial);
    case Type::kU64:
      return Fill<uint64_t>(at, column.size(), column.initial);
  }
}

}  // namespace

void State::Free::operator()(std::byte* p) const noexcept { ::operator delete[](p, kAlignment); }

State::State(const Layout* layout)
    : layout_(layout),
      places_(layout->places.data()),
      block_(static_cast<std::byte*>(::operator new[](layout->block_bytes, kAlignment))),
      arenas_(layout->arenas) {
  std::memset(block_.get(), 0, layout->block_bytes);
  for (size_t id = 0; id < layout->columns.size(); ++id) {
    const Column& column = layout->columns[id];
    if (column.arena < 0 && column.initial != 0) {
      FillColumn(column, block_.get() + places_[id].offset);
    }
  }
}

State::State(const State& other)
    : layout_(other.layout_),
      places_(other.places_),
      block_(static_cast<std::byte*>(::operator new[](other.layout_->block_bytes, kAlignment))),
      arenas_(other.arenas_) {
  std::memcpy(block_.get(), other.block_.get(), layout_->block_bytes);
}

State& State::operator=(const State& other) {
  if (this == &other) return *this;
  if (layout_ != other.layout_) return *this = State(other);
  // All that may fail comes first.
  for (size_t i = 0; i < arenas_.size(); ++i) arenas_[i].Reserve(other.arenas_[i].bytes().size());
  std::memcpy(block_.get(), other.block_.get(), layout_->block_bytes);
  for (size_t i = 0; i < arenas_.size(); ++i) arenas_[i].Assign(other.arenas_[i].bytes());
  return *this;
}

std::span<const std::byte> State::bytes(ColumnId id) const noexcept {
  const Column& column = layout_->columns[id];
  if (column.arena >= 0) return arenas_[column.arena].bytes();
  return {block_.get() + places_[id].offset, column.size() * SizeOf(column.type)};
}

std::byte* State::elements(ColumnId id) noexcept {
  const Column& column = layout_->columns[id];
  if (column.arena >= 0) return arenas_[column.arena].elements<std::byte>().data();
  return block_.get() + places_[id].offset;
}

void State::Assign(ColumnId id, std::span<const std::byte> bytes) {
  const Column& column = layout_->columns[id];
  if (column.arena >= 0) {
    arenas_[column.arena].Assign(bytes);
  } else {
    std::memcpy(block_.get() + places_[id].offset, bytes.data(), bytes.size());
  }
}

void State::Prepare(int64_t ticks) {
  if (arenas_.empty()) return;
  for (const Column& column : layout_->columns) {
    if (column.arena < 0) continue;
    Arena& arena = arenas_[column.arena];
    const int64_t size = static_cast<int64_t>(arena.bytes().size() / SizeOf(column.type));
    const int64_t room = column.rows - size;
    const int64_t wanted = size + std::min(room, ticks * column.growth);
    const size_t bytes = wanted * SizeOf(column.type);
    // At least half as much again, so that growth is copied a bounded number of times.
    if (bytes > arena.reserved()) {
      arena.Reserve(std::min(std::max(bytes, arena.reserved() + arena.reserved() / 2),
                             static_cast<size_t>(column.rows) * SizeOf(column.type)));
    }
  }
}

void State::ReturnHome() noexcept {
  std::memcpy(block_.get() + layout_->fast_offset, layout_->home.data(), layout_->fast_bytes);
  std::memset(block_.get() + layout_->trace_offset, 0, layout_->trace_bytes);
  for (const Column& column : layout_->columns) {
    const bool cleared = column.life == Life::kFast || column.life == Life::kTrace;
    if (column.arena >= 0 && cleared) arenas_[column.arena].Clear();
  }
}

void State::Fetch() const noexcept {
  constexpr size_t kLine = 64, kMost = 16 << 10;  // of what is larger, the processor foresees most
  for (size_t at = 0; at < std::min(layout_->block_bytes, kMost); at += kLine) {
    __builtin_prefetch(block_.get() + at, /*rw=*/1);
  }
}

size_t State::footprint() const noexcept {
  size_t bytes = layout_->block_bytes;
  for (const Arena& arena : arenas_) bytes += arena.reserved();
  return bytes;
}

}  // namespace phasic
