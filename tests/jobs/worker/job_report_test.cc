// Tests how each way in which a job can end is reported.
#include "jobs/worker/job_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/function_job.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.
using testing::HasSubstr;

JobReport report_of(FunctionJob::Work work, bool stopped = false) {
  std::stop_source stop;
  if (stopped) stop.request_stop();
  FunctionJob job(type(), std::move(work));
  const JobAssignment assignment{run_id(1), scope(), type(), input(), AttemptNumber{1}};
  return carry_out(job, assignment, stop.get_token());
}

JobReport report_of(const JobReport& report) {
  return report_of([&](const JobAssignment&, const std::stop_token&) { return report; });
}

template <class Thrown>
JobReport report_of_thrown(const Thrown& thrown, bool stopped = false) {
  return report_of([&](const JobAssignment&, const std::stop_token&) -> JobReport { throw thrown; }, stopped);
}

std::string code(const JobReport& report) {
  return report.failures.empty() ? "" : report.failures.back().reason_code.str();
}

TEST(JobReport, IsGivenOnAsItIs) {
  const JobReport report = report_of(JobReport{.outcome = AttemptOutcome::kPartiallySucceeded,
                                               .summary_counts = counts({{"processed", 3}}),
                                               .failures = {failure()},
                                               .retryable = true});
  EXPECT_EQ(report.outcome, AttemptOutcome::kPartiallySucceeded);
  EXPECT_EQ(report.summary_counts, counts({{"processed", 3}}));
  EXPECT_EQ(report.failures, std::vector{failure()});
}

TEST(JobReport, OfAJobFailureHasItsCodeCountsAndWhetherToRetry) {
  for (const bool retryable : {true, false}) {
    const JobReport report =
        report_of_thrown(JobFailure(reason("graph.denied"), "403", retryable, counts({{"processed", 2}})));
    EXPECT_EQ(report.outcome, AttemptOutcome::kFailed);
    EXPECT_EQ(report.failures, std::vector{failure("graph.denied", "403")});
    EXPECT_EQ(report.summary_counts, counts({{"processed", 2}}));
    EXPECT_EQ(report.retryable, retryable);
  }
}

TEST(JobReport, OfACrashIsRetryableAndSanitised) {
  const JobReport report = report_of_thrown(std::runtime_error("no answer\x1b[31m, password=hunter2hunter2"));
  EXPECT_EQ(report.outcome, AttemptOutcome::kFailed);
  EXPECT_EQ(code(report), "job.crashed");
  EXPECT_TRUE(report.retryable);
  EXPECT_THAT(report.failures.front().message.str(), HasSubstr("[redacted]"));
  EXPECT_THAT(report.failures.front().message.str(), testing::Not(HasSubstr("hunter2")));
  EXPECT_EQ(report.failures.front().message.str().find('\x1b'), std::string::npos);
}

TEST(JobReport, OfAJobThatWasStoppedSaysSoAndIsRetryable) {
  const JobReport failed = report_of_thrown(
      JobFailure(reason("graph.denied"), "cut off", /*retryable=*/false, counts({{"processed", 2}})), true);
  EXPECT_EQ(code(failed), "worker.stopped");
  EXPECT_TRUE(failed.retryable);
  EXPECT_EQ(failed.summary_counts, counts({{"processed", 2}}));
  EXPECT_EQ(failed.failures.front().message.str(), "cut off");
  EXPECT_EQ(code(report_of_thrown(std::runtime_error("interrupted"), true)), "worker.stopped");
}

TEST(JobReport, OfAJobThatCameToItsEndAllTheSameIsKept) {
  const JobReport report = report_of([](const JobAssignment&, const std::stop_token&) { return JobReport{}; }, true);
  EXPECT_EQ(report.outcome, AttemptOutcome::kSucceeded);
}

TEST(JobReport, KeepsTheFirstOfTooManyFailuresAndSaysSo) {
  const JobReport report =
      report_of(JobReport{.failures = std::vector<FailureNote>(kFailuresPerEventMax + 1, failure())});
  ASSERT_EQ(report.failures.size(), kFailuresPerEventMax);
  EXPECT_EQ(code(report), "job.bad_report");
  EXPECT_THAT(report.failures.back().message.str(), HasSubstr("found 21"));
}

TEST(JobReport, LeavesOutCountsThatAnEventCannotHold) {
  Counts many;
  for (int i = 0; i < 40; ++i) many.emplace(key("key_" + std::to_string(i)), 1);
  EXPECT_EQ(report_of(JobReport{.summary_counts = many}).summary_counts.size(), kCountKeysMax);
  const JobReport report =
      report_of(JobReport{.summary_counts = counts({{"big", kCountMax + 1}, {"small", kCountMax}})});
  EXPECT_EQ(report.summary_counts, counts({{"small", kCountMax}}));
  EXPECT_EQ(code(report), "job.bad_report");
  EXPECT_EQ(report.outcome, AttemptOutcome::kSucceeded);
}

TEST(JobReport, CannotSayThatItsAttemptIsLost) {
  const JobReport report = report_of(JobReport{.outcome = AttemptOutcome::kLost});
  EXPECT_EQ(report.outcome, AttemptOutcome::kFailed);
  EXPECT_EQ(code(report), "job.bad_report");
}

}  // namespace
}  // namespace runledger
