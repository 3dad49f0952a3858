// SPDX-License-Identifier: Apache-2.0
// Colour, width, watching, streams, and what a hostile name may not do.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Output : public CliTest {
 protected:
  bool coloured(const std::vector<std::string>& words) { return run(words).out.find('\x1b') != std::string::npos; }
};

TEST_F(Output, IsColouredOnATerminalThatWantsIt) {
  daemon.on("backend.list", samples::backends());
  const std::vector<std::string> plain{"backend", "list"}, always{"backend", "list", "--color", "always"};
  EXPECT_FALSE(coloured(plain)) << "not a terminal";
  EXPECT_TRUE(coloured(always)) << "--color always beats all";
  tool.out_is_terminal = true;
  EXPECT_TRUE(coloured(plain));
  EXPECT_FALSE(coloured({"backend", "list", "--color", "never"}));
  EXPECT_FALSE(coloured({"backend", "list", "-o", "plain"}));
  EXPECT_FALSE(coloured({"backend", "list", "-o", "json", "--color", "always"}));
  tool.environment = {{"NO_COLOR", ""}};
  EXPECT_TRUE(coloured(plain)) << "NO_COLOR counts when it is not empty";
  tool.environment = {{"NO_COLOR", "1"}};
  EXPECT_FALSE(coloured(plain));
  tool.environment = {{"TERM", "dumb"}};
  EXPECT_FALSE(coloured(plain));
  EXPECT_TRUE(coloured(always));
}

TEST_F(Output, IsCutOnATerminalAlone) {
  daemon.on("warnings.list", Json::array({{{"object", "web/web-1"}, {"text", std::string(200, 'x')}}}));
  tool.width = 60;
  EXPECT_NE(run({"warnings"}).out.find(std::string(200, 'x')), std::string::npos);
  tool.out_is_terminal = true;
  EXPECT_EQ(run({"warnings"}).out.find(std::string(60, 'x')), std::string::npos);
}

TEST_F(Output, NamesAndReasonsCannotSteerTheTerminal) {
  const std::string evil =
      "\x1b]0;owned\x07\x1b[2J\xc2\x9b"
      "31m";
  daemon.on("backend.list",
            Json::array({samples::merged(samples::backends()[0], {{"name", evil}, {"check_state", "down"}, {"check_text", evil}})}));
  daemon.on("status", samples::merged(samples::status(), {{"node", evil}, {"reasons", {evil}}}));
  daemon.on("backend.drain", Json::array({samples::merged(samples::backends()[0], {{"name", evil}})}));
  daemon.on("events.list", Json::array({samples::merged(samples::event(), {{"reason", evil}})}));
  daemon.on("conn.count", Json{{"total", 1}, {"groups", {{{"key", evil}, {"count", 1}}}}});
  daemon.fail("backend.show", {Exit::failed, evil, evil, nullptr});
  for (const char* format : {"table", "wide", "plain"})
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"backend", "list"}, {"status"}, {"backend", "drain", "web/web-1"}, {"events"}, {"conn", "count"}, {"backend", "show", "x"}}) {
      auto all = words;
      all.insert(all.end(), {"-o", format});
      const Tool::Ran ran = run(all);
      const std::string shown = ran.out + ran.err;
      for (const char* byte : {"\x1b", "\x07", "\xc2\x9b"})
        EXPECT_EQ(shown.find(byte), std::string::npos) << format << " " << words[0] << "\n" << shown;
    }
}

TEST_F(Output, WatchDrawsAgainUntilInterrupted) {
  nlohmann::json drops = samples::drops();
  daemon.on("drops.list", drops);
  int rounds = 0;
  tool.on_pause = [&] {
    drops["reasons"][0]["packets"] = 11;
    daemon.on("drops.list", drops);
    tool.interrupted = ++rounds == 2;
  };
  const auto start = tool.now;
  const Tool::Ran piped = run({"drops", "--watch=5"});
  EXPECT_EQ(piped.exit, 130);
  EXPECT_EQ(tool.now - start, std::chrono::seconds{10});
  EXPECT_EQ(daemon.asked("drops.list").size(), 2u);
  EXPECT_EQ(piped.out.find("# 2026-01-31 14:07:00 +00:00\nREASON"), 0u) << piped.out;
  EXPECT_EQ(piped.out.find('\x1b'), std::string::npos) << "in a pipe a block with its time";
  tool.interrupted = false, rounds = 0, drops["reasons"][0]["packets"] = 10;
  daemon.on("drops.list", drops);
  tool.out_is_terminal = true, tool.width = 100;
  const Tool::Ran drawn = run({"drops", "-w"});
  EXPECT_NE(drawn.out.find("ttl_expired  \x1b[7m11\x1b[0m"), std::string::npos) << drawn.out;
}

TEST_F(Output, WatchTakesNoWordThatFollows) {
  daemon.on("backend.list", samples::backends());
  tool.on_pause = [this] { tool.interrupted = true; };
  run({"backend", "list", "-w", "web"});
  EXPECT_EQ(daemon.asked("backend.list").back(), (Json{{"service", "web"}}));
}

