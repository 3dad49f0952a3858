// SPDX-License-Identifier: Apache-2.0
// Passive health on a board whose counters are in our hands: whose check is asked, when, and what is told.
#include "controlplane/api/openings_watch.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;

struct OpeningsWatchTest : testing::Test {
  config::Config config;
  Board board;
  EventLog events;
  std::vector<verdict::Begun> counted = std::vector<verdict::Begun>(4);  // by slot
  std::vector<std::string> asked;
  bool healthd = true;
  Instant now{};
  OpeningsWatch watch{board,
                      events,
                      {[this](const std::vector<BackendSlot>& slots) {
                         verdict::Begun sum;
                         for (const BackendSlot slot : slots) sum += counted.at(index(slot));
                         return sum;
                       },
                       [this](const std::string& service, const std::string& backend) {
                         if (healthd) asked.push_back(service + "/" + backend);
                         return healthd;
                       }}};

  void SetUp() override {
    config::Service service;
    service.name = "web";
    service.check.type = config::CheckType::tcp, service.check.interval = 1000ms;
    service.passive = config::Passive{5, 10};
    for (const char* name : {"web-1", "web-2"}) service.backend.push_back({name, Endpoint{Ipv4Address{Be32{0x0a140001}}, 80}, 1});
    config.service.push_back(service);
    board.configure(config, now);
    row(1).slots = {BackendSlot{0}, BackendSlot{1}}, row(2).slots = {BackendSlot{2}};
    look();
  }
  BackendRow& row(int number) { return *board.find("web", "web-" + std::to_string(number)); }
  void look(Nanoseconds later = 100ms) {
    now = now + later;
    watch.look(config, now);
  }
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const api::Event& event : events.events()) out.push_back(event.severity + " " + event.object + ": " + event.text);
    return out;
  }
};

TEST_F(OpeningsWatchTest, ASuspectsCheckIsAskedAndToldOnce) {
  counted[0] += {0, 2, 1}, counted[2] += {100, 0, 4};
  look();
  EXPECT_TRUE(asked.empty());
  counted[1] += {0, 0, 2};  // its other address
  look();
  EXPECT_EQ(asked, std::vector<std::string>{"web/web-1"});
  const std::string sentence = "5 of its last 5 new connections failed: 3 not answered, 2 refused; its check is asked";
  EXPECT_EQ(told(), std::vector<std::string>{"warning web/web-1: " + sentence});
  EXPECT_TRUE(row(1).passive.openings.is_suspect());
  EXPECT_EQ(row(1).passive.advised, 1U);
  EXPECT_EQ(row(1).held, verdict::Verdict::unknown) << "and nothing is decided";
  EXPECT_TRUE(row(1).eligible());
}

TEST_F(OpeningsWatchTest, WhileMoreFailItIsAskedFourTimesInAnInterval) {
  for (int i = 0; i < 20; ++i) counted[0] += {0, 5, 0}, look(50ms);  // for a second
  EXPECT_EQ(asked.size(), 4U);
  EXPECT_EQ(told().size(), 1U);
  look(1s);
  EXPECT_EQ(asked.size(), 4U) << "nobody came, so nothing is new";
}

TEST_F(OpeningsWatchTest, AServiceWithoutPassiveIsNotLookedAt) {
  config.service[0].passive.reset();
  counted[0] += {0, 100, 0};
  look();
  EXPECT_TRUE(asked.empty());
  config.service[0].passive = config::Passive{5, 10};
  look();
  EXPECT_EQ(asked.size(), 1U) << "the negative control: it is the section that makes the difference";
}

TEST_F(OpeningsWatchTest, WhoIsAnsweredAgainIsToldSo) {
  counted[0] += {0, 5, 0}, look();
  counted[0] += {20, 0, 0}, look();
  EXPECT_FALSE(row(1).passive.openings.is_suspect());
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(told().back(), "info web/web-1: its new connections are answered again");
}

TEST_F(OpeningsWatchTest, WhatWasSeenBeforeItsCheckTookItOutIsForgotten) {
  counted[0] += {0, 5, 0}, look();
  board.settle(row(1), verdict::Verdict::down, false, now);
  look();
  EXPECT_FALSE(row(1).passive.openings.is_suspect());
  board.settle(row(1), verdict::Verdict::up, false, now);
  look();
  counted[0] += {0, 4, 0}, look(1s);
  EXPECT_EQ(asked.size(), 1U);
  counted[0] += {0, 1, 0}, look();
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(OpeningsWatchTest, ASlotOfAnotherBackendBeginsAnew) {
  counted[3] = {7, 900, 900};
  row(2).slots = {BackendSlot{3}};
  look(), look();
  EXPECT_TRUE(asked.empty()) << "what another had counted there is not its doing";
}

TEST_F(OpeningsWatchTest, WithoutHealthdNobodyIsAskedAndTheSuspectIsShownAllTheSame) {
  healthd = false;
  counted[0] += {0, 5, 0}, look();
  EXPECT_TRUE(row(1).passive.openings.is_suspect());
  EXPECT_EQ(row(1).passive.advised, 0U);
  healthd = true;
  counted[0] += {0, 1, 0}, look();
  EXPECT_EQ(asked.size(), 1U) << "as soon as it is back";
}

}  // namespace
}  // namespace tandem
