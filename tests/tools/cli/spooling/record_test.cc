// The lines of a spooled run: what is written is read back, and everything else is damage.
#include "tools/cli/spooling/record.h"

#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

SpooledRecord full_record() {
  SpooledRecord record{.ledger = "/var/lib/runledger", .lease = std::chrono::seconds(60), .run = {}};
  record.run.worker = sanitize("exec@host:7");
  record.run.requested_at = at(0);
  RunRequest& request = record.run.request;
  request.run = run_id(1);
  request.workspace = workspace();
  request.tenant = tenant();
  request.type = type();
  request.input = input(R"({"a":0.5,"b":["p1"]})");
  request.initiator = sanitize("cron");
  request.force = true;
  request.parent = run_id(2);
  request.rerun_of = run_id(3);
  add_label(request.labels, "team", "ops");
  request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  request.policy.max_attempts = 4;
  request.policy.lease = std::chrono::seconds(90);
  request.policy.backoff = std::chrono::seconds(5);
  request.policy.cooldown = Duration::zero();
  request.policy.cooldown_from = CooldownFrom::kRequest;
  request.policy.cooldown_after.emplace().insert(RunOutcome::kSucceeded);
  return record;
}

std::string opened() {
  return opening_line(full_record()) + "\n" + start_line(at(1)) + "\n";
}

SpooledAttempt failed_attempt() {
  return {.started_at = at(1),
          .ended_at = at(2),
          .outcome = AttemptOutcome::kFailed,
          .summary_counts = counts({{"processed", 120}}),
          .failures = {failure("exec.exit_status", "no space left")},
          .retryable = false};
}

TEST(SpoolLines, OfARunAreReadAsTheyWereWritten) {
  const Result<SpooledRecord> read = read_spooled(opened());
  ASSERT_TRUE(read) << read.rejection().detail.str();
  EXPECT_EQ(opening_line(*read), opening_line(full_record()));
  EXPECT_TRUE(read->is_open);
  EXPECT_FALSE(read->has_ended);
  EXPECT_EQ(read->run.request.policy, full_record().run.request.policy);
}

TEST(SpoolLines, OfAnEndHaveItsDetails) {
  const Result<SpooledRecord> read = read_spooled(opened() + end_line(failed_attempt(), true) + "\n");
  ASSERT_TRUE(read) << read.rejection().detail.str();
  const SpooledAttempt& attempt = read->run.attempts.at(0);
  EXPECT_EQ(end_line(attempt, true), end_line(failed_attempt(), true));
  EXPECT_EQ(attempt.started_at, at(1));
  EXPECT_FALSE(read->is_open);
  EXPECT_TRUE(read->has_ended);
}

TEST(SpoolLines, OfARetryAndACancellationFollow) {
  const std::string retried = opened() + end_line(failed_attempt(), false) + "\n";
  EXPECT_EQ(read_spooled(retried + start_line(at(3)) + "\n")->run.attempts.size(), 2U);
  EXPECT_TRUE(read_spooled(retried + cancel_line(at(3)) + "\n")->run.cancelled);
}

TEST(SpoolLines, ThatWereNotFinishedAreLeftOut) {
  const std::string end = end_line(failed_attempt(), true);
  for (std::size_t length = 0; length <= end.size(); ++length) {
    const Result<SpooledRecord> read = read_spooled(opened() + end.substr(0, length));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_open);
  }
}

TEST(SpoolLines, ThatNoRunCanHaveWrittenAreDamage) {
  const std::string opening = opening_line(full_record()) + "\n";
  const std::string start = start_line(at(1)) + "\n";
  const std::string end = end_line(failed_attempt(), true) + "\n";
  std::string secret = opening;
  secret.replace(secret.find(R"("a":0.5)"), 7, R"("password":"hunter2hunter2")");
  for (const std::string& text :
       {std::string(), opening, start, opening + end, opening + start + start, opening + start + end + start,
        opening + start + "{}\n", opening + start + "\xff\n", secret + start, opening + opening + start}) {
    EXPECT_EQ(code_of(read_spooled(text)), "spool.damaged") << text;
  }
}

}  // namespace
}  // namespace runledger
