// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/diagnostic.h"

#include <array>

#include "controlplane/config/suggest.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

// The sample of the operator's manual, word for word where the words are ours to choose.
TEST(Rendering, LooksAsTheManualShowsIt) {
  std::string text = R"(# a site
[[port]]
name   = "outside"
device = "af_xdp:eth1"

[[service]]
name = "web"
listen = "203.0.113.10:80/tcp"
schedular = "round-robin"

[[service.backend]]
name    = "web-2"
address = "10.20.0.12:80"
weight  = -3

[[service]]
name = "many"
listen = "203.0.113.10:81/tcp"

[service.check]
type     = "tcp"
interval    = "50ms"
timeout  = "20ms"

[[service.backend]]
name = "b"
address = "10.20.0.13:80"

[[service]]
name = "again"
listen = "203.0.113.10:80/tcp"
backend = [{ name = "b", address = "10.20.0.14:80" }]
)";
  const std::string one = "[[service.backend]]\nname = \"b\"\naddress = \"10.20.0.13:80\"\n";
  std::string forty = "backend = [";
  for (int i = 1; i <= 40; ++i) forty += "{ name = \"m" + std::to_string(i) + "\", address = \"10.20.1." + std::to_string(i) + ":80\" },";
  text.replace(text.find(one), one.size(), "\n\n\n");  // keeps the line numbers
  text.replace(text.find("listen = \"203.0.113.10:81/tcp\"\n\n") + 31, 0, forty + "]");
  EXPECT_EQ(render(read(text).diagnostics, false), R"(tandem.toml:9:1: error[E101]: unknown key "schedular" in [[service]] "web"
    9 | schedular = "round-robin"
      | ^^^^^^^^^ did you mean "scheduler"?
tandem.toml:14:11: error[E203]: weight must be 0..256, got -3
   14 | weight  = -3
      |           ^^ backend "web-2" of service "web"
tandem.toml:31:10: error[E310]: 203.0.113.10:80/tcp is already used by service "web" (line 8)
tandem.toml:22:15: warning[W305]: 40 checks every 50ms are 800 checks a second
3 errors, 1 warning
)");
}

Diagnostic sample() {
  return {Code::out_of_range, "tandem.toml", {14, 11, 2}, "weight must be 0..256, got -3", "backend \"web-2\"", "weight  = -3", 10};
}

TEST(Rendering, ColourAddsNothingButColour) {
  std::string coloured = render(sample(), true);
  EXPECT_NE(coloured.find("\x1b[1;31merror[E203]:\x1b[0m"), coloured.npos);
  for (std::size_t at = coloured.find('\x1b'); at != coloured.npos; at = coloured.find('\x1b'))
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  EXPECT_EQ(coloured, render(sample(), false));
}

TEST(Rendering, CountsInWords) {
  const std::array one{sample()};
  const std::array two{sample(), Diagnostic{Code::no_ports, "f", {}, "", "", "", 0}};
  EXPECT_EQ(render_count({}), "0 errors");
  EXPECT_EQ(render_count(one), "1 error");
  EXPECT_EQ(render_count(two), "1 error, 1 warning");
}

TEST(Rendering, AFileCannotSteerTheTerminal) {
  const ReadOutcome outcome = read("[node]\n\"\\u001b[2J\" = 1 # \t\n");
  const std::string text = render(outcome.diagnostics, false);
  EXPECT_EQ(text.find('\x1b'), text.npos) << text;
  EXPECT_NE(text.find("?[2J"), text.npos) << text;
}

TEST(Rendering, TheCaretStandsRightBehindTabsAndUmlauts) {
  const std::string text = render(read("[node]\n\tname = \"ü\" # x\n\n[dataplane]\n\tidle = \"spin\"\nhügepages\t= 1").diagnostics, false);
  EXPECT_NE(text.find(" name = \"ü\" # x\n      |         ^^^ [node]\n"), text.npos) << text;
}

TEST(Rendering, ALongLineIsCutAroundItsPlace) {
  const std::string text = "[node]\nname = \"" + std::string(500, 'a') + "\"\nx = [" + std::string(100'000, ' ') + "1]\ny = { a = \"" +
                           std::string(3000, 'b') + "\"" + ", z = 3 }\n";
  for (const Diagnostic& d : read(text + "[dataplane]\ncores = [" + std::string(5000, ' ') + "-1]\n").diagnostics) {
    const std::string shown = render(d, false);
    EXPECT_LT(shown.size(), 800u) << shown;
    if (d.code == Code::out_of_range) {
      EXPECT_EQ(d.source_line.substr(d.caret, 2), "-1");
    }
  }
}

TEST(Suggestion, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("scheduler", "scheduler"), 0u);
  EXPECT_EQ(edit_distance("schedular", "scheduler"), 1u);
  EXPECT_EQ(edit_distance("shceduler", "scheduler"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggestion, OnlyWhatIsNearIsMeant) {
  constexpr std::array<std::string_view, 3> kWords{"nat", "l2-dsr", "full-nat"};
  EXPECT_EQ(nearest("nta", kWords), "nat");
  EXPECT_EQ(nearest("l2dsr", kWords), "l2-dsr");
  EXPECT_EQ(nearest("xyz", kWords), "") << "three edits make any word of three letters";
  EXPECT_EQ(nearest(std::string(100'000, 'n'), kWords), "");
  EXPECT_EQ(did_you_mean("ful-nat", kWords), "did you mean \"full-nat\"?");
}

}  // namespace
}  // namespace tandem::config
