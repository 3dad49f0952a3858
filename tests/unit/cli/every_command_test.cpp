// SPDX-License-Identifier: Apache-2.0
// Each command once against a daemon, in the three forms: it asks the right method, and every form holds the same object.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

struct Case {
  std::vector<std::string> words;
  std::string method;
  Json answer;       // of the method
  std::string seen;  // in table and plain
};

std::vector<Case> cases() {
  const Json backends = samples::backends();
  const Json drained = Json::array({backends[0]});
  const Json checked{{"ok", true}, {"text", "200"}, {"duration_seconds", 0.0008}, {"dialogue", {"> GET /healthz", "< 200"}}};
  const Json service = samples::merged(samples::services()[0], {{"backends", backends}, {"timeouts", {{"established_seconds", 900}}}});
  const Json counted{{"total", 301}, {"groups", {{{"key", "web/web-2"}, {"count", 201}}, {{"key", "web/web-3"}, {"count", 100}}}}};
  return {
      {{"status"}, "status", samples::status(), "db-write"},
      {{"events", "--since", "1h", "--kind", "backend,config"}, "events.list", Json::array({samples::event()}), "web/web-1"},
      {{"warnings"}, "warnings.list", samples::status()["warnings"], "web/web-1"},
      {{"drops", "--reason", "ttl_expired"}, "drops.list", samples::drops(), "ttl_expired"},
      {{"service", "list"}, "service.list", samples::services(), "203.0.113.10:80/tcp"},
      {{"services", "show", "web"}, "service.show", service, "consistent-round-robin"},
      {{"backend", "list"}, "backend.list", backends, "web-4"},
      {{"backend", "show", "web/web-1"}, "backend.show", backends[0], "10.20.0.11:80"},
      {{"backend", "drain", "web/web-1"}, "backend.drain", drained, "draining"},
      {{"backend", "disable", "web/web-1"}, "backend.disable", drained, "web-1"},
      {{"backend", "enable", "web/web-*"}, "backend.enable", backends, "web-2"},
      {{"backend", "weight", "web/web-1", "50%"}, "backend.weight", drained, "web-1"},
      {{"backend", "reset", "web/web-1"}, "backend.reset", drained, "web-1"},
      {{"check", "list", "web"}, "check.list", samples::checks(), "web-4"},
      {{"check", "run", "web/web-1"}, "check.run", checked, "ok"},
      {{"conn", "count", "--group-by", "backend", "service=web"}, "conn.count", counted, "web/web-3"},
      {{"conn", "kill", "src=192.0.2.66", "--yes"}, "conn.kill", Json{{"matched", 3}, {"here", 2}, {"at_peer", 1}, {"missed", 0}}, "3"},
      {{"explain", "tcp", "198.51.100.7:51514", "203.0.113.10:80"}, "explain", samples::explanation(), "web-2"},
      {{"ha", "status"}, "ha.status", samples::ha(), "blue"},
      {{"ha", "failover", "blue", "--wait", "5s"}, "ha.failover", samples::ha(), "green"},
      {{"ha", "hold", "--for", "30m"}, "ha.hold", samples::ha(), "blue"},
      {{"sync", "status"}, "sync.status", samples::ha(), "18 219 008 buckets, 0 differed"},
      {{"sync", "resync"}, "sync.resync", samples::ha(), "1 204 331"},
      {{"ha", "resume"}, "ha.resume", samples::ha(), "blue"},
      {{"port", "list"}, "port.list", samples::ports(), "af_packet:eth1"},
      {{"port", "list", "--stats"}, "port.list", samples::ports(), "outside"},
      {{"port", "show", "outside"}, "port.show", samples::port_card(), "joined by software"},
      {{"port", "verify", "outside", "--by", "inside"}, "port.verify", samples::port_card(), "64 + 64 + 60 + 68"},
      {{"source", "list"}, "source.list", samples::sources(), "leaving"},
      {{"worker", "list"}, "worker.list", samples::workers(), "301"},
      {{"deny", "add", "198.51.100.66", "--ttl", "4h"}, "deny.add", samples::denied(), "198.51.100.66/32"},
      {{"deny", "del", "198.51.100.66"}, "deny.del", samples::taken_off(), "1 prefix taken off"},
      {{"allow", "add", "198.51.100.0/24", "--service", "web"}, "allow.add", samples::denied(), "198.51.100.66/32"},
      {{"allow", "del", "198.51.100.0/24"}, "allow.del", samples::taken_off(), "1 prefix taken off"},
      {{"overlay", "list"}, "overlay.list", samples::overlay(), "kernel update"},
      {{"config", "diff", SOURCE_ROOT "/tests/unit/cli/good.toml"}, "config.diff", samples::applied(), "service.web.backend.web-5"},
      {{"config", "apply", SOURCE_ROOT "/tests/unit/cli/good.toml"}, "config.apply", samples::applied(), "9f31c2aa01bc"},
      {{"config", "confirm"}, "config.confirm", samples::applied(), "9f31c2aa01bc"},
      {{"config", "rollback", "--yes"}, "config.rollback", samples::applied(), "9f31c2aa01bc"},
      {{"config", "history"}, "config.history", samples::history(), "11223344aabb"},
  };
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += word + " ";
  return out;
}

std::vector<std::string> with(std::vector<std::string> words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
  return words;
}

class EveryCommand : public CliTest {};

TEST_F(EveryCommand, ShowsItsObjectInATable) {
  for (const Case& each : cases()) {
    daemon.on(each.method, each.answer);
    const Tool::Ran ran = run(each.words);
    EXPECT_EQ(ran.exit, 0) << joined(each.words) << ran.err;
    EXPECT_NE(ran.out.find(each.seen), std::string::npos) << joined(each.words) << "\n" << ran.out;
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos) << joined(each.words) << ": not a terminal, no colour";
  }
}

