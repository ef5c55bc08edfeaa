// A job on a real ledger: its end is recorded, once, and a lost attempt stops it.
//
// Each test starts an attempt on an embedded ledger, and calls run_tracked() with a job that is a function of the test.
// The clients between them are the tool: a LosingClient loses answers to finishes, and a HeartbeatCounter counts
// heartbeats and disturbs the first ones. The type demo.sync has a lease of 30 ms, so that a job has to be kept alive
// by many heartbeats within a short test.
#include "jobs/worker/tracked_run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/passing_client.h"
#include "tests/fixtures/world/function_job.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

// Loses the answers to the first few finishes.
class LosingClient final : public PassingClient {
 public:
  LosingClient(LedgerClient& client, int lost) : PassingClient(client), lost_(lost) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override {
    Answer answer = PassingClient::submit(ask, options);
    if (!std::holds_alternative<FinishAttempt>(ask)) return answer;
    ++finishes;
    if (on_finish) on_finish();
    if (finishes > lost_) return answer;
    if (finishes % 2 == 0) return UnknownOutcome{"lost"};
    throw Failure(Remedy::kRetryLater, "daemon.unreachable", "lost");
  }

  int finishes = 0;
  std::function<void()> on_finish;

 private:
  int lost_;
};

// Calls request_stop() after a number of answered heartbeats. The first heartbeat is lost, and the second ends in an
// unexpected exception.
class HeartbeatCounter final : public PassingClient {
 public:
  HeartbeatCounter(LedgerClient& client, int count, std::stop_source& reached)
      : PassingClient(client), left_(count), reached_(reached) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override {
    Answer answer = PassingClient::submit(ask, options);
    if (!std::holds_alternative<Heartbeat>(ask)) return answer;
    ++heartbeats_;
    if (heartbeats_ == 1) throw Failure(Remedy::kRetryLater, "daemon.unreachable", "lost");
    if (heartbeats_ == 2) throw std::runtime_error("a surprise");
    if (std::holds_alternative<Reply>(answer) && --left_ == 0) reached_.request_stop();
    return answer;
  }

 private:
  int left_;
  int heartbeats_ = 0;
  std::stop_source& reached_;
};

constexpr const char* kCatalog = R"({"types":[
  {"type":"demo.sync","lease_seconds":0.03,"backoff_seconds":7},
  {"type":"demo.strict","summary_keys":["processed"]}]})";

class TrackedRun : public testing::Test {
 protected:
  HeldAttempt started(const char* type_name = "demo.sync") {
    type = examples::type(type_name);
    const Reply requested = std::get<Reply>(
        client->submit(RunRequest{.workspace = workspace(), .tenant = tenant(), .type = type, .input = input()}, {}));
    const Reply reply = std::get<Reply>(client->submit(StartAttempt{requested.run, sanitize("w"), {}}, {}));
    return {.run = reply.run,
            .ref = {reply.attempt, reply.token},
            .lease = world.ledger().catalog()->entry(type).policy.lease};
  }

  TrackedEnd track(LedgerClient& over, const HeldAttempt& attempt, FunctionJob::Work work,
                   const TrackingOptions& options = {}, const std::stop_token& stop = {}) {
    FunctionJob job(type, std::move(work));
    return run_tracked(over, attempt, job, {attempt.run, scope(), type, input(), attempt.ref.attempt}, stop, options);
  }

  AttemptFinished last_finish() {
    const std::vector<Envelope> events = world.ledger().log().read(Sequence{0}, 100);
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (const auto* finish = std::get_if<AttemptFinished>(&event->event)) return *finish;
    ADD_FAILURE() << "no attempt was finished";
    return {};
  }
  std::uint64_t events() { return world.ledger().log().last().value; }

  TemporaryLedger world{*Catalog::parse(kCatalog, {})};
  std::unique_ptr<LedgerClient> client = embedded_client(world.ledger());
  RunType type;
};

JobReport process_twelve(const JobAssignment& /*assignment*/, const std::stop_token& /*stop*/) {
  return {.summary_counts = counts({{"processed", 12}})};
}

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait(lock, stop, [] { return false; });
}

TEST_F(TrackedRun, ReportsTheEndWithItsCounts) {
  const TrackedEnd end = track(*client, started(), process_twelve);
  EXPECT_EQ(std::get<Reply>(*end.answer).outcome, RunOutcome::kSucceeded);
  EXPECT_EQ(last_finish().summary_counts, counts({{"processed", 12}}));
}

TEST_F(TrackedRun, IsRetriedAfterAFailureUnlessItIsTheLastTry) {
  const auto fail = [](const JobAssignment&, const std::stop_token&) -> JobReport {
    throw JobFailure(reason("demo.broken"), "", true);
  };
  const HeldAttempt attempt = started();
  const Reply reply = std::get<Reply>(*track(*client, attempt, fail).answer);
  EXPECT_EQ(reply.status, RunStatus::kQueued);
  EXPECT_EQ(reply.retry_after, std::chrono::seconds(7));
  const Reply again = std::get<Reply>(client->submit(StartAttempt{attempt.run, sanitize("w"), {}}, {}));
  HeldAttempt second = attempt;
  second.ref = {again.attempt, again.token};
  const Reply last = std::get<Reply>(*track(*client, second, fail, {.last_try = true}).answer);
  EXPECT_EQ(last.status, RunStatus::kCompleted);
  EXPECT_EQ(last.outcome, RunOutcome::kFailed);
}

