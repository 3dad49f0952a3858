// SPDX-License-Identifier: Apache-2.0
// `port verify` over a real dataplane, without privileges.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "dataplane/dataplane.h"
#include "dataplane/probe_frame.h"
#include "tests/support/packet_builder.h"
#include "tests/support/packet_text.h"
#include "tests/support/world.h"
#include "tests/unit/worker/own_dpdk.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

TEST(ProbeFrame, IsSoundAndCarriesItsMark) {
  for (const Family family : {Family::ipv4, Family::ipv6})
    for (const std::uint16_t vlan : std::array<std::uint16_t, 2>{0, 10}) {
      const ProbePlan plan{.target_mac = mac(kNode0),
                           .source_mac = mac(kClient),
                           .vlan = vlan,
                           .source = probe_source(family, 300),
                           .target = probe_target(family),
                           .source_port = 20'000,
                           .ip_bytes = 1500,
                           .mark = {7, 9}};
      const Bytes frame = probe_frame(plan);
      EXPECT_EQ(frame.size(), 1514U + (vlan == 0 ? 0U : 4U));
      EXPECT_TRUE(checksums_are_right(frame)) << to_line(frame);
      ProbePlan bad = plan;
      bad.bad_checksum = true;
      EXPECT_EQ(checksums_are_right(probe_frame(bad)), family == Family::ipv6) << "IPv6 has none in its header";
    }
  EXPECT_GE(probe_frame({.source = probe_source(Family::ipv4, 0), .target = probe_target(Family::ipv4)}).size(), 60U);
}

// Two ports of one node that are the two ends of one virtio device: what leaves by one comes in by the other.
class PortProbeTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(own_dpdk());
    socket_ = testing::TempDir() + "tandem-probe-" + std::to_string(getpid()) + ".sock";
    DataplaneOptions options;
    options.ports = {{.name = "p0", .device = "vhost:" + socket_}, {.name = "p1", .device = "virtio_user:" + socket_}};
    options.workers = 2, options.adaptive_idle = true;
    options.connections_ipv4 = 10'000, options.connections_ipv6 = 1000, options.backend_slots = 64;
    options.hugepages = DataplaneOptions::Hugepages::off;
    Result<std::unique_ptr<Dataplane>> opened = Dataplane::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    dataplane_ = std::move(*opened);
    world_.workers = 2;
    ASSERT_TRUE(dataplane_->run(world_.generation()));
    for (int round = 0; round < 1000 && !(dataplane_->has_link(PortId{0}) && dataplane_->has_link(PortId{1})); ++round)
      std::this_thread::sleep_for(5ms);
  }
  void TearDown() override {
    dataplane_.reset();
    unlink(socket_.c_str());
  }
  std::uint64_t sum(Counter WorkerCounters::*which) const {
    return (dataplane_->counters(WorkerId{0}).*which).get() + (dataplane_->counters(WorkerId{1}).*which).get();
  }
  static const ProbeRow* find(const ProbeReport& report, std::string_view what) {
    for (const ProbeRow& row : report.rows)
      if (row.what == what) return &row;
    return nullptr;
  }

  World world_ = two_port_world();
  std::string socket_;
  std::unique_ptr<Dataplane> dataplane_;
};

TEST_F(PortProbeTest, WhatLeavesByOneEndIsSeenAtTheOther) {
  const std::vector<MacAddress> macs{mac("00:00:5e:00:01:0a"), mac("00:00:5e:00:02:0a")};
  for (const PortId port : {PortId{0}, PortId{1}}) {
    const ProbeReport report = dataplane_->probe({.port = port, .macs = macs, .vlans = {10}});
    ASSERT_TRUE(report.by.has_value()) << "port " << index(port);
    EXPECT_NE(*report.by, port) << "the joined port is tried before the port itself";
    for (const char* what : {"queues", "MTU", "VLAN 10", "frames to groups", "IPv4 checksums on receive"}) {
      ASSERT_NE(find(report, what), nullptr) << what;
      EXPECT_TRUE(find(report, what)->right) << what << ": " << find(report, what)->seen;
    }
    EXPECT_EQ(find(report, "RSS table"), nullptr) << "neither key nor table is ours: nothing is foretold";
  }
}

TEST_F(PortProbeTest, ProbesAreCountedAndReachNobody) {
  const ProbeReport report = dataplane_->probe({.port = PortId{0}});
  ASSERT_TRUE(report.by.has_value());
  EXPECT_GT(sum(&WorkerCounters::injected), 256U);
  EXPECT_EQ(sum(&WorkerCounters::injected), sum(&WorkerCounters::tx));
  EXPECT_EQ(sum(&WorkerCounters::rx), sum(&WorkerCounters::consumed)) << "the pipeline saw none of them";
}

TEST_F(PortProbeTest, AWayThatIsNotThereIsNotSeen) {
  const ProbeReport report = dataplane_->probe({.port = PortId{0}, .by = PortId{0}});
  EXPECT_FALSE(report.by.has_value()) << "a virtio end does not loop to itself";
  EXPECT_TRUE(report.rows.empty());
}

}  // namespace
}  // namespace tandem::test
