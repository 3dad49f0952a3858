// SPDX-License-Identifier: Apache-2.0
// Connections of a pair: the order that each is born with, and those that the other node told of.
#include "dataplane/flows/flow_learner.h"
#include "tests/packet/pair_site.h"

namespace tandem::test {
namespace {

class FlowStories : public PairScenario {
 protected:
  FlowStories() {
    board_.set_term(kFirst, 3), board_.set_term(kSecond, 9);
    worker().note_flows(&log_);
  }
  ~FlowStories() override { worker().note_flows(nullptr); }

  void peer_tells(const SyncRecord& record) {
    ASSERT_TRUE(desk_.heard.push(record));
    FlowLearner{desk_, counters_}.turn(worker().context());
  }
  SyncRecord of_peer(const Flow& flow, unsigned server, ConnState state = ConnState::established) {
    return {.state = state,
            .protocol = Protocol::tcp,
            .seen = kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenAckBackend,
            .flags = kConnException,
            .client = address("10.0.0.5"),
            .vip = address("10.0.0.100"),
            .backend = address(address_of(flow.service, server)),
            .client_port = flow.port,
            .vip_port = 80,
            .backend_port = 8080,
            .idle_timeout_seconds = 900,
            .term = 2,
            .incarnation = 17};
  }
  // Of the connection at this client port.
  ConnOrder order_of(std::uint16_t port) {
    ConnOrder order{};
    ConnTable4& table = worker().table4();
    table.walk(0, table.slots(), [&](ConnEntry4& entry) {
      if (entry.client_port.host() == port) order = table.detail(entry).order;
    });
    return order;
  }
  bool is_synced(std::uint16_t port) {
    bool synced = false;
    worker().table4().walk(0, worker().table4().slots(),
                           [&](ConnEntry4& entry) { synced |= entry.client_port.host() == port && entry.is(kConnSynced); });
    return synced;
  }

 private:
  RoleBoard board_;
  FlowDesk desk_;
  WorkerCounters counters_;
  FlowLog log_{board_, desk_, counters_, 0};
};

TEST_F(FlowStories, AConnectionIsBornWithItsGroupsTermAndAnIncarnationOfItsOwn) {
  opens({kWeb, 40000}), opens({kDirectWeb, 40001}), opens({kWeb, 40002});
  EXPECT_TRUE(order_of(40000) == (ConnOrder{.term = 3, .incarnation = 1}));
  EXPECT_TRUE(order_of(40001) == (ConnOrder{.term = 9, .incarnation = 2}));
  EXPECT_TRUE(order_of(40002) == (ConnOrder{.term = 3, .incarnation = 3}));
}

TEST_F(FlowStories, WhoComesAgainOnAClosedConnectionIsANewOne) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  client_sends(from_client(flow, kTcpFin | kTcpAck)), server_sends(from_server(flow, server, kTcpFin | kTcpAck));
  opens(flow);
  EXPECT_TRUE(order_of(40000) == (ConnOrder{.term = 3, .incarnation = 2}));
}

TEST_F(FlowStories, InAGroupThatIsNotOursItHasNoneSoThatTheOwnersWordReplacesIt) {
  we_have_alone({kSecond});
  const Flow flow{kWeb, 40000};
  const unsigned here = opens(flow), there = here == 11 ? 12 : 11;
  EXPECT_TRUE(order_of(40000) == ConnOrder{});
  peer_tells(of_peer(flow, there));
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, there, kTcpAck)));
}

TEST_F(FlowStories, WhatThePeerToldIsForwardedLikeOursAndKnownForThePeers) {
  we_have({kSecond});
  const Flow flow{kWeb, 40000};
  for (const unsigned server : {12U, 13U}) {
    SyncRecord record = of_peer(flow, server);
    record.incarnation += server;
    peer_tells(record);
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck))) << "its backend, not our choice";
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  }
  EXPECT_TRUE(is_synced(40000));
  EXPECT_EQ(counted(&WorkerCounters::handed_to_peer), 0U);
  EXPECT_EQ(counted(&WorkerCounters::inserts_sync), 2U);
  opens({kDirectWeb, 40001});
  EXPECT_FALSE(is_synced(40001));
}

TEST_F(FlowStories, WhatIsLearnedClosedReopenedAndEndedIsCountedAtItsBackend) {
  we_have({kSecond});
  const Flow flow{kWeb, 40000};
  SyncRecord record = of_peer(flow, 12, ConnState::time_wait);
  record.seen |= kSeenFinClient | kSeenFinBackend;
  peer_tells(record);
  EXPECT_EQ(entries(ConnState::time_wait), 1U);
  EXPECT_EQ(counted(kWeb, 12, &BackendCounters::closed_entries), 1U);
  ++record.incarnation, record.state = ConnState::established, record.seen = of_peer(flow, 12).seen;
  peer_tells(record);
  EXPECT_EQ(entries(ConnState::established), 1U);
  record.operation = Operation::remove;
  peer_tells(record);
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(counted(RemoveReason::synced), 2U);
  EXPECT_EQ(counted(kWeb, 12, &BackendCounters::new_connections), 0U) << "the owner has counted it";
}

}  // namespace
}  // namespace tandem::test
