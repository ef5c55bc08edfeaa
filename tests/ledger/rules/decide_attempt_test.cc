// The rules of attempts: start, lease, finish, and ends that do not come from an attempt.
//
// The rules run over a MemoryLedger, where run 1 is requested at time 0. The helpers submit one command each at a given
// time, in milliseconds after the request, and return the answer. Tests read the resulting state with run(), and the
// number of events, because many rules are about what must not be appended.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

constexpr std::int64_t kLease = 60'000;

class AttemptRules : public testing::Test {
 protected:
  AttemptRules() { ledger.submit(request({.run = kRun, .policy = policy}), at(0)); }

  Answer start(Time now) { return ledger.submit(StartAttempt{kRun, sanitize("worker-1"), {}}, now); }
  Answer finish(const Reply& started, AttemptOutcome outcome, Time now, bool retryable = true, Counts reported = {}) {
    FinishAttempt command{kRun,     AttemptRef{started.attempt, started.token}, outcome, std::move(reported), {},
                          retryable};
    if (outcome == AttemptOutcome::kFailed) command.failures.push_back(failure());
    return ledger.submit(command, now);
  }
  Answer fail(std::string_view code, Time now, RunOutcome outcome = RunOutcome::kFailed) {
    return ledger.submit(FailRun{kRun, reason(code), sanitize("why"), outcome}, now);
  }
  const RunState& run() { return ledger.runs.at(kRun); }

  const RunId kRun = run_id(1);
  MemoryLedger ledger;
  Policy policy;
};

TEST_F(AttemptRules, AStartGivesANumberAndTheSequenceAsToken) {
  const Reply reply = reply_of(start(at(1)));
  EXPECT_EQ(reply.verdict, Verdict::kStarted);
  EXPECT_EQ(reply.attempt, AttemptNumber{1});
  EXPECT_EQ(reply.token, ScopeSequence{2});
  EXPECT_EQ(run().status, RunStatus::kRunning);
}

TEST_F(AttemptRules, AStartOfAnUnknownRunIsRefused) {
  EXPECT_EQ(code_of(ledger.submit(StartAttempt{run_id(9), sanitize("w"), {}}, at(1))), "run.not_found");
}

