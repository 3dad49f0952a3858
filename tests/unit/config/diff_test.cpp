// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/diff.h"

#include "controlplane/config/canonical.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

constexpr std::string_view kBase = R"([[port]]
name = "a"
device = "null"
[[service]]
name = "web"
listen = "203.0.113.10:80/tcp"
check = { type = "tcp" }
[[service.backend]]
name = "web-1"
address = "10.20.0.11:80"
[[service.backend]]
name = "web-2"
address = "10.20.0.12:80"
)";

std::vector<std::string> texts(const std::vector<Change>& changes) {
  std::vector<std::string> out;
  for (const Change& change : changes) out.push_back(to_text(change));
  return out;
}

TEST(Diff, NothingChangedIsNothingSaid) { EXPECT_TRUE(diff(must_read(kBase), must_read(kBase)).empty()); }

TEST(Diff, ABackendThatComesOrGoesIsOneLine) {
  const Config before = must_read(kBase);
  const Config after = must_read(std::string{kBase} + "[[service.backend]]\nname = \"web-3\"\naddress = \"10.20.0.13:80\"\nweight = 2\n");
  EXPECT_EQ(texts(diff(before, after)), (std::vector<std::string>{"service.web.backend.web-3 added: 10.20.0.13:80, weight 2"}));
  EXPECT_EQ(texts(diff(after, before)), (std::vector<std::string>{"service.web.backend.web-3 removed: 10.20.0.13:80, weight 2"}));
}

TEST(Diff, AServiceThatComesTakesItsBackendsAlong) {
  EXPECT_EQ(texts(diff(Config{}, must_read(kBase))),
            (std::vector<std::string>{"port.a added: null", "service.web added: 203.0.113.10:80/tcp with 2 backends"}));
}

TEST(Diff, ValuesAreShownBeforeAndAfter) {
  Config after = must_read(kBase);
  after.service[0].backend[0].weight = 0;
  after.service[0].scheduler = SchedulerKind::round_robin;
  after.service[0].check.interval = milliseconds{2000};
  after.service[0].check.port = 8080;
  EXPECT_EQ(diff(must_read(kBase), after), (std::vector<Change>{{"service.web.backend.web-1.weight", "1", "0"},
                                                                {"service.web.check.interval", "1s", "2s"},
                                                                {"service.web.check.port", "", "8080"},
                                                                {"service.web.scheduler", "consistent-round-robin", "round-robin"}}));
}

TEST(Diff, AReplacedBackendIsNotHiddenByANameThatBeginsAlike) {
  const Config before = must_read(kBase);
  std::string text{kBase};
  text.replace(text.find("\"web-1\""), 7, "\"web\"");
  EXPECT_EQ(texts(diff(before, must_read(text))), (std::vector<std::string>{"service.web.backend.web added: 10.20.0.11:80, weight 1",
                                                                            "service.web.backend.web-1 removed: 10.20.0.11:80, weight 1"}));
}

TEST(Hash, SpellingOrderAndCommentsDoNotCount) {
  const std::string other = R"(# the same, told otherwise
[[service]]
check.type = "tcp"
check.interval = "1000ms"
listen = ["203.0.113.10:80/tcp"]
name = "web"
grace = "1m"
backend = [{ address = "10.20.0.12:80", name = "web-2" }, { address = "10.20.0.11:80", name = "web-1", weight = 1 }]
[[port]]
device = "null"
name = "a"
)";
  EXPECT_EQ(must_read(kBase).hash, must_read(other).hash);
  EXPECT_EQ(must_read(kBase).hash.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Hash, EveryValueCounts) {
  const Config base = must_read(kBase);
  const std::string hash = hash_of(base);
  Config changed = base;
  changed.service[0].backend[1].weight = 2;
  EXPECT_NE(hash_of(changed), hash);
  changed = base;
  changed.dataplane.workers = 1;
  EXPECT_NE(hash_of(changed), hash);
  changed = base;
  changed.service[0].check.verify = false;
  EXPECT_NE(hash_of(changed), hash);
}

}  // namespace
}  // namespace tandem::config
