// SPDX-License-Identifier: Apache-2.0
// Every exit code, and that each failure says what failed, why, and what to do.
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Exits : public CliTest {
 protected:
  void expect_usage(const std::vector<std::string>& words, const std::string& message) {
    const Tool::Ran ran = run(words);
    EXPECT_EQ(ran.exit, 2) << ran.err;
    EXPECT_EQ(ran.err.substr(0, ran.err.find('\n')), "error: " + message);
    EXPECT_EQ(ran.out, "");
  }
};

TEST_F(Exits, DegradedAndCriticalOnlyWhenAskedFor) {
  nlohmann::json status = samples::status();
  daemon.on("status", status);
  EXPECT_EQ(run({"status"}).exit, 0);
  EXPECT_EQ(run({"status", "--exit-code"}).exit, 10);
  EXPECT_EQ(run({"status", "--exit-code", "--json"}).exit, 10);
  status["state"] = "critical";
  daemon.on("status", status);
  EXPECT_EQ(run({"status", "--exit-code"}).exit, 11);
  status["state"] = "ok";
  daemon.on("status", status);
  EXPECT_EQ(run({"status", "--exit-code"}).exit, 0);
}

TEST_F(Exits, AnErrorOfTheDaemonCarriesItsCode) {
  for (const int code : {1, 4, 5, 6, 7, 8, 9}) {
    daemon.fail("warnings.list", {static_cast<api::Exit>(code), "no", "", nullptr});
    const Tool::Ran ran = run({"warnings"});
    EXPECT_EQ(ran.exit, code);
    EXPECT_EQ(ran.err, "error: no\n");
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(Exits, AnErrorNeverLooksLikeSuccess) {
  daemon.fail("warnings.list", {static_cast<api::Exit>(0), "no", "", nullptr});
  EXPECT_EQ(run({"warnings"}).exit, 1);
  daemon.fail("warnings.list", {static_cast<api::Exit>(256), "no", "", nullptr});
  EXPECT_EQ(run({"warnings"}).exit, 1);
}

TEST_F(Exits, MistakesOnTheCommandLineAreTwo) {
  expect_usage(
      {},
      "a command is missing: status, events, warnings, drops, service, backend, check, conn, explain, trace, capture, port, worker, "
      "source, ha, sync, overlay, deny, allow, config, pair, version");
  expect_usage({"statsu"}, "unknown command \"statsu\" (did you mean \"status\"?)");
  expect_usage({"backend"}, "backend needs a verb: list, show, drain, disable, enable, reset, weight");
  expect_usage({"backend", "drian", "web/web-1"}, "unknown verb \"drian\" of backend (did you mean \"drain\"?)");
  expect_usage({"backend", "drain", "web/web-1", "--forse"}, "unknown flag \"--forse\" for backend drain (did you mean \"--force\"?)");
  expect_usage({"backend", "drain"}, "backend drain: BACKEND is required");
  expect_usage({"service", "show", "web", "list"}, "unexpected word \"list\" behind service show");
  expect_usage({"status", "-o", "tabel"}, "--output: expected table, wide, plain, json or jsonl, got \"tabel\" (did you mean \"table\"?)");
  expect_usage({"status", "--color", "blue"}, "--color: expected auto, always or never, got \"blue\"");
  expect_usage({"conn", "list", "sate=established"}, "unknown filter word \"sate=established\" (did you mean \"state=\"?)");
  expect_usage({"conn", "list", "age=1h"}, "filter word \"age=1h\": expected age>…");
  expect_usage({"conn", "list", "sport=https"}, "sport=: expected a number, got \"https\"");
  expect_usage({"backend", "weight", "web/web-1"}, "backend weight: expected BACKEND… and then a weight");
  expect_usage({"backend", "weight", "web/web-1", "half"}, "expected a weight such as 3 or 50%, got \"half\"");
  EXPECT_EQ(run({"status", "--timeout", "soon"}).exit, 2);
  EXPECT_EQ(run({"status", "--timeout", "0s"}).exit, 2);
  EXPECT_EQ(run({"status", "--timeout"}).exit, 2);
  EXPECT_TRUE(daemon.asked("backend.drain").empty()) << "nothing may be sent";
}

TEST_F(Exits, WordsAreNotAbbreviatedButNounsMayBePlural) {
  daemon.on("backend.list", samples::backends());
  EXPECT_EQ(run({"backends", "list"}).exit, 0);
  EXPECT_EQ(run({"back", "list"}).exit, 2);
  EXPECT_EQ(run({"backend", "li"}).exit, 2);
  EXPECT_EQ(run({"backend", "list", "--time", "3s"}).exit, 2);
}

TEST_F(Exits, AServiceMayBeNamedAsACommandIs) {
  daemon.on("service.show", samples::services()[0]);
  EXPECT_EQ(run({"service", "show", "status"}).exit, 0);
  EXPECT_EQ(daemon.asked("service.show").back(), (Json{{"service", "status"}}));
  EXPECT_EQ(run({"service", "show", "show"}).exit, 0);
}

TEST_F(Exits, WithoutADaemonThree) {
  tool.socket = daemon.folder() + "/nobody.sock";
  const Tool::Ran ran = run({"status"});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.err, "error: " + tool.socket + ": No such file or directory\n       is tandemd running, and with this --run-dir?\n");
  EXPECT_EQ(run({"status", "--socket", daemon.socket()}).exit, 1)
      << "--socket beats TANDEM_SOCKET: this daemon is there, without an answer";
}

TEST_F(Exits, ADaemonThatDoesNotAnswerSix) {
  daemon.on("status", [this](const CallPtr& call) { daemon.keep(call); });
  const Tool::Ran ran = run({"status", "--timeout", "50ms"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.err, "error: tandemd did not answer in time\n       is it stopped? raise --timeout\n");
}

TEST_F(Exits, VersionsThatCannotTalkNine) {
  daemon.on("version", Json{{"version", "9.0"}, {"api", 2}});
  const Tool::Ran ran = run({"version", "--check"});
  EXPECT_EQ(ran.exit, 9);
  EXPECT_EQ(ran.err, "error: tandemd speaks API 2, this tandemctl API 1\n       use the tandemctl that was installed with tandemd 9.0\n");
  daemon.on("version", Json{{"version", "9.0"}, {"api", 1}});
  EXPECT_EQ(run({"version", "--check"}).exit, 0);
  EXPECT_EQ(run({"-V"}).exit, 0);
  EXPECT_EQ(run({"-V"}).out.find("tandemctl "), 0u);
}

TEST_F(Exits, ABadConfigurationEightWithoutADaemon) {
  tool.socket = "/nowhere";
  const std::string file = daemon.folder() + "/bad.toml";
  std::ofstream{file} << "[node]\nnaem = \"lb-a\"\n";
  const Tool::Ran ran = run({"config", "check", file});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.out.find(file + ":2:1: error[E101]"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("did you mean \"name\"?"), std::string::npos) << ran.out;
  const Json envelope = Json::parse(run({"config", "check", file, "--json"}).out);
  EXPECT_EQ(envelope["schema"], "tandem.config.check/1");
  EXPECT_EQ(envelope["data"]["errors"][0]["line"], 2);
  EXPECT_EQ(run({"config", "check", SOURCE_ROOT "/tests/unit/cli/good.toml"}).exit, 0);
  EXPECT_EQ(run({"config", "check", daemon.folder() + "/absent.toml"}).exit, 8);
}

TEST_F(Exits, AFolderOfTwoFilesIsCheckedAsOneAndEachComplaintNamesItsFile) {
  const std::string folder = daemon.folder() + "/pair";
  std::filesystem::create_directory(folder);
  std::filesystem::copy_file(SOURCE_ROOT "/configs/examples/pair/node.toml", folder + "/node.toml");
  std::ofstream{folder + "/pair.toml"} << "[ha]\nmode = \"pear\"\n";
  const Tool::Ran ran = run({"config", "check", folder});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.out.find(folder + "/pair.toml:2:8: error[E202]"), std::string::npos) << ran.out;
  EXPECT_EQ(Json::parse(run({"config", "check", folder, "--json"}).out)["data"]["errors"][0]["file"], folder + "/pair.toml");
  EXPECT_EQ(run({"config", "check", SOURCE_ROOT "/configs/examples/pair"}).exit, 0);
}

TEST_F(Exits, ABadFileIsNotSent) {
  const std::string file = daemon.folder() + "/bad.toml";
  std::ofstream{file} << "[node]\nnaem = \"lb-a\"\n";
  const Tool::Ran ran = run({"config", "apply", file, "-q"});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.err.find("error[E101]"), std::string::npos) << ran.err;
  EXPECT_TRUE(daemon.asked("config.apply").empty());
}

