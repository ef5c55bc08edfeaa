// The rules of a run that was carried out while the ledger could not be reached, and is told afterwards.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class SpooledRules : public testing::Test {
 protected:
  static constexpr std::int64_t kMinute = 60'000;
  static SpooledAttempt attempt(std::int64_t from, std::int64_t to,
                                AttemptOutcome outcome = AttemptOutcome::kSucceeded) {
    return {.started_at = at(from), .ended_at = at(to), .outcome = outcome};
  }
  // A run that was requested when its first attempt started.
  static RecordSpooledRun spooled(int number, const std::vector<SpooledAttempt>& attempts) {
    return {.request = request({.run = run_id(number), .named = true}),
            .worker = sanitize("exec@host"),
            .requested_at = attempts.front().started_at,
            .attempts = attempts};
  }
  Reply record(const RecordSpooledRun& command, std::int64_t now = 1000 * kMinute) {
    return reply_of(ledger.record(command, at(now)));
  }
  std::vector<std::string> kinds_of(int number) const {
    std::vector<std::string> kinds;
    for (const Envelope& envelope : ledger.events_of(run_id(number))) kinds.emplace_back(kind_name(envelope.event));
    return kinds;
  }
  const RunState& run(int number) const { return ledger.runs.at(run_id(number)); }
  Reply ask(int number, std::int64_t now) { return reply_of(ledger.submit(request({.run = run_id(number)}), at(now))); }
  void work(int number, std::int64_t now) {
    const Reply started = reply_of(ledger.submit(StartAttempt{run_id(number), sanitize("w"), {}}, at(now)));
    ledger.submit(FinishAttempt{.run = run_id(number), .attempt = AttemptRef{started.attempt, started.token}}, at(now));
  }

  MemoryLedger ledger;
};

TEST_F(SpooledRules, ItIsAnOrdinaryHistoryWithItsOwnTimes) {
  const Reply reply = record(spooled(1, {attempt(10, 20)}));
  EXPECT_EQ(reply.verdict, Verdict::kFinished);
  EXPECT_EQ(reply.outcome, RunOutcome::kSucceeded);
  EXPECT_EQ(reply.sequence, Sequence{3});
  EXPECT_EQ(kinds_of(1), (std::vector<std::string>{"requested", "attempt-started", "attempt-finished"}));
  EXPECT_EQ(ledger.events[0].happened_at(), at(10));
  EXPECT_EQ(ledger.events[2].happened_at(), at(20));
  EXPECT_EQ(ledger.events[2].recorded_at, at(1000 * kMinute));
  EXPECT_EQ(run(1).completed_at, at(20));
}

TEST_F(SpooledRules, ItsCooldownCountsFromWhenItEnded) {
  record(spooled(1, {attempt(0, kMinute)}), 10 * kMinute);
  EXPECT_EQ(ask(2, 16 * kMinute - 1).rule, DedupeRule::kCooldown);
  EXPECT_EQ(ask(3, 16 * kMinute).verdict, Verdict::kRequested);
}

