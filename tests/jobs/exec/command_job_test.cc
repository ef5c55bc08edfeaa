// Tests how the end of a command becomes the outcome of its attempt.
#include "jobs/exec/command_job.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.
using How = CommandEnd::How;

CommandEnd ended(How how, int number) {
  CommandEnd end;
  end.how = how;
  end.number = number;
  return end;
}

struct Expected {
  AttemptOutcome outcome;
  std::string code;
  std::string message;
  bool retryable = true;
};

void expect(const CommandEnd& end, const Expected& expected) {
  const JobReport report = report_of(end, "backup");
  EXPECT_EQ(report.outcome, expected.outcome) << expected.message;
  ASSERT_EQ(report.failures.size(), expected.code.empty() ? 0U : 1U);
  if (expected.code.empty()) return;
  EXPECT_EQ(report.failures.front(), failure(expected.code, expected.message));
  EXPECT_EQ(report.retryable, expected.retryable) << expected.message;
}

TEST(CommandEnd, OfStatusZeroIsASuccess) {
  expect(ended(How::kExited, 0), {AttemptOutcome::kSucceeded, "", ""});
}

TEST(CommandEnd, OfAnotherStatusIsAFailure) {
  expect(ended(How::kExited, 3), {AttemptOutcome::kFailed, "exec.exit_status", "the command ended with status 3"});
  expect(ended(How::kExited, 255), {AttemptOutcome::kFailed, "exec.exit_status", "the command ended with status 255"});
}

TEST(CommandEnd, OfWhatIsNotThereIsNotWorthAnotherTry) {
  expect(ended(How::kExited, 127),
         {AttemptOutcome::kFailed, "exec.not_found", "the command ended with status 127", false});
  expect(ended(How::kExited, 126),
         {AttemptOutcome::kFailed, "exec.not_found", "the command ended with status 126", false});
  expect(ended(How::kNotStarted, ENOENT), {AttemptOutcome::kFailed, "exec.not_found",
                                           "expected to start backup, found: No such file or directory", false});
  expect(ended(How::kNotStarted, EAGAIN), {AttemptOutcome::kFailed, "exec.not_found",
                                           "expected to start backup, found: Resource temporarily unavailable", true});
}

TEST(CommandEnd, ByASignalNamesIt) {
  expect(ended(How::kKilled, SIGSEGV), {AttemptOutcome::kFailed, "exec.signaled", "the command was killed by SIGSEGV"});
}

TEST(CommandEnd, AfterItsTimeIsATimeoutHoweverItEnded) {
  for (CommandEnd end : {ended(How::kExited, 0), ended(How::kKilled, SIGKILL)}) {
    end.timed_out = true;
    const JobReport report = report_of(end, "backup");
    EXPECT_EQ(report.outcome, AttemptOutcome::kFailed);
    EXPECT_EQ(report.failures.front().reason_code.str(), "exec.timeout");
    EXPECT_TRUE(report.retryable);
  }
}

TEST(CommandEnd, AfterAPassedSignalIsACancellationUnlessItSaysOtherwise) {
  CommandEnd end = ended(How::kKilled, SIGTERM);
  end.passed_signal = SIGTERM;
  expect(end,
         {AttemptOutcome::kCancelled, "exec.signaled", "SIGTERM was passed on; the command was killed by SIGTERM"});
  end = ended(How::kExited, 143);
  end.passed_signal = SIGINT;
  expect(end, {AttemptOutcome::kCancelled, "exec.signaled", "SIGINT was passed on; the command ended with status 143"});
  end.number = 0;
  expect(end, {AttemptOutcome::kSucceeded, "", ""});
}

// Limits the number of files that this process can have open, for the lifetime of the object.
class FilesMax {
 public:
  explicit FilesMax(rlim_t count) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit fewer = before_;
    fewer.rlim_cur = count;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
  }
  ~FilesMax() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FilesMax(const FilesMax&) = delete;
  FilesMax& operator=(const FilesMax&) = delete;

 private:
  rlimit before_{};
};

TEST(CommandJob, ForWhichTheSystemHasNothingLeftIsAFailureOfItsOwn) {
  // Runs in a thread of its own, because PassedSignals blocks the signals of the thread that makes it.
  std::thread([] {
    PassedSignals signals;
    ChildReaper children;
    CommandJob job(type("demo.sync"), {.arguments = {"true"}}, signals, children, [](const Rejection&) {});
    const int next = ::dup(signals.descriptor());
    ::close(next);
    const FilesMax full(static_cast<rlim_t>(next));
    try {
      (void)job.run({run_id(1), scope(), type("demo.sync"), input(), AttemptNumber{1}}, {});
      ADD_FAILURE() << "the command was started";
    } catch (const JobFailure& failure) {
      EXPECT_EQ(failure.reason_code().str(), "exec.failed");
      EXPECT_TRUE(failure.retryable());
    }
  }).join();
}

TEST(CommandEnd, IsPassedOnAsAShellDoes) {
  EXPECT_EQ(exit_status_of(ended(How::kExited, 0)), 0);
  EXPECT_EQ(exit_status_of(ended(How::kExited, 3)), 3);
  EXPECT_EQ(exit_status_of(ended(How::kKilled, SIGTERM)), 143);
  EXPECT_EQ(exit_status_of(ended(How::kNotStarted, ENOENT)), 127);
  EXPECT_EQ(exit_status_of(ended(How::kNotStarted, EACCES)), 126);
  for (CommandEnd end : {ended(How::kExited, 0), ended(How::kKilled, SIGKILL)}) {
    end.timed_out = true;
    EXPECT_EQ(exit_status_of(end), 124);
  }
}

TEST(CommandEnd, BringsItsCountsAndLastWords) {
  CommandEnd end = ended(How::kExited, 1);
  end.counts = counts({{"processed", 4}});
  end.stderr_tail = "disk full";
  expect(end, {AttemptOutcome::kFailed, "exec.exit_status", "the command ended with status 1: disk full"});
  EXPECT_EQ(report_of(end, "backup").summary_counts, end.counts);
  end.stderr_tail = std::string(440, 'x');
  EXPECT_LE(report_of(end, "backup").failures.front().message.str().size(), SanitizedText::kCharactersMax);
}

}  // namespace
}  // namespace runledger
