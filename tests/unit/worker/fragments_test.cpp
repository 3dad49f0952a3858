// SPDX-License-Identifier: Apache-2.0
// Fragments among whole workers: what they keep is counted, and ends. Each test's end judges the balance and the buffers.
#include <set>

#include "tests/support/packet_text.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

constexpr PortId kP0{0}, kP1{1};

Frame first(unsigned flow) { return syn(flow).payload(44).fragment(0, true, flow + 1); }
Frame later(unsigned flow, std::uint16_t from = 64) {
  return frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.100").fragment(from, from < 256, flow + 1).protocol(6).payload(64);
}

std::uint64_t held(const Herd& herd) {
  return herd.sum([](const WorkerCounters& counters) -> const Counter& { return counters.held; });
}

TEST(WorkerFragments, BackwardsAndByWhicheverQueueAllOfADatagramGetToOneServer) {
  World world = web_world();
  Herd herd{world, {.workers = 4, .queues = {{4, 4}, {4, 4}}}};
  constexpr unsigned kFlows = 50;
  for (unsigned flow = 0; flow < kFlows; ++flow) {
    for (const std::uint16_t from : std::initializer_list<std::uint16_t>{256, 192, 128, 64}) {
      herd.offer(kP0, static_cast<std::uint16_t>((flow + from / 64) % 4), later(flow, from));
      herd.turn();
    }
    EXPECT_EQ(held(herd), 4U);
    herd.offer(kP0, static_cast<std::uint16_t>(flow % 4), first(flow));
    herd.turn();
    EXPECT_EQ(held(herd), 0U);
    herd.expect_balance();
  }
  std::map<std::string, std::set<std::string>> servers;  // by client
  for (const Bytes& frame : herd.wire.all_sent(kP1)) {
    const std::string line = to_line(frame);
    servers[line.substr(line.find("192.0.2."), 12)].insert(line.substr(0, 41));
  }
  EXPECT_EQ(herd.wire.all_sent(kP1).size(), 5 * kFlows);
  EXPECT_EQ(servers.size(), kFlows);
  for (const auto& [client, reached] : servers) EXPECT_EQ(reached.size(), 1U) << client;
  EXPECT_LE(herd.handed_out(), 2 * 5 * kFlows) << "twice at most";
  EXPECT_EQ(herd.connections(), kFlows);
}

TEST(WorkerFragments, WhatWaitsInVainIsDroppedAfterASecond) {
  World world = web_world();
  Herd herd{world};
  for (unsigned flow = 0; flow < 40; ++flow) herd.offer(kP0, static_cast<std::uint16_t>(flow % 2), later(flow));
  herd.turn();
  EXPECT_EQ(held(herd), 40U);
  herd.expect_balance();
  herd.clock.advance(DatagramTable::kPatience);
  herd.turn();
  EXPECT_EQ(held(herd), 0U);
  EXPECT_EQ(herd.dropped(DropReason::fragment_timed_out), 40U);
}

TEST(WorkerFragments, AtTheEndNothingIsLeft) {
  World world = web_world();
  Herd herd{world};
  for (unsigned flow = 0; flow < 100; ++flow) herd.offer(kP0, 0, later(flow));
  herd.turn();
  EXPECT_EQ(held(herd), 100U) << "the end of this test drops them, by name";
}

}  // namespace
}  // namespace tandem::test
