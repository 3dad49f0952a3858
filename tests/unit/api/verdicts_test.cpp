// SPDX-License-Identifier: Apache-2.0
// Two nodes' boards, and the tellings between them: whose verdicts hold, and what an operator reads of it.
#include "controlplane/api/verdicts.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;

config::Config config_of(std::size_t backends, const std::string& group) {
  config::Config config;
  config::Service service;
  service.name = "web", service.group = group;
  service.check.type = config::CheckType::tcp, service.check.interval = 100ms, service.check.timeout = 50ms;
  service.check.rise = 2, service.check.fall = 2;
  for (std::size_t i = 1; i <= backends; ++i)
    service.backend.push_back({"web-" + std::to_string(i), Endpoint{Ipv4Address{Be32{0x0a140000 + static_cast<std::uint32_t>(i)}}, 80}, 1});
  config.service.push_back(service);
  return config;
}

// One node, its checks in our hands.
struct Side {
  config::Config config;
  EventLog events;
  Board board;
  Verdicts verdicts{board, events};
  api::Ha ha;
  bool published = false;

  Side(std::string name, std::string peer, std::size_t backends, const std::string& group) : config{config_of(backends, group)} {
    board.configure(config, Instant{});
    verdicts.configure(config);
    ha.configured = true, ha.node = std::move(name), ha.peer = std::move(peer);
    api::HaGroup blue;
    blue.name = "blue";
    ha.groups.push_back(blue);
  }

  void result(std::size_t backend, bool up, bool final, Instant now) {
    api::CheckVerdict verdict;
    verdict.service = "web", verdict.backend = "web-" + std::to_string(backend), verdict.up = up, verdict.final = final;
    verdict.text = (up == final) ? "ok" : "refused";
    if (board.report(verdict, now)) verdicts.touched("web");
  }
  // Two results in a row, which is what a change of state takes.
  void sees(std::size_t backend, bool up, Instant now) {
    const BackendRow& row = *board.find("web", "web-" + std::to_string(backend));
    const bool was_up = row.check == CheckState::up;
    if (row.check != CheckState::unknown && was_up != up) result(backend, was_up, false, now);
    result(backend, up, true, now);
  }
  std::string in_service() {  // "1 2 4"
    std::string out;
    for (const BackendRow* row : board.all())
      if (row->eligible()) out += (out.empty() ? "" : " ") + row->name.substr(4);
    return out;
  }
  std::vector<std::string> told_of(const std::string& kind) const {
    std::vector<std::string> out;
    for (const api::Event& event : events.events())
      if (event.kind == kind) out.push_back(event.severity + " " + event.object);
    return out;
  }
};

struct VerdictsTest : ::testing::Test {
  static constexpr std::size_t kBackends = 4;
  Side a{"lb-a", "lb-b", kBackends, "blue"}, b{"lb-b", "lb-a", kBackends, "blue"};
  Instant now{10s};
  bool cut = false;  // the way between them

  void SetUp() override {
    serve(true);
    a.verdicts.tell_everything(), b.verdicts.tell_everything();
    for (Side* side : {&a, &b})
      for (std::size_t i = 1; i <= kBackends; ++i) side->sees(i, true, now);
    settle();
    ASSERT_EQ(a.in_service(), "1 2 3 4");
    ASSERT_EQ(b.board.service("web").decided_by, "lb-a");
  }
  void serve(bool by_a) {
    a.ha.groups[0].active = by_a, b.ha.groups[0].active = !by_a;
    a.ha.groups[0].peer_role = by_a ? "standby" : "active", b.ha.groups[0].peer_role = by_a ? "active" : "standby";
    a.ha.peer_up = b.ha.peer_up = true;
  }
  void a_dies() { cut = true, b.ha.peer_up = false, b.ha.groups[0].active = true, b.ha.groups[0].peer_role = "unknown"; }
  // Until neither has anything to say.
  void settle() {
    for (int turns = 0; turns < 5; ++turns) {
      judge(a, b), judge(b, a);
    }
  }
  void judge(Side& side, Side& other) {
    if (cut && &side == &a) return;
    side.verdicts.follow(side.ha);
    side.verdicts.judge(now);
    for (const std::string& part : side.verdicts.news(1000)) EXPECT_TRUE(cut || other.verdicts.hear(part)) << part;
  }
  void both_see(std::size_t backend, bool up) { a.sees(backend, up, now), b.sees(backend, up, now); }
};

TEST_F(VerdictsTest, WhatOnlyTheStandbyCannotReachStaysInServiceOnBoth) {
  b.sees(1, false, now);
  settle();
  EXPECT_EQ(a.in_service(), "1 2 3 4");
  EXPECT_EQ(b.in_service(), "1 2 3 4");
  EXPECT_EQ(a.board.find("web", "web-1")->told->sight, verdict::Sight::down) << "and the other knows";
  EXPECT_TRUE(b.told_of("backend_down").empty()) << "advice is no event";
}

