// SPDX-License-Identifier: Apache-2.0
//
//   fuzz_seeds CORPUS    writes what fuzz targets begin with into the folders of CORPUS
#include "tests/fuzz/seeds.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace {

bool Write(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(folder);
  for (size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream out(folder / ("seed" + std::to_string(i)), std::ios::binary);
    out << seeds[i];
    if (!out.flush()) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  const std::filesystem::path corpus = argv[1];
  std::vector<std::string> inputs, images;
  phasic::testing::InputAndImageSeeds(&inputs, &images);
  const bool written = Write(corpus / "import", phasic::testing::ImportSeeds()) &&
                       Write(corpus / "input", inputs) && Write(corpus / "state_image", images);
  return written ? 0 : 1;
}
