// SPDX-License-Identifier: Apache-2.0
// QUIC: a client that comes from another address or port is known by the connection id that its server made.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr std::uint8_t kConfig = 2;

class QuicStories : public Scenario {
 protected:
  QuicStories() { understand(kDns), understand(kDns6), understand(kDirectDns); }

  // Its servers' ids are 00 0b to 00 0d, with a nonce of five bytes.
  void understand(Service service) {
    world.services[service].quic = QuicIdForm{kConfig, 2, 5};
    for (const unsigned server : kServers)
      world.services[service].backends[server - kServers[0]].server_id = {0, static_cast<std::uint8_t>(server)};
    publish();
  }
  static Bytes id_of(unsigned server, std::uint8_t config = kConfig) {
    return {static_cast<std::uint8_t>(config << 5 | 0x15), 0, static_cast<std::uint8_t>(server), 1, 2, 3, 4, 5};
  }
  // 1-RTT: the id stands behind the first byte, and its length nowhere.
  static Bytes short_header(const Bytes& id) {
    Bytes bytes{0x43};
    bytes.insert(bytes.end(), id.begin(), id.end());
    bytes.resize(40, 0xee);
    return bytes;
  }
  // Initial of version 1.
  static Bytes long_header(const Bytes& id) {
    Bytes bytes{0xc3, 0, 0, 0, 1, static_cast<std::uint8_t>(id.size())};
    bytes.insert(bytes.end(), id.begin(), id.end());
    bytes.resize(1200, 0xee);
    return bytes;
  }
  static Bytes first_of_client() { return long_header({0xff, 9, 8, 7, 6, 5, 4, 3}); }

  // Where it goes, every byte as it must be.
  unsigned says(const Flow& flow, const Bytes& payload) {
    const Lines lines = client_sends(from_client(flow).payload(payload));
    const unsigned server = server_of(lines);
    EXPECT_EQ(lines, leaves(kP1, at_server(flow, server == 0 ? kServers[0] : server).payload(payload))) << name_of(flow.service);
    return server;
  }
  unsigned others(const Service service, std::uint16_t from, const Bytes& payload, unsigned server) {
    unsigned elsewhere = 0;
    for (std::uint16_t port = from; port < from + 30; ++port) elsewhere += says({service, port}, payload) != server;
    return elsewhere;
  }
};

TEST_F(QuicStories, AClientThatComesFromElsewhereFindsItsServer) {
  for (const Service service : {kDns, kDns6, kDirectDns}) {
    const unsigned server = says({service, 40000}, first_of_client());
    EXPECT_EQ(others(service, 1000, short_header(id_of(server)), server), 0U) << name_of(service);
    EXPECT_EQ(others(service, 2000, long_header(id_of(server)), server), 0U);
    if (!is_direct(service)) {
      EXPECT_EQ(server_sends(from_server({service, 1000}, server)), leaves(kP0, at_client({service, 1000})));
    }
  }
  EXPECT_EQ(counted(OrphanDecision::by_connection_id), 180U);
  EXPECT_EQ(counted(kDns, &BackendCounters::new_connections), 1U) << "none of the others is new";
  EXPECT_EQ(counted(kDns, &BackendCounters::exceptions), 60U) << "the schedule would not choose them again";
}

TEST_F(QuicStories, WithoutLookingTheyGoBySchedule) {
  world.services[kDns].quic.reset();
  publish();
  EXPECT_GT(others(kDns, 1000, short_header(id_of(12)), 12), 10U);
}

TEST_F(QuicStories, AnIdThatNoServerMadeGoesBySchedule) {
  EXPECT_GT(others(kDns, 1000, first_of_client(), 12), 10U) << "a client's own";
  EXPECT_GT(others(kDns, 2000, short_header(id_of(77)), 12), 10U) << "of a server that is not there";
  EXPECT_GT(others(kDns, 3000, short_header(id_of(12, 3)), 12), 10U) << "of another agreement";
  EXPECT_GT(others(kDns, 4000, long_header({id_of(12)[0], 0, 12, 1}), 12), 10U) << "too short";
  EXPECT_GT(others(kDns, 5000, {0x43, 0x55, 0, 12}, 12), 10U) << "cut off";
  EXPECT_EQ(counted(OrphanDecision::by_connection_id), 0U);
}

TEST_F(QuicStories, TwoConnectionsOfOneSocketBothFindTheirServers) {
  const Flow flow{kDns, 40000};
  const unsigned first = says(flow, first_of_client()), second = first == 11 ? 12 : 11;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(says(flow, short_header(id_of(second))), second);
    EXPECT_EQ(says(flow, short_header(id_of(first))), first);
    EXPECT_EQ(server_sends(from_server(flow, second)), leaves(kP0, at_client(flow))) << "known by its port";
    EXPECT_EQ(server_sends(from_server(flow, first)), leaves(kP0, at_client(flow)));
  }
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(counted(RemoveReason::moved), 0U) << "the flow's entry is not thrown about";
}

TEST_F(QuicStories, AServerThatIsLostIsNamedInVain) {
  const unsigned server = says({kDns, 40000}, first_of_client());
  set_state(server, BackendState::down);
  EXPECT_NE(says({kDns, 40000}, short_header(id_of(server))), server);
  EXPECT_EQ(others(kDns, 1000, short_header(id_of(server)), server), 30U);
  EXPECT_EQ(counted(RemoveReason::moved), 1U);
}

TEST_F(QuicStories, ADrainedDisabledOrRemovedServerKeepsItsConnectionsWhereverTheyComeFrom) {
  const unsigned server = says({kDns, 40000}, first_of_client());
  std::uint16_t from = 1000;
  for (const BackendState state : {BackendState::draining, BackendState::disabled, BackendState::gone}) {
    set_state(server, state);
    EXPECT_EQ(says({kDns, 40000}, short_header(id_of(server))), server);
    EXPECT_EQ(others(kDns, from, short_header(id_of(server)), server), 0U);
    EXPECT_EQ(others(kDns, static_cast<std::uint16_t>(from + 100), first_of_client(), server), 30U) << "but gets no new one";
    from = static_cast<std::uint16_t>(from + 1000);
  }
}

TEST_F(QuicStories, WhenTheGraceIsOverItsConnectionsEnd) {
  const unsigned server = says({kDns, 40000}, first_of_client());
  WorldBackend& backend = world.services[kDns].backends[server - kServers[0]];
  backend.state = BackendState::disabled, backend.cut = true;
  ++world.cuts;
  publish();
  EXPECT_EQ(sweep(), Lines{});
  EXPECT_EQ(entries(), 0U);
  EXPECT_NE(says({kDns, 40000}, short_header(id_of(server))), server);
}

TEST_F(QuicStories, AnIdDoesNotTouchOtherServices) {
  const unsigned server = server_of(client_sends(from_client({kDirectDns6, 40000}).payload(short_header(id_of(11)))));
  EXPECT_NE(server, 0U);
  EXPECT_EQ(counted(OrphanDecision::by_connection_id), 0U);
}

}  // namespace
}  // namespace tandem::test
