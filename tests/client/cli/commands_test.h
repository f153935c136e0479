// SPDX-License-Identifier: Apache-2.0
//
// What the tests of whole commands share.
#pragma once

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/program.h"
#include "tests/client/support/fake_server.h"

namespace phasic {

// The values as a tensor's bytes.
template <class T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// The one JSON document that the text is.
inline google::protobuf::Struct JsonIn(const std::string& text) {
  google::protobuf::Struct document;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &document);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << text;
  return document;
}

// A fake server, and the program told to use it.
class CommandTest : public testing::Test {
 protected:
  Ending Run(const std::vector<std::string>& words, Surroundings surroundings = {}) {
    surroundings.variables.emplace("PHASIC_SERVER", fake_.address());
    return RunProgram(words, surroundings);
  }

  // Runs what must succeed without a word on standard error, and returns its output.
  std::string Output(const std::vector<std::string>& words, const Surroundings& surroundings = {}) {
    const Ending ending = Run(words, surroundings);
    EXPECT_EQ(ending.code, 0);
    EXPECT_EQ(ending.err, "");
    return ending.out;
  }

  // Runs what must fail with this exit code and nothing on standard output, and returns what it
  // says.
  std::string Fault(int code, const std::vector<std::string>& words,
                    const Surroundings& surroundings = {}) {
    const Ending ending = Run(words, surroundings);
    EXPECT_EQ(ending.code, code);
    EXPECT_EQ(ending.out, "");
    return ending.err;
  }

  FakeServer fake_;
};

}  // namespace phasic