TEST_F(Exits, WhatOnlyTheDaemonSeesInAFileIsShownWithItsPlace) {
  daemon.fail("config.apply", {Exit::bad_configuration, "the configuration has errors", "",
                               Json::array({{{"line", 9}, {"column", 3}, {"code", "E330"}, {"text", "core 9 is not here"}}})});
  const std::string file = SOURCE_ROOT "/tests/unit/cli/good.toml";
  const Tool::Ran ran = run({"config", "apply", file});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.err.find(file + ":9:3: error[E330]: core 9 is not here\n"), std::string::npos) << ran.err;
}

TEST_F(Exits, WhatNeedsConfirmationIsRefusedWhenNobodyIsThere) {
  daemon.on("config.rollback", samples::applied());
  daemon.on("backend.disable", Json::array({samples::backends()[0]}));
  EXPECT_EQ(run({"config", "rollback"}).exit, 5);
  EXPECT_EQ(run({"backend", "disable", "web/web-1", "--kill"}).exit, 5);
  EXPECT_TRUE(daemon.asked("config.rollback").empty() && daemon.asked("backend.disable").empty());
  EXPECT_EQ(run({"config", "rollback", "-y"}).exit, 0);
  EXPECT_EQ(run({"backend", "disable", "web/web-1"}).exit, 0) << "without --kill nothing is cut";
}

