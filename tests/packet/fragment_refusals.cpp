// SPDX-License-Identifier: Apache-2.0
// Fragments that are refused, each by its name: what lies about its ports, what wants more room or time than there is.
#include "dataplane/fragments/datagram_table.h"
#include "tests/packet/fragment_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class FragmentRefusals : public Scenario {
 protected:
  static constexpr std::uint16_t kPort = 1000;

  static Flow flow(bool ipv6) { return {ipv6 ? kDns6 : kDns, kPort}; }
  static Frame first(bool ipv6, std::size_t payload, std::uint32_t id = 1) {
    return from_client(flow(ipv6)).payload(payload).fragment(0, true, id);
  }
  static Frame later(bool ipv6, std::uint16_t from, std::size_t bytes, bool more, std::uint32_t id = 1) {
    return frame()
        .eth(kNode0, kClient)
        .ip(client_of(flow(ipv6)), vip_of(flow(ipv6).service))
        .fragment(from, more, id)
        .protocol(17)
        .payload(bytes);
  }
  Lines waits(const Frame& fragment) { return client_sends(fragment); }
  void expect_refused(const Frame& fragment, const std::string& reason) { EXPECT_EQ(client_sends(fragment), Lines{"drop " + reason}); }
};

// RFC 5722, RFC 1858: nothing of it any more, what waited and what is still to come.
TEST_F(FragmentRefusals, AnOverlapEndsTheWholeDatagram) {
  for (const bool ipv6 : {false, true}) {
    EXPECT_NE(server_of(client_sends(first(ipv6, 56))), 0U);
    EXPECT_EQ(client_sends(later(ipv6, 64, 64, true)).size(), 1U);
    expect_refused(later(ipv6, 56, 64, true), "overlapping_fragment");
    expect_refused(later(ipv6, 128, 64, false), "overlapping_fragment");
    expect_refused(first(ipv6, 56), "overlapping_fragment");
    EXPECT_NE(server_of(client_sends(first(ipv6, 56, 2))), 0U) << "another datagram of the same flow";
    pass_time(1);
    EXPECT_NE(server_of(client_sends(first(ipv6, 56))), 0U) << "its identification is free again";
  }
  EXPECT_EQ(counted(DropReason::overlapping_fragment), 6U);
}

TEST_F(FragmentRefusals, AnOverlapAmongThoseThatWaitEndsThemToo) {
  for (const bool ipv6 : {false, true}) {
    for (const std::uint16_t from : Words{64, 192, 320}) EXPECT_EQ(waits(later(ipv6, from, 64, true)), Lines{});
    EXPECT_EQ(client_sends(later(ipv6, 184, 16, true)), Lines(4, "drop overlapping_fragment"));
    expect_refused(first(ipv6, 56), "overlapping_fragment");
  }
  EXPECT_EQ(counted(DropReason::overlapping_fragment), 2 * (3 + 1 + 1));
}

// The first two bytes of the ports come twice: whichever the receiver takes, nothing of it arrives behind the one that was judged.
TEST_F(FragmentRefusals, PortsThatComeTwiceAreAnOverlap) {
  EXPECT_EQ(waits(later(true, 8, 56, false)), Lines{});
  EXPECT_EQ(client_sends(first(true, 8)), Lines(2, "drop overlapping_fragment"));
}

TEST_F(FragmentRefusals, TwoEndsCannotBothBeRight) {
  for (const bool ipv6 : {false, true}) {
    EXPECT_NE(server_of(client_sends(first(ipv6, 56))), 0U);
    EXPECT_EQ(client_sends(later(ipv6, 192, 32, false)).size(), 1U);
    expect_refused(later(ipv6, 256, 64, true), "bad_fragment");
    expect_refused(later(ipv6, 128, 64, true), "bad_fragment");
    EXPECT_NE(server_of(client_sends(first(ipv6, 56, 2))), 0U);
    EXPECT_EQ(client_sends(later(ipv6, 192, 32, true, 2)).size(), 1U);
    expect_refused(later(ipv6, 128, 32, false, 2), "bad_fragment");
  }
  EXPECT_EQ(counted(DropReason::bad_fragment), 6U);
}

