// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/model/column.h"

namespace phasic {

// A column of a compiled circuit.
struct Column {
  std::string component, name, unit;
  Type type;
  Life life;
  bool derived;
  int64_t rows, cols;  // kArena: rows is the cap
  double initial;
  int arena = -1;       // index of the arena, or -1
  int growth = 0;       // kArena: elements that one tick may add at most
  int lazy = -1;        // the projection whose store puts off its changes: read it by Read (read.h)
  bool folded = false;  // lazy, and what is put off changes no bit: snapshots have it done
  // What each element lies in, beside being finite (core/model/elements.h).
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  int64_t size() const { return rows * cols; }
};

// Where a column lies in the block: what a step needs to know of it. Unused for an arena.
struct Place {
  size_t offset = 0;  // bytes
  size_t size = 0;    // elements
};

// The columns of a circuit in the order of the walk, and where they lie. Made by the compiler,
// shared by all its agents.
struct Layout {
  std::vector<Column> columns;
  std::vector<Place> places;  // by column
  size_t block_bytes = 0;     // the fixed part
  int arenas = 0;
  std::span<const std::byte> home;           // the fast columns' first values: fast_bytes of them
  size_t fast_offset = 0, fast_bytes = 0;    // all kFast columns lie here
  size_t trace_offset = 0, trace_bytes = 0;  // all kTrace columns lie here
};

// A growable column: elements in use, within a reserve that only Prepare enlarges.
class Arena {
 public:
  // Adds n elements of T and returns the first, or null when the cap or the reserve is reached.
  // Never allocates.
  template <class T>
  T* Append(int64_t n, int64_t cap) noexcept {
    const size_t bytes = n * sizeof(T);
    if (bytes_.size() + bytes > bytes_.capacity()) return nullptr;
    if (bytes_.size() + bytes > cap * sizeof(T)) return nullptr;
    bytes_.resize(bytes_.size() + bytes);
    return reinterpret_cast<T*>(bytes_.data() + bytes_.size() - bytes);
  }
  template <class T>
  std::span<T> elements() noexcept {
    return {reinterpret_cast<T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  size_t reserved() const noexcept { return bytes_.capacity(); }
  void Reserve(size_t bytes) { bytes_.reserve(bytes); }
  void Assign(std::span<const std::byte> bytes) { bytes_.assign(bytes.begin(), bytes.end()); }
  void Resize(size_t bytes) { bytes_.resize(bytes); }
  void Clear() noexcept { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

// One agent's columns: a fixed block and the arenas. Plain data: copying it copies the agent.
// Not synchronised; the layout must outlive it.
class State {
 public:
  explicit State(const Layout* layout);  // every column at its initial value
  State(const State& other);
  State(State&&) noexcept = default;
  State& operator=(const State& other);
  State& operator=(State&&) noexcept = default;

  const Layout& layout() const noexcept { return *layout_; }

  // The elements of a fixed column. T must be the column's type.
  template <class T>
  T* data(ColumnId id) noexcept {
    return reinterpret_cast<T*>(block_.get() + places_[id].offset);
  }
  template <class T>
  const T* data(ColumnId id) const noexcept {
    return reinterpret_cast<const T*>(block_.get() + places_[id].offset);
  }
  template <class T>
  std::span<T> span(ColumnId id) noexcept {
    return {data<T>(id), places_[id].size};
  }
  template <class T>
  std::span<const T> span(ColumnId id) const noexcept {
    return {data<T>(id), places_[id].size};
  }
  Arena& arena(ColumnId id) noexcept { return arenas_[layout_->columns[id].arena]; }
  // The bytes of any column as they are; an arena's elements in use.
  std::span<const std::byte> bytes(ColumnId id) const noexcept;
  std::byte* elements(ColumnId id) noexcept;  // where those bytes begin
  void Assign(ColumnId id, std::span<const std::byte> bytes);

  // All fixed columns.
  std::span<std::byte> block() noexcept { return {block_.get(), layout_->block_bytes}; }
  std::span<const std::byte> block() const noexcept { return {block_.get(), layout_->block_bytes}; }

  // Reserves what the arenas may grow by in `ticks` ticks: the only place that allocates after
  // creation.
  void Prepare(int64_t ticks);
  // Fast columns to the home image, traces to 0.
  void ReturnHome() noexcept;
  // Asks the processor for what a step will touch first, and goes on meanwhile.
  void Fetch() const noexcept;
  // Bytes held now, reserves included.
  size_t footprint() const noexcept;

 private:
  struct Free {
    void operator()(std::byte* p) const noexcept;
  };
  const Layout* layout_;
  const Place* places_;
  std::unique_ptr<std::byte[], Free> block_;
  std::vector<Arena> arenas_;
};

}  // namespace phasic
