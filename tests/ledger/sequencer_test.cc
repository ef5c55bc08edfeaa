// The sequencer over a real log: order, group commit, repeated commands, limits, and failures.
//
// The tests submit commands to the sequencer of a TemporaryLedger and read its log. ask() waits for each answer. Where
// a test needs several commands in the queue at the same time, a Blockade holds the sequencer's thread in the callback
// of an answer: everything that is submitted until end() is queued, and then decided in one batch.
#include "ledger/sequencer.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "ledger/ledger.h"
#include "ledger/rules/journal_import.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class SequencedCommands : public testing::Test {
 protected:
  Answer ask(Submission submission) { return world.ledger().sequencer().submit(std::move(submission)).get(); }
  static Submission plain(Command command) { return Submission{.command = std::move(command)}; }
  static CommandId command_id(int number) { return CommandId{run_id(number).value}; }

  TemporaryLedger world;
};

// Holds the sequencer's thread in the answer to a command, so that other commands queue up.
class Blockade {
 public:
  Blockade(Sequencer& sequencer, Submission submission) {
    sequencer.submit(std::move(submission), [this](const Answer&) {
      begun_.set_value();
      ended_.get_future().wait();
    });
    begun_.get_future().wait();
  }
  void end() { ended_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> ended_;
};

TEST_F(SequencedCommands, ALifeOfARunIsAppendedAndNumberedDensely) {
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(1)})))).sequence, Sequence{1});
  const Reply started = reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}})));
  EXPECT_EQ(started.token, ScopeSequence{2});
  ask(plain(
      FinishAttempt{run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true}));
  const std::vector<Envelope> events = world.ledger().log().read(Sequence{0}, 10);
  ASSERT_EQ(events.size(), 3U);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence.value, i + 1);
    EXPECT_EQ(events[i].run_version.value, i + 1);
    EXPECT_EQ(events[i].scope_sequence.value, i + 1);
  }
}

TEST_F(SequencedCommands, CommandsOfOneBatchSeeEachOther) {
  std::vector<std::future<Answer>> answers;
  for (int i = 1; i <= 50; ++i)
    answers.push_back(world.ledger().sequencer().submit(plain(request({.run = run_id(i)}))));
  EXPECT_EQ(reply_of(answers[0].get()).verdict, Verdict::kRequested);
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const Reply reply = reply_of(answers[i].get());
    EXPECT_EQ(reply.rule, DedupeRule::kActiveRun);
    EXPECT_EQ(reply.run, run_id(1));
  }
}

TEST_F(SequencedCommands, OfManyThreadsExactlyOneIsRequested) {
  std::atomic<int> requested{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        const Answer answer = ask(plain(request({.run = run_id(1 + thread * 100 + i)})));
        if (reply_of(answer).verdict == Verdict::kRequested) ++requested;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(requested, 1);
  EXPECT_EQ(world.ledger().log().last(), Sequence{400});
}

TEST_F(SequencedCommands, ARepeatedCommandIdIsAnsweredTheSameAndAppendsNothing) {
  Submission submission = plain(request({.run = run_id(1)}));
  submission.id = command_id(7);
  const Reply first = reply_of(ask(submission));
  submission.command = request({.run = run_id(2)});  // A caller that does not name its run sends another random id.
  const Reply again = reply_of(ask(submission));
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.run, first.run);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(world.ledger().log().last(), Sequence{1});
}

TEST_F(SequencedCommands, ACommandIdIsRememberedAcrossAReopening) {
  Submission submission = plain(request({.run = run_id(1)}));
  submission.id = command_id(7);
  ask(submission);
  world.reopen();
  EXPECT_TRUE(reply_of(ask(submission)).repeated);
}

TEST_F(SequencedCommands, ACommandIdWithOtherContentIsRefused) {
  Submission submission = plain(request({.run = run_id(1)}));
  submission.id = command_id(7);
  ask(submission);
  submission.command = request({.run = run_id(1), .scope = scope("fabrikam")});
  EXPECT_EQ(code_of(ask(submission)), "command.reused");
}

