// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace phasic::testing {

// What an experiment measured, as the driver reads it (support/experiments.py).
class Report {
 public:
  Report(int argc, char** argv, uint64_t default_seed) : seed_(default_seed) {
    for (int i = 1; i + 1 < argc; ++i) {
      if (std::string_view(argv[i]) == "--seed") seed_ = std::strtoull(argv[i + 1], nullptr, 10);
    }
  }
  uint64_t seed() const { return seed_; }

  void AtMost(const std::string& name, double value, double bound) {
    Print(name, value, "<=", bound, value <= bound);
  }
  void AtLeast(const std::string& name, double value, double bound) {
    Print(name, value, ">=", bound, value >= bound);
  }
  // A verdict that does not follow from comparing the value with the bound, which is in words.
  void Judged(const std::string& name, double value, const std::string& bound, bool pass) {
    failed_ |= !pass;
    std::printf("RESULT {\"name\": \"%s\", \"value\": %.4g, \"bound\": \"%s\", \"pass\": %s}\n",
                name.c_str(), value, bound.c_str(), pass ? "true" : "false");
    std::fflush(stdout);
  }
  // A figure with no bound to hold.
  void Measured(const std::string& name, double value) {
    Judged(name, value, "none: measured", true);
  }
  // 0 when everything passed.
  int exit_code() const { return failed_ ? 1 : 0; }

 private:
  void Print(const std::string& name, double value, const char* relation, double bound, bool pass) {
    failed_ |= !pass;
    std::printf(
        "RESULT {\"name\": \"%s\", \"value\": %.9g, \"bound\": \"%s %.9g\", \"pass\": %s}\n",
        name.c_str(), value, relation, bound, pass ? "true" : "false");
    std::fflush(stdout);
  }

  uint64_t seed_;
  bool failed_ = false;
};

}  // namespace phasic::testing
