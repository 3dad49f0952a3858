// SPDX-License-Identifier: Apache-2.0
// Two nodes' desks: what one hears the other has, told at once or when they meet.
#include "controlplane/guard/desk.h"

#include "tests/unit/guard_lists/said.h"

namespace tandem::guard {
namespace {

using namespace std::chrono_literals;

struct Office {
  Desk desk;
  std::vector<std::string> told;
  unsigned changes = 0;

  Office() {
    desk.configure({});
    desk.connect({[this] { ++changes; }, [this](std::string lines) { told.push_back(std::move(lines)); }});
  }
  bool denies_client(std::string_view client) const { return denies(desk.lists().view->everywhere->find(ip(client))); }
};

std::size_t tell(const std::vector<std::string>& lines, Office& to) {
  std::size_t news = 0;
  for (const std::string& each : lines) news += to.desk.hear(each, kNoon).value();
  return news;
}

TEST(Desk, WhatIsSaidReachesWorkersAndPeer) {
  Office a, b;
  ASSERT_TRUE(a.desk.say({said(deny("198.51.100.66/32"))}));
  EXPECT_EQ(a.changes, 1U);
  EXPECT_EQ(tell(a.told, b), 1U);
  EXPECT_TRUE(a.denies_client("198.51.100.66") && b.denies_client("198.51.100.66"));
  EXPECT_TRUE(b.told.empty()) << "what was heard is not told back";
  EXPECT_EQ(tell(a.told, b), 0U) << "twice is once";
  EXPECT_EQ(b.changes, 1U);
}

TEST(Desk, NodesThatMeetTellEachOtherWhatEitherMissed) {
  Office a, b;
  ASSERT_TRUE(a.desk.say({said(deny("10.0.0.0/24")), said(deny("10.0.1.0/24"))}));
  ASSERT_TRUE(b.desk.say({said(deny("10.0.2.0/24"), "lb-b")}));
  const std::vector<std::string> for_b = a.desk.told_to(b.desk.book().sums()), for_a = b.desk.told_to(a.desk.book().sums());
  EXPECT_EQ(tell(for_b, b), 2U);
  EXPECT_EQ(tell(for_a, a), 1U);
  EXPECT_EQ(a.desk.book().sums(), b.desk.book().sums());
  EXPECT_TRUE(a.desk.told_to(b.desk.book().sums()).empty()) << "equal books cost nothing";
  EXPECT_TRUE(a.denies_client("10.0.2.1") && b.denies_client("10.0.1.1"));
}

TEST(Desk, ManyGoInPortionsThatFitAWord) {
  Office a, b;
  std::vector<Entry> many;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    Entry entry = said(deny("10.0.0.0/8"));
    entry.place.prefix = {Ipv4Address{Be32{i * 2654435761U}}, 32};
    many.push_back(entry);
  }
  ASSERT_TRUE(a.desk.say(many));
  EXPECT_GT(a.told.size(), 3U);
  for (const std::string& each : a.told) EXPECT_LT(each.size(), 300'000U);
  EXPECT_EQ(tell(a.told, b), 20'000U);
  EXPECT_TRUE(b.denies_client(to_string(many.back().place.prefix.address)));
}

TEST(Desk, WhatEndsIsDeniedNoLonger) {
  Office a;
  ASSERT_TRUE(a.desk.say({said(deny("10.0.0.0/24"), "lb-a", 1h)}));
  EXPECT_EQ(a.desk.expire(kNoon + 1h).size(), 1U);
  EXPECT_FALSE(a.denies_client("10.0.0.1"));
  EXPECT_EQ(a.changes, 2U);
  EXPECT_TRUE(a.desk.expire(kNoon + 2h).empty());
  EXPECT_EQ(a.changes, 2U);
}

TEST(Desk, LinesThatCannotBeReadChangeNothing) {
  Office a;
  EXPECT_FALSE(a.desk.hear("1\tlb-b\tdeny\t10.0.0.0/24\t-\t5\t0\tbob\t\nnonsense\n", kNoon));
  EXPECT_FALSE(a.denies_client("10.0.0.1"));
}

TEST(Desk, SumsStandInAMessageAsTheyAre) {
  Sums sums{};
  sums[0] = 0xfedcba9876543210, sums[255] = 7;
  EXPECT_EQ(read_sums(to_text(sums)), sums);
  EXPECT_FALSE(read_sums("12").has_value() || read_sums(std::string(4096, 'x')).has_value());
}

}  // namespace
}  // namespace tandem::guard