TEST_F(SequencedCommands, ACommandIdWithAnotherInitiatorOfAnEndIsRefused) {
  ask(plain(request({.run = run_id(1)})));
  FailRun fail{.run = run_id(1), .reason_code = examples::reason(), .message = {}};
  Submission submission = plain(fail);
  submission.id = command_id(7);
  ask(submission);
  EXPECT_TRUE(reply_of(ask(submission)).repeated);
  fail.initiator = sanitize("ann");
  submission.command = fail;
  EXPECT_EQ(code_of(ask(submission)), "command.reused");
}

TEST_F(SequencedCommands, ACommandIdIsForgottenAfterADay) {
  Submission submission = plain(request({.run = run_id(1)}));
  submission.id = command_id(7);
  ask(submission);
  world.clock().advance(kCommandMemory);
  submission.command = request({.run = run_id(2)});
  EXPECT_EQ(reply_of(ask(submission)).rule, DedupeRule::kActiveRun);
}

TEST_F(SequencedCommands, ARefusedLiveCommandIsDecidedAnew) {
  Submission submission = plain(StartAttempt{run_id(1), sanitize("w"), {}});
  submission.id = command_id(7);
  EXPECT_EQ(code_of(ask(submission)), "run.not_found");
  ask(plain(request({.run = run_id(1)})));
  EXPECT_EQ(reply_of(ask(submission)).verdict, Verdict::kStarted);
}

TEST_F(SequencedCommands, ARefusedLineOfAJournalStaysRefused) {
  Submission submission = plain(StartAttempt{run_id(1), sanitize("w"), AttemptKey{}});
  submission.id = command_id(7);
  submission.occurred_at = at(0);
  submission.import = std::make_shared<JournalImport>(Catalog());
  EXPECT_EQ(code_of(ask(submission)), "run.not_found");
  ask(plain(request({.run = run_id(1)})));
  world.reopen();
  EXPECT_EQ(code_of(ask(submission)), "run.not_found");
}

TEST_F(SequencedCommands, RecordedTimesNeverGoBack) {
  ask(plain(request({.run = run_id(1)})));
  world.clock().advance(-std::chrono::hours(5));
  ask(plain(request({.run = run_id(2)})));
  world.reopen();
  ask(plain(request({.run = run_id(3)})));
  const std::vector<Envelope> events = world.ledger().log().read(Sequence{0}, 10);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].recorded_at, events[0].recorded_at);
  EXPECT_EQ(events[2].recorded_at, events[0].recorded_at);
}

// The clock was once set 90 minutes ahead by mistake, and then corrected.
class AfterAStepBack : public SequencedCommands {
 protected:
  void SetUp() override {
    world.clock().set(at(0) + std::chrono::minutes(90));
    ask(plain(request({.run = run_id(9), .scope = scope("fabrikam")})));
    world.clock().set(at(0));
  }
  Reply finish(RunId run, AttemptOutcome outcome) {
    const Reply started = reply_of(ask(plain(StartAttempt{run, sanitize("w"), {}})));
    return reply_of(ask(plain(FinishAttempt{run, AttemptRef{started.attempt, started.token}, outcome, {}, {}, true})));
  }
};

TEST_F(AfterAStepBack, ACooldownEnds) {
  ask(plain(request({.run = run_id(1)})));
  finish(run_id(1), AttemptOutcome::kSucceeded);
  world.clock().advance(std::chrono::minutes(29));
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(2)})))).rule, DedupeRule::kCooldown);
  world.clock().advance(std::chrono::minutes(1));
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(2)})))).verdict, Verdict::kRequested)
      << "the cooldown lasts at most twice 15 minutes";
}

TEST_F(AfterAStepBack, ACooldownEndsAlsoInALedgerThatIsOpenedAfterIt) {
  world.reopen();
  EXPECT_EQ(world.ledger().clock().now(), at(0) + std::chrono::minutes(90));
  ask(plain(request({.run = run_id(1)})));
  finish(run_id(1), AttemptOutcome::kSucceeded);
  world.clock().advance(std::chrono::minutes(30));
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(2)})))).verdict, Verdict::kRequested);
}

