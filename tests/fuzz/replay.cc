// SPDX-License-Identifier: Apache-2.0
//
// Stands in for libFuzzer in the tests: every file of a folder, and changes of each that are the
// same in every run.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kChanges = 2'000;  // of each file

void Run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// Some bytes other, gone, twice, or of extreme values.
std::string Change(std::string bytes, std::mt19937_64* random) {
  for (uint64_t i = (*random)() % 4 + 1; i > 0 && !bytes.empty(); --i) {
    const size_t at = (*random)() % bytes.size();
    const size_t size = std::min<size_t>((*random)() % 16 + 1, bytes.size() - at);
    switch ((*random)() % 5) {
      case 0:
        bytes[at] = static_cast<char>((*random)());
        break;
      case 1:
        bytes.erase(at, size);
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, size));
        break;
      case 3:
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, '\xff');
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::mt19937_64 random(1);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    Run(bytes);
    for (int i = 0; i < kChanges; ++i) Run(Change(bytes, &random));
  }
  std::printf("%zu files, and %d changes of each\n", files.size(), kChanges);
  return files.empty() ? 1 : 0;
}
