// Tests the special rules for journals: attempts have keys, leases do not run out, and a start supersedes an open
// attempt.
#include <gtest/gtest.h>

#include "ledger/exchange/envelope_json.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class ImportRules : public testing::Test {
 protected:
  ImportRules() { request_run(); }

  void request_run() { ledger.import(request({.run = kRun, .policy = policy, .named = true}), at(0)); }
  static AttemptKey key_of(unsigned char number) {
    AttemptKey key;
    key.bytes[0] = number;
    return key;
  }
  Answer start(unsigned char key, Time when) {
    return ledger.import(StartAttempt{kRun, sanitize("node-1"), key_of(key)}, when);
  }
  Answer finish(unsigned char key, AttemptOutcome outcome, Time when) {
    return ledger.import(FinishAttempt{kRun, key_of(key), outcome, {}, {}, true}, when);
  }

  const RunId kRun = run_id(1);
  MemoryLedger ledger;
  Policy policy;
};

TEST_F(ImportRules, AStartBesideAnOpenAttemptSupersedesIt) {
  start(1, at(1));
  const Reply second = reply_of(start(2, at(2)));
  EXPECT_EQ(second.verdict, Verdict::kStarted);
  EXPECT_EQ(second.attempt, AttemptNumber{2});
  EXPECT_EQ(reply_of(finish(1, AttemptOutcome::kSucceeded, at(3))).verdict, Verdict::kLate);
  EXPECT_EQ(reply_of(finish(2, AttemptOutcome::kSucceeded, at(4))).verdict, Verdict::kFinished);
}

// The backoff would put the retry into the year 10000, which no line of an export could hold.
TEST_F(ImportRules, ARetryAtTheEndOfTheTimesIsStillAValidTime) {
  const Time end = kTimesEnd - Duration{1};
  start(1, end);
  finish(1, AttemptOutcome::kFailed, end);
  const Envelope& envelope = ledger.events.back();
  EXPECT_EQ(std::get<AttemptFinished>(envelope.event).not_before, end);
  const Result<Envelope> read = envelope_from_json(envelope_to_json(envelope));
  ASSERT_TRUE(read) << read.rejection().detail.str();
  EXPECT_EQ(*read, envelope);
}

TEST_F(ImportRules, WhatAJournalLeavesOpenStandsInTheWayOfNoLiveRequest) {
  start(1, at(1));
  EXPECT_TRUE(ledger.runs.at(kRun).imported_open());
  const Reply live = reply_of(ledger.submit(request({.run = run_id(2)}), at(10)));
  EXPECT_EQ(live.verdict, Verdict::kRequested);
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(3)}), at(11))).run, run_id(2));
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(4), .named = true}), at(2))).run, kRun)
      << "a later line of a journal is answered with the journal's run";
  finish(1, AttemptOutcome::kSucceeded, at(3));
  EXPECT_FALSE(ledger.runs.at(kRun).active());
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(3)}), at(12))).run, run_id(2))
      << "the end of the journal's run frees nothing";
}

TEST_F(ImportRules, AnActiveLiveRunStandsInTheWayOfNoJournal) {
  ledger.import(FailRun{kRun, reason("job.failed"), {}, RunOutcome::kFailed}, at(1));
  policy.cooldown.length = Duration{};
  const Reply live = reply_of(ledger.submit(request({.run = run_id(2), .policy = policy, .force = true}), at(2000)));
  ASSERT_EQ(live.verdict, Verdict::kRequested);
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(3), .named = true}), at(1500))).verdict, Verdict::kRequested);
}

TEST_F(ImportRules, TheFirstLiveStartTakesTheRunOverIfItsIdentityIsFree) {
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(2)}), at(10))).verdict, Verdict::kRequested);
  const Reply beside = reply_of(ledger.submit(StartAttempt{kRun, sanitize("worker"), {}}, at(11)));
  EXPECT_EQ(beside.verdict, Verdict::kSkipped);
  EXPECT_EQ(beside.rule, DedupeRule::kNotCanonical);
  ledger.submit(FailRun{run_id(2), reason("run.cancelled"), {}, RunOutcome::kCancelled}, at(12));
  EXPECT_EQ(reply_of(ledger.submit(StartAttempt{kRun, sanitize("worker"), {}}, at(13))).verdict, Verdict::kStarted);
  EXPECT_FALSE(ledger.runs.at(kRun).imported_open());
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(3), .force = true}), at(14))).run, kRun)
      << "from then on it holds its identity";
}

