// The version of a run that every answer names, from which on the run's row shows what the answer says.
#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "ledger/rules/content_digests.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class AnsweredCommands : public testing::Test {
 protected:
  Answer ask(Submission submission) { return world.ledger().sequencer().submit(std::move(submission)).get(); }
  static Submission plain(Command command) { return Submission{.command = std::move(command)}; }
  static CommandId command_id(int number) { return CommandId{run_id(number).value}; }

  TemporaryLedger world;
};

// A reader of rows waits for this version to see what an answer said, also when the answer is of an earlier time.
TEST_F(AnsweredCommands, AnAnswerNamesTheVersionFromWhichTheRowShowsIt) {
  const auto version = [this](Submission submission) { return reply_of(ask(std::move(submission))).run_version.value; };
  const Submission first = plain(request({.run = run_id(1)}));
  EXPECT_EQ(version(first), 1U);
  Submission start = plain(StartAttempt{run_id(1), sanitize("w"), {}});
  start.id = command_id(7);
  const Reply started = reply_of(ask(start));
  EXPECT_EQ(started.run_version, RunVersion{2});
  EXPECT_EQ(version(plain(request({.run = run_id(2)}))), 3U) << "deduped: an event of the run that stands for it";
  EXPECT_EQ(version(plain(Heartbeat{run_id(1), {started.attempt, started.token}})), 3U);
  FinishAttempt failed{run_id(1), AttemptRef{started.attempt, started.token}, AttemptOutcome::kFailed, {}, {}, false};
  EXPECT_EQ(version(plain(failed)), 5U) << "attempt-finished and failed";
  EXPECT_EQ(version(plain(failed)), 5U);
  EXPECT_EQ(version(start), 2U) << "the first answer itself";
}

TEST_F(AnsweredCommands, ARepeatedAnswerOfAnEarlierVersionNamesAVersionOfTheRunToo) {
  Submission submission = plain(request({.run = run_id(1)}));
  submission.id = command_id(7);
  ask(submission);
  const CommandId id = ContentKey(world.ledger().identity_key()).memory_id(submission);
  CommandRecord record = world.ledger().states().load_command(id).value();
  std::get<Reply>(record.answer).run_version = {};
  AppendBatch batch;
  batch.commands.emplace_back(id, record);
  (void)world.ledger().log().append(batch);
  EXPECT_EQ(reply_of(ask(submission)).run_version, RunVersion{1});
}

}  // namespace
}  // namespace runledger