TEST_F(SequencedCommands, AHeartbeatSurvivesAReopening) {
  ask(plain(request({.run = run_id(1)})));
  const Reply started = reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}})));
  world.clock().advance(std::chrono::seconds(59));
  ask(plain(Heartbeat{run_id(1), AttemptRef{started.attempt, started.token}}));
  world.reopen();
  world.clock().advance(std::chrono::seconds(59));
  EXPECT_EQ(reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w2"), {}}))).rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(world.ledger().log().last(), Sequence{3});
}

TEST_F(SequencedCommands, NoStepOfTheClockShortensALease) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  world.clock().set(world.clock().now() + std::chrono::hours(24));
  EXPECT_EQ(reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w2"), {}}))).rule, DedupeRule::kAttemptActive);
  world.clock().advance(std::chrono::seconds(60));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).verdict, Verdict::kExpired);
}

TEST_F(SequencedCommands, ALeaseRunsOnWhenTheLedgerIsOpenedNowAndThen) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  world.clock().advance(std::chrono::seconds(59));
  world.reopen();
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).retry_after, std::chrono::seconds(1));
  world.clock().advance(std::chrono::seconds(1));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).verdict, Verdict::kExpired);
}

TEST_F(SequencedCommands, ALeaseIsWholeAgainWhenTheLedgerIsOpenedToStayOpen) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  world.clock().advance(std::chrono::hours(1));
  world.reopen({.renew_leases = true});
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).retry_after, std::chrono::seconds(60));
  world.clock().advance(std::chrono::seconds(60));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).verdict, Verdict::kExpired);
}

TEST_F(SequencedCommands, ALeaseIsWholeAgainAfterAPauseOfTheProcessThatKeepsTheLedgerOpen) {
  std::atomic<Duration> paused = Duration::zero();
  world.reopen({.renew_leases = true, .on_pause = [&paused](Duration length) { paused = length; }});
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  world.clock().pause(std::chrono::hours(1));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).retry_after, std::chrono::seconds(60));
  EXPECT_EQ(paused.load(), std::chrono::hours(1));
  world.clock().advance(std::chrono::seconds(60));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).verdict, Verdict::kExpired);
  world.close();  // Before `paused` is gone.
}

TEST_F(SequencedCommands, ALeaseGoesOnDuringAPauseOfAProcessThatReceivesNoHeartbeats) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  world.clock().pause(std::chrono::hours(1));
  EXPECT_EQ(reply_of(ask(plain(ExpireLease{run_id(1)}))).verdict, Verdict::kExpired);
}

TEST_F(SequencedCommands, ASignOfLifeIsKeptForAsLongAsTheAttemptIsOpen) {
  ask(plain(request({.run = run_id(1)})));
  const Reply started = reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}})));
  EXPECT_EQ(world.ledger().states().load_life_sign(run_id(1))->token, started.token);
  FinishAttempt finish{run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true};
  ask(plain(finish));
  EXPECT_FALSE(world.ledger().states().load_life_sign(run_id(1)));
}

TEST_F(SequencedCommands, TheSameFinishAgainTellsWhenTheRetryIsDue) {
  ask(plain(request({.run = run_id(1)})));
  const Reply started = reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}})));
  const Submission finish = plain(FinishAttempt{
      run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kFailed, {}, {failure()}, true});
  Sequencer& sequencer = world.ledger().sequencer();
  Blockade blockade(sequencer, plain(request({.run = run_id(2), .scope = scope("fabrikam")})));
  std::future<Answer> first = sequencer.submit(finish);
  std::future<Answer> of_the_same_commit = sequencer.submit(finish);
  blockade.end();
  const Duration backoff = *reply_of(first.get()).retry_after;
  EXPECT_GT(backoff, Duration::zero());
  const Reply again = reply_of(of_the_same_commit.get());
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.retry_after, backoff);
  world.clock().advance(std::chrono::seconds(10));
  EXPECT_EQ(reply_of(ask(finish)).retry_after, backoff - std::chrono::seconds(10));
  world.clock().advance(backoff);
  EXPECT_EQ(reply_of(ask(finish)).retry_after, Duration::zero()) << "the retry is due immediately";
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  EXPECT_EQ(reply_of(ask(finish)).retry_after, std::nullopt) << "the run does not wait any more";
}

