// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/check.h"

#include <gtest/gtest.h>

#include "controlplane/health/expected_status.h"

namespace tandem::health {
namespace {

// A story in results: 'g' good, 'b' bad. Answers with the verdict after each: 'U' up, 'D' down, small while not settled.
std::string verdicts(Standing standing, const std::string& results) {
  std::string out;
  for (const char result : results) {
    const Standing::Verdict verdict = standing.take(result == 'g');
    out += verdict.settled ? (verdict.up ? 'U' : 'D') : (verdict.up ? 'u' : 'd');
  }
  return out;
}

TEST(Standing, TheFirstResultDecidesAtOnce) {
  EXPECT_EQ(verdicts({3, 3}, "g"), "U");
  EXPECT_EQ(verdicts({3, 3}, "b"), "D");
}

TEST(Standing, FallBadResultsInARowTurnItDown) {
  EXPECT_EQ(verdicts({2, 3}, "gbbb"), "UuuD");
  EXPECT_EQ(verdicts({2, 1}, "gb"), "UD");
}

TEST(Standing, OneGoodResultAmongBadOnesStartsTheCountAnew) { EXPECT_EQ(verdicts({2, 3}, "gbbgbbb"), "UuuUuuD"); }

TEST(Standing, RiseGoodResultsInARowTurnItUp) { EXPECT_EQ(verdicts({2, 3}, "bgbgg"), "DdDdU"); }

TEST(Standing, LimitsOfZeroCountAsOne) { EXPECT_EQ(verdicts({0, 0}, "gbg"), "UDU"); }

TEST(Standing, NewLimitsCountFromWhereItStands) {
  Standing standing{2, 3};
  standing.take(true), standing.take(false), standing.take(false);
  standing.set_limits(2, 5);
  EXPECT_TRUE(standing.take(false).up) << "three of five";
  standing.take(false);
  EXPECT_FALSE(standing.take(false).up) << "five of five";
}

TEST(Report, SaysHowFarAVerdictIsFromTurning) {
  api::CheckJob job;
  job.service = "web", job.backend = "web-1", job.slot = 7;
  Standing standing{2, 3};
  standing.take(true);
  const Outcome bad{.found = Found::refused, .text = "refused", .duration = std::chrono::milliseconds{2}, .dialogue = {}};
  const api::CheckVerdict report = to_report(job, bad, standing.take(false));
  EXPECT_TRUE(report.up) << "still";
  EXPECT_FALSE(report.final);
  EXPECT_EQ(report.text, "refused (1 of 3)");
  EXPECT_EQ(report.result, "refused");
  EXPECT_EQ(report.slot, 7u);
  EXPECT_DOUBLE_EQ(report.duration_seconds, 0.002);
}

TEST(Question, TimesAndLimitsAreNotPartOfIt) {
  api::CheckJob a, b;
  b.interval_ms = 9, b.timeout_ms = 9, b.rise = 9, b.fall = 9, b.jitter = 0.9, b.slot = 9;
  EXPECT_TRUE(same_question(a, b));
  b.path = "/other";
  EXPECT_FALSE(same_question(a, b));
}

TEST(ExpectedStatus, MatchesListsAndRanges) {
  const struct {
    const char* list;
    long status;
    bool matches;
  } cases[] = {
      {"200", 200, true},      {"200", 201, false},    {"200-399", 200, true},  {"200-399", 399, true},      {"200-399", 400, false},
      {"200-399", 199, false}, {"200,204", 204, true}, {"200,204", 203, false}, {"200, 301-302", 302, true}, {"200 ,301 - 302", 303, false},
      {"100-599", 503, true}};
  for (const auto& each : cases) {
    const auto expected = ExpectedStatus::parse(each.list);
    ASSERT_TRUE(expected) << each.list;
    EXPECT_EQ(expected->matches(each.status), each.matches) << each.list << " and " << each.status;
  }
}

TEST(ExpectedStatus, WhatIsNoListIsRefused) {
  for (const char* list : {"", ",", "200,", "abc", "200-", "-399", "399-200", "20", "600", "200;204", "2e2", "200--204"})
    EXPECT_FALSE(ExpectedStatus::parse(list)) << "'" << list << "'";
}

TEST(Printable, ForeignBytesAndEndlessTextAreTamed) { EXPECT_EQ(printable("a\r\n\xff z", 6), "a??? z"); }

}  // namespace
}  // namespace tandem::health
