// Tests which reports a caller may give at the end of an attempt.
#include "ledger/rules/report.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace runledger {
namespace {

TEST(ReportedOutcome, IsAnyThatACallerCanKnow) {
  EXPECT_EQ(*parse_reported_outcome("partially_succeeded"), AttemptOutcome::kPartiallySucceeded);
  for (const char* text : {"lost", "pending", "", "Failed"})
    EXPECT_EQ(parse_reported_outcome(text).rejection().code, "outcome.invalid") << text;
}

std::vector<Warning> warnings(std::initializer_list<std::pair<const char*, const char*>> list) {
  std::vector<Warning> expected;
  for (const auto& [code, path] : list) expected.push_back({code, path});
  return expected;
}

TEST(ReportedCounts, ThatCannotBeKeptAreLeftOutWithAWarning) {
  FinishAttempt report;
  take_count(report, "a", kCountMax);
  take_count(report, "a", 1);
  take_count(report, "b", kCountMax + 1);
  take_count(report, "c", std::nullopt);
  take_count(report, "B", 1);
  EXPECT_EQ(report.summary_counts.size(), 1U);
  EXPECT_EQ(report.summary_counts.begin()->second, kCountMax) << "the first one counts";
  EXPECT_EQ(report.warnings, warnings({{"counts.duplicate_key", "summary_counts.a"},
                                       {"counts.invalid", "summary_counts.b"},
                                       {"counts.invalid", "summary_counts.c"},
                                       {"counts.key_invalid", "summary_counts"}}));
}

TEST(ReportedCounts, AreAtMostThirtyTwo) {
  FinishAttempt report;
  for (std::size_t i = 0; i <= kCountKeysMax; ++i) take_count(report, "k" + std::to_string(i), i);
  EXPECT_EQ(report.summary_counts.size(), kCountKeysMax);
  EXPECT_EQ(report.warnings, warnings({{"counts.too_many", "summary_counts.k32"}}));
}

TEST(ReportedFailures, OfAnUnusableReasonCodeKeepItsTextInTheMessage) {
  FinishAttempt report;
  take_failure(report, 0, "graph.throttled", "429");
  take_failure(report, 1, "App\\Exceptions\\Timeout", "after 5 tries");
  take_failure(report, 2, "Timeout", "");
  take_failure(report, 3, "", "no code at all");
  ASSERT_EQ(report.failures.size(), 4U);
  EXPECT_EQ(report.failures[0].reason_code.str(), "graph.throttled");
  for (const std::size_t i : {1U, 2U, 3U}) EXPECT_EQ(report.failures[i].reason_code.str(), kUnnamedFailure);
  EXPECT_EQ(report.failures[1].message.str(), "App\\Exceptions\\Timeout: after 5 tries");
  EXPECT_EQ(report.failures[2].message.str(), "Timeout");
  EXPECT_EQ(report.failures[3].message.str(), "no code at all");
  EXPECT_EQ(report.warnings, warnings({{"reason_code.invalid", "failures[1].reason_code"},
                                       {"reason_code.invalid", "failures[2].reason_code"},
                                       {"reason_code.invalid", "failures[3].reason_code"}}));
}

TEST(ReportedFailures, HideASecretInTheReasonCode) {
  FinishAttempt report;
  take_failure(report, 0, "password=hunter2hunter2", "");
  EXPECT_EQ(report.failures.front().message.str().find("hunter2"), std::string::npos);
}

TEST(ReportedFailures, AreAtMostTwenty) {
  FinishAttempt report;
  for (std::size_t i = 0; i <= kFailuresPerEventMax; ++i) take_failure(report, i, "graph.gone", "x");
  EXPECT_EQ(report.failures.size(), kFailuresPerEventMax);
  EXPECT_EQ(report.warnings, warnings({{"failures.too_many", "failures[20]"}}));
}

TEST(ReportWarnings, AreAtMostThirtyTwo) {
  FinishAttempt report;
  for (std::size_t i = 0; i < 2 * kWarningsMax; ++i) take_count(report, "A", 1);
  EXPECT_EQ(report.warnings.size(), kWarningsMax);
}

}  // namespace
}  // namespace runledger