TEST_F(SequencedCommands, AWorkerMayStartByIdentityInOneStep) {
  const StartByIdentity command{request({.run = run_id(1)}), sanitize("w")};
  const Reply started = reply_of(ask(plain(command)));
  EXPECT_EQ(started.verdict, Verdict::kStarted);
  EXPECT_EQ(started.token, ScopeSequence{2});
  const StartByIdentity other{request({.run = run_id(2)}), sanitize("w2")};
  const Reply skipped = reply_of(ask(plain(other)));
  EXPECT_EQ(skipped.rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(skipped.run, run_id(1));
  ask(plain(
      FinishAttempt{run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true}));
  EXPECT_EQ(reply_of(ask(plain(other))).rule, DedupeRule::kCooldown);
}

TEST_F(SequencedCommands, AFullQueueAnswersOverloadedAtOnceAndTheRestIsCarriedOut) {
  Sequencer::Options options;
  options.queue_max = 4;
  world.reopen(options);
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> overloaded{0};
  std::atomic<int> done{0};
  std::promise<void> blocked;
  Sequencer& sequencer = world.ledger().sequencer();
  sequencer.submit(plain(request({.run = run_id(1)})), [&](const Answer&) {
    blocked.set_value();
    released.wait();  // Holds the sequencer's thread, so that the queue fills.
  });
  blocked.get_future().wait();
  for (int i = 2; i <= 10; ++i) {
    sequencer.submit(plain(request({.run = run_id(i)})), [&](const Answer& answer) {
      const auto* rejection = std::get_if<Rejection>(&answer);
      (rejection != nullptr && rejection->code == "overloaded" ? overloaded : done)++;
    });
  }
  EXPECT_EQ(overloaded, 5);
  release.set_value();
  world.reopen();  // Closing carries out the queued commands.
  EXPECT_EQ(done, 4);
}

TEST_F(SequencedCommands, AQueueIsFullOfBytesTooAndTheFirstIsTakenWhateverItsSize) {
  Sequencer::Options options;
  options.queue_bytes_max = 100'000;
  world.reopen(options);
  const RunInput great = input("{\"text\":\"" + std::string(60'000, 'x') + "\"}");
  Sequencer& sequencer = world.ledger().sequencer();
  Blockade blockade(sequencer, plain(request({.run = run_id(1)})));
  std::future<Answer> first = sequencer.submit(plain(request({.run = run_id(2), .input = great})));
  std::future<Answer> second = sequencer.submit(plain(request({.run = run_id(3), .input = great})));
  std::future<Answer> small = sequencer.submit(plain(request({.run = run_id(4)})));
  EXPECT_EQ(code_of(second.get()), "overloaded");
  blockade.end();
  EXPECT_EQ(reply_of(first.get()).verdict, Verdict::kRequested);
  EXPECT_EQ(reply_of(small.get()).rule, DedupeRule::kActiveRun);
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(5), .scope = scope("fabrikam"), .input = great})))).verdict,
            Verdict::kRequested)
      << "processed commands no longer count towards the limit";
}

