// SPDX-License-Identifier: Apache-2.0
// capture writes what the daemon sends, trace says it in lines.
#include <fstream>

#include "common/api/base64.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Capture : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    daemon.on("capture", [](const CallPtr& call) {
      call->event({{"blocks", api::to_base64("first ")}, {"packets", 1}, {"lost", 0}});
      call->event({{"blocks", api::to_base64(std::string{"\0\xff second", 9})}, {"packets", 2}, {"lost", 3}});
      call->end({{"packets", 2}, {"seen", 5}, {"lost", 3}});
    });
  }
  std::string file() const { return daemon.folder() + "/out.pcapng"; }
  std::string written() const {
    std::ifstream in{file(), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

TEST_F(Capture, WritesTheFileAndSaysHowMuch) {
  const Tool::Ran ran = run({"capture", "-w", file(), "--count", "2"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(written(), "first " + std::string("\0\xff second", 9)) << "byte for byte";
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("2 packets captured, 3 lost"), std::string::npos) << ran.err;
}

TEST_F(Capture, GoesDownAPipeButOntoNoTerminal) {
  EXPECT_EQ(run({"capture", "-w", "-"}).out, "first " + std::string("\0\xff second", 9));
  tool.out_is_terminal = true;
  EXPECT_EQ(run({"capture", "-w", "-"}).exit, 2);
  EXPECT_EQ(run({"capture"}).exit, 2);
}

TEST_F(Capture, TellsTheDaemonWhatIsWanted) {
  run({"capture", "-w", file(), "--at", "drop,punt", "--port", "outside", "--snaplen", "96", "--ring", "64M", "--duration", "10s", "tcp",
       "port", "80"});
  const Json asked = daemon.asked("capture").back();
  EXPECT_EQ(asked["at"], (Json{"drop", "punt"}));
  EXPECT_EQ(asked["port"], "outside");
  EXPECT_EQ(asked["snap_bytes"], 96);
  EXPECT_EQ(asked["ring_bytes"], 64 << 20);
  EXPECT_EQ(asked["seconds"], 10.0);
  ASSERT_GT(asked["program"].size(), 3U);
  EXPECT_EQ(asked["program"][0].size(), 4U) << "the program, not the words";
}

TEST_F(Capture, AFilterThatIsNoneIsSaidHere) {
  const Tool::Ran ran = run({"capture", "-w", file(), "tcp", "prot", "80"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("filter 'tcp prot 80'"), std::string::npos) << ran.err;
  EXPECT_TRUE(daemon.asked("capture").empty());
}

TEST_F(Capture, WhatCannotBeWrittenIsSaid) {
  EXPECT_EQ(run({"capture", "-w", daemon.folder() + "/no/such/folder"}).exit, 1);
  EXPECT_EQ(run({"capture", "-w", "/dev/full"}).exit, 1);
}

TEST_F(Capture, ARefusalIsPassedOn) {
  daemon.fail("capture", {Exit::refused, "another capture runs, by alice", ""});
  const Tool::Ran ran = run({"capture", "-w", file()});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_NE(ran.err.find("by alice"), std::string::npos);
}

Json packet(const char* fate) {
  return {{"time", "2026-01-31T14:02:11.123456Z"},
          {"worker", 2},
          {"port", "outside"},
          {"kind", "tcp"},
          {"flags", "S"},
          {"source", "198.51.100.7:51514"},
          {"target", "203.0.113.10:80"},
          {"bytes", 74},
          {"role", "client"},
          {"service", "web"},
          {"becomes", "half-open"},
          {"backend", "web/web-2"},
          {"stage", "choose"},
          {"fate", fate},
          {"reason", "no_backend"},
          {"out", "inside"},
          {"left_source", "198.51.100.7:51514"},
          {"left_target", "10.20.0.12:80"}};
}

class TraceLines : public CliTest {
 protected:
  Tool::Ran traced(const Json& event, std::vector<std::string> words) {
    daemon.on("trace", [event](const CallPtr& call) {
      call->event(event);
      call->end({{"packets", 1}, {"seen", 1}, {"lost", 0}});
    });
    return run(words);
  }
};

TEST_F(TraceLines, SayWhatItWasWhatItMetAndHowItLeft) {
  EXPECT_EQ(traced(packet("sent"), {"trace"}).out,
            "14:02:11.123456 w2 outside tcp 198.51.100.7:51514 > 203.0.113.10:80 S 74 B | web, new, half-open, web/web-2 | choose | "
            "tx inside 198.51.100.7:51514 > 10.20.0.12:80\n");
  EXPECT_EQ(daemon.asked("trace").back()["count"], 10);
}

TEST_F(TraceLines, OfADropItsReason) {
  const std::string out = traced(packet("dropped"), {"trace", "--count", "3", "udp"}).out;
  EXPECT_NE(out.find("| drop no_backend\n"), std::string::npos) << out;
  EXPECT_EQ(daemon.asked("trace").back()["count"], 3);
  EXPECT_GT(daemon.asked("trace").back()["program"].size(), 1U);
}

TEST_F(TraceLines, ForProgramsTheObjectAndWithFollowNoEnd) {
  const Tool::Ran ran = traced(packet("sent"), {"trace", "--follow", "-o", "jsonl"});
  EXPECT_EQ(Json::parse(ran.out)["fate"], "sent");
  EXPECT_FALSE(daemon.asked("trace").back().contains("count"));
  EXPECT_NE(traced(packet("sent"), {"trace", "-o", "plain"}).out.find("\tchoose\tsent\t"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
