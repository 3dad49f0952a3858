// SPDX-License-Identifier: Apache-2.0
// drain --wait: what is said while connections end, and how every ending is told. A fake clock; no test waits.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Drain : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    set(4102);
    daemon.on("backend.drain", [this](const CallPtr& call) { call->reply(Json::array({state()})); });
    daemon.on("backend.show", [this](const CallPtr& call) { call->reply(state()); });
  }
  void set(int connections, const char* admin_state = "draining") { connections_ = connections, admin_state_ = admin_state; }
  Json state() const {
    return samples::merged(samples::backend("web-1", "10.20.0.11", "draining", 1),
                           {{"active_connections", connections_.load()}, {"admin_state", admin_state_.load()}, {"overlay", 7}});
  }
  // After so many seconds, that many connections.
  void becomes(std::map<int, int> plan) {
    tool.on_pause = [this, plan, start = tool.now] {
      const auto passed = std::chrono::duration_cast<std::chrono::seconds>(tool.now - start).count();
      if (const auto found = plan.find(static_cast<int>(passed)); found != plan.end()) set(found->second);
    };
  }

  std::atomic<int> connections_{0};
  std::atomic<const char*> admin_state_{""};
};

TEST_F(Drain, WritesOneLinePerChangeWhenNobodyWatches) {
  becomes({{30, 1377}, {60, 211}, {192, 0}});
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m", "--reason", "kernel update"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out,
            "web/web-1 draining (overlay #7)\n"
            "web/web-1 drained after 3 min 12 s. Undo with: tandemctl backend enable web/web-1\n");
  // 4102 → 1377 in 30 s is a time constant of 27.5 s; the last of 1377 is expected 7.8 of them later, the last of 211 after 6.
  EXPECT_EQ(ran.err,
            "waiting: 4 102 connections\n"
            "waiting: 1 377 connections, about 4 min left\n"
            "waiting: 211 connections, about 2 min left\n");
}

TEST_F(Drain, MovesOneLineOnATerminalAndClearsIt) {
  tool.err_is_terminal = true;
  becomes({{30, 1377}, {60, 211}, {61, 0}});
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m"});
  EXPECT_EQ(ran.err.find('\n'), std::string::npos) << "one line";
  EXPECT_NE(ran.err.find("\rwaiting: 4 102 connections\x1b[K"), std::string::npos);
  EXPECT_NE(ran.err.find("\rwaiting: 4 102 → 1 377 connections, about 4 min left\x1b[K"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("\rwaiting: 4 102 → 1 377 → 211 connections, about 2 min left\x1b[K"), std::string::npos) << ran.err;
  EXPECT_TRUE(ran.err.ends_with("\r\x1b[K"));
}

TEST_F(Drain, ThatIsAlreadyEmptyEndsAtOnce) {
  set(0);
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_NE(ran.out.find("web/web-1 drained after 0 s."), std::string::npos);
  EXPECT_EQ(ran.err, "");
}

TEST_F(Drain, ThatTakesTooLongSaysHowManyAreLeft) {
  becomes({{30, 211}});
  const auto start = tool.now;
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "90s", "-q"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_EQ(ran.err,
            "error: timed out after 1 min 30 s; web/web-1 has 211 connections left\n"
            "       The drain stays in force. Undo with: tandemctl backend enable web/web-1\n");
  EXPECT_EQ(tool.now - start, std::chrono::seconds{90});
}

TEST_F(Drain, InterruptedStaysInForce) {
  tool.on_pause = [this] { tool.interrupted = true; };
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m"});
  EXPECT_EQ(ran.exit, 130);
  EXPECT_NE(ran.err.find("error: interrupted; web/web-1 has 4 102 connections left\n       The drain stays in force."), std::string::npos)
      << ran.err;
}

TEST_F(Drain, UndoneBySomebodyElseIsNotWaitedFor) {
  tool.on_pause = [this] { set(4100, "up"); };
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.err.find("web/web-1 is no longer draining: it was enabled meanwhile"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("stays in force"), std::string::npos) << ran.err;
}

TEST_F(Drain, OfABackendThatAReloadRemovedEnds) {
  tool.on_pause = [this] { daemon.fail("backend.show", {Exit::no_such_object, "web/web-1: no such backend", "", nullptr}); };
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.err.find("web/web-1 left the configuration while we waited"), std::string::npos) << ran.err;
}

TEST_F(Drain, WhoseDaemonFallsSilentSaysThatItStays) {
  tool.on_pause = [this] { daemon.on("backend.show", [this](const CallPtr& call) { daemon.keep(call); }); };
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m", "--timeout", "50ms"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_NE(ran.err.find("The drain stays in force."), std::string::npos) << ran.err;
}

TEST_F(Drain, ForProgramsPrintsTheLastStateAlone) {
  becomes({{30, 0}});
  const Tool::Ran ran = run({"backend", "drain", "web/web-1", "--wait", "10m", "--json"});
  EXPECT_EQ(ran.exit, 0);
  const Json envelope = Json::parse(ran.out);
  EXPECT_EQ(envelope["schema"], "tandem.backend.drain/1");
  EXPECT_EQ(envelope["data"][0]["active_connections"], 0);
}

TEST_F(Drain, ABadTimeIsSeenBeforeAnythingIsDrained) {
  EXPECT_EQ(run({"backend", "drain", "web/web-1", "--wait", "soon"}).exit, 2);
  EXPECT_TRUE(daemon.asked("backend.drain").empty());
}

}  // namespace
}  // namespace tandem::cli
