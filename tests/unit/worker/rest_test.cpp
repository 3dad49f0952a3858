// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/rest.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace tandem {
namespace {

using namespace std::chrono_literals;

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

unsigned loops_until_wanted(Rest& rest) {
  unsigned loops = 1;
  while (!rest.wanted()) ++loops;
  return loops;
}

std::chrono::nanoseconds length_of(Rest& rest, int times) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) rest.take(Instant{}, 0);
  return std::chrono::steady_clock::now() - began;
}

TEST(Rest, IsTakenOnlyAfterAWhileWithoutAnything) {
  Bell bell;
  Rest rest{{}, bell};
  EXPECT_EQ(loops_until_wanted(rest), 65U);
  EXPECT_TRUE(rest.wanted()) << "still the same idleness";
  rest.busy();
  EXPECT_FALSE(rest.wanted());
}

TEST(Rest, WithoutSocketsNapsGrowToFiftyMicroseconds) {
  Bell bell;
  Rest rest{{}, bell};
  loops_until_wanted(rest);
  const auto first = length_of(rest, 1);
  loops_until_wanted(rest);
  EXPECT_GE(length_of(rest, 20), 15 * 50us);
  EXPECT_GE(first, 5us);
}

TEST(Rest, APacketAtAnySocketEndsIt) {
  Bell bell;
  Cable quiet, loud;
  Rest rest{std::array{quiet.end(), loud.end()}, bell};
  const auto alone = length_of(rest, 50);
  EXPECT_GE(alone, 50 * 1ms);
  loud.send();
  EXPECT_LT(length_of(rest, 50), alone);
}

TEST(Rest, EndsWhenSomethingOfTheWorkersOwnIsDue) {
  Bell bell;
  Cable cable;
  Rest rest{std::array{cable.end()}, bell};
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) rest.take(Instant{}, 0, 100us);
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, 20 * 100us);
  EXPECT_LT(took, 20 * Rest::kLongestWait);
}

TEST(Rest, TheBellEndsItOnce) {
  Bell bell;
  Cable cable;
  Rest rest{std::array{cable.end()}, bell};
  loops_until_wanted(rest);
  bell.ring();
  const auto began = std::chrono::steady_clock::now();
  rest.take(Instant{}, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1ms);
  EXPECT_GE(length_of(rest, 1), 1ms) << "answered, and nobody rang again";
}

// What is laid down between the last loop and the sleep rings, because the bell is listened to one loop before.
TEST(Rest, ListensOneLoopBeforeItSleepsAndNoLongerThanItIsIdle) {
  Bell bell;
  Cable cable;
  Rest rest{std::array{cable.end()}, bell};
  const auto is_heard = [&] {
    bell.ring();
    pollfd one{bell.descriptor(), POLLIN, 0};
    return poll(&one, 1, 0) == 1;
  };
  EXPECT_FALSE(is_heard()) << "a worker that works looks by itself";
  for (int i = 0; i < 16; ++i) EXPECT_FALSE(rest.wanted());
  EXPECT_TRUE(is_heard());
  bell.answer();
  rest.busy();
  EXPECT_FALSE(is_heard());
}

TEST(Rest, ASocketThatIsOutOfOrderKeepsNobodyAwake) {
  Bell bell;
  Rest rest{std::array{1 << 20}, bell};  // no descriptor
  EXPECT_GE(length_of(rest, 40), 40 * 50us);
}

// Ten packets in a gathering's length, whatever the worker does: a while later it lets them gather, and asks the sockets again where none
// came.
TEST(Rest, LetsPacketsGatherWhereManyCome) {
  Bell bell;
  Cable cable;
  Rest rest{std::array{cable.end()}, bell};
  cable.send();
  Instant now;
  std::uint64_t packets = 0;
  const auto meet = [&] {
    rest.busy();
    loops_until_wanted(rest);
    now = now + 200us, packets += 10;
    const auto began = std::chrono::steady_clock::now();
    rest.take(now, packets);
    return std::chrono::steady_clock::now() - began;
  };
  EXPECT_LT(meet(), 200us);
  for (int i = 0; i < 50; ++i) meet();
  EXPECT_GE(meet(), Gathering::kLength);
  EXPECT_EQ(loops_until_wanted(rest), 1U) << "the bell is listened to since before they gathered";
}

}  // namespace
}  // namespace tandem