TEST_F(AttemptRules, AStartWhileTheLeaseIsAliveIsSkipped) {
  start(at(0));
  const Reply reply = reply_of(start(at(kLease - 1)));
  EXPECT_EQ(reply.verdict, Verdict::kSkipped);
  EXPECT_EQ(reply.rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(reply.retry_after, std::chrono::milliseconds(1));
}

TEST_F(AttemptRules, AStartAfterTheLeaseClosesTheLostAttemptAndStartsTheNext) {
  const Reply first = reply_of(start(at(0)));
  const Reply second = reply_of(start(at(kLease)));
  EXPECT_EQ(second.verdict, Verdict::kStarted);
  EXPECT_EQ(second.attempt, AttemptNumber{2});
  EXPECT_GT(second.token, first.token);
  const auto& lost = std::get<AttemptFinished>(ledger.events[2].event);
  EXPECT_EQ(lost.outcome, AttemptOutcome::kLost);
  EXPECT_EQ(lost.failures.front().reason_code.str(), "worker.lease_expired");
  EXPECT_EQ(second.token, ledger.events[3].scope_sequence);
}

TEST_F(AttemptRules, AHeartbeatExtendsTheLease) {
  const Reply first = reply_of(start(at(0)));
  const AttemptRef attempt{first.attempt, first.token};
  const Reply alive = reply_of(ledger.submit(Heartbeat{kRun, attempt}, at(kLease - 1)));
  EXPECT_EQ(alive.verdict, Verdict::kAlive);
  EXPECT_EQ(alive.retry_after, policy.lease) << "the time until the next heartbeat has to arrive";
  EXPECT_EQ(reply_of(start(at(kLease))).verdict, Verdict::kSkipped);
  EXPECT_EQ(reply_of(start(at(2 * kLease - 1))).verdict, Verdict::kStarted);
}

TEST_F(AttemptRules, AHeartbeatOfAnOvertakenAttemptIsRefused) {
  const Reply first = reply_of(start(at(0)));
  const Reply second = reply_of(start(at(kLease)));
  const auto beat = [&](AttemptNumber number, ScopeSequence token) {
    return ledger.submit(Heartbeat{kRun, AttemptRef{number, token}}, at(kLease + 1));
  };
  EXPECT_EQ(code_of(beat(first.attempt, first.token)), "attempt.superseded");
  EXPECT_EQ(code_of(beat(second.attempt, first.token)), "attempt.wrong_token");
  EXPECT_EQ(code_of(beat(AttemptNumber{3}, second.token)), "attempt.not_started");
  finish(second, AttemptOutcome::kSucceeded, at(kLease + 2));
  EXPECT_EQ(code_of(beat(second.attempt, second.token)), "attempt.already_finished");
  EXPECT_EQ(reply_of(finish(first, AttemptOutcome::kSucceeded, at(kLease + 3))).verdict, Verdict::kLate);
  EXPECT_EQ(code_of(beat(first.attempt, first.token)), "attempt.superseded") << "a late report does not revive it";
}

TEST_F(AttemptRules, ALeaseThatRunsOutOnTheLastAttemptFailsTheRun) {
  for (int attempt = 0; attempt < 3; ++attempt) start(at(attempt * kLease));
  const Reply reply = reply_of(start(at(3 * kLease)));
  EXPECT_EQ(reply.verdict, Verdict::kSkipped);
  EXPECT_EQ(reply.rule, DedupeRule::kRunCompleted);
  EXPECT_EQ(reply.status, RunStatus::kCompleted);
  EXPECT_EQ(run().outcome, RunOutcome::kFailed);
  const Envelope& skip = ledger.events.back();
  EXPECT_EQ(reply.sequence, skip.sequence);
  EXPECT_EQ(std::get<Deduped>(skip.event).rule, DedupeRule::kRunCompleted);
  EXPECT_EQ(std::get<Deduped>(skip.event).stage, DedupeStage::kExecute);
  const Envelope& failed = ledger.events.at(ledger.events.size() - 2);
  EXPECT_EQ(std::get<RunFailed>(failed.event).reason_code.str(), "worker.lease_expired");
}

TEST_F(AttemptRules, ALeaseThatHasTimeLeftIsNotExpired) {
  start(at(0));
  const Reply reply = reply_of(ledger.submit(ExpireLease{kRun}, at(kLease - 1)));
  EXPECT_EQ(reply.verdict, Verdict::kAlive);
  EXPECT_EQ(reply.retry_after, std::chrono::milliseconds(1));
  EXPECT_EQ(ledger.events.size(), 2U);
}

TEST_F(AttemptRules, ALeaseThatRanOutIsExpiredOnce) {
  const Reply started = reply_of(start(at(0)));
  const Reply reply = reply_of(ledger.submit(ExpireLease{kRun}, at(kLease)));
  EXPECT_EQ(reply.verdict, Verdict::kExpired);
  EXPECT_EQ(reply.attempt, started.attempt);
  EXPECT_EQ(reply.status, RunStatus::kQueued);
  EXPECT_EQ(reply.sequence, Sequence{3});
  EXPECT_EQ(std::get<AttemptFinished>(ledger.events.back().event).outcome, AttemptOutcome::kLost);
  EXPECT_EQ(code_of(ledger.submit(ExpireLease{kRun}, at(kLease))), "attempt.not_open");
  EXPECT_EQ(code_of(ledger.submit(ExpireLease{run_id(9)}, at(kLease))), "run.not_found");
}

TEST_F(AttemptRules, AnExpiredLastAttemptFailsTheRun) {
  for (int attempt = 0; attempt < 3; ++attempt) start(at(attempt * kLease));
  const Reply reply = reply_of(ledger.submit(ExpireLease{kRun}, at(3 * kLease)));
  EXPECT_EQ(reply.verdict, Verdict::kExpired);
  EXPECT_EQ(reply.outcome, RunOutcome::kFailed);
  EXPECT_EQ(reply.sequence, ledger.events.back().sequence);
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).reason_code.str(), "worker.lease_expired");
}

TEST_F(AttemptRules, TheAttemptOfAJournalHasNoLease) {
  ledger.import(StartAttempt{kRun, sanitize("w"), AttemptKey{}}, at(0));
  EXPECT_EQ(code_of(ledger.submit(ExpireLease{kRun}, at(10 * kLease))), "attempt.not_leased");
}

