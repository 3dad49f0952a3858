// SPDX-License-Identifier: Apache-2.0
// tandemctl deny and allow: what is asked of the daemon, in portions when it is much, and what is told of the answer.
#include <fstream>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Guard : public CliTest {};

TEST_F(Guard, SendsWhatWasAsked) {
  daemon.on("deny.add", samples::denied());
  EXPECT_EQ(
      run({"deny", "add", "198.51.100.66", "203.0.113.0/24", "--ttl", "4h", "--service", "web", "--reason", "crowdsec", "--force"}).exit,
      0);
  EXPECT_EQ(daemon.asked("deny.add").back(), (Json{{"prefixes", {"198.51.100.66", "203.0.113.0/24"}},
                                                   {"ttl_seconds", 14400.0},
                                                   {"service", "web"},
                                                   {"reason", "crowdsec"},
                                                   {"force", true}}));
}

TEST_F(Guard, TheNewStateIsPrinted) {
  daemon.on("deny.add", samples::denied());
  EXPECT_EQ(run({"deny", "add", "198.51.100.66"}).out, "deny 198.51.100.66/32, all services, ends in 4 h\n");
}

TEST_F(Guard, AFileIsSentInPortionsWithoutItsComments) {
  const std::string path = daemon.folder() + "/list.txt";
  std::ofstream file{path};
  file << "# a bouncer's\n\n  198.51.100.1  # one\n";
  for (int i = 0; i < 12'000; ++i) file << "10.0." << i / 250 << "." << i % 250 << "\n";
  file.close();
  daemon.on("deny.add", [](const CallPtr& call) { call->reply({{"changed", call->params()["prefixes"].size()}}); });
  const Tool::Ran ran = run({"deny", "add", "--file", path, "--ttl", "1d"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "12 001 prefixes on the list\n");
  const std::vector<Json> asked = daemon.asked("deny.add");
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0]["prefixes"][0], "198.51.100.1");
  EXPECT_EQ(asked[1]["skip_refused"], true);
}

TEST_F(Guard, WhatWasRefusedOfAFileIsToldAndIsExitFive) {
  daemon.on("deny.add",
            Json{{"changed", 7}, {"refused", {{{"prefix", "192.0.2.7"}, {"why", "protected: [protect] prefixes has 192.0.2.0/24"}}}}});
  const std::string path = daemon.folder() + "/list.txt";
  std::ofstream{path} << "192.0.2.7\n";
  const Tool::Ran ran = run({"deny", "add", "--file", path});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_NE(ran.err.find("192.0.2.7: protected: [protect]"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("1 prefix refused, 7 done"), std::string::npos) << ran.err;
}

TEST_F(Guard, APeerThatIsAwayIsNoFailure) {
  Json answer = samples::denied();
  answer["peer_silence"] = "the peer lb-b is not heard";
  daemon.on("deny.add", answer);
  const Tool::Ran ran = run({"deny", "add", "198.51.100.66"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "the peer lb-b is not heard: it will have this when it is back\n");
}

TEST_F(Guard, WithoutPrefixesOrWithBothItIsAMistake) {
  EXPECT_EQ(run({"deny", "add"}).exit, 2);
  EXPECT_EQ(run({"deny", "add", "10.0.0.1", "--file", "x"}).exit, 2);
  EXPECT_EQ(run({"allow", "add", "--file", "/nowhere/at/all"}).exit, 2);
  EXPECT_EQ(run({"deny", "add", "10.0.0.1", "--ttl", "soon"}).exit, 2);
}

TEST_F(Guard, TheListIsATableWithHowManyThereAre) {
  daemon.on("deny.list", [](const CallPtr& call) {
    call->event(samples::denied()["entries"][0]);
    call->end({{"shown", 1}, {"matched", 1'000'000}});
  });
  const Tool::Ran ran = run({"deny", "list", "198.51.100.66", "--service", "web", "--limit", "1"});
  EXPECT_EQ(daemon.asked("deny.list").back(), (Json{{"prefix", "198.51.100.66"}, {"service", "web"}, {"limit", 1}}));
  EXPECT_NE(ran.out.find("198.51.100.66/32"), std::string::npos);
  EXPECT_NE(ran.out.find("crowdsec"), std::string::npos);
  EXPECT_EQ(ran.err, "1 of 1 000 000 shown\n");
  EXPECT_NE(run({"denies", "list", "-o", "plain"}).out.find("14400"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
