// SPDX-License-Identifier: Apache-2.0
// Clients on deny lists: their first packet is dropped by name, whatever it is; who is denied in mid-flow is cut off.
#include "tests/packet/scenario.h"
#include "tests/support/lists.h"

namespace tandem::test {
namespace {

class GuardStories : public Scenario {
 protected:
  GuardStories() : Scenario{1} {}

  void deny(const std::vector<std::string>& lines, const std::vector<std::string>& newly = {}) {
    world.guard = guard(lines, ++version_, newly);
    publish();
  }
  void deny_at(Service service, const std::vector<std::string>& lines) {
    world.services[service].rules = rules(lines);
    world.guard = guard({}, ++version_);
    publish();
  }
  void expect_dropped(const Lines& lines) { EXPECT_EQ(lines, Lines{"drop denied"}); }
  std::uint64_t denied_by(DenyList list) const {
    return const_cast<GuardStories*>(this)->worker().counters().denied[static_cast<std::size_t>(list)].get();
  }

 private:
  std::uint64_t version_ = 0;
};

TEST_F(GuardStories, TheFirstPacketIsDroppedByName) {
  deny({"deny 10.0.0.0/29", "deny fd00::/124"});
  for (const Service service : {kWeb, kWeb6, kDns, kDns6, kDirectWeb, kDirectWeb6, kDirectDns, kDirectDns6})
    expect_dropped(client_sends(from_client({service, 40000})));
  EXPECT_EQ(counted(DropReason::denied), 8U);
  EXPECT_EQ(denied_by(DenyList::everywhere), 8U);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(GuardStories, NothingOfADeniedClientFindsAWayRound) {
  deny({"deny 10.0.0.5/32"});
  for (const std::uint8_t flags : Octets{kTcpSyn, kTcpAck, kTcpRst, kTcpFin | kTcpAck, kTcpSyn | kTcpAck})
    expect_dropped(client_sends(from_client({kWeb, 40000}, flags)));
  expect_dropped(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest)));
  expect_dropped(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1, 4444, kTcpSyn)));
  EXPECT_EQ(client_sends(from_client({kWeb, 40000, "10.0.0.6"})).size(), 1U);
  EXPECT_EQ(entries(), 1U) << "his neighbour";
}

TEST_F(GuardStories, TheLongerPrefixHoldsAndAtTheSameAllowDoes) {
  deny({"deny 10.0.0.0/24", "allow 10.0.0.4/30", "deny 10.0.0.6/32"});
  opens({kWeb, 40000});
  expect_dropped(client_sends(from_client({kWeb, 40000, "10.0.0.6"})));
  expect_dropped(client_sends(from_client({kWeb, 40000, "10.0.0.9"})));
}

TEST_F(GuardStories, AServicesListIsItsOwn) {
  deny_at(kWeb, {"deny 10.0.0.0/24"});
  expect_dropped(client_sends(from_client({kWeb, 40000})));
  EXPECT_EQ(denied_by(DenyList::service), 1U);
  opens({kDirectWeb, 40000});
}

TEST_F(GuardStories, AServiceMayLetInWhomTheListForAllDenies) {
  world.services[kWeb].rules = rules({"allow 10.0.0.0/24"});
  deny({"deny 10.0.0.0/24"});
  opens({kWeb, 40000});
  expect_dropped(client_sends(from_client({kDirectWeb, 40000})));
}

TEST_F(GuardStories, WhoIsDeniedInMidFlowIsCutOff) {
  for (const Service service : {kWeb, kWeb6, kDirectWeb}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    deny({"deny 10.0.0.5/32", "deny fd00::5/128"}, {"10.0.0.5/32", "fd00::5/128"});
    worker().end_denied();
    EXPECT_EQ(entries(), 0U);
    expect_dropped(client_sends(from_client(flow, kTcpAck)));
    if (!is_direct(service)) expect_dropped(server_sends(from_server(flow, server, kTcpAck)));
    deny({});
  }
  EXPECT_EQ(counted(RemoveReason::denied), 3U);
}

TEST_F(GuardStories, UntilTheSweepHasComeToItAConnectionGoesOnAndCostsNothingMore) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  deny({"deny 10.0.0.5/32"}, {"10.0.0.5/32"});
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  EXPECT_EQ(counted(DropReason::denied), 0U) << "packets of connections are not asked about";
}

TEST_F(GuardStories, WhoIsAllowedAgainGoesOn) {
  const Flow flow{kWeb, 40000};
  opens(flow);
  deny({"deny 10.0.0.5/32"}, {"10.0.0.5/32"});
  worker().end_denied();
  deny({});
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)).size(), 1U);
  EXPECT_EQ(entries(), 1U) << "met in mid-flow, as after a restart";
}

TEST_F(GuardStories, AnOpenConnectionsSynIsDeniedBeforeTheSweep) {
  const Flow flow{kWeb, 40000};
  opens(flow);
  deny({"deny 10.0.0.5/32"}, {"10.0.0.5/32"});
  expect_dropped(client_sends(from_client(flow)));
}

TEST_F(GuardStories, AddressesThatNoRouterMayForwardOpenNothing) {
  for (const char* source : {"169.254.1.1", "10.0.0.255", "10.0.1.255"})
    EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip(source, "10.0.0.100").tcp(1, 80, kTcpSyn)), Lines{"drop martian_source"})
        << source;
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("fe80::5", "fd00::100").tcp(1, 80, kTcpSyn)), Lines{"drop martian_source"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.255", "10.0.0.100").icmp(kIcmpEchoRequest)), Lines{"drop martian_source"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, "01:00:5e:00:00:01").ip("10.0.0.5", "10.0.0.100").tcp(1, 80, kTcpSyn)),
            Lines{"drop martian_source"});
}

}  // namespace
}  // namespace tandem::test
