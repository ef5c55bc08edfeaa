// The rules of starts besides the attempts that they open: which lease they ask for, whether they wait for a retry, and
// which skips are recorded.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.
using std::chrono::milliseconds;
using std::chrono::seconds;

class StartRules : public testing::Test {
 protected:
  StartRules() { ledger.submit(request({.run = kRun}), at(0)); }

  Reply start(Time now, StartAttempt command = {}) {
    command.run = kRun;
    command.worker = sanitize("worker-1");
    return reply_of(ledger.submit(command, now, starter));
  }
  Reply start_when_due(Time now) {
    StartAttempt command;
    command.respect_not_before = true;
    return start(now, command);
  }
  Reply finish(const Reply& started, AttemptOutcome outcome, Time now) {
    FinishAttempt command{.run = kRun, .attempt = AttemptRef{started.attempt, started.token}, .outcome = outcome};
    return reply_of(ledger.submit(command, now));
  }
  const RunState& run() { return ledger.runs.at(kRun); }

  const RunId kRun = run_id(1);
  MemoryLedger ledger;
  std::optional<std::string> starter = "process-1";
};

TEST_F(StartRules, TheAnswerCarriesTheLease) {
  const Reply started = start(at(0));
  EXPECT_EQ(started.lease, seconds(60));
  const Heartbeat heartbeat{.run = kRun, .attempt = {started.attempt, started.token}};
  EXPECT_EQ(reply_of(ledger.submit(heartbeat, at(1))).lease, seconds(60));
  EXPECT_FALSE(start(at(2)).lease) << "a skipped start has none";
}

TEST_F(StartRules, ALeaseWithinTheBoundsOfTheTypeIsThatOfTheAttempt) {
  ledger.catalog = *Catalog::parse(R"({"types":[{"type":"assignments.fetch","lease_seconds_max":300}]})", Policy{});
  StartAttempt asked;
  asked.lease = seconds(300);
  const Reply started = start(at(0), asked);
  EXPECT_EQ(started.lease, seconds(300));
  EXPECT_EQ(start(at(299'999)).rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(start(at(300'000)).attempt, AttemptNumber{2});
  EXPECT_EQ(run().attempts.back().lease, seconds(60)) << "the next attempt has the run's own";
}

TEST_F(StartRules, ALeaseOutOfTheBoundsIsRefused) {
  StartAttempt asked{.run = kRun, .worker = {}};
  asked.lease = seconds(61);
  EXPECT_EQ(code_of(ledger.submit(asked, at(0))), "policy.out_of_bounds");
  StartByIdentity by_identity{.request = request({.run = run_id(2)}), .worker = {}};
  by_identity.lease = seconds(59);
  EXPECT_EQ(code_of(ledger.submit(by_identity, at(0))), "policy.out_of_bounds");
  EXPECT_EQ(ledger.events.size(), 1U);
}

