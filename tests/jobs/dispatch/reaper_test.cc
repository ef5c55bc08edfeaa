// Attempts whose lease has run out are closed, each once; live attempts are not touched.
#include "jobs/dispatch/reaper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ledger/rules/journal_import.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using examples::run_id;

class ReaperRules : public testing::Test {
 protected:
  std::atomic<std::uint32_t> rejections = 0;
  TemporaryLedger world;
  FollowedRows rows{counted().log()};

  Ledger& counted() {
    world.reopen({.on_commit = [this](const CommitReport& report) { rejections += report.rejections; }});
    return world.ledger();
  }

  Reply ask(Command command) {
    return std::get<Reply>(world.ledger().sequencer().submit({.command = std::move(command)}).get());
  }
  Reply start(int number, Duration lease, std::uint32_t max_attempts = 3) {
    Policy policy;
    policy.lease = lease;
    policy.max_attempts = max_attempts;
    ask(examples::request(
        {.run = run_id(number), .input = examples::input("{\"n\":" + std::to_string(number) + "}"), .policy = policy}));
    const Reply reply = ask(StartAttempt{run_id(number), sanitize("w"), {}});
    EXPECT_TRUE(rows.wait_for(world.ledger().log().last(), 10s));
    return reply;
  }
  // Waits for the event at `position` and returns it.
  Envelope event(std::uint64_t position) {
    EXPECT_TRUE(world.ledger().log().wait_past(Sequence{position - 1}, 20s));
    return *world.ledger().log().find(Sequence{position});
  }
  static AttemptOutcome outcome_in(const Envelope& envelope) {
    return std::get<AttemptFinished>(envelope.event).outcome;
  }
};

TEST_F(ReaperRules, AnAttemptThatWasUnderWayBeforeIsClosedWhenItsLeaseIsOver) {
  start(1, 60s);
  world.clock().advance(60s);
  const Reaper reaper(world.ledger(), rows);
  EXPECT_EQ(outcome_in(event(3)), AttemptOutcome::kLost);
}

TEST_F(ReaperRules, AnAttemptIsClosedWhenItsLeaseRunsOutMeanwhile) {
  const Reaper reaper(world.ledger(), rows);
  start(1, 100ms);
  world.clock().advance(100ms);
  EXPECT_EQ(outcome_in(event(3)), AttemptOutcome::kLost);
}

TEST_F(ReaperRules, NothingIsAskedOfAnAttemptThatHasEnded) {
  const Reaper reaper(world.ledger(), rows);
  const Reply well = start(1, 100ms);
  ask(FinishAttempt{.run = run_id(1), .attempt = AttemptRef{well.attempt, well.token}});
  const Reply badly = start(2, 100ms);
  ask(FinishAttempt{
      .run = run_id(2), .attempt = AttemptRef{badly.attempt, badly.token}, .outcome = AttemptOutcome::kFailed});
  start(3, 100ms);
  world.clock().advance(100ms);
  EXPECT_EQ(event(9).run, run_id(3)) << "an earlier lease that had run out would have been closed first";
  EXPECT_EQ(rejections, 0U);
}

TEST_F(ReaperRules, TheAttemptAfterOneThatHasEndedIsLookedAfter) {
  const Reaper reaper(world.ledger(), rows);
  const Reply first = start(1, 100ms);
  ask(FinishAttempt{
      .run = run_id(1), .attempt = AttemptRef{first.attempt, first.token}, .outcome = AttemptOutcome::kFailed});
  ask(StartAttempt{run_id(1), sanitize("w"), {}});
  world.clock().advance(100ms);
  EXPECT_EQ(outcome_in(event(5)), AttemptOutcome::kLost);
}

TEST_F(ReaperRules, TheLastAttemptTakesItsRunWithIt) {
  const Reaper reaper(world.ledger(), rows);
  start(1, 100ms, 1);
  world.clock().advance(100ms);
  EXPECT_EQ(std::get<RunFailed>(event(4).event).reason_code.str(), "worker.lease_expired");
}

TEST_F(ReaperRules, AnAttemptThatGaveASignOfLifeIsLeftAlone) {
  const Reaper reaper(world.ledger(), rows);
  const Reply alive = start(1, 100ms);
  world.clock().advance(90ms);
  ask(Heartbeat{run_id(1), {alive.attempt, alive.token}});
  world.clock().advance(90ms);
  start(2, 100ms);  // When it closes this attempt, the reaper has also checked the first one.
  world.clock().advance(9ms);
  EXPECT_FALSE(world.ledger().log().wait_past(Sequence{4}, 300ms));
  world.clock().advance(1ms);
  EXPECT_EQ(event(5).run, run_id(1));
  world.clock().advance(90ms);
  EXPECT_EQ(event(6).run, run_id(2));
}

TEST_F(ReaperRules, AnAttemptIsClosedOnceByHoweverManyReapers) {
  for (int number = 1; number <= 50; ++number) start(number, 60s);
  world.clock().advance(60s);
  {
    const Reaper one(world.ledger(), rows);
    const Reaper other(world.ledger(), rows);
    event(150);
  }
  EXPECT_EQ(world.ledger().log().last(), Sequence{150});
}

TEST_F(ReaperRules, TheAttemptOfAJournalIsLeftAlone) {
  const auto tell = [&](Command command) {
    world.ledger()
        .sequencer()
        .submit({.command = std::move(command),
                 .occurred_at = examples::at(0),
                 .import = std::make_shared<JournalImport>(Catalog())})
        .get();
  };
  tell(examples::request({.run = run_id(1), .input = examples::input("{\"n\":1}")}));
  tell(StartAttempt{run_id(1), sanitize("w"), AttemptKey{}});
  start(2, 60s);
  world.clock().advance(1h);
  const Reaper reaper(world.ledger(), rows);
  EXPECT_EQ(event(5).run, run_id(2));
  EXPECT_EQ(world.ledger().states().load_run(run_id(1)).status, RunStatus::kRunning);
}

}  // namespace
}  // namespace runledger
