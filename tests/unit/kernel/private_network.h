// SPDX-License-Identifier: Apache-2.0
// A network namespace for one test, seen by this thread, its children and the threads it starts; gone with the test.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tandem {

class PrivateNetwork {
 public:
  PrivateNetwork() : outside_{open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)} {
    if (outside_ < 0 || unshare(CLONE_NEWNET) != 0) why_not_ = std::strerror(errno);
  }
  ~PrivateNetwork() {
    if (outside_ < 0) return;
    EXPECT_TRUE(!why_not_.empty() || setns(outside_, CLONE_NEWNET) == 0) << std::strerror(errno);
    close(outside_);
  }
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;

  const std::string& why_not() const { return why_not_; }  // empty: it is there

 private:
  int outside_;
  std::string why_not_;
};

inline void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

// A process in a namespace of its own, for the other end of a link; ended with the object.
class FarEnd {
 public:
  FarEnd() {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const char done = unshare(CLONE_NEWNET) == 0 ? 1 : 0;
      if (write(ready[1], &done, 1) != 1) _exit(1);
      while (true) pause();
    }
    char done = 0;
    EXPECT_EQ(read(ready[0], &done, 1), 1);
    EXPECT_EQ(done, 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~FarEnd() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  std::string pid() const { return std::to_string(pid_); }
  void run(const std::string& command) const { tandem::run("nsenter --net=/proc/" + pid() + "/ns/net sh -c '" + command + "'"); }

 private:
  pid_t pid_;
};

// For tests that need root: the reason stands in the report when they are left out.
struct NetworkTest : testing::Test {
  PrivateNetwork network;
  void SetUp() override {
    if (!network.why_not().empty()) GTEST_SKIP() << "needs root: no network namespace can be made: " << network.why_not();
    prepare();
  }
  virtual void prepare() {}
};

}  // namespace tandem
