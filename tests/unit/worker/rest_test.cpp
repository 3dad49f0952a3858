// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/rest.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace tandem {
namespace {

using std::chrono::microseconds;

// Two ends of a cable; what is written to one wakes who waits for the other.
class Cable {
 public:
  Cable() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends_.data()), 0); }
  ~Cable() {
    for (const int end : ends_) close(end);
  }
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;

  int end() const { return ends_[0]; }
  void send() { EXPECT_EQ(write(ends_[1], "x", 1), 1); }

 private:
  std::array<int, 2> ends_{};
};

std::chrono::nanoseconds length_of(Rest& rest, int times) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) rest.take();
  return std::chrono::steady_clock::now() - began;
}

TEST(Rest, IsTakenOnlyAfterAWhileWithoutAnything) {
  Rest rest{{}, 1};
  unsigned loops = 1;
  while (!rest.wanted()) ++loops;
  EXPECT_EQ(loops, 65U);
  EXPECT_TRUE(rest.wanted()) << "still the same idleness";
  rest.busy();
  EXPECT_FALSE(rest.wanted());
}

TEST(Rest, WithoutSocketsNapsGrowToFiftyMicroseconds) {
  Rest rest{{}, 1};
  while (!rest.wanted()) continue;
  const auto first = length_of(rest, 1);
  while (!rest.wanted()) continue;
  EXPECT_GE(length_of(rest, 20), microseconds{15 * 50});
  EXPECT_GE(first, microseconds{5});
}

TEST(Rest, APacketAtAnySocketEndsIt) {
  Cable quiet, loud;
  Rest rest{std::array{quiet.end(), loud.end()}, 1};
  const auto alone = length_of(rest, 200);
  EXPECT_GE(alone, microseconds{200 * 250});
  loud.send();
  EXPECT_LT(length_of(rest, 200), alone);
}

TEST(Rest, WhoHasFellowWorkersLooksForTheirPacketsMoreOften) {
  Cable cable;
  Rest alone{std::array{cable.end()}, 1}, one_of_two{std::array{cable.end()}, 2};
  EXPECT_LT(length_of(one_of_two, 200), length_of(alone, 200));
}

TEST(Rest, ASocketThatIsOutOfOrderKeepsNobodyAwake) {
  Rest rest{std::array{1 << 20}, 1};  // no descriptor
  EXPECT_GE(length_of(rest, 40), microseconds{40 * 50});
}

}  // namespace
}  // namespace tandem