TEST_F(StartRules, AStartThatRespectsTheRetryWaitsForIt) {
  const Reply first = start(at(0));
  finish(first, AttemptOutcome::kFailed, at(1'000));
  const Reply early = start_when_due(at(2'000));
  EXPECT_EQ(early.verdict, Verdict::kSkipped);
  EXPECT_EQ(early.rule, DedupeRule::kNotDue);
  EXPECT_EQ(early.retry_after, seconds(29));
  EXPECT_EQ(std::get<Deduped>(ledger.events.back().event).retry_at, at(31'000));
  EXPECT_EQ(run().status, RunStatus::kQueued);
  EXPECT_EQ(start_when_due(at(31'000)).attempt, AttemptNumber{2});
}

TEST_F(StartRules, AStartByIdentityCanRespectTheRetryToo) {
  finish(start(at(0)), AttemptOutcome::kFailed, at(1'000));
  StartByIdentity command{.request = request({.run = run_id(2)}), .worker = {}};
  command.respect_not_before = true;
  EXPECT_EQ(reply_of(ledger.submit(command, at(2'000))).rule, DedupeRule::kNotDue);
  EXPECT_EQ(reply_of(ledger.submit(command, at(31'000))).verdict, Verdict::kStarted);
}

TEST_F(StartRules, AStartThatFindsALostAttemptLeavesTheRetryForWhenItIsDue) {
  start(at(0));
  const Reply reply = start_when_due(at(60'000));
  EXPECT_EQ(reply.verdict, Verdict::kSkipped);
  EXPECT_EQ(reply.rule, DedupeRule::kNotDue);
  EXPECT_EQ(reply.retry_after, seconds(30));
  EXPECT_EQ(reply.status, RunStatus::kQueued);
  EXPECT_EQ(reply.sequence, Sequence{4});
  EXPECT_EQ(ledger.events.size(), 4U) << "the lost attempt, and the skip";
  EXPECT_EQ(run().attempts.back().status, AttemptStatus::kLost);
  EXPECT_EQ(start_when_due(at(90'000)).attempt, AttemptNumber{2});
}

TEST_F(StartRules, AStartThatIsSkippedAgainIsAnsweredWithTheFirstSkip) {
  start(at(0));
  const Reply first = start(at(1'000));
  EXPECT_EQ(first.sequence, Sequence{3});
  EXPECT_FALSE(first.repeated);
  for (const std::int64_t ms : {2'000, 30'000, 59'000}) {
    const Reply again = start(at(ms));
    EXPECT_EQ(again.verdict, Verdict::kSkipped);
    EXPECT_EQ(again.rule, DedupeRule::kAttemptActive);
    EXPECT_EQ(again.sequence, Sequence{3});
    EXPECT_EQ(again.retry_after, milliseconds(60'000 - ms)) << "as of now";
    EXPECT_TRUE(again.repeated);
  }
  EXPECT_EQ(ledger.events.size(), 3U);
}

TEST_F(StartRules, AnotherStarterOrRuleIsRecordedByItself) {
  const Reply started = start(at(0));
  start(at(1'000));
  starter = "process-2";
  EXPECT_EQ(start(at(2'000)).sequence, Sequence{4});
  starter.reset();
  EXPECT_EQ(start(at(3'000)).sequence, Sequence{5});
  EXPECT_EQ(start(at(4'000)).sequence, Sequence{5}) << "no starter is a starter, too";
  finish(started, AttemptOutcome::kSucceeded, at(5'000));
  const Reply completed = start(at(6'000));
  EXPECT_EQ(completed.rule, DedupeRule::kRunCompleted);
  EXPECT_EQ(completed.sequence, Sequence{7});
}

TEST_F(StartRules, ASkipStandsForTheLeaseOfTheOpenAttemptAndElseForAMinute) {
  const Reply started = start(at(0));
  finish(started, AttemptOutcome::kSucceeded, at(1'000));
  EXPECT_EQ(start(at(2'000)).sequence, Sequence{4});
  EXPECT_EQ(start(at(61'999)).sequence, Sequence{4});
  EXPECT_EQ(start(at(62'000)).sequence, Sequence{5});
  EXPECT_EQ(ledger.events.size(), 5U);
}

TEST_F(StartRules, ASkipStandsOnlyUntilSomethingHappensToTheRun) {
  start(at(0));
  start(at(59'000));
  EXPECT_EQ(start(at(60'000)).attempt, AttemptNumber{2});
  const Reply skipped = start(at(61'000));
  EXPECT_EQ(skipped.rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(skipped.sequence, Sequence{6}) << "this one is about another attempt";
}

TEST_F(StartRules, AJournalsSkipsAreAllRecorded) {
  const Reply started = start(at(0));
  finish(started, AttemptOutcome::kSucceeded, at(1'000));
  const StartAttempt late{.run = kRun, .worker = {}};
  for (const std::int64_t ms : {2'000, 2'001}) {
    const std::size_t before = ledger.events.size();
    EXPECT_EQ(reply_of(ledger.import(late, at(ms))).rule, DedupeRule::kRunCompleted);
    EXPECT_EQ(ledger.events.size(), before + 1);
    EXPECT_FALSE(std::get<Deduped>(ledger.events.back().event).stands_until);
  }
}

TEST_F(StartRules, RequestsAreAllRecorded) {
  for (const int id : {2, 3}) {
    const std::size_t before = ledger.events.size();
    EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(id)}), at(1))).verdict, Verdict::kDeduped);
    EXPECT_EQ(ledger.events.size(), before + 1);
  }
}

TEST_F(StartRules, AHeartbeatKeepsTheProgressThatTheTypeAllows) {
  ledger.catalog = *Catalog::parse(R"({"types":[{"type":"assignments.fetch","summary_keys":["items"]}]})", Policy{});
  const Reply started = start(at(0));
  Heartbeat heartbeat{.run = kRun, .attempt = {started.attempt, started.token}};
  heartbeat.progress = counts({{"items", 7}, {"pages", 2}});
  const Reply alive = reply_of(ledger.submit(heartbeat, at(1)));
  EXPECT_EQ(alive.warnings, (std::vector<Warning>{{"counts.key_not_allowed", "progress.pages"}}));
  EXPECT_EQ(ledger.life_signs.at(kRun).progress, counts({{"items", 7}}));
  EXPECT_EQ(ledger.events.size(), 2U) << "progress is no event";
}

TEST_F(StartRules, ACancelIsAnsweredAsOne) {
  const FailRun cancel{
      .run = kRun, .reason_code = reason("run.cancelled"), .message = {}, .outcome = RunOutcome::kCancelled};
  EXPECT_EQ(reply_of(ledger.submit(cancel, at(1))).verdict, Verdict::kCancelled);
  EXPECT_EQ(reply_of(ledger.submit(cancel, at(2))).verdict, Verdict::kCancelled);
}

}  // namespace
}  // namespace runledger