TEST_F(AttemptRules, AClaimStartsTheAttemptThatTheRunIsQueuedFor) {
  const auto claim = [&](std::uint32_t next, Time now) {
    return ledger.submit(ClaimRun{kRun, AttemptNumber{next}, sanitize("w"), {}}, now);
  };
  EXPECT_EQ(code_of(claim(2, at(0))), "claim.lost");
  const Reply first = reply_of(claim(1, at(0)));
  EXPECT_EQ(first.verdict, Verdict::kStarted);
  EXPECT_EQ(first.token, ScopeSequence{2});
  EXPECT_EQ(code_of(claim(1, at(1))), "claim.lost");
  EXPECT_EQ(code_of(claim(2, at(1))), "claim.lost");
  finish(first, AttemptOutcome::kFailed, at(2));
  EXPECT_EQ(reply_of(claim(2, at(3))).attempt, AttemptNumber{2});
  EXPECT_EQ(code_of(ledger.submit(ClaimRun{run_id(9), AttemptNumber{1}, sanitize("w"), {}}, at(3))), "claim.lost");
  EXPECT_EQ(ledger.events.size(), 4U) << "a lost race is not a duplicate";
}

TEST_F(AttemptRules, AStartOfACompletedRunIsSkippedAndRecorded) {
  finish(reply_of(start(at(1))), AttemptOutcome::kSucceeded, at(2));
  const Reply reply = reply_of(start(at(3)));
  EXPECT_EQ(reply.verdict, Verdict::kSkipped);
  EXPECT_EQ(reply.rule, DedupeRule::kRunCompleted);
  EXPECT_EQ(std::get<Deduped>(ledger.events.back().event).stage, DedupeStage::kExecute);
}

TEST_F(AttemptRules, ARunThatDoesNotHoldItsIdentityIsSkipped) {
  IdentityState& identity = ledger.identities.at(run().identity);
  ledger.submit(request({.run = run_id(2), .scope = scope("other")}), at(1));
  identity.active = run_id(2);
  EXPECT_EQ(reply_of(start(at(2))).rule, DedupeRule::kNotCanonical);
}

TEST_F(AttemptRules, EveryGoodOutcomeCompletesTheRunWithIt) {
  const std::pair<AttemptOutcome, RunOutcome> table[] = {
      {AttemptOutcome::kSucceeded, RunOutcome::kSucceeded},
      {AttemptOutcome::kPartiallySucceeded, RunOutcome::kPartiallySucceeded},
      {AttemptOutcome::kBlocked, RunOutcome::kBlocked},
      {AttemptOutcome::kCancelled, RunOutcome::kCancelled}};
  for (const auto& [outcome, expected] : table) {
    MemoryLedger fresh;
    fresh.submit(request({.run = kRun}), at(0));
    const Reply started = reply_of(fresh.submit(StartAttempt{kRun, sanitize("w"), {}}, at(1)));
    const Reply done = reply_of(
        fresh.submit(FinishAttempt{kRun, AttemptRef{started.attempt, started.token}, outcome, {}, {}, true}, at(2)));
    EXPECT_EQ(done.status, RunStatus::kCompleted);
    EXPECT_EQ(done.outcome, expected);
    EXPECT_EQ(fresh.runs.at(kRun).outcome, expected);
  }
}

TEST_F(AttemptRules, AFailureWithAttemptsLeftQueuesTheRunWithBackoff) {
  const Reply done = reply_of(finish(reply_of(start(at(1))), AttemptOutcome::kFailed, at(2)));
  EXPECT_EQ(done.status, RunStatus::kQueued);
  EXPECT_EQ(done.retry_after, std::chrono::seconds(30));
  const auto& event = std::get<AttemptFinished>(ledger.events.back().event);
  EXPECT_EQ(event.disposition, Disposition::kRetries);
  EXPECT_EQ(event.not_before, at(2) + std::chrono::seconds(30));
}

TEST_F(AttemptRules, ANotBeforeTimeDoesNotBindAnExplicitStart) {
  finish(reply_of(start(at(1))), AttemptOutcome::kFailed, at(2));
  EXPECT_EQ(reply_of(start(at(3))).attempt, AttemptNumber{2});
}

TEST_F(AttemptRules, TheLastFailureEndsTheRunInTheSameAppend) {
  for (int attempt = 1; attempt <= 3; ++attempt) {
    finish(reply_of(start(at(attempt * 10))), AttemptOutcome::kFailed, at(attempt * 10 + 1));
  }
  EXPECT_EQ(run().status, RunStatus::kCompleted);
  const auto& last = std::get<RunFailed>(ledger.events.back().event);
  EXPECT_EQ(last.reason_code.str(), "graph.throttled");
  EXPECT_EQ(std::get<AttemptFinished>(ledger.events[ledger.events.size() - 2].event).disposition,
            Disposition::kExhausts);
  EXPECT_FALSE(ledger.identities.at(run().identity).active);
}

