// SPDX-License-Identifier: Apache-2.0
#include "server/agents/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <unordered_set>

#include "absl/strings/str_cat.h"

namespace phasic::safetensors {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kMetadataName[] = "__metadata__";

struct DtypeName {
  Type type;
  const char* name;
};
constexpr DtypeName kDtypes[] = {{Type::kF32, "F32"}, {Type::kF64, "F64"}, {Type::kU8, "U8"},
                                 {Type::kU16, "U16"}, {Type::kU32, "U32"}, {Type::kU64, "U64"}};

const char* NameOf(Type type) {
  const auto at = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                               [&](const DtypeName& dtype) { return dtype.type == type; });
  return at->name;
}

absl::Status Bad(const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("is no safetensors file: ", why));
}

// The JSON header, padded so that the data begin at a multiple of eight.
std::string MakeHeader(const Metadata& metadata, std::span<const Tensor> tensors) {
  const auto dump = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string text = absl::StrCat("{\"", kMetadataName, "\":", dump(metadata));
  uint64_t at = 0;
  for (const Tensor& tensor : tensors) {
    const uint64_t end = at + tensor.data.size();
    const Json entry = {
        {"dtype", NameOf(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    absl::StrAppend(&text, ",", dump(tensor.name), ":", dump(entry));
    at = end;
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

// Cuts what it is given into chunks of one size.
class Chunks {
 public:
  Chunks(size_t size, const Sink& sink) : size_(size), sink_(sink) { chunk_.reserve(size); }

  bool Add(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t part = std::min(bytes.size(), size_ - chunk_.size());
      chunk_.append(bytes.substr(0, part));
      bytes.remove_prefix(part);
      if (chunk_.size() == size_ && !Flush()) return false;
    }
    return true;
  }
  bool Flush() {
    if (chunk_.empty()) return true;
    const bool goes_on = sink_(chunk_);
    chunk_.clear();
    return goes_on;
  }

 private:
  const size_t size_;
  const Sink& sink_;
  std::string chunk_;
};

// Takes in the header's JSON event by event, and stops at the first that has no place in it: so
// nothing is built but what is kept.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Stop("null has no place in it"); }
  bool boolean(bool) override { return Stop("true and false have no place in it"); }
  bool number_integer(int64_t) override { return Stop("a number is negative"); }
  bool number_float(double, const std::string&) override { return Stop("a number is not whole"); }
  bool binary(binary_t&) override { return Stop("binary has no place in it"); }

  bool number_unsigned(uint64_t number) override {
    if (place_ == Place::kShape && entry_.shape.size() < kMaxRank &&
        number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      entry_.shape.push_back(static_cast<int64_t>(number));
      return true;
    }
    if (place_ == Place::kOffsets && offsets_.size() < 2) {
      offsets_.push_back(number);
      return true;
    }
    return Stop(place_ == Place::kShape ? "a shape is too large" : "a number is out of place");
  }

  bool string(std::string& text) override {
    if (place_ == Place::kMetadata) {
      if (!header.metadata.emplace(key_, std::move(text)).second) return Stop("a name comes twice");
      return header.metadata.size() <= kMaxMetadata || Stop("it has too much metadata");
    }
    if (place_ != Place::kTensor || key_ != "dtype" || dtype_) {
      return Stop("a text is out of place");
    }
    const auto at = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                 [&](const DtypeName& dtype) { return text == dtype.name; });
    if (at == std::end(kDtypes)) {
      return Stop(absl::StrCat("the dtype of ", entry_.name, " is not known here"));
    }
    dtype_ = true;
    entry_.type = at->type;
    return true;
  }

  bool start_object(size_t) override {
    switch (place_) {
      case Place::kOutside:
        place_ = Place::kTop;
        return true;
      case Place::kTop:
        if (key_ == kMetadataName) {
          if (metadata_) return Stop("a name comes twice");
          metadata_ = true;
          place_ = Place::kMetadata;
          return true;
        }
        if (!names_.insert(key_).second) return Stop("a name comes twice");
        if (names_.size() > kMaxTensors) return Stop("it has too many tensors");
        place_ = Place::kTensor;
        entry_ = {};
        entry_.name = key_;
        offsets_.clear();
        dtype_ = shape_ = false;
        return true;
      default:
        return Stop("an object is out of place");
    }
  }

  bool end_object() override {
    if (place_ == Place::kTensor) {
      if (!dtype_ || !shape_ || offsets_.size() != 2) {
        return Stop(absl::StrCat("the tensor ", entry_.name, " is not fully described"));
      }
      entry_.begin = offsets_[0];
      entry_.end = offsets_[1];
      header.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::kTop ? Place::kOutside : Place::kTop;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ == Place::kTensor && key_ == "shape" && !shape_) {
      shape_ = true;
      place_ = Place::kShape;
      return true;
    }
    if (place_ == Place::kTensor && key_ == "data_offsets" && offsets_.empty()) {
      place_ = Place::kOffsets;
      return true;
    }
    return Stop("a list is out of place");
  }
  bool end_array() override {
    if (place_ == Place::kOffsets && offsets_.size() != 2) return Stop("an offset is missing");
    place_ = Place::kTensor;
    return true;
  }

  bool key(std::string& text) override {
    key_ = std::move(text);
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    return Stop(absl::StrCat("its header is no JSON at byte ", position));
  }

  Header header;
  std::string why;  // it stopped

 private:
  enum class Place : uint8_t { kOutside, kTop, kMetadata, kTensor, kShape, kOffsets };

  bool Stop(std::string reason) {
    if (why.empty()) why = std::move(reason);
    return false;
  }

  Place place_ = Place::kOutside;
  std::string key_;
  bool metadata_ = false, dtype_ = false, shape_ = false;
  Entry entry_;
  std::vector<uint64_t> offsets_;
  std::unordered_set<std::string> names_;
};

// The bytes that a tensor of this shape has, if 64 bits can say it.
std::optional<uint64_t> BytesOf(const Entry& entry) {
  uint64_t bytes = SizeOf(entry.type);
  for (const int64_t size : entry.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes)) return std::nullopt;
  }
  return bytes;
}

}  // namespace

