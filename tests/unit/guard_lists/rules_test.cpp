// SPDX-License-Identifier: Apache-2.0
// What book and [protect] come to for the workers, and who they learn was newly denied.
#include "controlplane/guard/rules.h"

#include "tests/unit/guard_lists/said.h"

namespace tandem::guard {
namespace {

class RulesTest : public testing::Test {
 protected:
  void begin(const std::vector<Prefix>& protect = {}) { rules_.begin(book_, protect); }
  void say(std::vector<Entry> entries) {
    ASSERT_TRUE(book_.say(entries));
    std::vector<Place> changed;
    for (const Entry& entry : entries) changed.push_back(entry.place);
    rules_.renew(book_, changed);
  }
  bool is_denied(std::string_view client, const std::string& service = "") const {
    const config::GuardLists lists = rules_.lists();
    RuleWord word = lists.view->everywhere->find(ip(client));
    if (const auto own = lists.of(service)) word = std::max(word, own->find(ip(client)));
    return denies(word);
  }
  std::uint64_t version() const { return rules_.lists().view->version; }
  std::vector<std::string> newly_since(std::uint64_t version) const {
    std::vector<std::string> out;
    const auto view = rules_.lists().view;
    for (const NewlyDenied& each : view->recent)
      if (each.version > version) out.push_back(to_string(each.prefix));
    return out;
  }

  Book book_;
  Rules rules_;
};

TEST_F(RulesTest, TheMoreSpecificWinsAndAtTheSamePrefixAllowDoes) {
  begin();
  say({said(deny("10.0.0.0/8")), said(allow("10.1.0.0/16")), said(deny("10.1.2.0/24")), said(deny("fd00::/16")), said(allow("fd00::/16"))});
  EXPECT_TRUE(is_denied("10.9.9.9") && is_denied("10.1.2.3"));
  EXPECT_FALSE(is_denied("10.1.3.3") || is_denied("fd00::1") || is_denied("11.0.0.0"));
  say({taken_back(allow("fd00::/16"))});
  EXPECT_TRUE(is_denied("fd00::1")) << "the deny that stood beside it";
}

TEST_F(RulesTest, AServicesListCountsWithTheOneForAll) {
  begin();
  say({said(deny("10.0.0.0/8")), said(allow("10.0.0.0/8", "web")), said(deny("192.0.2.0/24", "web"))});
  EXPECT_TRUE(is_denied("10.0.0.1") && is_denied("10.0.0.1", "dns") && is_denied("192.0.2.1", "web"));
  EXPECT_FALSE(is_denied("10.0.0.1", "web") || is_denied("192.0.2.1"));
}

TEST_F(RulesTest, WhatIsProtectedIsNeverDenied) {
  say({said(deny("10.0.0.0/8"))});
  say({said(deny("10.1.2.0/24")), said(deny("10.1.2.0/24", "web"))});  // said before it was protected
  begin({prefix("10.1.0.0/16")});
  EXPECT_TRUE(is_denied("10.2.0.1"));
  EXPECT_FALSE(is_denied("10.1.2.3") || is_denied("10.1.2.3", "web") || is_denied("10.1.9.9"));
  EXPECT_EQ(to_string(*rules_.protects(prefix("10.1.2.0/24"))), "10.1.0.0/16");
  EXPECT_EQ(rules_.protects(prefix("10.0.0.0/8")), nullptr) << "it may be denied around it";
  begin({});
  EXPECT_TRUE(is_denied("10.1.2.3")) << "as the book says";
}

TEST_F(RulesTest, WorkersLearnWhoWasNewlyDeniedAndNothingElse) {
  begin();
  EXPECT_EQ(version(), 0U);
  say({said(deny("10.0.0.0/8"))});
  EXPECT_EQ(version(), 1U);
  say({said(allow("10.1.0.0/16"))});
  say({taken_back(deny("10.0.0.0/8"))});
  EXPECT_EQ(version(), 1U) << "these deny nobody more";
  say({said(deny("10.0.0.0/8"))});
  say({taken_back(allow("10.1.0.0/16"))});
  EXPECT_EQ(newly_since(1), (std::vector<std::string>{"10.0.0.0/8", "10.1.0.0/16"}));
  say({said(deny("10.0.0.0/8"))});
  EXPECT_EQ(version(), 3U) << "said again, with another end";
}

TEST_F(RulesTest, OfManyAtOnceOnlyThatThereWereManyIsTold) {
  begin();
  std::vector<Entry> many;
  for (int i = 0; i < 1000; ++i) many.push_back(said(deny("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "/32")));
  say(many);
  const auto view = rules_.lists().view;
  EXPECT_TRUE(view->recent.empty() && view->told_since == view->version);
  EXPECT_TRUE(is_denied("10.0.3.249"));
  EXPECT_FALSE(is_denied("10.0.3.250"));
}

TEST_F(RulesTest, OneAfterTheOtherTheOldestIsForgottenAndThatIsTold) {
  begin();
  for (std::size_t i = 0; i < Rules::kRecent + 5; ++i) say({said(deny("10.0.0." + std::to_string(i) + "/32"))});
  const auto view = rules_.lists().view;
  EXPECT_EQ(view->recent.size(), Rules::kRecent);
  EXPECT_EQ(view->told_since, 5U);
  EXPECT_EQ(view->recent.front().version, 6U);
}

TEST_F(RulesTest, AListThatDidNotChangeIsTheSameForTheBuilder) {
  begin();
  say({said(deny("10.0.0.0/8", "web"))});
  const auto before = rules_.lists().of("web");
  say({said(deny("10.0.0.0/8"))});
  EXPECT_EQ(rules_.lists().of("web"), before);
  say({taken_back(deny("10.0.0.0/8", "web"))});
  EXPECT_EQ(rules_.lists().of("web"), nullptr) << "an empty one is none";
}

}  // namespace
}  // namespace tandem::guard