TEST_F(TrackedRun, IsReportedOnceWhenAnswersAreLost) {
  LosingClient losing(*client, 3);
  const HeldAttempt attempt = started();
  const std::uint64_t before = events();
  const TrackedEnd end = track(losing, attempt, process_twelve);
  EXPECT_EQ(std::get<Reply>(*end.answer).verdict, Verdict::kFinished);
  EXPECT_TRUE(std::get<Reply>(*end.answer).repeated);
  EXPECT_EQ(losing.finishes, 4);
  EXPECT_EQ(events(), before + 1);
}

TEST_F(TrackedRun, GivesUpWhenNoAnswerComes) {
  LosingClient losing(*client, 1'000'000);
  const TrackedEnd end =
      track(losing, started(), process_twelve, {.report_timeout = std::chrono::milliseconds(150), .last_try = false});
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(*end.answer));
  EXPECT_EQ(losing.finishes, 2);
}

TEST_F(TrackedRun, GivesUpSoonAfterItsStopWhenNoAnswerComes) {
  std::stop_source stop;
  LosingClient losing(*client, 1'000'000);
  losing.on_finish = [&] {
    if (losing.finishes == 2) stop.request_stop();
  };
  const TrackedEnd end =
      track(losing, started(), process_twelve, {.shutdown_timeout = std::chrono::milliseconds(300)}, stop.get_token());
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(*end.answer));
  EXPECT_GT(losing.finishes, 2) << "the finish is tried again";
}

TEST_F(TrackedRun, StaysAliveWhileItsJobRuns) {
  std::stop_source enough;
  HeartbeatCounter counting(*client, 5, enough);
  const TrackedEnd end = track(counting, started(), [&](const JobAssignment& assignment, const std::stop_token& stop) {
    wait_for(enough.get_token());
    return process_twelve(assignment, stop);
  });
  EXPECT_FALSE(end.lost);
  EXPECT_EQ(std::get<Reply>(*end.answer).verdict, Verdict::kFinished);
}

TEST_F(TrackedRun, StopsTheJobWhenTheRunWasEndedMeanwhile) {
  const HeldAttempt attempt = started();
  const TrackedEnd end = track(*client, attempt, [&](const JobAssignment&, const std::stop_token& stop) -> JobReport {
    (void)client->submit(CancelRun{attempt.run, {}}, {});
    wait_for(stop);
    throw JobFailure(reason("demo.interrupted"), "", true);
  });
  ASSERT_TRUE(end.lost);
  EXPECT_EQ(end.lost->code, "attempt.superseded");
  EXPECT_FALSE(end.answer) << "a superseded attempt has nothing to report";
}

TEST_F(TrackedRun, ThatWasLostAndEndsAllTheSameIsRecordedAsLate) {
  const HeldAttempt attempt = started();
  const TrackedEnd end = track(*client, attempt, [&](const JobAssignment& assignment, const std::stop_token& stop) {
    (void)client->submit(CancelRun{attempt.run, {}}, {});
    wait_for(stop);
    return process_twelve(assignment, stop);
  });
  EXPECT_EQ(std::get<Reply>(*end.answer).verdict, Verdict::kLate);
  EXPECT_EQ(std::get<Reply>(*end.answer).outcome, RunOutcome::kCancelled);
}

TEST_F(TrackedRun, PassesTheWorkersStopOn) {
  std::stop_source stop;
  const TrackedEnd end = track(
      *client, started(),
      [&](const JobAssignment&, const std::stop_token& job_stop) -> JobReport {
        stop.request_stop();
        wait_for(job_stop);
        throw JobFailure(reason("demo.interrupted"), "in the middle", false);
      },
      {}, stop.get_token());
  EXPECT_FALSE(end.lost);
  EXPECT_EQ(last_finish().failures.front(), failure("worker.stopped", "in the middle"));
  EXPECT_EQ(std::get<Reply>(*end.answer).status, RunStatus::kQueued);
}

TEST_F(TrackedRun, KeepsItsOutcomeAndTheCountsThatItsTypeAllows) {
  const TrackedEnd end = track(*client, started("demo.strict"), [](const JobAssignment&, const std::stop_token&) {
    return JobReport{.summary_counts = counts({{"processed", 1}, {"invented", 2}})};
  });
  EXPECT_EQ(std::get<Reply>(*end.answer).outcome, RunOutcome::kSucceeded);
  EXPECT_EQ(last_finish().summary_counts, counts({{"processed", 1}}));
  EXPECT_EQ(std::get<Reply>(*end.answer).warnings,
            (std::vector<Warning>{{"counts.key_not_allowed", "summary_counts.invented"}}));
}

}  // namespace
}  // namespace runledger
