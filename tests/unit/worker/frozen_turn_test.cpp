// SPDX-License-Identifier: Apache-2.0
// A whole worker that stands still in its turn, before or after it took its generation, while reloads replace that. A worker asks the clock
// before and the wire afterwards, and there it is held up: what it does then tells which generation it has. Step by step: unit-model.
#include <algorithm>

#include "dataplane/worker/crew.h"
#include "tests/support/latch.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

constexpr PortId kFront{0}, kBack{1};

// Stops whoever passes, once each time it is set.
class Trap {
 public:
  void set() noexcept { set_.store(true); }
  void pass() noexcept {
    if (set_.exchange(false)) latch.stop();
  }
  Latch latch;

 private:
  std::atomic<bool> set_{false};
};

class TrapClock final : public Clock {
 public:
  explicit TrapClock(Trap& trap) : trap_{trap} {}
  Instant now() const override {
    trap_.pass();
    return Instant{std::chrono::seconds{1000}};
  }

 private:
  Trap& trap_;
};

// The worker's thread alone uses the wire while it runs; the test's, while it stands.
class TrapWire final : public Wire {
 public:
  explicit TrapWire(Trap& trap) : trap_{trap} {}
  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override {
    if (port == kFront) trap_.pass();
    return wire.receive(port, queue, burst, room);
  }
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override {
    return wire.send(port, queue, burst, count);
  }
  FakeWire wire;

 private:
  Trap& trap_;
};

class FrozenTurn : public testing::Test {
 protected:
  FrozenTurn() { EXPECT_TRUE(crew.start(herd.workers, {})); }
  ~FrozenTurn() override { crew.stop(); }

  static World site() {
    World world = two_port_world();
    world.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80"}));
    return world;
  }
  static void freeze(Trap& trap) { trap.set(), trap.latch.wait(); }

  // One reload and `more` after it; the last has server 12 alone.
  void reload(unsigned more) {
    world.services[0].backends[0] = {.endpoint = endpoint("10.0.1.12:80"), .incarnation = 1};
    for (unsigned i = 0; i <= more; ++i) herd.publish();
  }
  // Lets it go, and holds it up again a whole turn or more later, when what it received has left.
  std::string first_sent_after(Trap& trap) {
    trap.latch.open();
    freeze(at_wire);
    at_wire.latch.open();
    freeze(at_wire);
    const std::vector<Bytes> sent = wire.wire.all_sent(kBack);
    return sent.size() == 1 ? to_string(MacAddress{{sent[0][0], sent[0][1], sent[0][2], sent[0][3], sent[0][4], sent[0][5]}}) : "nothing";
  }

  World world = site();
  Trap at_clock, at_wire;
  TrapClock clock{at_clock};
  TrapWire wire{at_wire};
  Herd herd{world, {.workers = 1, .queues = {{1, 1}, {1, 1}}}, &wire, &clock};
  Crew crew;
};

TEST_F(FrozenTurn, AfterItTookItsGenerationItEndsTheTurnWithThat) {
  freeze(at_wire);
  wire.wire.offer(kFront, 0, to_mbuf(syn(1).bytes()));
  reload(4);
  EXPECT_EQ(herd.publisher.unreclaimed(), 5U) << "what it has, and those that came after";
  EXPECT_EQ(first_sent_after(at_wire), server_mac(11));
  herd.publisher.collect();
  EXPECT_EQ(herd.publisher.unreclaimed(), 0U) << "it went on";
  at_wire.latch.open();
}

TEST_F(FrozenTurn, BeforeItTakesOneItTakesTheLatest) {
  freeze(at_clock);
  wire.wire.offer(kFront, 0, to_mbuf(syn(1).bytes()));
  reload(4);
  EXPECT_EQ(first_sent_after(at_clock), server_mac(12));
  herd.publisher.collect();
  EXPECT_EQ(herd.publisher.unreclaimed(), 0U);
  at_wire.latch.open();
}

// What it knew of a generation must not outlive it: neighbours' places, slots and schedules of the old one are asked for no more.
TEST_F(FrozenTurn, AConnectionFromBeforeGoesOnAfterAnyNumberOfReloads) {
  freeze(at_wire);
  wire.wire.offer(kFront, 0, to_mbuf(syn(1).bytes()));
  EXPECT_EQ(first_sent_after(at_wire), server_mac(11));
  world.services.push_back(nat_service("10.0.0.101:80", {"10.0.1.12:80"}));
  std::ranges::reverse(world.neighbours), ++world.route_version;
  for (int i = 0; i < 5; ++i) herd.publish();
  wire.wire.sent.clear();
  wire.wire.offer(kFront, 0, to_mbuf(syn(1).bytes()));
  EXPECT_EQ(first_sent_after(at_wire), server_mac(11));
  EXPECT_EQ(herd.connections(), 1U);
  at_wire.latch.open();
}

}  // namespace
}  // namespace tandem::test
