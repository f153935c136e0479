// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/model/column.h"

// The public file format "safetensors": eight bytes that say how long the header is, little-endian;
// the header, a JSON object of tensors ({"dtype", "shape", "data_offsets"}) and of "__metadata__"
// (texts by name), padded with spaces; then the tensors' bytes, side by side. Whatever a file says
// is checked before it is believed, and reading takes no more memory than the header's few times.
namespace phasic::safetensors {

inline constexpr size_t kLengthBytes = 8;
inline constexpr size_t kMaxHeaderBytes = 64 << 20;  // a circuit with every first weight in it
inline constexpr size_t kMaxTensors = 100'000;
inline constexpr size_t kMaxMetadata = 4'096;  // entries
inline constexpr size_t kMaxRank = 8;

using Metadata = std::map<std::string, std::string>;

// A tensor to write. Refers to the caller's memory.
struct Tensor {
  std::string name;
  Type type = Type::kF32;
  std::vector<int64_t> shape;
  std::span<const std::byte> data;  // as many bytes as the shape says
};

// Gives the file to `sink`, a chunk after the other, until it returns false; returns what the last
// call did. Texts must be UTF-8, names of tensors different. INVALID_ARGUMENT when the header would
// be too long; then nothing is given.
using Sink = std::function<bool(std::string_view chunk)>;
absl::StatusOr<bool> Write(const Metadata& metadata, std::vector<Tensor> tensors,
                           size_t chunk_bytes, const Sink& sink);

// A tensor as the header has it.
struct Entry {
  std::string name;
  Type type = Type::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // among the bytes after the header
};

// What a file begins with.
struct Header {
  Metadata metadata;
  std::vector<Entry> entries;  // by the place of their data: the first begins at 0, each where the
                               // one before it ends
  uint64_t data_bytes() const { return entries.empty() ? 0 : entries.back().end; }
};

// How long the header is that these kLengthBytes announce; INVALID_ARGUMENT when that is out of
// bounds.
absl::StatusOr<size_t> HeaderBytes(std::string_view bytes);
// INVALID_ARGUMENT for anything that is not a header of this format.
absl::StatusOr<Header> ParseHeader(std::string_view bytes);

}  // namespace phasic::safetensors
