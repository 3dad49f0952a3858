// SPDX-License-Identifier: Apache-2.0
// Stories of flags: who sends what, and the state after each. Each row of "Life of a connection" (design.md) has its story.
#include <gtest/gtest.h>

#include <vector>

#include "dataplane/conn/expiry.h"
#include "dataplane/conn/tcp_state.h"

namespace tandem {
namespace {

using enum ConnState;
constexpr Direction kClient = Direction::from_client, kBackend = Direction::from_backend;
constexpr std::uint8_t kSyn = kTcpSyn, kAck = kTcpAck, kFin = kTcpFin, kRst = kTcpRst;

struct Step {
  Direction from;
  int flags;
  ConnState then;
};

// Begins with a SYN unless told otherwise; says at which step the story went another way.
void expect_story(const std::vector<Step>& steps, bool one_way = false, Life life = begin_tcp(kClient, kSyn)) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    life = after_tcp(life, steps[i].from, static_cast<std::uint8_t>(steps[i].flags), one_way);
    EXPECT_EQ(static_cast<int>(life.state), static_cast<int>(steps[i].then)) << "after step " << i << " of the story";
  }
}

TEST(TcpLife, AConnectionIsOpenedUsedAndClosedByTheClient) {
  expect_story({{kBackend, kSyn | kAck, half_open},
                {kClient, kAck, established},
                {kClient, kAck | kTcpPsh, established},
                {kBackend, kAck, established},
                {kClient, kFin | kAck, fin_wait},
                {kBackend, kAck, fin_wait},
                {kBackend, kFin | kAck, time_wait},
                {kClient, kAck, time_wait}});
}

TEST(TcpLife, WhatWeCutNothingRestores) {
  const Life cut{reset, kSeenSynClient | kSeenSynBackend | kSeenAckClient | kCut};
  expect_story({{kClient, kAck | kTcpPsh, reset}, {kBackend, kSyn | kAck, reset}, {kClient, kFin | kAck, reset}, {kBackend, kRst, reset}},
               false, cut);
  expect_story({{kClient, kAck, established}}, false, {reset, kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenRst});
  EXPECT_TRUE(is_cut(cut));
  EXPECT_EQ(merge({established, kSeenSynClient | kSeenSynBackend | kSeenAckClient}, cut, Protocol::tcp, false), cut) << "the peer's word";
  EXPECT_EQ(merge(cut, {established, kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenAckBackend}, Protocol::tcp, false).state,
            reset);
}

TEST(TcpLife, OrByTheBackendFirst) {
  expect_story({{kBackend, kSyn | kAck, half_open},
                {kClient, kAck, established},
                {kBackend, kFin | kAck, fin_wait},
                {kClient, kAck, fin_wait},
                {kClient, kFin | kAck, time_wait},
                {kBackend, kAck, time_wait}});
}

TEST(TcpLife, ALostFirstAckIsMadeUpForByData) {
  expect_story({{kBackend, kSyn | kAck, half_open}, {kBackend, kSyn | kAck, half_open}, {kClient, kAck | kTcpPsh, established}});
}

TEST(TcpLife, AClientThatClosesWithItsFirstAckIsNotEstablishedForLong) {
  expect_story({{kBackend, kSyn | kAck, half_open}, {kClient, kFin | kAck, fin_wait}});
}

TEST(TcpLife, AFloodOfAcksAfterASynDoesNotLookEstablished) {
  expect_story({{kClient, kAck, half_open}, {kClient, kAck, half_open}, {kBackend, kSyn | kAck, half_open}, {kClient, kAck, established}});
}

TEST(TcpLife, ARefusedSynIsReset) { expect_story({{kBackend, kRst | kAck, reset}}); }

TEST(TcpLife, AResetMayBeForgedSoLaterPacketsRestoreTheStateThatWas) {
  expect_story({{kBackend, kSyn | kAck, half_open},
                {kClient, kAck, established},
                {kClient, kRst, reset},
                {kBackend, kAck, established},
                {kClient, kFin | kAck, fin_wait},
                {kBackend, kRst, reset},
                {kClient, kAck, fin_wait},
                {kBackend, kFin | kAck, time_wait},
                {kBackend, kRst, reset},
                {kClient, kAck, time_wait}});
}

TEST(TcpLife, ASynAfterAResetRestoresNothing) { expect_story({{kClient, kRst, reset}, {kClient, kSyn, reset}}); }

TEST(TcpLife, ASynInAnEstablishedConnectionChangesNothing) {
  expect_story(
      {{kBackend, kSyn | kAck, half_open}, {kClient, kAck, established}, {kClient, kSyn, established}, {kBackend, kAck, established}});
}

TEST(TcpLife, ThatThereWasAResetIsRememberedForThePeer) {
  const Life life = after_tcp(begin_tcp(kClient, kSyn), kBackend, kRst, false);
  EXPECT_EQ(life.seen, kSeenSynClient | kSeenRst);
  EXPECT_NE(after_tcp(life, kBackend, kSyn | kAck, false).seen & kSeenRst, 0);
}

TEST(TcpLife, OneWayTheClientsHalfTellsAll) {
  expect_story({{kClient, kSyn, half_open},
                {kClient, kAck, established},
                {kClient, kAck, established},
                {kClient, kFin | kAck, fin_wait},
                {kClient, kAck, fin_wait}},
               true);
  expect_story({{kClient, kAck, established}, {kClient, kRst, reset}, {kClient, kAck, established}}, true);
}

