// Turns every way in which a job can end into a report that fits into an event.
#include "jobs/worker/job_report.h"

#include <fmt/format.h>

#include <exception>
#include <iterator>
#include <utility>

namespace runledger {
namespace {

JobReport failed(const ReasonCode& code, std::string_view message, bool retryable, Counts counts) {
  return {.outcome = AttemptOutcome::kFailed,
          .summary_counts = std::move(counts),
          .failures = {{code, sanitize(message)}},
          .retryable = retryable};
}

// An exception after the stop request is most likely a consequence of it; if it is not, another attempt costs little.
JobReport stopped(std::string_view message, Counts counts) {
  return failed(*parse_reason_code("worker.stopped"), message.empty() ? "the worker had to end" : message, true,
                std::move(counts));
}

JobReport run_job(Job& job, const JobAssignment& assignment, const std::stop_token& stop) {
  try {
    return job.run(assignment, stop);
  } catch (const JobFailure& failure) {
    if (stop.stop_requested()) return stopped(failure.what(), failure.counts());
    return failed(failure.reason_code(), failure.what(), failure.retryable(), failure.counts());
  } catch (const std::exception& error) {
    if (stop.stop_requested()) return stopped(error.what(), {});
    return failed(*parse_reason_code("job.crashed"), error.what(), true, {});
  }
}

// Adds the note at the end. When the report is full, the note replaces the last failure.
void note_bad_report(JobReport& report, std::string_view why) {
  if (report.failures.size() >= kFailuresPerEventMax) {
    report.failures.resize(kFailuresPerEventMax - 1, FailureNote{report.failures.front().reason_code, SanitizedText{}});
  }
  report.failures.push_back({*parse_reason_code("job.bad_report"), sanitize(why)});
}

void keep_within_limits(JobReport& report) {
  if (report.outcome == AttemptOutcome::kLost) {
    report.outcome = AttemptOutcome::kFailed;
    note_bad_report(report, "expected an outcome that a worker can report, found lost");
  }
  if (report.failures.size() > kFailuresPerEventMax) {
    note_bad_report(report, fmt::format("expected at most {} failures, found {}: the first ones are kept",
                                        kFailuresPerEventMax, report.failures.size()));
  }
  const auto exceeds_max = [](const auto& count) { return count.second > kCountMax; };
  if (std::erase_if(report.summary_counts, exceeds_max) > 0) {
    note_bad_report(report, fmt::format("expected counts of at most {}, found more: left out", kCountMax));
  }
  if (report.summary_counts.size() > kCountKeysMax) {
    note_bad_report(report, fmt::format("expected at most {} counts, found {}: the first ones are kept", kCountKeysMax,
                                        report.summary_counts.size()));
    report.summary_counts.erase(std::next(report.summary_counts.begin(), kCountKeysMax), report.summary_counts.end());
  }
}

}  // namespace

JobReport carry_out(Job& job, const JobAssignment& assignment, const std::stop_token& stop) {
  JobReport report = run_job(job, assignment, stop);
  keep_within_limits(report);
  return report;
}

}  // namespace runledger
