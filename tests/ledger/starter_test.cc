// Starts under one command id, sent by one process or by several.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class SequencedStarts : public testing::Test {
 protected:
  static Submission start_of(Command command, const std::string& starter = "process-1") {
    return {.command = std::move(command), .id = CommandId{run_id(7).value}, .starter = starter};
  }
  Answer ask(const Submission& submission) { return world.ledger().sequencer().submit(submission).get(); }

  TemporaryLedger world;
};

TEST_F(SequencedStarts, AStartUnderOneIdIsThatOfOneStarter) {
  ask({.command = request({.run = run_id(1)})});
  Submission submission = start_of(StartAttempt{run_id(1), sanitize("w"), {}});
  const Reply first = reply_of(ask(submission));
  EXPECT_EQ(first.verdict, Verdict::kStarted);
  Submission other = submission;
  other.starter = "process-2";
  const Reply skipped = reply_of(ask(other));
  EXPECT_EQ(skipped.verdict, Verdict::kSkipped);
  EXPECT_EQ(skipped.rule, DedupeRule::kAttemptActive);
  for (int resend = 0; resend < 2; ++resend) {
    const Reply again = reply_of(ask(submission));
    EXPECT_EQ(again.verdict, Verdict::kStarted);
    EXPECT_EQ(again.token, first.token);
    EXPECT_EQ(again.lease, first.lease);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(reply_of(ask(other)).sequence, skipped.sequence);
    world.reopen();
  }
  EXPECT_EQ(world.ledger().log().last(), Sequence{3});
}

TEST_F(SequencedStarts, AStartByIdentityUnderOneIdIsThatOfOneStarter) {
  Submission submission = start_of(StartByIdentity{.request = request({.run = run_id(1)}), .worker = {}});
  const Reply first = reply_of(ask(submission));
  EXPECT_EQ(first.verdict, Verdict::kStarted);
  submission.starter = "process-2";
  EXPECT_EQ(reply_of(ask(submission)).rule, DedupeRule::kAttemptActive);
  submission.starter = "process-1";
  EXPECT_EQ(reply_of(ask(submission)).token, first.token);
}

TEST_F(SequencedStarts, AStartIsRecognisedByTheRunWhenItsIdIsForgotten) {
  ask({.command = request({.run = run_id(1)})});
  Submission submission = start_of(StartAttempt{run_id(1), sanitize("w"), {}});
  const Reply first = reply_of(ask(submission));
  world.clock().set(world.clock().now() + kCommandMemory);  // The lease does not run out by a step of the clock.
  const Reply again = reply_of(ask(submission));
  EXPECT_EQ(again.verdict, Verdict::kStarted);
  EXPECT_EQ(again.token, first.token);
  submission.starter = "process-2";
  EXPECT_EQ(reply_of(ask(submission)).rule, DedupeRule::kAttemptActive);
}

}  // namespace
}  // namespace runledger
