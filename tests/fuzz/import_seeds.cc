// SPDX-License-Identifier: Apache-2.0
//
//   import_seeds FOLDER    writes the seeds of the fuzz target `import` there
#include "tests/fuzz/import_seeds.h"

#include <cstdio>
#include <fstream>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int count = 0;
  for (const std::string& seed : phasic::testing::ImportSeeds()) {
    const std::string path = std::string(argv[1]) + "/seed" + std::to_string(count++);
    std::ofstream out(path, std::ios::binary);
    out << seed;
    if (!out.flush()) {
      std::fprintf(stderr, "%s cannot be written\n", path.c_str());
      return 1;
    }
  }
  return 0;
}