absl::StatusOr<bool> Write(const Metadata& metadata, std::vector<Tensor> tensors,
                           size_t chunk_bytes, const Sink& sink) {
  // Wide elements first, so that each tensor begins at a multiple of its element's size.
  std::stable_sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
    return SizeOf(a.type) > SizeOf(b.type);
  });
  const std::string header = MakeHeader(metadata, tensors);
  if (header.size() > kMaxHeaderBytes) {
    return absl::InvalidArgumentError("what is to be said of the tensors is too long");
  }
  char length[kLengthBytes];
  const uint64_t size = header.size();
  std::memcpy(length, &size, sizeof length);
  Chunks chunks(chunk_bytes, sink);
  if (!chunks.Add({length, sizeof length}) || !chunks.Add(header)) return false;
  for (const Tensor& tensor : tensors) {
    if (!chunks.Add({reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()})) {
      return false;
    }
  }
  return chunks.Flush();
}

absl::StatusOr<size_t> HeaderBytes(std::string_view bytes) {
  uint64_t length = 0;
  if (bytes.size() != sizeof length) return Bad("it is too short");
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length < 2 || length > kMaxHeaderBytes) {
    return Bad(absl::StrCat("its header has ", length, " bytes"));
  }
  return length;
}

absl::StatusOr<Header> ParseHeader(std::string_view bytes) {
  HeaderReader reader;
  if (!bytes.starts_with('{')) return Bad("its header is no object");
  if (!nlohmann::json::sax_parse(bytes, &reader)) return Bad(reader.why);
  std::vector<Entry>& entries = reader.header.entries;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t at = 0;
  for (const Entry& entry : entries) {
    const std::optional<uint64_t> size = BytesOf(entry);
    if (!size || entry.end < entry.begin || entry.end - entry.begin != *size) {
      return Bad(absl::StrCat("the offsets of ", entry.name, " are not those of its shape"));
    }
    if (entry.begin != at) {
      return Bad(absl::StrCat("there is a hole or an overlap before ", entry.name));
    }
    at = entry.end;
  }
  return std::move(reader.header);
}

}  // namespace phasic::safetensors
