// SPDX-License-Identifier: Apache-2.0
// Ticks wrap: the 16 bits that a connection keeps of them after 18 hours, the 32 of the worker's clock after 136 years. Whatever happens,
// happens in the same second as at any other time: one story is told from starts that lie just before a wrap, and from one that does not.
// Fragments, rates and neighbours have their times in nanoseconds of 63 bits, which last 292 years.
#include <utility>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr Service kLent{8};  // full-nat: each of its connections has a port of the pool for as long as it lives

World site_with_pool() {
  World world = site(1);
  world.pools.push_back({address("10.0.1.240")});
  world.services.push_back(full_nat_service("10.0.0.102:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  return world;
}

class WrapStories : public Scenario {
 protected:
  static constexpr unsigned kSpeaksEvery = 100, kSpeaksUntil = 1000, kLasts = 2000;

  WrapStories() : Scenario{site_with_pool()} {}

  std::uint32_t lent() const { return world.pools[0].ports->taken(Protocol::tcp); }
  std::string now(unsigned second) const {
    return std::to_string(second) + " s: " + std::to_string(entries()) + " entries, " + std::to_string(counted(RemoveReason::expired)) +
           " expired, " + std::to_string(lent()) + " ports lent";
  }

  // One of every state that a timeout ends, and one that speaks now and then. Tells who speaks' server.
  unsigned begin_all() {
    opens({kWeb, 1}), opens({kWeb6, 2}), opens({kDirectWeb, 3}), opens({kDns, 4});
    client_sends(from_client({kWeb, 5}));
    client_sends(from_client({kDns, 6}));
    client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.102").tcp(7, 80, kTcpSyn));
    const unsigned closing = opens({kWeb, 8});
    client_sends(from_client({kWeb, 8}, kTcpFin | kTcpAck)), server_sends(from_server({kWeb, 8}, closing, kTcpFin | kTcpAck));
    opens({kWeb, 9}), client_sends(from_client({kWeb, 9}, kTcpRst));
    return opens({kWeb, 10});
  }

  // Every second in which something ends, from a worker's start on.
  Lines history(Tick start) {
    restart(start);
    const unsigned server = begin_all();
    Lines lines{now(0)};
    std::uint64_t before = entries();
    for (unsigned second = 1; second <= kLasts; ++second) {
      pass_time(1);
      if (entries() != std::exchange(before, entries())) lines.push_back(now(second));
      if (second % kSpeaksEvery != 0 || second > kSpeaksUntil) continue;
      EXPECT_EQ(client_sends(from_client({kWeb, 10}, kTcpAck)), leaves(kP1, at_server({kWeb, 10}, server, kTcpAck))) << second;
    }
    return lines;
  }
};

TEST_F(WrapStories, EachConnectionEndsOnceInItsSecondOnWhicheverSideOfAWrapThatLies) {
  const Lines as_ever = history(1000);
  EXPECT_EQ(as_ever, (Lines{"0 s: 10 entries, 0 expired, 1 ports lent", "5 s: 8 entries, 2 expired, 0 ports lent",
                            "10 s: 7 entries, 3 expired, 0 ports lent", "30 s: 6 entries, 4 expired, 0 ports lent",
                            "60 s: 5 entries, 5 expired, 0 ports lent", "300 s: 4 entries, 6 expired, 0 ports lent",
                            "900 s: 1 entries, 9 expired, 0 ports lent", "1900 s: 0 entries, 10 expired, 0 ports lent"}));
  for (const std::uint64_t wrap : {std::uint64_t{1} << 16, std::uint64_t{1} << 32})
    for (const unsigned before : {1U, 2U, 5U, 7U, 45U, 60U, 500U, 1000U, 1500U, 1900U})
      EXPECT_EQ(history(static_cast<Tick>(wrap - before)), as_ever) << before << " s before " << wrap;
}

// Half of a signed 16-bit difference lies here.
TEST_F(WrapStories, HalfWayToTheWrapIsNoWrapEither) {
  const Lines as_ever = history(1000);
  for (const Tick start : {Tick{32767 - 3}, Tick{32767 - 800}, Tick{0x7fff'ffff - 3}}) EXPECT_EQ(history(start), as_ever) << start;
}

}  // namespace
}  // namespace tandem::test
