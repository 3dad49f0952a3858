// SPDX-License-Identifier: Apache-2.0
// healthd's parts put together as in its main, against the API's real server with handlers of the test's own.
#include "controlplane/health/watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "controlplane/api/server.h"
#include "controlplane/health/examiner.h"
#include "tiny_server.h"

namespace tandem::health {
namespace {

using namespace std::chrono_literals;

// As much of tandemd as healthd sees.
class FakeDaemon {
 public:
  FakeDaemon(Loop& loop, const std::string& folder, std::vector<api::CheckJob> jobs) : jobs_{std::move(jobs)} {
    server_.emplace(loop);
    server_->handle("check.watch", [this](const CallPtr& call) {
      watcher = call;
      tell_jobs();
    });
    server_->handle("check.report", [this](const CallPtr& call) {
      const auto results = call->params().value("results", std::vector<api::CheckVerdict>{});
      reports += results.empty() ? 0 : 1;
      verdicts.insert(verdicts.end(), results.begin(), results.end());
      if (call->params().contains("run")) run = call->params()["run"].get<api::CheckRun>();
      call->reply(api::Json::object());
    });
    EXPECT_TRUE(server_->listen(folder));
  }
  ~FakeDaemon() { watcher.reset(); }

  void set_jobs(std::vector<api::CheckJob> jobs) {
    jobs_ = std::move(jobs);
    tell_jobs();
  }
  void tell_jobs() const { watcher->event({{"generation", 1}, {"checks", jobs_}}); }

  CallPtr watcher;
  std::vector<api::CheckVerdict> verdicts;
  int reports = 0;
  std::optional<api::CheckRun> run;

