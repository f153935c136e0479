// SPDX-License-Identifier: Apache-2.0
#include "server/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

class UnixSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/phasic-socket-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ + "/s";
  }
  void TearDown() override {
    for (const char* name : {"/s", "/s.lock"}) unlink((folder_ + name).c_str());
    rmdir(folder_.c_str());
  }
  // A socket at the path; listening, or as a dead server leaves it.
  int Bind(bool listening) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listening) {
      EXPECT_EQ(listen(fd, 1), 0);
    }
    return fd;
  }
  bool Exists() const {
    struct stat status {};
    return lstat(path_.c_str(), &status) == 0;
  }
  void ExpectRefused(const std::string& words) {
    const auto claim = SocketClaim::Take(path_);
    EXPECT_EQ(claim.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(std::string(claim.status().message()).find(words), std::string::npos)
        << claim.status();
  }

  std::string folder_, path_;
};

TEST_F(UnixSocketTest, AFreePathIsTakenOnce) {
  auto claim = SocketClaim::Take(path_);
  ASSERT_OK(claim);
  ExpectRefused("another server");
  *claim = SocketClaim();
  EXPECT_OK(SocketClaim::Take(path_));
}

TEST_F(UnixSocketTest, WhatADeadServerLeftIsRemoved) {
  close(Bind(true));
  ASSERT_TRUE(Exists());
  EXPECT_OK(SocketClaim::Take(path_));
  EXPECT_FALSE(Exists());
}

TEST_F(UnixSocketTest, ALivingServerKeepsItsSocket) {
  const int fd = Bind(true);
  ExpectRefused("another server");
  EXPECT_TRUE(Exists());
  close(fd);
}

TEST_F(UnixSocketTest, WhatIsNoSocketStays) {
  std::ofstream(path_) << "precious";
  ExpectRefused("no socket");
  EXPECT_TRUE(Exists());
}

TEST_F(UnixSocketTest, APathMustFit) {
  path_ = folder_ + "/" + std::string(120, 'x');
  ExpectRefused("at most 107 bytes");
  path_ = folder_ + "/none/s";
  ExpectRefused("No such file");
}

}  // namespace
}  // namespace phasic
