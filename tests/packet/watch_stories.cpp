// SPDX-License-Identifier: Apache-2.0
// Captures and traces of what a pipeline does: a drop is seen with its reason, as the packet came; a trace names the pass that decided.
#include "dataplane/observe/taps.h"
#include "dataplane/observe/watch_keeper.h"
#include "tests/packet/scenario.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

const CaptureWish kDrops{.points = 1U << static_cast<unsigned>(TapPoint::drop)};

class WatchStories : public Scenario {
 protected:
  void capture(const CaptureWish& wish) {
    ASSERT_TRUE(keeper_.begin_capture(wish));
    look_on();
  }
  void trace(FilterProgram filter = {}) {
    ASSERT_TRUE(keeper_.begin_trace(std::move(filter)));
    look_on();
  }
  void look_on() {
    taps_.begin_turn(Instant{std::chrono::seconds{1}});
    worker().let_watch(taps_.on() ? &taps_ : nullptr);
  }
  void look_away() {
    keeper_.stop_capture(), keeper_.stop_trace();
    look_on();
  }

  Lines captured() {
    Lines lines;
    keeper_.take_captured(1 << 20, [&](const CaptureHead& head, std::span<const std::byte> bytes) {
      EXPECT_EQ(head.point, TapPoint::drop);
      const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
      lines.push_back(std::string{name_of(head.reason)} + " p" + std::to_string(index(head.port)) + ": " + to_line({first, bytes.size()}));
    });
    return lines;
  }
  static Lines dropped(std::string_view reason, PortId port, const Frame& frame) {
    return {std::string{reason} + " p" + std::to_string(index(port)) + ": " + to_line(frame.bytes())};
  }

  // "choose: tcp, no entry > half-open of 12, sent p1"
  Lines traced() {
    Lines lines;
    keeper_.take_traced(1000, [&](const TraceRecord& record) { lines.push_back(line_of(record)); });
    return lines;
  }
  static std::string line_of(const TraceRecord& record) {
    static constexpr const char* kStates[] = {"no entry",  "half-open", "established", "fin-wait",
                                              "time-wait", "reset",     "one-way",     "two-way"};
    static constexpr const char* kFates[] = {"sent", "held", "punted", "pair", "handed over", "dropped"};
    std::string out{kTraceStageNames[static_cast<std::size_t>(record.stage)]};
    out += ": " + std::string{kTraceKindNames[static_cast<std::size_t>(record.kind)]};
    out += std::string{", "} + kStates[static_cast<std::size_t>(record.met.state)];
    if (record.made.state != record.met.state) out += std::string{" > "} + kStates[static_cast<std::size_t>(record.made.state)];
    out += std::string{", "} + kFates[static_cast<std::size_t>(record.fate)];
    if (record.fate == FlowFate::sent) out += " p" + std::to_string(index(record.out));
    if (record.reason < DropReason::count_) out += " " + std::string{name_of(record.reason)};
    return out;
  }

  WatchBoard board_{1};
  WatchKeeper keeper_{board_, 1};
  Taps taps_{WorkerId{0}, &board_};
};

TEST_F(WatchStories, WhatIsDroppedIsSeenWithItsReasonAsItCame) {
  capture(kDrops);
  Frame nobody = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1000, 81, kTcpSyn);
  EXPECT_EQ(client_sends(nobody), Lines{"drop no_service"});
  EXPECT_EQ(captured(), dropped("no_service", kP0, nobody));
  const Frame stray = from_server({kWeb, 1}, 11).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x46; });
  server_sends(stray);
  EXPECT_EQ(captured().size(), 1U);
  opens({kWeb, 1});
  EXPECT_EQ(captured(), Lines{}) << "what is forwarded is no drop";
}

TEST_F(WatchStories, APacketThatBecameTheNewsOfItsOwnEndIsSeenAsItWas) {
  capture(kDrops);
  const Frame last_hop = from_client({kWeb, 1}).ttl(1);
  const Lines lines = client_sends(last_hop);
  ASSERT_EQ(lines.size(), 2U) << "the error, and the drop";
  EXPECT_EQ(captured(), dropped("ttl_expired", kP0, last_hop)) << "once, though the error has its buffer";
  const Frame silent = frame().eth(kNode0, kClient).ip("10.0.0.100", "10.0.0.100").ttl(1).tcp(1, 80, kTcpSyn);
  EXPECT_EQ(client_sends(silent).size(), 1U) << "nobody is told";
  EXPECT_EQ(captured().size(), 1U) << "still once";
}

TEST_F(WatchStories, NobodyWhoLooksAwaySeesAnything) {
  capture(kDrops);
  look_away();
  client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1000, 81, kTcpSyn));
  EXPECT_EQ(captured(), Lines{});
}

TEST_F(WatchStories, ATraceFollowsAConnectionFromPassToPass) {
  trace();
  opens({kWeb, 1});
  EXPECT_EQ(traced(), (Lines{"choose: tcp, no entry > half-open, sent p1", "rewrite: tcp, half-open, sent p0",
                             "rewrite: tcp, half-open > established, sent p1"}));
  client_sends(from_client({kWeb, 1}, kTcpRst));
  EXPECT_EQ(traced(), Lines{"rewrite: tcp, established > reset, sent p1"});
}

TEST_F(WatchStories, ATraceSaysWhatEndedAPacketAndWhere) {
  trace();
  client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1000, 81, kTcpSyn));
  client_sends(frame().eth("02:00:00:00:00:77", kClient).ip("10.0.0.5", "10.0.0.100").tcp(1000, 80, kTcpSyn));
  client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.1").tcp(1000, 22, kTcpSyn));
  EXPECT_EQ(traced(), (Lines{"choose: tcp, no entry, dropped no_service", "classify: tcp, no entry, dropped not_for_us",
                             "classify: tcp, no entry, punted"}));
  set_state(11, BackendState::down), set_state(12, BackendState::down), set_state(13, BackendState::down);
  client_sends(from_client({kDns, 1}));
  EXPECT_EQ(traced(), Lines{"choose: udp, no entry, dropped no_backend"});
}

TEST_F(WatchStories, WhoReadsATraceTooSlowlyMissesPackets) {
  trace();
  for (std::uint16_t port = 1; port <= 400; ++port) client_sends(from_client({kDns, port}));
  const CaptureTotals totals = keeper_.trace_totals();
  EXPECT_EQ(totals.seen, 400U);
  EXPECT_EQ(totals.lost, 400U - Trace::kRing);
  EXPECT_EQ(traced().size(), Trace::kRing);
}

TEST_F(WatchStories, BothMayLookAtOnce) {
  ASSERT_TRUE(keeper_.begin_trace({}));
  capture(kDrops);
  client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1000, 81, kTcpSyn));
  EXPECT_EQ(captured().size(), 1U);
  EXPECT_EQ(traced().size(), 1U);
}

}  // namespace
}  // namespace tandem::test