 private:
  std::vector<api::CheckJob> jobs_;
  std::optional<Server> server_;
};

struct WatchTest : testing::Test {
  void SetUp() override {
    char made[] = "/tmp/tandem-health-XXXXXX";
    ASSERT_NE(::mkdtemp(made), nullptr);
    folder = made;
    watch.emplace(loop, folder + "/health.sock",
                  Watch::Hear{.jobs = [this](const std::vector<api::CheckJob>& jobs) { examiner.set_jobs(jobs); },
                              .run =
                                  [this](const std::string& token, const std::string& service, const std::string& backend) {
                                    examiner.run(token, service, backend, [this](const api::CheckRun& run) { watch->report(run); });
                                  },
                              .ask = [this](const std::string& service, const std::string& backend) { examiner.ask(service, backend); },
                              .listened_to_anew = [this] { examiner.tell_all_again(); },
                              .log = [this](const std::string& text) { logged.push_back(text); }});
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void start_daemon(std::vector<api::CheckJob> jobs) { daemon.emplace(loop, folder, std::move(jobs)); }
  bool verdicts(std::size_t many) {
    return turn_until(loop, [&] { return daemon->verdicts.size() >= many; });
  }

  Loop loop;
  std::string folder;
  std::vector<std::string> logged;
  std::optional<Watch> watch;
  Examiner examiner{loop, [] { return 0.5; }, [this](const api::CheckVerdict& verdict) { watch->report(verdict); }};
  std::optional<FakeDaemon> daemon;
};

TEST_F(WatchTest, JobsComeAndVerdictsGo) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  start_daemon({job_for("http", server.port())});
  ASSERT_TRUE(verdicts(1));
  EXPECT_TRUE(daemon->verdicts[0].up && daemon->verdicts[0].final);
  EXPECT_EQ(daemon->verdicts[0].service, "web");
}

TEST_F(WatchTest, ItWaitsForADaemonThatComesLater) {
  turn_until(
      loop, [] { return false; }, 300ms);
  EXPECT_EQ(logged.size(), 1u) << "says once that tandemd is away";
  TinyServer server{loop, {}};
  start_daemon({job_for("tcp", server.port())});
  EXPECT_TRUE(verdicts(1));
}

TEST_F(WatchTest, ChecksGoOnWhileTheDaemonIsAwayAndItIsToldWhenBack) {
  TinyServer server{loop, {}};
  api::CheckJob job = job_for("tcp", server.port());
  job.interval_ms = 20;
  start_daemon({job});
  ASSERT_TRUE(verdicts(1));
  daemon.reset();
  const int before = server.accepted;
  EXPECT_TRUE(turn_until(loop, [&] { return server.accepted > before + 3; }));
  start_daemon({job});
  ASSERT_TRUE(verdicts(1));
  EXPECT_TRUE(daemon->verdicts[0].up && daemon->verdicts[0].final);
}

TEST_F(WatchTest, ANewListStartsAndEndsChecks) {
  TinyServer first{loop, {}}, second{loop, {}};
  api::CheckJob other = job_for("tcp", second.port());
  other.backend = "web-2";
  start_daemon({job_for("tcp", first.port())});
  ASSERT_TRUE(verdicts(1));
  daemon->set_jobs({other});
  ASSERT_TRUE(turn_until(loop, [&] { return daemon->verdicts.back().backend == "web-2"; }));
  EXPECT_EQ(examiner.jobs(), 1u);
}

TEST_F(WatchTest, ADaemonInDoubtHasOneAskedOutOfTurn) {
  TinyServer server{loop, {}};
  api::CheckJob job = job_for("tcp", server.port());
  job.interval_ms = 60'000;
  start_daemon({job});
  ASSERT_TRUE(verdicts(1));
  daemon->watcher->event({{"ask", {{"service", "web"}, {"backend", "web-1"}}}});
  EXPECT_TRUE(verdicts(2)) << "in a moment, not in a minute";
}

TEST_F(WatchTest, ResultsThatComeTogetherAreReportedTogether) {
  TinyServer server{loop, {}};
  std::vector<api::CheckJob> jobs;
  for (int i = 0; i < 100; ++i) {
    jobs.push_back(job_for("tcp", server.port()));
    jobs.back().backend = "web-" + std::to_string(i), jobs.back().interval_ms = 60'000;
  }
  start_daemon(jobs);
  ASSERT_TRUE(verdicts(100));
  EXPECT_LT(daemon->reports, 50) << "100 verdicts";
}

TEST_F(WatchTest, AListLongerThanAMebibyteArrives) {
  std::vector<api::CheckJob> jobs(5000, job_for("tcp", 1));
  for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i].backend = "web-" + std::to_string(i), jobs[i].interval_ms = 600'000;
  start_daemon(jobs);
  EXPECT_TRUE(turn_until(loop, [&] { return examiner.jobs() == 5000; }));
}

TEST_F(WatchTest, ACheckOnDemandIsAnswered) {
  TinyServer server{loop, {.answer = http_answer(503)}};
  start_daemon({job_for("http", server.port())});
  ASSERT_TRUE(verdicts(1));
  daemon->watcher->event({{"run", {{"token", "7"}, {"service", "web"}, {"backend", "web-1"}}}});
  ASSERT_TRUE(turn_until(loop, [&] { return daemon->run.has_value(); }));
  EXPECT_EQ(daemon->run->token, "7");
  EXPECT_FALSE(daemon->run->ok);
  EXPECT_EQ(daemon->run->text, "status 503, expected 200-399");
  EXPECT_GT(daemon->run->dialogue.size(), 4u);
}

TEST_F(WatchTest, NonsenseFromTheDaemonIsPassedOver) {
  TinyServer server{loop, {}};
  start_daemon({job_for("tcp", server.port())});
  ASSERT_TRUE(verdicts(1));
  daemon->watcher->event({{"checks", "many"}});
  daemon->watcher->event(api::Json::array());
  daemon->watcher->event({{"run", {{"token", 7}}}});
  daemon->watcher->event({{"something", "new"}});
  const std::size_t before = daemon->verdicts.size();
  EXPECT_TRUE(verdicts(before + 2)) << "expected checks to go on";
}

}  // namespace
}  // namespace tandem::health