TEST_F(FragmentRefusals, SixteenMayWaitForTheFirst) {
  for (std::uint16_t i = 1; i <= 16; ++i) EXPECT_EQ(waits(later(false, static_cast<std::uint16_t>(64 * i), 64, i < 16)), Lines{});
  EXPECT_EQ(client_sends(first(false, 56)).size(), 17U);
  for (std::uint16_t i = 1; i <= 16; ++i) EXPECT_EQ(waits(later(false, static_cast<std::uint16_t>(64 * i), 64, true, 2)), Lines{});
  EXPECT_EQ(client_sends(later(false, 64 * 17, 64, false, 2)), Lines(17, "drop too_many_fragments"));
  expect_refused(first(false, 56, 2), "too_many_fragments");
  EXPECT_EQ(counted(DropReason::too_many_fragments), 18U);
}

TEST_F(FragmentRefusals, GapsAreBoundedToo) {
  EXPECT_NE(server_of(client_sends(first(false, 56))), 0U);
  for (std::uint16_t i = 1; i <= 16; ++i) EXPECT_EQ(client_sends(later(false, static_cast<std::uint16_t>(128 * i), 64, true)).size(), 1U);
  expect_refused(later(false, 128 * 17, 64, true), "too_many_fragments");
}

TEST_F(FragmentRefusals, WhatWaitsInVainEndsAfterASecond) {
  EXPECT_EQ(waits(later(false, 64, 64, true)), Lines{});
  EXPECT_EQ(waits(later(true, 64, 64, true)), Lines{});
  pass_time(1);
  EXPECT_EQ(counted(DropReason::fragment_timed_out), 2U);
  EXPECT_EQ(client_sends(first(false, 56)).size(), 1U) << "it came too late for the other";
}

TEST_F(FragmentRefusals, AStrayFloodOnlyShortensTheWait) {
  const std::size_t most = DatagramTable::kHeldMax;
  for (std::uint32_t id = 1; id <= most; ++id) EXPECT_EQ(waits(later(true, 64, 64, false, id)), Lines{});
  EXPECT_EQ(waits(later(true, 64, 64, false, 100'000)), Lines{"drop fragment_no_room"}) << "the oldest";
  EXPECT_EQ(client_sends(first(true, 56, 100'000)).size(), 2U) << "the newest has not waited in vain";
  for (std::uint32_t id = 200'000; id < 200'000 + 2 * most; ++id) client_sends(later(true, 64, 64, false, id));
  const auto whole = fragments_of(from_client(flow(true)).payload(500), 64, 300'000);
  for (const Bytes& each : whole) EXPECT_EQ(receive(kP0, {each}).size(), 1U) << "in order nothing waits";
  EXPECT_EQ(counted(DropReason::fragment_no_room), 2 * most);
}

TEST_F(FragmentRefusals, WhatFollowsNoConnectionIsNotGuessed) {
  const Frame reset = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(kPort, 80, kTcpRst).payload(44).fragment(0, true);
  EXPECT_NE(server_of(client_sends(reset)), 0U) << "untracked";
  expect_refused(later(false, 64, 64, false).protocol(6), "fragment_without_connection");
  EXPECT_EQ(counted(DropReason::fragment_without_connection), 1U);
}

TEST_F(FragmentRefusals, WithoutAServiceNothingIsForwarded) {
  const Frame to_nobody = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").udp(kPort, 54).payload(56).fragment(0, true);
  expect_refused(to_nobody, "no_service");
  expect_refused(later(false, 64, 64, false), "fragment_without_connection");
}

TEST_F(FragmentRefusals, HopsEndForEachOfThem) {
  EXPECT_NE(server_of(client_sends(first(false, 56))), 0U);
  EXPECT_EQ(client_sends(later(false, 64, 64, true).ttl(1)), Lines{"drop ttl_expired"});
  EXPECT_EQ(counted(IcmpErrorFate::unanswerable), 1U) << "nobody is told about a later fragment (RFC 1122 3.2.2)";
}

TEST_F(FragmentRefusals, ADatagramThatDoesNotFitIsToldByItsFirst) {
  world.ports[1].mtu_bytes = 1400;
  publish();
  const auto came = fragments_of(from_client(flow(true)).payload(2900), 1440);
  EXPECT_EQ(receive(kP0, {came[0]}).size(), 2U) << "dropped, and told";
  EXPECT_EQ(receive(kP0, {came[1]}), Lines{"drop mtu_exceeded"});
  EXPECT_EQ(counted(IcmpErrorFate::too_big), 1U);
}

}  // namespace
}  // namespace tandem::test