TEST(TcpLife, AConnectionMetInMidFlowWaitsForItsBackendsWord) {
  EXPECT_EQ(begin_tcp(kClient, kAck).state, half_open);
  EXPECT_EQ(begin_tcp(kBackend, kAck).state, established);
  EXPECT_EQ(begin_tcp(kClient, kFin | kAck).state, half_open);
  EXPECT_EQ(begin_tcp(kClient, kAck, true).state, established) << "one-way: nobody else will say more";
  EXPECT_EQ(begin_tcp(kClient, kFin | kAck, true).state, fin_wait);
  expect_story({{kClient, kAck, half_open}, {kBackend, kAck, established}}, false, begin_tcp(kClient, kAck));
  expect_story({{kBackend, kAck, fin_wait}}, false, begin_tcp(kClient, kFin | kAck));
  expect_story({{kBackend, kAck, established}, {kClient, kFin | kAck, fin_wait}, {kBackend, kFin | kAck, time_wait}}, false,
               begin_tcp(kClient, kAck));
}

TEST(TcpLife, TheFastPathTakesOnlyPacketsThatChangeNothing) {
  for (int flags = 0; flags < 64; ++flags) {
    const auto f = static_cast<std::uint8_t>(flags);
    for (const ConnState state : {half_open, established, fin_wait, time_wait, reset}) {
      if (!is_steady(state, f)) continue;
      EXPECT_EQ(state, established);
      for (const Direction from : {kClient, kBackend}) {
        const Life open{established, kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenAckBackend};
        EXPECT_EQ(after_tcp(open, from, f, false), open) << flags;
      }
    }
  }
  EXPECT_TRUE(is_steady(established, kAck | kTcpPsh));
  EXPECT_FALSE(is_steady(established, kAck | kFin));
  EXPECT_FALSE(is_steady(reset, kAck)) << "data restores";
  EXPECT_FALSE(is_steady(udp_one_way, 0)) << "a reply changes it";
}

TEST(UdpLife, AnAnswerMakesItTwoWay) {
  Life life = begin_udp();
  EXPECT_EQ(life.state, udp_one_way);
  life = after_udp(life, kClient, false);
  EXPECT_EQ(life.state, udp_one_way) << "a client that only asks again was not answered";
  life = after_udp(life, kBackend, false);
  EXPECT_EQ(life.state, udp_two_way);
  EXPECT_EQ(after_udp(life, kClient, false).state, udp_two_way);
}

TEST(UdpLife, OneWayAClientThatGoesOnWasAnswered) { EXPECT_EQ(after_udp(begin_udp(), kClient, true).state, udp_two_way); }

TEST(Syn, MeetsAnEntry) {
  struct Row {
    ConnState state;
    bool one_way;
    BackendState backend;
    SynVerdict verdict;
    const char* why;
  };
  using enum BackendState;
  using enum SynVerdict;
  const std::vector<Row> rows{
      {half_open, false, up, forward, "a retransmission goes to the same backend"},
      {half_open, false, draining, forward, "a draining backend keeps what it has"},
      {half_open, false, down, renew, "picked anew if it went down"},
      {established, false, up, forward, "RFC 5961: the backend answers with a challenge"},
      {established, false, draining, forward, "a draining backend keeps what it has"},
      {established, false, down, renew, "its backend is down"},
      {established, false, disabled, renew, "its backend is disabled"},
      {established, false, gone, renew, "its backend is gone"},
      {fin_wait, false, up, forward, "half-closed is still open"},
      {fin_wait, true, up, renew, "one-way, the client's FIN is the last we hear"},
      {time_wait, false, up, renew, "a new connection at once"},
      {reset, false, up, renew, "closed: a new connection at once"},
      {time_wait, true, up, renew, "a new connection at once"},
  };
  for (const Row& row : rows) EXPECT_EQ(meet_syn(row.state, row.one_way, row.backend), row.verdict) << row.why;
}

TEST(IdleTime, FollowsTheStateAndThePressure) {
  const Timeouts timeouts;
  EXPECT_EQ(idle_timeout(half_open, timeouts, false), 5);
  EXPECT_EQ(idle_timeout(half_open, timeouts, true), 3);
  EXPECT_EQ(idle_timeout(half_open, Timeouts{.half_open = 2}, true), 2) << "pressure never lengthens";
  EXPECT_EQ(idle_timeout(established, timeouts, true), 900);
  EXPECT_EQ(idle_timeout(fin_wait, timeouts, false), 120);
  EXPECT_EQ(idle_timeout(time_wait, timeouts, false), 60);
  EXPECT_EQ(idle_timeout(reset, timeouts, false), 10);
  EXPECT_EQ(idle_timeout(udp_one_way, timeouts, false), 30);
  EXPECT_EQ(idle_timeout(udp_two_way, timeouts, false), 300);
  EXPECT_EQ(idle_timeout(established, Timeouts{.established = 28800}, false), 28800) << "eight hours for long-lived services";
  EXPECT_EQ(idle_timeout(established, Timeouts{.established = 65535}, false), kMaxIdleTicks);
}

}  // namespace
}  // namespace tandem