TEST_F(SpooledRules, ToldAgainItIsAnsweredAsBeforeAndNothingIsAppended) {
  const Reply first = record(spooled(1, {attempt(10, 20)}));
  const Reply again = record(spooled(1, {attempt(10, 20)}), 10'000 * kMinute);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.verdict, first.verdict);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(ledger.events.size(), 3U);
}

TEST_F(SpooledRules, TheIdOfAnotherRunIsRefused) {
  ask(1, 0);
  EXPECT_EQ(code_of(ledger.record(spooled(1, {attempt(10, 20)}), at(30))), "run.exists_with_other_input");
}

TEST_F(SpooledRules, WhatWouldHaveBeenDedupedByAnActiveRunIsLateWork) {
  ask(1, 0);
  const Reply late = record(spooled(2, {attempt(10, 20)}), 30);
  EXPECT_EQ(late.verdict, Verdict::kLate);
  EXPECT_EQ(late.rule, DedupeRule::kActiveRun);
  EXPECT_EQ(late.outcome, RunOutcome::kCancelled);
  EXPECT_EQ(kinds_of(2), (std::vector<std::string>{"requested", "attempt-started", "failed", "attempt-finished"}));
  EXPECT_EQ(std::get<RunFailed>(ledger.events[3].event).reason_code, reason("spool.late_work"));
  const auto& end = std::get<AttemptFinished>(ledger.events[4].event);
  EXPECT_EQ(end.disposition, Disposition::kLate);
  EXPECT_EQ(end.outcome, AttemptOutcome::kSucceeded);
  EXPECT_EQ(record(spooled(2, {attempt(10, 20)}), 40).verdict, Verdict::kLate) << "told again";
  EXPECT_EQ(ask(3, 50).run, run_id(1)) << "the active run still holds its identity";
}

TEST_F(SpooledRules, WhatWouldHaveBeenDedupedByACooldownIsLateWorkAndProlongsNothing) {
  ask(1, 0);
  work(1, 0);
  EXPECT_EQ(record(spooled(2, {attempt(14 * kMinute, 14 * kMinute)})).rule, DedupeRule::kCooldown);
  EXPECT_EQ(ask(3, 15 * kMinute).verdict, Verdict::kRequested);
}

TEST_F(SpooledRules, AfterTheCooldownOrForcedItIsNot) {
  ask(1, 0);
  work(1, 0);
  RecordSpooledRun forced = spooled(2, {attempt(kMinute, kMinute)});
  forced.request.force = true;
  EXPECT_EQ(record(forced).verdict, Verdict::kFinished);
  EXPECT_EQ(record(spooled(3, {attempt(16 * kMinute, 16 * kMinute)})).verdict, Verdict::kFinished);
}

TEST_F(SpooledRules, AnOlderRunDoesNotTakeTheCooldownOfANewerOne) {
  ask(1, 100 * kMinute);
  work(1, 100 * kMinute);
  RecordSpooledRun older = spooled(2, {attempt(0, kMinute)});
  older.request.force = true;
  EXPECT_EQ(record(older, 101 * kMinute).verdict, Verdict::kFinished);
  EXPECT_EQ(ask(3, 102 * kMinute).run, run_id(1)) << "its cooldown holds";
}

TEST_F(SpooledRules, AJournalsOpenRunKeepsItsIdentityAmongJournals) {
  ledger.import(request({.run = run_id(1), .named = true}), at(0));
  EXPECT_EQ(record(spooled(2, {attempt(10, 20)})).verdict, Verdict::kFinished);
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(3), .named = true}), at(30))).run, run_id(1));
}

TEST_F(SpooledRules, FailedAttemptsAreRetriesAndTheLastOneEndsTheRun) {
  RecordSpooledRun command =
      spooled(1, {attempt(0, 10, AttemptOutcome::kFailed), attempt(20, 30, AttemptOutcome::kFailed)});
  command.attempts[1].failures = {failure("exec.exit_status", "no space left")};
  command.request.policy.max_attempts = 1;
  EXPECT_EQ(record(command).outcome, RunOutcome::kFailed);
  EXPECT_EQ(run(1).attempts.size(), 2U) << "they were made, whatever the policy says by now";
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).reason_code, reason("exec.exit_status"));
}

TEST_F(SpooledRules, ALostAttemptEndsTheRunAsALeaseThatRanOut) {
  EXPECT_EQ(record(spooled(1, {attempt(0, 60'000, AttemptOutcome::kLost)})).outcome, RunOutcome::kFailed);
  EXPECT_EQ(run(1).attempts[0].status, AttemptStatus::kLost);
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).reason_code, reason("worker.lease_expired"));
  ask(2, 2000 * kMinute);
  EXPECT_EQ(record(spooled(3, {attempt(0, 60'000, AttemptOutcome::kLost)}), 2001 * kMinute).verdict, Verdict::kLate);
  EXPECT_EQ(kinds_of(3), (std::vector<std::string>{"requested", "attempt-started", "failed"}));
}

TEST_F(SpooledRules, ARunThatASignalEndedBetweenTwoAttemptsIsCancelled) {
  RecordSpooledRun command = spooled(1, {attempt(0, 10, AttemptOutcome::kFailed)});
  command.cancelled = true;
  EXPECT_EQ(record(command).outcome, RunOutcome::kCancelled);
  EXPECT_EQ(std::get<RunFailed>(ledger.events.back().event).reason_code, reason("run.cancelled"));
}

TEST_F(SpooledRules, ATimeAfterTheLedgersCountsAsTheLedgers) {
  record(spooled(1, {attempt(10, 500'000)}), 20);
  EXPECT_EQ(run(1).completed_at, at(20));
}

TEST_F(SpooledRules, RelativesThatAreNotThereAreLeftOut) {
  RecordSpooledRun command = spooled(1, {attempt(10, 20)});
  command.request.parent = run_id(8);
  command.request.rerun_of = run_id(9);
  EXPECT_EQ(record(command).warnings,
            (std::vector<Warning>{{"request.dropped", "parent_run_id"}, {"request.dropped", "rerun_of"}}));
  EXPECT_EQ(std::get<Requested>(ledger.events[0].event).ancestors, std::nullopt);
}

}  // namespace
}  // namespace runledger
