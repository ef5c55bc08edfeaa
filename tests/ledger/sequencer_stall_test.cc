// The sequencer while its storage engine is behind: what waits, what is put off, and what is decided on top of a commit
// that is not written yet.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <chrono>
#include <thread>

#include "ledger/ledger.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/blockade.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class SequencedByAStalledEngine : public testing::Test {
 protected:
  Answer ask(Submission submission) { return world.ledger().sequencer().submit(std::move(submission)).get(); }
  static Submission plain(Command command) { return Submission{.command = std::move(command)}; }
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

  TemporaryLedger world;
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
  Sequencer::Options options;
  options.stall_max = std::chrono::minutes(1);
  world.reopen(options);
  stall(1);
  std::vector<std::future<Answer>> answers;
  for (int i = 3; i <= 10; ++i) answers.push_back(world.ledger().sequencer().submit(request_of(i)));
  EXPECT_EQ(answers.front().wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  go_on();
  for (std::future<Answer>& answer : answers) EXPECT_EQ(reply_of(answer.get()).verdict, Verdict::kRequested);
}

TEST_F(SequencedByAStalledEngine, ACommandAfterAQuietTimeWaitsAnew) {
  Sequencer::Options options;
  options.stall_max = std::chrono::milliseconds(500);
  world.reopen(options);
  stall(1);
  EXPECT_EQ(code_of(ask(request_of(3))), "overloaded");
  std::this_thread::sleep_for(options.stall_max + std::chrono::milliseconds(50));
  std::future<Answer> answer = world.ledger().sequencer().submit(request_of(4));
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  go_on();
  EXPECT_EQ(reply_of(answer.get()).verdict, Verdict::kRequested);
}

// Each command is a commit of its own. The first waits for the engine while the next ones are decided on top of it.
class SequencedAhead : public SequencedByAStalledEngine {
 protected:
  void open(std::chrono::milliseconds stall_max) {
    Sequencer::Options options;
    options.batch_max = 1;
    options.cached_states_max = 0;
    options.stall_max = stall_max;
    world.reopen(options);
    stall(1);
  }
  // Submits all of them at once.
  std::vector<std::future<Answer>> submit(const std::vector<Submission>& submissions) {
    Sequencer& sequencer = world.ledger().sequencer();
    Blockade blockade(sequencer, plain(StartAttempt{run_id(99), sanitize("w"), {}}));
    std::vector<std::future<Answer>> answers;
    for (const Submission& submission : submissions) answers.push_back(sequencer.submit(submission));
    blockade.end();
    return answers;
  }
  static Submission with_id(Submission submission, int id) {
    submission.id = CommandId{run_id(id).value};
    return submission;
  }
};

TEST_F(SequencedAhead, ACommandSeesWhatIsBeingWritten) {
  open(std::chrono::minutes(1));
  const Submission first = with_id(request_of(3), 1);
  auto answers = submit({first, first, plain(StartAttempt{run_id(3), sanitize("w"), {}}),
                         plain(StartAttempt{run_id(3), sanitize("w"), {}})});
  EXPECT_EQ(answers[1].wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  go_on();
  const Reply requested = reply_of(answers[0].get());
  const Reply repeated = reply_of(answers[1].get());
  EXPECT_FALSE(requested.repeated);
  EXPECT_TRUE(repeated.repeated);
  EXPECT_EQ(repeated.sequence, requested.sequence);
  EXPECT_EQ(reply_of(answers[2].get()).verdict, Verdict::kStarted);
  EXPECT_EQ(reply_of(answers[3].get()).verdict, Verdict::kSkipped);
}

TEST_F(SequencedAhead, AHeartbeatSeesTheStartThatIsBeingWritten) {
  open(std::chrono::minutes(1));
  auto answers = submit({request_of(3), plain(StartAttempt{run_id(3), sanitize("w"), {}}),
                         plain(Heartbeat{.run = run_id(3), .attempt = {AttemptNumber{1}, ScopeSequence{2}}})});
  go_on();
  EXPECT_EQ(reply_of(answers[1].get()).token, ScopeSequence{2});
  EXPECT_EQ(reply_of(answers[2].get()).verdict, Verdict::kAlive);
}

// Neither of the two is written, and both can be asked again.
TEST_F(SequencedAhead, WhatWasDecidedOnTopOfALostCommitIsLostWithIt) {
  open(std::chrono::milliseconds(50));
  const std::vector<Submission> asked = {request_of(3), plain(StartAttempt{run_id(3), sanitize("w"), {}})};
  for (auto& answer : submit(asked)) EXPECT_EQ(code_of(answer.get()), "overloaded");
  go_on();
  while (std::holds_alternative<Rejection>(ask(request_of(4)))) continue;  // Until the engine has caught up.
  const Sequence before = world.ledger().log().last();
  std::vector<Verdict> verdicts;
  for (auto& answer : submit(asked)) verdicts.push_back(reply_of(answer.get()).verdict);
  EXPECT_EQ(verdicts, (std::vector{Verdict::kRequested, Verdict::kStarted}));
  const std::vector<Envelope> events = world.ledger().log().read(before, 10);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].scope_sequence, ScopeSequence{2});
}

}  // namespace
}  // namespace runledger