TEST_F(ImportRules, AnAdoptedRunIsQueuedHoldsItsIdentityAndCanBeClaimed) {
  start(1, at(1));
  const Reply adopted = reply_of(ledger.submit(AdoptRun{kRun}, at(100)));
  EXPECT_EQ(adopted.verdict, Verdict::kRequested);
  EXPECT_EQ(adopted.status, RunStatus::kQueued);
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(2)}), at(101))).run, kRun);
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(3), .named = true}), at(2))).run, kRun);
  EXPECT_TRUE(reply_of(ledger.submit(AdoptRun{kRun}, at(102))).repeated);
  const Reply claimed = reply_of(ledger.submit(ClaimRun{kRun, AttemptNumber{2}, sanitize("w"), {}}, at(103)));
  EXPECT_EQ(claimed.verdict, Verdict::kStarted);
  EXPECT_EQ(reply_of(finish(1, AttemptOutcome::kSucceeded, at(3))).verdict, Verdict::kLate)
      << "the attempt that the journal left open was superseded";
  EXPECT_EQ(reply_of(ledger.submit(StartAttempt{kRun, sanitize("v"), {}}, at(104))).rule, DedupeRule::kAttemptActive)
      << "the claimed attempt has a lease";
}

TEST_F(ImportRules, OnlyAnOpenRunOfAJournalWithAnAttemptLeftAndAFreeIdentityIsAdopted) {
  EXPECT_EQ(code_of(ledger.submit(AdoptRun{run_id(9)}, at(5))), "run.not_found");
  ledger.submit(request({.run = run_id(2)}), at(10));
  EXPECT_EQ(code_of(ledger.submit(AdoptRun{kRun}, at(11))), "adopt.identity_held");
  EXPECT_EQ(code_of(ledger.submit(AdoptRun{run_id(2)}, at(12))), "adopt.not_open");
  ledger.submit(FailRun{run_id(2), reason("run.cancelled"), {}, RunOutcome::kCancelled}, at(13));
  for (unsigned char n = 1; n <= policy.max_attempts; ++n) start(n, at(20));
  EXPECT_EQ(code_of(ledger.submit(AdoptRun{kRun}, at(30))), "attempt.exhausted");
  finish(static_cast<unsigned char>(policy.max_attempts), AttemptOutcome::kSucceeded, at(31));
  EXPECT_EQ(code_of(ledger.submit(AdoptRun{kRun}, at(32))), "run.completed");
}

TEST_F(ImportRules, AStartWithAKnownKeyIsARepeat) {
  const Reply first = reply_of(start(1, at(1)));
  const Reply again = reply_of(start(1, at(1)));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.token, first.token);
  finish(1, AttemptOutcome::kSucceeded, at(2));
  EXPECT_TRUE(reply_of(start(1, at(1))).repeated);
}

TEST_F(ImportRules, AFinishOfAKeyThatNeverStartedIsRefused) {
  EXPECT_EQ(code_of(finish(1, AttemptOutcome::kSucceeded, at(1))), "attempt.not_started");
}

TEST_F(ImportRules, AStartAfterCompletionIsDedupedAndItsFinishRefused) {
  start(1, at(1));
  finish(1, AttemptOutcome::kSucceeded, at(2));
  EXPECT_EQ(reply_of(start(2, at(3))).rule, DedupeRule::kRunCompleted);
  EXPECT_EQ(code_of(finish(2, AttemptOutcome::kSucceeded, at(4))), "attempt.not_started");
}

TEST_F(ImportRules, MoreAttemptsThanThePolicyAllowsAreRefused) {
  for (unsigned char key = 1; key <= 3; ++key) start(key, at(key));
  EXPECT_EQ(code_of(start(4, at(4))), "attempt.exhausted");
}

TEST_F(ImportRules, AFailedLineThatRepeatsTheEndIsARepeatAndAnotherIsRefused) {
  const FailRun end{kRun, reason("job.failed"), sanitize("the job ended"), RunOutcome::kFailed};
  ledger.import(end, at(5));
  EXPECT_TRUE(reply_of(ledger.import(end, at(5))).repeated);
  EXPECT_EQ(code_of(ledger.import(FailRun{kRun, reason("job.killed"), {}, RunOutcome::kFailed}, at(6))),
            "run.completed");
}

TEST_F(ImportRules, ARequestThatWasDedupedLeavesNoRunBehind) {
  ledger.import(request({.run = run_id(2), .named = true}), at(1));
  EXPECT_EQ(code_of(ledger.import(StartAttempt{run_id(2), sanitize("n"), key_of(1)}, at(2))), "run.not_found");
}

TEST_F(ImportRules, TimesThatGoBackAreTakenAsTheyAre) {
  start(1, at(100));
  const Reply done = reply_of(finish(1, AttemptOutcome::kSucceeded, at(50)));
  EXPECT_EQ(done.verdict, Verdict::kFinished);
  EXPECT_EQ(ledger.runs.at(kRun).completed_at, at(50));
  EXPECT_GE(ledger.events[2].recorded_at, ledger.events[1].recorded_at);
}

}  // namespace
}  // namespace runledger
