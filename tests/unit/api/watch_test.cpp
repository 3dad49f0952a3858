// SPDX-License-Identifier: Apache-2.0
// The streams of captures and traces, over a real socket, from workers that a test makes up.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include "common/api/base64.h"
#include "common/api/client.h"
#include "controlplane/api/watch_streams.h"
#include "tests/support/made_up_node.h"

namespace tandem {
namespace {

using api::Client;
using api::Json;
using std::chrono::milliseconds;

// Sees so many packets a turn, as long as it is watched.
class MadeUpDesk final : public WatchDesk {
 public:
  Result<> begin_capture(CaptureWish wished) override {
    if (wished.filter.size() == 1) return fail("the filter is no sound program");
    wish = std::move(wished), capturing = true, totals = {};
    return {};
  }
  std::size_t take_captured(std::size_t, const Captured& handle) override {
    const std::array<std::byte, 4> bytes{};
    for (unsigned i = 0; capturing && i < a_turn; ++i, ++totals.seen)
      handle({.time_ns = 1000 - static_cast<std::int64_t>(i),
              .frame_bytes = 60,
              .kept_bytes = 4,
              .port = kPortUnknown,
              .point = TapPoint::drop,
              .reason = DropReason::no_service},
             bytes);
    return capturing ? a_turn : 0;
  }
  CaptureTotals capture_totals() const override { return totals; }
  void stop_capture() override { capturing = false, ++stopped; }
  Result<> begin_trace(FilterProgram) override { return tracing = true, Result<>{}; }
  std::size_t take_traced(std::size_t, const Traced& handle) override {
    if (tracing) handle({.frame_bytes = 74, .kind = TraceKind::tcp, .tcp_flags = 0x12});
    return tracing ? 1 : 0;
  }
  CaptureTotals trace_totals() const override { return {}; }
  void stop_trace() override { tracing = false; }

  CaptureWish wish;
  CaptureTotals totals;
  unsigned a_turn = 3;
  std::atomic<bool> capturing{false}, tracing{false};
  std::atomic<int> stopped{0};
};

// Its clock goes on by `step` each time that it is read.
class TickingNode final : public test::MadeUpNode {
 public:
  using MadeUpNode::MadeUpNode;
  Instant now() const override {
    clock_ = clock_ + step;
    return clock_;
  }
  Nanoseconds step{0};

 private:
  mutable Instant clock_{std::chrono::seconds{1000}};
};

config::Config two_ports() {
  config::Config config;
  config.node.name = "lb-a";
  config.port.resize(2);
  config.port[0].name = "outside", config.port[1].name = "inside";
  return config;
}

class WatchStream : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/tandem-watch-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    streams_.add_to(server_);
    ASSERT_TRUE(server_.listen(folder_));
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  void TearDown() override {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
    std::filesystem::remove_all(folder_);
  }
  Client client(const char* socket = "control.sock") { return std::move(*Client::connect(folder_ + "/" + socket)); }

  // All blocks of a capture, and its end.
  struct Told {
    std::string blocks;
    api::Answer<Json> end = Json{};
  };
  Told captured(const Json& params) {
    Told told;
    told.end = client().stream("capture", params, milliseconds{5000}, [&](const Json& event) {
      told.blocks += api::from_base64(event.at("blocks").get<std::string>()).value();
      return true;
    });
    return told;
  }