TEST_F(VerdictsTest, WhatOnlyTheOneWhoServesCannotReachIsOutOnBoth) {
  a.sees(1, false, now);
  settle();
  EXPECT_EQ(a.in_service(), "2 3 4");
  EXPECT_EQ(b.in_service(), "2 3 4");
  EXPECT_EQ(b.told_of("backend_down"), (std::vector<std::string>{"warning web/web-1"}));
}

TEST_F(VerdictsTest, WithoutAGroupEachGoesByItsOwn) {
  Side alone{"lb-a", "lb-b", kBackends, ""};
  alone.sees(1, false, now);
  alone.verdicts.follow(alone.ha), alone.verdicts.judge(now);
  EXPECT_EQ(alone.in_service(), "2 3 4");
  EXPECT_TRUE(alone.verdicts.news(1000).empty()) << "nor is anything told";
}

TEST_F(VerdictsTest, ATakeOverKeepsTheLastStatesUntilOwnChecksConfirmTheirs) {
  b.sees(1, false, now);
  a.sees(2, false, now);
  settle();
  ASSERT_EQ(b.in_service(), "1 3 4");
  a_dies();
  settle();
  EXPECT_EQ(b.in_service(), "1 3 4");
  b.result(1, false, true, now), b.result(2, true, true, now);
  settle();
  EXPECT_EQ(b.in_service(), "1 3 4") << "one result of two";
  b.result(1, false, true, now), b.result(2, true, true, now);
  settle();
  EXPECT_EQ(b.in_service(), "2 3 4");
}

TEST_F(VerdictsTest, WhoServesNoMoreFollowsTheOther) {
  b.sees(1, false, now);
  serve(false);
  settle();
  EXPECT_EQ(a.in_service(), "1 2 3 4") << "held over there, and so here";
  for (int i = 0; i < 2; ++i) b.result(1, false, true, now);
  settle();
  EXPECT_EQ(b.in_service(), "2 3 4");
  EXPECT_EQ(a.in_service(), "2 3 4");
  EXPECT_EQ(a.board.service("web").decided_by, "lb-b");
}

TEST_F(VerdictsTest, APeerThatHasToldNothingDecidesNothing) {
  Side fresh{"lb-b", "lb-a", kBackends, "blue"};
  fresh.ha = b.ha;
  fresh.sees(1, false, now);
  fresh.verdicts.follow(fresh.ha), fresh.verdicts.judge(now);
  EXPECT_EQ(fresh.in_service(), "2 3 4");
}

TEST_F(VerdictsTest, MoreThanHalfDeadOnBothIsPanicOnBothAndTheSameOnesStay) {
  for (std::size_t i = 1; i <= kBackends; ++i) both_see(i, false), settle();
  EXPECT_EQ(a.in_service(), "3 4");
  EXPECT_EQ(b.in_service(), "3 4");
  EXPECT_EQ(a.told_of("panic"), (std::vector<std::string>{"critical service web"}));
  both_see(1, true), settle();
  EXPECT_EQ(a.in_service(), "1 4") << "one rises, and one that was kept may go";
  both_see(2, true), both_see(3, true), settle();
  EXPECT_EQ(a.in_service(), "1 2 3");
  EXPECT_EQ(a.told_of("panic"), (std::vector<std::string>{"critical service web", "info service web"}));
  EXPECT_EQ(b.in_service(), "1 2 3");
}

TEST_F(VerdictsTest, MostFailHereAloneSoTheyStayAndTheNodeIsUnfit) {
  for (std::size_t i = 1; i <= 3; ++i) a.result(i, true, false, now);
  settle();
  for (std::size_t i = 1; i <= 3; ++i) a.result(i, false, true, now), settle();
  EXPECT_EQ(a.in_service(), "1 2 3 4") << "none left at any moment";
  EXPECT_FALSE(a.verdicts.cut_off("blue")) << "the peer may yet see the same";
  now = now + 400ms;
  settle();
  EXPECT_TRUE(a.verdicts.cut_off("blue"));
  EXPECT_FALSE(b.verdicts.cut_off("blue"));
  EXPECT_EQ(a.told_of("cut_off"), (std::vector<std::string>{"critical service web"}));
  now = now + 6s;
  settle();
  EXPECT_EQ(a.in_service(), "3 4") << "nobody took the group: those that answer serve better, as far as the panic threshold allows";
}

TEST_F(VerdictsTest, AServerRoomThatDiesForBothIsNobodysFault) {
  for (Side* side : {&a, &b})
    for (std::size_t i = 1; i <= kBackends; ++i) side->result(i, true, false, now);
  settle();
  for (std::size_t i = 1; i <= kBackends; ++i) both_see(i, false);
  settle();
  now = now + 1s;
  settle();
  EXPECT_FALSE(a.verdicts.cut_off("blue"));
  EXPECT_EQ(a.in_service(), "3 4");
}

TEST_F(VerdictsTest, AReloadForgetsNothingThatWasTold) {
  b.sees(1, false, now);
  settle();
  b.board.configure(b.config, now);
  b.verdicts.configure(b.config);
  settle();
  EXPECT_EQ(b.in_service(), "1 2 3 4");
}

}  // namespace
}  // namespace tandem
