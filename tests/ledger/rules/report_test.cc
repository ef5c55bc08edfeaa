// Tests which reports a caller may give at the end of an attempt.
#include "ledger/rules/report.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace runledger {
namespace {

std::string code_of_report(const std::function<void()>& check) {
  try {
    check();
    return {};
  } catch (const Refused& refused) {
    return refused.rejection().code;
  }
}

TEST(ReportedOutcome, IsAnyThatACallerCanKnow) {
  EXPECT_EQ(*parse_reported_outcome("partially_succeeded"), AttemptOutcome::kPartiallySucceeded);
  for (const char* text : {"lost", "pending", "", "Failed"})
    EXPECT_EQ(parse_reported_outcome(text).rejection().code, "outcome.invalid") << text;
}

TEST(ReportedCounts, HaveFewKeysEachOnceAndExactNumbers) {
  Counts counts;
  const auto add = [&](std::string_view key, std::uint64_t count) {
    return code_of_report([&] { add_count(counts, key, count); });
  };
  EXPECT_EQ(add("a", kCountMax), "");
  EXPECT_EQ(add("a", 1), "counts.duplicate_key");
  EXPECT_EQ(add("b", kCountMax + 1), "counts.invalid");
  EXPECT_EQ(add("B", 1), "counts.key_invalid");
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_EQ(code_of_report([] { require_few_counts(kCountKeysMax); }), "");
  EXPECT_EQ(code_of_report([] { require_few_counts(kCountKeysMax + 1); }), "counts.too_many");
}

TEST(ReportedFailures, AreAtMostTwenty) {
  EXPECT_EQ(code_of_report([] { require_few_failures(kFailuresPerEventMax); }), "");
  EXPECT_EQ(code_of_report([] { require_few_failures(kFailuresPerEventMax + 1); }), "failures.too_many");
}

}  // namespace
}  // namespace runledger