  Loop loop_;
  TickingNode node_{two_ports()};
  MadeUpDesk desk_;
  WatchStreams streams_{loop_, node_, desk_, 2};
  Server server_{loop_};
  std::string folder_;
  std::thread thread_;
};

std::uint32_t word_at(const std::string& bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  return word;
}

TEST_F(WatchStream, EndsAfterAsManyPacketsAsWereAskedFor) {
  const Told told = captured({{"count", 7}});
  ASSERT_TRUE(told.end);
  EXPECT_EQ((*told.end)["packets"], 7);
  EXPECT_GE((*told.end)["seen"], 7);
  EXPECT_FALSE(desk_.capturing);
  EXPECT_EQ(node_.events().by_kind().at("capture"), 1U) << "who reads others' packets is on record";
}

TEST_F(WatchStream, IsAPcapngFileOfWholeBlocks) {
  const Told told = captured({{"count", 2}});
  std::vector<std::uint32_t> types;
  for (std::size_t at = 0; at < told.blocks.size();) {
    const std::uint32_t length = word_at(told.blocks, at + 4);
    types.push_back(word_at(told.blocks, at));
    ASSERT_EQ(length % 4, 0U);
    ASSERT_EQ(word_at(told.blocks, at + length - 4), length) << "the length stands at both ends";
    at += length;
  }
  EXPECT_EQ(types, (std::vector<std::uint32_t>{0x0a0d0d0a, 1, 1, 1, 6, 6})) << "a section, two ports and the unknown one, packets";
  EXPECT_NE(told.blocks.find("drop: no_service, worker 0"), std::string::npos) << "a drop carries its reason";
  EXPECT_NE(told.blocks.find("outside"), std::string::npos);
}

TEST_F(WatchStream, EndsWithItsTime) {
  desk_.a_turn = 0;
  node_.step = milliseconds{10};  // whenever it is asked
  const Told told = captured({{"seconds", 0.5}});
  ASSERT_TRUE(told.end);
  EXPECT_EQ((*told.end)["packets"], 0);
  EXPECT_GE(desk_.stopped, 1);
}

TEST_F(WatchStream, WishesReachTheWorkers) {
  captured({{"count", 1},
            {"at", {"drop", "punt"}},
            {"port", "inside"},
            {"snap_bytes", 100},
            {"ring_bytes", 1 << 20},
            {"program", {{6, 0, 0, 65535}, {6, 0, 0, 0}}}});
  EXPECT_EQ(desk_.wish.points, 0b1100);
  EXPECT_EQ(desk_.wish.ports, 0b10U);
  EXPECT_EQ(desk_.wish.snap_bytes, 100U);
  EXPECT_EQ(desk_.wish.ring_bytes, 512U << 10) << "a half for each worker";
  ASSERT_EQ(desk_.wish.filter.size(), 2U);
  EXPECT_EQ(desk_.wish.filter[0].k, 65535U);
}

TEST_F(WatchStream, WhatCannotBeIsRefusedByItsName) {
  EXPECT_EQ(captured({{"at", {"middle"}}}).end.error().exit, api::Exit::usage);
  EXPECT_EQ(captured({{"port", "nowhere"}}).end.error().exit, api::Exit::no_such_object);
  EXPECT_EQ(captured({{"program", {{1, 2, 3}}}}).end.error().exit, api::Exit::usage);
  EXPECT_EQ(captured({{"program", {{1, 2, 3, 4}}}}).end.error().message, "the filter is no sound program");
  EXPECT_TRUE(captured({{"count", 1}}).end) << "and stands in nobody's way";
}

TEST_F(WatchStream, ContentsAreForWhoMayChange) {
  const auto refused = client("status.sock").stream("capture", Json::object(), milliseconds{5000}, [](const Json&) { return true; });
  EXPECT_EQ(refused.error().exit, api::Exit::refused);
}

TEST_F(WatchStream, OneAtATimeAndAClientThatLeavesMakesRoom) {
  {
    Client first = client();
    const auto cut = first.stream("capture", Json::object(), milliseconds{5000}, [&](const Json&) {
      EXPECT_EQ(captured(Json::object()).end.error().exit, api::Exit::refused);
      return false;
    });
  }
  for (int i = 0; i < 500 && desk_.capturing; ++i) std::this_thread::sleep_for(milliseconds{10});
  EXPECT_FALSE(desk_.capturing) << "nobody reads it any more";
  EXPECT_TRUE(captured({{"count", 1}}).end);
}

TEST_F(WatchStream, ATraceIsForAllWhoMayLook) {
  std::vector<Json> seen;
  const auto end = client("status.sock").stream("trace", {{"count", 2}}, milliseconds{5000}, [&](const Json& event) {
    seen.push_back(event);
    return true;
  });
  ASSERT_TRUE(end);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0]["kind"], "tcp");
  EXPECT_EQ(seen[0]["flags"], "SA");
  EXPECT_EQ(seen[0]["port"], "outside");
  EXPECT_EQ(seen[0]["fate"], "dropped");
  EXPECT_FALSE(desk_.tracing);
}

TEST(Base64, IsRfc4648) {
  EXPECT_EQ(api::to_base64(""), "");
  EXPECT_EQ(api::to_base64("f"), "Zg==");
  EXPECT_EQ(api::to_base64("fo"), "Zm8=");
  EXPECT_EQ(api::to_base64("foobar"), "Zm9vYmFy");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t length = 0; length < all.size(); ++length)
    EXPECT_EQ(api::from_base64(api::to_base64(all.substr(0, length))), all.substr(0, length));
  for (const char* wrong : {"Zg=", "Z", "Z===", "Z*==", "===="}) EXPECT_FALSE(api::from_base64(wrong)) << wrong;
}

}  // namespace
}  // namespace tandem