TEST_F(Exits, ATerminalIsAsked) {
  daemon.on("config.rollback", samples::applied());
  tool.in_is_terminal = true, tool.input = "n\n";
  const Tool::Ran no = run({"config", "rollback", "11223344"});
  EXPECT_EQ(no.exit, 5);
  EXPECT_EQ(no.err, "This brings back configuration 11223344. [y/N] error: not confirmed; nothing was changed\n");
  tool.input = "y\n";
  EXPECT_EQ(run({"config", "rollback", "11223344"}).exit, 0);
  EXPECT_EQ(daemon.asked("config.rollback").back(), (Json{{"hash", "11223344"}}));
}

TEST_F(Exits, WhoMayOnlyLookReadsOverStatusSock) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  ASSERT_EQ(chmod(daemon.folder().c_str(), 0755), 0);
  ASSERT_EQ(chmod(daemon.socket().c_str(), 0600), 0);  // the user below is still in root's group
  ASSERT_EQ(chmod((daemon.folder() + "/status.sock").c_str(), 0666), 0);
  daemon.on("warnings.list", Json::array());
  setfsuid(65'534);  // of this thread alone: the daemon stays root
  const Tool::Ran reading = run({"warnings", "-v"}), changing = run({"backend", "drain", "web/web-1"});
  tool.socket = daemon.folder() + "/status.sock";
  const Tool::Ran wrong_socket = run({"backend", "drain", "web/web-1"});
  setfsuid(0);
  EXPECT_EQ(reading.exit, 0) << reading.err;
  EXPECT_NE(reading.err.find("over status.sock"), std::string::npos) << reading.err;
  EXPECT_EQ(changing.exit, 3) << "a change is never tried over the reading socket";
  EXPECT_EQ(changing.err,
            "error: " + daemon.socket() + ": Permission denied\n       your user may not open the socket; see its group with ls -l\n");
  EXPECT_EQ(wrong_socket.exit, 5) << wrong_socket.err;
  EXPECT_TRUE(daemon.asked("backend.drain").empty());
}

}  // namespace
}  // namespace tandem::cli