TEST_F(SequencedCommands, ACommitTakesNoMoreBytesThanItShould) {
  std::vector<std::size_t> commits;
  Sequencer::Options options;
  options.batch_bytes_max = 150'000;
  options.on_commit = [&commits](const CommitReport& report) { commits.push_back(report.events); };
  world.reopen(options);
  Sequencer& sequencer = world.ledger().sequencer();
  Blockade blockade(sequencer, plain(request({.run = run_id(1)})));
  std::vector<std::future<Answer>> answers;
  for (int i = 2; i <= 6; ++i) {
    const RunInput great = input("{\"text\":\"" + std::string(60'000, 'x') + std::to_string(i) + "\"}");
    answers.push_back(sequencer.submit(plain(request({.run = run_id(i), .input = great}))));
  }
  blockade.end();
  for (std::future<Answer>& answer : answers) EXPECT_EQ(reply_of(answer.get()).verdict, Verdict::kRequested);
  world.close();
  EXPECT_EQ(commits, (std::vector<std::size_t>{1, 2, 2, 1}));
}

TEST_F(SequencedCommands, NewWorkIsRefusedWhileSpaceIsShortAndWhatIsUnderWayMayEnd) {
  ask(plain(request({.run = run_id(1)})));
  const Reply started = reply_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}})));
  Sequencer::Options options;
  options.free_bytes_min = ~std::uint64_t{0};
  world.reopen(options);
  EXPECT_EQ(code_of(ask(plain(request({.run = run_id(2), .scope = scope("fabrikam")})))), "storage.full");
  EXPECT_EQ(code_of(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}))), "storage.full");
  EXPECT_EQ(code_of(ask(plain(ClaimRun{run_id(1), AttemptNumber{2}, sanitize("w"), {}}))), "storage.full");
  EXPECT_EQ(
      reply_of(ask(plain(FinishAttempt{
                   run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true})))
          .verdict,
      Verdict::kFinished);
  world.reopen();
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(2), .scope = scope("fabrikam")})))).verdict, Verdict::kRequested);
}

TEST_F(SequencedCommands, ADirectoryThatIsGoneIsToldOnceAndNothingMoreIsAcknowledged) {
  std::vector<std::string> told;
  Sequencer::Options options;
  options.on_broken = [&told](const Failure& failure) { told.push_back(failure.code()); };
  world.reopen(options);
  ask(plain(request({.run = run_id(1)})));
  const std::filesystem::path moved = world.directory().string() + "-moved";
  std::filesystem::rename(world.directory(), moved);
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(ask(plain(request({.run = run_id(2)})))));
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}))));
  std::filesystem::rename(moved, world.directory());
  world.reopen();
  EXPECT_EQ(told, std::vector<std::string>{"storage.failed"});
  EXPECT_EQ(world.ledger().log().last(), Sequence{1});
}

TEST_F(SequencedCommands, AStateThatCannotBeReadIsToldOnceAndNothingMoreIsAcknowledged) {
  ask(plain(request({.run = run_id(1)})));
  std::vector<std::string> told;
  Sequencer::Options options;
  options.on_broken = [&told](const Failure& failure) { told.push_back(failure.code()); };
  world.reopen(options);
  spoil(world.ledger().log().store(), Family::kIdentities);
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(ask(plain(request({.run = run_id(2)})))));
  EXPECT_TRUE(
      std::holds_alternative<UnknownOutcome>(ask(plain(request({.run = run_id(3), .scope = scope("fabrikam")})))));
  world.close();
  EXPECT_EQ(told, std::vector<std::string>{"storage.damaged"});
}

