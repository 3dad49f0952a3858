// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/examiner.h"

#include <gtest/gtest.h>

#include <set>

#include "tiny_server.h"

namespace tandem::health {
namespace {

using namespace std::chrono_literals;

struct ExaminerTest : testing::Test {
  Loop loop;
  std::vector<api::CheckVerdict> told;
  double chance = 0;
  Examiner examiner{loop, [this] { return chance; }, [this](const api::CheckVerdict& verdict) { told.push_back(verdict); }};

  bool told_of(std::size_t verdicts, Nanoseconds longest = 10s) {
    return turn_until(
        loop, [&] { return told.size() >= verdicts; }, longest);
  }
};

TEST_F(ExaminerTest, EveryResultIsToldAndTheFirstIsFinal) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  api::CheckJob job = job_for("http", server.port());
  job.interval_ms = 20;
  examiner.set_jobs({job});
  ASSERT_TRUE(told_of(3));
  EXPECT_TRUE(told[0].final && told[0].up);
  EXPECT_EQ(told[0].result, "ok");
  EXPECT_GE(server.accepted, 3) << "one connection for each";
}

TEST_F(ExaminerTest, WhoIsAskedForIsCheckedOutOfTurnAndJudgedAsEver) {
  auto server = std::make_unique<TinyServer>(loop, TinyServer::Manner{});
  api::CheckJob job = job_for("tcp", server->port());
  job.interval_ms = 60'000, job.fall = 2;
  examiner.set_jobs({job});
  ASSERT_TRUE(told_of(1));
  server.reset();
  examiner.ask("web", "web-1"), examiner.ask("web", "nobody");
  ASSERT_TRUE(told_of(2));
  EXPECT_TRUE(told[1].up) << "one bad result of two";
  examiner.ask("web", "web-1");
  ASSERT_TRUE(told_of(3));
  EXPECT_FALSE(told[2].up) << "in moments, where its turns come once a minute";
  EXPECT_FALSE(told_of(4, 100ms)) << "nobody asked";
}

TEST_F(ExaminerTest, ADeadServerFallsAfterFallResultsAndRisesAfterRise) {
  api::CheckJob job = job_for("tcp", 0);
  job.interval_ms = 20, job.fall = 3, job.rise = 2;
  auto server = std::make_unique<TinyServer>(loop, TinyServer::Manner{});
  job.port = server->port();
  examiner.set_jobs({job});
  ASSERT_TRUE(told_of(1));
  server.reset();
  ASSERT_TRUE(turn_until(loop, [&] { return !told.back().up; }));
  std::size_t bad = 0;
  for (const api::CheckVerdict& verdict : told) bad += verdict.result == "ok" ? 0 : 1;
  EXPECT_EQ(bad, 3u);
  EXPECT_TRUE(told.back().final);
  EXPECT_EQ(told.back().text, "refused");
  EXPECT_EQ(told[told.size() - 2].text, "refused (2 of 3)");
}

TEST_F(ExaminerTest, AnUnchangedCheckGoesOnUndisturbedAndANewOneBegins) {
  auto server = std::make_unique<TinyServer>(loop, TinyServer::Manner{});
  api::CheckJob dead = job_for("tcp", 1), live = job_for("tcp", server->port());
  live.backend = "web-2";
  dead.interval_ms = live.interval_ms = 30, dead.fall = 1000;
  examiner.set_jobs({live});
  ASSERT_TRUE(told_of(1));
  live.interval_ms = 20, live.fall = 5;  // asks the same: what is known stays
  examiner.set_jobs({live, dead});
  told.clear();
  server.reset();  // live is refused from now on
  ASSERT_TRUE(turn_until(loop, [&] {
    return std::any_of(told.begin(), told.end(), [](const auto& v) { return v.backend == "web-2" && v.result == "refused"; });
  }));
  for (const api::CheckVerdict& verdict : told)
    if (verdict.backend == "web-2") {
      EXPECT_TRUE(verdict.up) << "one refusal must not turn what was known as up";
    }
  EXPECT_TRUE(
      turn_until(loop, [&] { return std::any_of(told.begin(), told.end(), [](const auto& v) { return v.backend == "web-1" && !v.up; }); }));
}

TEST_F(ExaminerTest, ACheckThatAsksSomethingElseBeginsAnew) {
  TinyServer server{loop, {.answer = http_answer(503)}};
  api::CheckJob job = job_for("tcp", server.port());
  examiner.set_jobs({job});
  ASSERT_TRUE(told_of(1));
  EXPECT_TRUE(told.back().up);
  job.type = "http";
  examiner.set_jobs({job});
  ASSERT_TRUE(turn_until(loop, [&] { return told.back().result == "status"; }));
  EXPECT_TRUE(told.back().final && !told.back().up) << "the first result of the new check decides at once";
}

TEST_F(ExaminerTest, ARemovedCheckEndsAlsoWhileUnderWay) {
  TinyServer server{loop, {.answer = ""}};
  examiner.set_jobs({job_for("http", server.port())});
  ASSERT_TRUE(turn_until(loop, [&] { return examiner.under_way() == 1; }));
  examiner.set_jobs({});
  EXPECT_EQ(examiner.under_way(), 0u);
  turn_until(
      loop, [] { return false; }, 100ms);
  EXPECT_TRUE(told.empty());
}

TEST_F(ExaminerTest, WhoeverListensAnewHearsAFinalVerdictNext) {
  api::CheckJob job = job_for("tcp", 0);
  job.interval_ms = 20, job.fall = 1000;
  {
    TinyServer server{loop, {}};
    job.port = server.port();
    examiner.set_jobs({job});
    ASSERT_TRUE(told_of(1));
  }
  ASSERT_TRUE(turn_until(loop, [&] { return !told.back().final; }));
  told.clear();
  examiner.tell_all_again();
  ASSERT_TRUE(told_of(2));
  EXPECT_TRUE(told[0].final && told[0].up) << "what is known, though this result was bad";
  EXPECT_FALSE(told[1].final);
}

TEST_F(ExaminerTest, AThousandChecksRunAtMost256AtOnce) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  std::vector<api::CheckJob> jobs;
  for (int i = 0; i < 1000; ++i) {
    jobs.push_back(job_for(i % 2 == 0 ? "tcp" : "http", server.port()));
    jobs.back().backend = "web-" + std::to_string(i), jobs.back().interval_ms = 2000, jobs.back().timeout_ms = 10'000;
  }
  examiner.set_jobs(jobs);
  std::size_t most = 0, seen = 0;
  std::set<std::string> names;
  const auto all_told = [&] {
    most = std::max(most, examiner.under_way());
    for (; seen < told.size(); ++seen) names.insert(told[seen].backend);
    return names.size() == 1000;
  };
  ASSERT_TRUE(turn_until(loop, all_told, 30s)) << names.size();
  EXPECT_LE(most, Examiner::kMostAtOnce);
  EXPECT_GT(most, 100u) << "all were due at once, so the limit was put to the test";
  for (const api::CheckVerdict& verdict : told) EXPECT_EQ(verdict.result, "ok") << verdict.text;
}

TEST_F(ExaminerTest, OneCheckOnDemandHasItsDialogueAndChangesNothing) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  api::CheckJob job = job_for("http", server.port());
  job.interval_ms = 60'000;
  examiner.set_jobs({job});
  ASSERT_TRUE(told_of(1));
  std::vector<api::CheckRun> runs;
  const auto keep = [&](const api::CheckRun& run) { runs.push_back(run); };
  examiner.run("t1", "web", "web-1", keep);
  ASSERT_TRUE(turn_until(loop, [&] { return !runs.empty(); }));
  EXPECT_EQ(runs[0].token, "t1");
  EXPECT_TRUE(runs[0].ok);
  EXPECT_GT(runs[0].dialogue.size(), 4u);
  EXPECT_EQ(told.size(), 1u);
  examiner.run("t2", "web", "web-9", keep);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].text, "web/web-9: no such check");
}

}  // namespace
}  // namespace tandem::health