TEST_F(EveryCommand, ShowsItsObjectTabSeparatedWithoutUnits) {
  for (const Case& each : cases()) {
    daemon.on(each.method, each.answer);
    const Tool::Ran ran = run(with(each.words, {"-o", "plain"}));
    EXPECT_EQ(ran.exit, 0) << joined(each.words) << ran.err;
    EXPECT_NE(ran.out.find(each.seen), std::string::npos) << joined(each.words) << "\n" << ran.out;
    for (const char* unit : {" k\t", " M\t", " %\t", " ms\t"})
      EXPECT_EQ(ran.out.find(unit), std::string::npos) << joined(each.words) << "\n" << ran.out;
  }
}

TEST_F(EveryCommand, GivesProgramsTheAnswerInAnEnvelopeAndNothingElse) {
  daemon.on("version", Json{{"node", "lb-a"}});
  for (const Case& each : cases()) {
    daemon.on(each.method, each.answer);
    const Tool::Ran ran = run(with(each.words, {"-o", "json"}));
    EXPECT_EQ(ran.exit, 0) << joined(each.words) << ran.err;
    const Json envelope = Json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(envelope.is_object()) << joined(each.words) << "\n" << ran.out;
    EXPECT_EQ(envelope["schema"], "tandem." + each.method + "/1");
    EXPECT_EQ(envelope["node"], "lb-a");
    EXPECT_EQ(envelope["time"], "2026-01-31T14:07:00Z");
    EXPECT_EQ(envelope["warnings"], Json::array());
    const bool filtered = each.method == "drops.list";
    EXPECT_TRUE(filtered || envelope["data"] == each.answer) << joined(each.words) << "\n" << ran.out;
  }
}

TEST_F(EveryCommand, SurvivesAnAnswerWithoutFieldsAndOneOfAnotherShape) {
  for (const Case& each : cases()) {
    daemon.on(each.method, each.answer.is_array() ? Json::array({Json::object()}) : Json::object());
    EXPECT_NE(run(each.words).exit, 3) << joined(each.words);
    daemon.on(each.method, Json{7});
    const Tool::Ran ran = run(each.words);
    EXPECT_EQ(ran.exit, 9) << joined(each.words) << ran.out << ran.err;
    EXPECT_NE(ran.err.find("tandemctl version --check"), std::string::npos) << joined(each.words) << ran.err;
  }
}

TEST_F(EveryCommand, HasHelpThatLeadsWithExamples) {
  for (const Case& each : cases()) {
    std::vector<std::string> words;
    for (const std::string& word : each.words) {
      if (word.find_first_of("-/=") != std::string::npos || words.size() == 2) break;
      words.push_back(word);
    }
    const Tool::Ran ran = run(with(words, {"-h"}));
    EXPECT_EQ(ran.exit, 0) << joined(words);
    const std::size_t examples = ran.out.find("Examples:\n  tandemctl "), usage = ran.out.find("Usage: tandemctl ");
    EXPECT_NE(examples, std::string::npos) << ran.out;
    EXPECT_LT(examples, usage) << ran.out;
  }
}

TEST_F(EveryCommand, SendsWhatWasAsked) {
  daemon.on("backend.drain", Json::array());
  daemon.on("backend.weight", Json::array());
  daemon.on("conn.count", Json{{"total", 0}});
  run({"backend", "drain", "web/web-1", "db/*", "--reason", "kernel update", "--ttl", "2h", "--force"});
  EXPECT_EQ(daemon.asked("backend.drain").back(),
            (Json{{"backends", {"web/web-1", "db/*"}}, {"reason", "kernel update"}, {"ttl_seconds", 7200.0}, {"force", true}}));
  run({"backend", "weight", "web/web-1", "web/web-2", "50%"});
  EXPECT_EQ(daemon.asked("backend.weight").back(), (Json{{"backends", {"web/web-1", "web/web-2"}}, {"weight", "50%"}}));
  run({"conn", "count", "service=web", "src=192.0.2.0/24", "sport=443", "age>1h", "idle>90s", "worker=1"});
  EXPECT_EQ(daemon.asked("conn.count").back()["filter"], (Json{{"service", "web"},
                                                               {"src", "192.0.2.0/24"},
                                                               {"sport", 443},
                                                               {"age_over_seconds", 3600.0},
                                                               {"idle_over_seconds", 90.0},
                                                               {"worker", 1}}));
}

TEST_F(EveryCommand, ListsTheBackendsThatMatchAPattern) {
  daemon.on("backend.list", samples::backends());
  const Tool::Ran ran = run({"backend", "list", "w*/web-[12]", "-o", "plain", "--no-header"});
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2) << ran.out;
  EXPECT_EQ(run({"backend", "list", "w*/none"}).exit, 4);
}

TEST_F(EveryCommand, ShowsTheDialogueOfACheckOnlyWhenAskedFor) {
  daemon.on("check.run", Json{{"ok", false}, {"text", "503"}, {"duration_seconds", 0.002}, {"dialogue", {"> GET /", "< 503"}}});
  const Tool::Ran brief = run({"check", "run", "web/web-1"}), verbose = run({"check", "run", "web/web-1", "--verbose"});
  EXPECT_EQ(brief.exit, 1) << "a failed check is a failed operation";
  EXPECT_EQ(brief.out, "web/web-1 failed: 503, 2.0 ms\n");
  EXPECT_EQ(verbose.out, "web/web-1 failed: 503, 2.0 ms\n  > GET /\n  < 503\n");
  EXPECT_EQ(verbose.err, "> check.run {\"backend\":\"web/web-1\"}\n");
}

}  // namespace
}  // namespace tandem::cli