TEST_F(SequencedCommands, WhatIsReportedIsWhatCallersAskedForAndWhatCameOfTheRest) {
  // One report for each command, because each is answered before the next one is submitted.
  std::vector<CommitReport> reports;
  Sequencer::Options options;
  options.on_commit = [&reports](const CommitReport& report) { reports.push_back(report); };
  world.reopen(options);
  Submission request_one = plain(request({.run = run_id(1)}));
  request_one.id = command_id(7);
  const auto own = [](Command command) {
    Submission submission = plain(std::move(command));
    submission.is_internal = true;
    return submission;
  };
  ask(request_one);
  ask(request_one);
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  ask(own(ExpireLease{run_id(1)}));
  ask(own(ClaimRun{run_id(1), AttemptNumber{1}, sanitize("w"), {}}));
  world.clock().advance(std::chrono::seconds(61));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));  // The lost lease closes the first attempt.
  world.clock().advance(std::chrono::seconds(61));
  ask(own(ExpireLease{run_id(1)}));
  world.close();
  const auto shown = [&reports](auto of) {
    std::vector<std::size_t> all;
    for (const CommitReport& report : reports) all.push_back(of(report));
    return all;
  };
  using Counts = std::vector<std::size_t>;
  EXPECT_EQ(shown([](const auto& report) { return report.events; }), (Counts{1, 0, 1, 0, 0, 2, 1}));
  EXPECT_EQ(shown([](const auto& report) { return report.answers; }), (Counts{1, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(shown([](const auto& report) { return report.repeated; }), (Counts{0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(shown([](const auto& report) { return report.rejections; }), (Counts{0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(shown([](const auto& report) { return report.lost_attempts; }), (Counts{0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(shown([](const auto& report) { return report.wrote ? 1U : 0U; }), (Counts{1, 0, 1, 0, 0, 1, 1}));
}

TEST_F(SequencedCommands, OnceALineOfAJournalIsPutOffAllLaterOnesAre) {
  Sequencer::Options options;
  options.queue_max = 1;
  world.reopen(options);
  auto import = std::make_shared<JournalImport>(Catalog());
  const auto line = [&import](int number) {
    Submission submission =
        plain(request({.run = run_id(number), .scope = scope("t" + std::to_string(number)), .named = true}));
    submission.occurred_at = at(0);
    submission.import = import;
    return submission;
  };
  Sequencer& sequencer = world.ledger().sequencer();
  std::promise<void> blocked;
  std::promise<void> release;
  sequencer.submit(line(1), [&](const Answer&) {
    blocked.set_value();
    release.get_future().wait();  // Holds the sequencer's thread, so that the queue fills.
  });
  blocked.get_future().wait();
  std::future<Answer> waits = sequencer.submit(line(2));
  std::future<Answer> deferred = sequencer.submit(line(3));
  EXPECT_EQ(code_of(deferred.get()), "overloaded");
  release.set_value();
  EXPECT_EQ(reply_of(waits.get()).verdict, Verdict::kRequested) << "it was queued before that line";
  EXPECT_EQ(code_of(ask(line(4))), "overloaded");
  EXPECT_EQ(reply_of(ask(plain(request({.run = run_id(5), .scope = scope("t5")})))).verdict, Verdict::kRequested);
  import = std::make_shared<JournalImport>(Catalog());  // Another import, or the same one a second time.
  EXPECT_EQ(reply_of(ask(line(3))).verdict, Verdict::kRequested);
}

class SequencedByAStalledEngine : public SequencedCommands {
 protected:
  static Submission request_of(int number) {
    return plain(request({.run = run_id(number), .scope = scope("t" + std::to_string(number))}));
  }
  [[nodiscard]] rocksdb::DB& engine() { return world.ledger().log().store().db(); }
  // Makes the storage engine refuse every write that is not allowed to wait, until its background work goes on.
  // Requests two runs, from `first` on.
  void stall(int first) {
    ASSERT_TRUE(engine().PauseBackgroundWork().ok());
    rocksdb::FlushOptions flush;
    flush.wait = false;
    flush.allow_write_stall = true;
    for (int i = 0; i < 2; ++i) {  // The number of memtables that the store may have.
      EXPECT_EQ(reply_of(ask(request_of(first + i))).verdict, Verdict::kRequested);
      ASSERT_TRUE(engine().Flush(flush, world.ledger().log().store().family(Family::kEvents)).ok());
    }
  }
  void go_on() { ASSERT_TRUE(engine().ContinueBackgroundWork().ok()); }
};

TEST_F(SequencedByAStalledEngine, ACommandIsPutOffOrWaits) {
  for (const WhenBehind when_behind : {WhenBehind::kRefuse, WhenBehind::kWait}) {
    Sequencer::Options options;
    options.when_behind = when_behind;
    options.stall_max = std::chrono::milliseconds(20);
    world.reopen(options);
    const int first = when_behind == WhenBehind::kRefuse ? 1 : 11;
    stall(first);
    std::future<Answer> answer = world.ledger().sequencer().submit(request_of(first + 2));
    if (when_behind == WhenBehind::kRefuse) {
      EXPECT_EQ(code_of(answer.get()), "overloaded");
      go_on();
    } else {
      EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
      go_on();
      EXPECT_EQ(reply_of(answer.get()).verdict, Verdict::kRequested);
    }
  }
}

TEST_F(SequencedByAStalledEngine, CommandsWaitForTheEndOfAShortStall) {
  world.reopen({.stall_max = std::chrono::minutes(1)});
  stall(1);
  std::vector<std::future<Answer>> answers;
  for (int i = 3; i <= 10; ++i) answers.push_back(world.ledger().sequencer().submit(request_of(i)));
  EXPECT_EQ(answers.front().wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  go_on();
  for (std::future<Answer>& answer : answers) EXPECT_EQ(reply_of(answer.get()).verdict, Verdict::kRequested);
}

TEST_F(SequencedByAStalledEngine, ACommandAfterAQuietTimeWaitsAnew) {
  const auto ms = std::make_shared<std::atomic<std::int64_t>>(0);  // One passes whenever the sequencer looks.
  Sequencer::Options options;
  options.stall_max = std::chrono::hours(1);
  options.steady_now = [ms] { return std::chrono::steady_clock::time_point(std::chrono::milliseconds(++*ms)); };
  world.reopen(options);
  stall(1);
  const auto submit = [&](int number) {  // Waits until the sequencer has looked twice, or has answered.
    std::future<Answer> answer = world.ledger().sequencer().submit(request_of(number));
    const std::int64_t end = *ms + 2;
    while (*ms < end && answer.wait_for(std::chrono::milliseconds(1)) == std::future_status::timeout) continue;
    return answer;
  };
  std::future<Answer> refused = submit(3);
  *ms += 3'599'999;  // No longer than a quiet time from its last look to the next.
  EXPECT_EQ(code_of(refused.get()), "overloaded");
  *ms += 3'600'000;
  std::future<Answer> waits = submit(4);
  EXPECT_EQ(waits.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  go_on();
  EXPECT_EQ(reply_of(waits.get()).verdict, Verdict::kRequested);
}

TEST_F(SequencedCommands, EnvelopesAreTakenOverExactlyAsTheyAre) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(StartAttempt{run_id(1), sanitize("w"), {}}));
  const std::vector<Envelope> events = world.ledger().log().read(Sequence{0}, 10);
  TemporaryLedger copy;
  EXPECT_EQ(reply_of(copy.ledger().sequencer().append_verbatim(events).get()).sequence, Sequence{2});
  EXPECT_EQ(copy.ledger().log().read(Sequence{0}, 10), events);
  EXPECT_EQ(copy.ledger().states().load_run(run_id(1)), world.ledger().states().load_run(run_id(1)));
}

TEST_F(SequencedCommands, EnvelopesThatWereTakenOverStandWhateverBecomesOfTheCommandBehindThem) {
  ask(plain(request({.run = run_id(1)})));
  ask(plain(request({.run = run_id(2), .scope = scope("fabrikam")})));
  TemporaryLedger copy;
  (void)copy.ledger().sequencer().append_verbatim(world.ledger().log().read(Sequence{0}, 10)).get();
  (void)copy.ledger().sequencer().submit(plain(StartAttempt{run_id(1), sanitize("w"), {}})).get();
  world.reopen();
  Sequencer& sequencer = world.ledger().sequencer();
  // The sequencer has read the identity of run 1 now, and no other one.
  Blockade blockade(sequencer, plain(Heartbeat{run_id(1), {}}));
  spoil(world.ledger().log().store(), Family::kIdentities);
  std::future<Answer> taken_over = sequencer.append_verbatim(copy.ledger().log().read(Sequence{2}, 10));
  std::future<Answer> behind = sequencer.submit(plain(request({.run = run_id(3), .scope = scope("fabrikam")})));
  blockade.end();
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(behind.get()));
  EXPECT_EQ(reply_of(taken_over.get()).sequence, Sequence{3});
  EXPECT_EQ(world.ledger().log().last(), Sequence{3});
}

}  // namespace
}  // namespace runledger