TEST_F(AttemptRules, AFailureThatIsNotRetryableEndsTheRun) {
  const Reply started = reply_of(start(at(1)));
  const Reply done = reply_of(finish(started, AttemptOutcome::kFailed, at(2), false));
  EXPECT_EQ(done.status, RunStatus::kCompleted);
  EXPECT_EQ(done.outcome, RunOutcome::kFailed);
  const Reply again = reply_of(finish(started, AttemptOutcome::kFailed, at(3), false));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.sequence, done.sequence);
}

TEST_F(AttemptRules, AFailureWithoutANoteHasAReasonOfItsOwn) {
  const Reply started = reply_of(start(at(1)));
  ledger.submit(FinishAttempt{kRun, AttemptRef{started.attempt, started.token}, AttemptOutcome::kFailed, {}, {}, false},
                at(2));
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).reason_code.str(), "attempt.failed");
}

TEST_F(AttemptRules, TheSameFinishAgainAppendsNothing) {
  const Reply started = reply_of(start(at(1)));
  const Reply done = reply_of(finish(started, AttemptOutcome::kSucceeded, at(2), true, counts({{"items", 3}})));
  const std::size_t events = ledger.events.size();
  const Reply again = reply_of(finish(started, AttemptOutcome::kSucceeded, at(9), true, counts({{"items", 3}})));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.sequence, done.sequence);
  EXPECT_EQ(ledger.events.size(), events);
}

TEST_F(AttemptRules, TheSameFinishAgainNamesItsOwnEventThoughTheRunWasEndedRightAfterIt) {
  const Reply started = reply_of(start(at(1)));
  const Reply done = reply_of(finish(started, AttemptOutcome::kFailed, at(2)));
  EXPECT_EQ(done.status, RunStatus::kQueued);
  const Reply ended = reply_of(fail("run.cancelled", at(3), RunOutcome::kCancelled));
  EXPECT_EQ(ended.sequence, done.sequence.next());
  const Reply again = reply_of(finish(started, AttemptOutcome::kFailed, at(4)));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.sequence, done.sequence);
  EXPECT_EQ(again.outcome, RunOutcome::kCancelled);
}

TEST_F(AttemptRules, ADifferentFinishOfAFinishedAttemptIsRefused) {
  const Reply started = reply_of(start(at(1)));
  finish(started, AttemptOutcome::kSucceeded, at(2), true, counts({{"items", 3}}));
  EXPECT_EQ(code_of(finish(started, AttemptOutcome::kSucceeded, at(3), true, counts({{"items", 4}}))),
            "attempt.already_finished");
  EXPECT_EQ(code_of(finish(started, AttemptOutcome::kFailed, at(3))), "attempt.already_finished");
}

TEST_F(AttemptRules, AFinishBeforeAnyStartIsRefused) {
  const auto finish_of = [&](std::uint32_t number, std::uint64_t token) {
    return ledger.submit(
        FinishAttempt{
            kRun, AttemptRef{AttemptNumber{number}, ScopeSequence{token}}, AttemptOutcome::kSucceeded, {}, {}, true},
        at(1));
  };
  EXPECT_EQ(code_of(finish_of(0, 0)), "attempt.not_started");
  EXPECT_EQ(code_of(finish_of(1, 1)), "attempt.not_started");
  start(at(1));
  EXPECT_EQ(code_of(finish_of(1, 1)), "attempt.wrong_token");
  EXPECT_EQ(code_of(finish_of(2, 2)), "attempt.not_started");
}

TEST_F(AttemptRules, FinishWithAnOldTokenIsRecordedAsLate) {
  const Reply first = reply_of(start(at(0)));
  const Reply second = reply_of(start(at(kLease)));
  const Reply late = reply_of(finish(first, AttemptOutcome::kSucceeded, at(kLease + 1), true, counts({{"items", 9}})));
  EXPECT_EQ(late.verdict, Verdict::kLate);
  EXPECT_EQ(run().status, RunStatus::kRunning);
  finish(second, AttemptOutcome::kSucceeded, at(kLease + 2), true, counts({{"items", 1}}));
  EXPECT_EQ(run().outcome, RunOutcome::kSucceeded);
  EXPECT_TRUE(
      reply_of(finish(first, AttemptOutcome::kSucceeded, at(kLease + 3), true, counts({{"items", 9}}))).repeated);
}

TEST_F(AttemptRules, AFinishAfterTheLeaseThatNobodyTookStillApplies) {
  const Reply first = reply_of(start(at(0)));
  EXPECT_EQ(reply_of(finish(first, AttemptOutcome::kSucceeded, at(5 * kLease))).verdict, Verdict::kFinished);
}