TEST_F(Output, WatchForProgramsIsOneLineARound) {
  daemon.on("version", Json{{"node", "lb-a"}});
  daemon.on("service.list", samples::services());
  int rounds = 0;
  tool.on_pause = [&] { tool.interrupted = ++rounds == 2; };
  const std::string out = run({"service", "list", "--json", "-w"}).out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
}

TEST_F(Output, LinesForProgramsHaveOneRowEach) {
  daemon.on("service.list", samples::services());
  const std::string out = run({"service", "list", "-o", "jsonl"}).out;
  EXPECT_EQ(Json::parse(out.substr(0, out.find('\n')))["name"], "web");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
}

TEST_F(Output, FollowedEventsComeOneByOne) {
  daemon.on("events.list", Json::array({samples::event()}));
  daemon.on("events.follow", [](const CallPtr& call) {
    call->event(samples::merged(samples::event(), {{"text", "enabled"}}));
    call->end(Json::object());
  });
  const Tool::Ran ran = run({"events", "--follow", "--kind", "backend"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "2026-01-31 14:02:11 +00:00  info  backend  web/web-1 draining, by alice (kernel update)\n"
            "2026-01-31 14:02:11 +00:00  info  backend  web/web-1 enabled, by alice (kernel update)\n");
  EXPECT_EQ(daemon.asked("events.follow").back(), (Json{{"kind", {"backend"}}, {"node", "both"}}));
}

TEST_F(Output, ADaemonThatLeavesMidStreamIsNotACompleteList) {
  daemon.on("conn.list", [](const CallPtr& call) {
    call->event(samples::connection(0)), call->event(samples::connection(1));
    call->fail({Exit::unreachable, "tandemd closed the connection", "", nullptr});
  });
  const Tool::Ran people = run({"conn", "list"});
  EXPECT_EQ(people.exit, 3);
  EXPECT_NE(people.out.find("51515"), std::string::npos) << "what came is shown";
  EXPECT_EQ(people.err, "error: tandemd closed the connection (the list is not complete: 2 connections came)\n");
  const Tool::Ran programs = run({"conn", "list", "--json"});
  EXPECT_EQ(programs.exit, 3);
  EXPECT_EQ(programs.out, "") << "a list that looks whole would lie";
}

TEST_F(Output, AFilterThatIsRefusedIsNotAListCutShort) {
  daemon.fail("conn.list", {Exit::usage, "src: 'banana' is not an IP address", "", nullptr});
  EXPECT_EQ(run({"conn", "list", "src=banana"}).err, "error: src: 'banana' is not an IP address\n");
}

TEST_F(Output, AWorkerWithoutACoreOfItsOwnRunsOnAny) {
  daemon.on("worker.list", Json::array({{{"worker", 0}, {"core", 4'294'967'295}}}));
  EXPECT_NE(run({"worker", "list"}).out.find("0       any"), std::string::npos);
}

TEST_F(Output, WorkersSayHowManyIcmpErrorsTheyCarriedAndMade) {
  daemon.on("worker.list", samples::workers());
  const std::string row = run({"worker", "list", "-o", "plain", "--no-header"}).out;
  EXPECT_NE(row.find("\t34\t51\t"), std::string::npos) << row;
  EXPECT_NE(run({"worker", "list", "-o", "wide"}).out.find("ICMP CARRIED"), std::string::npos);
  EXPECT_EQ(run({"worker", "list"}).out.find("ICMP"), std::string::npos) << "it is nothing for every day";
}

TEST_F(Output, AStreamForProgramsSaysHowMuchThereWas) {
  daemon.on("version", Json{{"node", "lb-a"}});
  daemon.on("conn.list", [](const CallPtr& call) {
    call->event(samples::connection(0));
    call->end({{"shown", 1}, {"matched", 9}, {"scanned", 20}});
  });
  const Tool::Ran ran = run({"conn", "list", "--limit", "1", "--json"});
  const Json envelope = Json::parse(ran.out);
  EXPECT_EQ(envelope["summary"], (Json{{"shown", 1}, {"matched", 9}, {"scanned", 20}}));
  EXPECT_EQ(envelope["data"].size(), 1u);
  EXPECT_EQ(ran.err, "");
}

TEST_F(Output, AnAnswerThatCannotBeWrittenIsAFailure) {
  daemon.on("warnings.list", Json::array());
  std::istringstream in;
  std::ostringstream err;
  std::ostream out{nullptr};
  Surroundings world{in,
                     out,
                     err,
                     false,
                     false,
                     false,
                     0,
                     {{"TANDEM_SOCKET", daemon.socket()}},
                     [] { return Moment{}; },
                     [] { return std::chrono::steady_clock::time_point{}; },
                     [](auto) {},
                     [] { return false; }};
  EXPECT_EQ(cli::run({"warnings"}, world), 1);
  EXPECT_NE(err.str().find("could not be written"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