TEST_F(AttemptRules, AQueuedRunCanBeCancelled) {
  const Reply reply = reply_of(fail("run.cancelled", at(1), RunOutcome::kCancelled));
  EXPECT_EQ(reply.outcome, RunOutcome::kCancelled);
  EXPECT_EQ(run().outcome, RunOutcome::kCancelled);
}

TEST_F(AttemptRules, FailingARunningRunMakesItsAttemptLate) {
  const Reply started = reply_of(start(at(1)));
  fail("adapter.out_of_sync", at(2));
  EXPECT_EQ(run().status, RunStatus::kCompleted);
  EXPECT_EQ(reply_of(finish(started, AttemptOutcome::kSucceeded, at(3))).verdict, Verdict::kLate);
  EXPECT_EQ(run().outcome, RunOutcome::kFailed);
}

TEST_F(AttemptRules, TheSameFailAgainIsARepeatAndAnotherIsRefused) {
  const Reply first = reply_of(fail("dispatch.failed", at(1)));
  const Reply again = reply_of(fail("dispatch.failed", at(2)));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(code_of(fail("run.stale_queued", at(3))), "run.completed");
}

TEST_F(AttemptRules, AFailSaysWhoEndedTheRunAndIsRepeatedOnlyByTheSameCaller) {
  FailRun command{kRun, reason("run.cancelled"), {}, RunOutcome::kCancelled};
  command.initiator = sanitize("ann");
  const Reply first = reply_of(ledger.submit(command, at(1)));
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).initiator, sanitize("ann"));
  EXPECT_EQ(reply_of(ledger.submit(command, at(2))).sequence, first.sequence);
  command.initiator = sanitize("bob");
  EXPECT_EQ(code_of(ledger.submit(command, at(3))), "run.completed");
  command.initiator = std::nullopt;
  EXPECT_EQ(code_of(ledger.submit(command, at(4))), "run.completed");
}

TEST_F(AttemptRules, AFailOfAnUnknownRunIsRefused) {
  EXPECT_EQ(code_of(ledger.submit(FailRun{run_id(9), reason(), {}, RunOutcome::kFailed}, at(1))), "run.not_found");
}

TEST_F(AttemptRules, AFailOfARunThatStandsOtherwiseThanItWasSeenIsRefused) {
  FailRun stale{kRun, reason("run.stale_queued"), {}, RunOutcome::kFailed};
  stale.seen = ExpectedRunState{.status = RunStatus::kQueued, .attempt = {}};
  const Reply started = reply_of(start(at(1)));
  EXPECT_EQ(code_of(ledger.submit(stale, at(2))), "run.changed");
  finish(started, AttemptOutcome::kFailed, at(3));
  EXPECT_EQ(code_of(ledger.submit(stale, at(4))), "run.changed") << "the run is queued again, but for another attempt";
  EXPECT_TRUE(run().active());
  stale.seen->attempt = started.attempt;
  EXPECT_EQ(reply_of(ledger.submit(stale, at(5))).verdict, Verdict::kFailed);
  EXPECT_TRUE(reply_of(ledger.submit(stale, at(6))).repeated) << "its own end does not make the command stale";
}

TEST_F(AttemptRules, CountsThatTheTypeDoesNotAllowAreLeftOutWithAWarning) {
  const Result<Catalog> catalog =
      Catalog::parse(R"({"types":[{"type":"assignments.fetch","summary_keys":["items"]}]})", Policy{});
  ASSERT_TRUE(catalog);
  ledger.catalog = *catalog;
  const Reply started = reply_of(start(at(1)));
  const auto report = [&](Time now) {
    return reply_of(finish(started, AttemptOutcome::kSucceeded, now, true, counts({{"bytes", 1}, {"items", 2}})));
  };
  const Reply first = report(at(2));
  EXPECT_EQ(first.verdict, Verdict::kFinished);
  EXPECT_EQ(first.warnings, (std::vector<Warning>{{"counts.key_not_allowed", "summary_counts.bytes"}}));
  EXPECT_EQ(std::get<AttemptFinished>(ledger.events.back().event).summary_counts, counts({{"items", 2}}));
  const Reply again = report(at(3));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.warnings, first.warnings);
  EXPECT_TRUE(reply_of(finish(started, AttemptOutcome::kSucceeded, at(4), true, counts({{"items", 2}}))).repeated)
      << "it is recognised by what was kept";
}

}  // namespace
}  // namespace runledger
