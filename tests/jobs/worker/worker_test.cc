// The pool of workers on a ledger in this process: which runs it takes, how it ends, and how it reacts when claims
// fail.
//
// A Worker runs here against an embedded ledger, with jobs that are functions of the test. Tests control it at three
// places: the job itself, which can wait for an Event; the RunSource, which a TroubledSource wraps to fail or delay the
// claim with a certain number; and the notes of the worker, from which a test learns what has happened. Nothing sleeps:
// each test waits for an Event or for the end of the worker.
#include "jobs/worker/worker.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "jobs/dispatch/claims.h"
#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/passing_client.h"
#include "tests/fixtures/world/embedded_run_source.h"
#include "tests/fixtures/world/function_job.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

constexpr auto kSoon = 30s;  // The longest wait for something that is certain to happen.

// An event that happens once.
class Event {
 public:
  void happen() {
    const std::lock_guard lock(mutex_);
    happened_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kSoon, [this] { return happened_; });
  }
  // Waits until it happens or `stop` is requested.
  void wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return happened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool happened_ = false;
};

// The notes that a worker has sent.
class Notes {
 public:
  Worker::OnNote on_note() {
    return [this](const WorkerNote& note) {
      const std::lock_guard lock(mutex_);
      notes_.push_back(note);
    };
  }
  template <class Note>
  std::vector<Note> of() {
    const std::lock_guard lock(mutex_);
    std::vector<Note> found;
    for (const WorkerNote& note : notes_)
      if (const auto* wanted = std::get_if<Note>(&note)) found.push_back(*wanted);
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<WorkerNote> notes_;
};

// Passes claims on to another source, and makes some of them fail.
class TroubledSource final : public RunSource {
 public:
  using Trouble = std::function<std::optional<ClaimAnswer>(int claim, const std::function<ClaimAnswer()>& make)>;
  TroubledSource(RunSource& source, Trouble trouble) : source_(source), trouble_(std::move(trouble)) {}

  ClaimAnswer claim(const ClaimRequest& request, CommandOptions options) override {
    const auto make = [&] { return source_.claim(request, options); };
    if (std::optional<ClaimAnswer> answer = trouble_(++claims_, make)) return *std::move(answer);
    return make();
  }

 private:
  RunSource& source_;
  Trouble trouble_;
  std::atomic<int> claims_ = 0;
};

class SurprisingClient final : public PassingClient {
 public:
  using PassingClient::PassingClient;
  Answer submit(const Ask& ask, const CommandOptions& options) override {
    if (std::holds_alternative<FinishAttempt>(ask)) throw std::runtime_error("a surprise");
    return PassingClient::submit(ask, options);
  }
};

class WorkerPool : public testing::Test {
 protected:
  TemporaryLedger world;
  FollowedRows rows{world.ledger().log()};
  Claims claims{world.ledger(), rows};
  std::unique_ptr<LedgerClient> client = embedded_client(world.ledger());
  std::unique_ptr<RunSource> source = embedded_run_source(claims);
  JobRegistry jobs;
  Notes notes;
  Event ended;

  void request(int count) {
    for (int n = 0; n < count; ++n) {
      const Answer answer = client->submit(RunRequest{.workspace = workspace(),
                                                      .tenant = tenant(),
                                                      .type = type("demo.sync"),
                                                      .input = input(fmt::format(R"({{"n":{}}})", n))},
                                           {});
      EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    }
    EXPECT_TRUE(rows.wait_for(world.ledger().log().last(), kSoon));
  }
  void do_job(FunctionJob::Work work) { jobs.add(std::make_unique<FunctionJob>(type("demo.sync"), std::move(work))); }
  [[nodiscard]] static WorkerOptions options(WorkUntil until, std::size_t concurrency = 1) {
    return {.types = {type("demo.sync")}, .concurrency = concurrency, .name = sanitize("w"), .until = until};
  }
  // Runs a worker until it ends by itself.
  void work(const WorkerOptions& how, RunSource& over) {
    Worker worker(*client, over, jobs, how, notes.on_note());
    EXPECT_TRUE(worker.wait(kSoon));
  }
  void work(const WorkerOptions& how) { work(how, *source); }
  // Returns the ends of all attempts, in order.
  std::vector<AttemptFinished> finishes() {
    std::vector<AttemptFinished> found;
    for (const Envelope& envelope : world.ledger().log().read(Sequence{0}, 1000))
      if (const auto* finish = std::get_if<AttemptFinished>(&envelope.event)) found.push_back(*finish);
    return found;
  }
};

JobReport succeed(const JobAssignment& /*assignment*/, const std::stop_token& /*stop*/) {
  return {};
}

TEST_F(WorkerPool, DoesWhatIsDueAndEndsWhenIdle) {
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  Event both;
  do_job([&](const JobAssignment&, const std::stop_token&) -> JobReport {
    const int now = ++at_work;
    int before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
    if (now == 2) both.happen();
    EXPECT_TRUE(both.wait()) << "two runs are carried out at the same time";
    --at_work;
    return {};
  });
  request(7);
  work(options(WorkUntil::kIdle, 2));
  EXPECT_EQ(finishes().size(), 7U);
  EXPECT_EQ(most, 2);
  EXPECT_EQ(notes.of<RunTaken>().size(), 7U);
  EXPECT_EQ(notes.of<RunEnded>().size(), 7U);
}

TEST_F(WorkerPool, DoesOneRunWhenThatIsAllItIsToDo) {
  do_job(succeed);
  request(2);
  work(options(WorkUntil::kOneRun, 4));
  EXPECT_EQ(finishes().size(), 1U);
  work(options(WorkUntil::kOneRun));
  work(options(WorkUntil::kOneRun));
  EXPECT_EQ(finishes().size(), 2U) << "no run was due for the third claim";
}

TEST_F(WorkerPool, LeavesRunsOfOtherTypes) {
  do_job(succeed);
  (void)client->submit(
      RunRequest{.workspace = workspace(), .tenant = tenant(), .type = type("demo.other"), .input = {}}, {});
  work(options(WorkUntil::kIdle));
  EXPECT_TRUE(finishes().empty());
}

TEST_F(WorkerPool, WaitsForMoreUntilItIsStopped) {
  Event done;
  do_job([&](const JobAssignment&, const std::stop_token&) -> JobReport {
    done.happen();
    return {};
  });
  Worker worker(*client, *source, jobs, options(WorkUntil::kStopped), notes.on_note());
  request(1);
  EXPECT_TRUE(done.wait());
  worker.stop_claiming();
  EXPECT_TRUE(worker.wait(kSoon));
  EXPECT_EQ(finishes().size(), 1U);
}

TEST_F(WorkerPool, LetsItsJobsFinishWhenItStopsClaiming) {
  Event begun;
  Event may_end;
  do_job([&](const JobAssignment&, const std::stop_token& stop) -> JobReport {
    begun.happen();
    may_end.wait(stop);
    return {};
  });
  request(3);
  Worker worker(*client, *source, jobs, options(WorkUntil::kStopped), notes.on_note());
  EXPECT_TRUE(begun.wait());
  worker.stop_claiming();
  EXPECT_FALSE(worker.wait(0ms));
  may_end.happen();
  EXPECT_TRUE(worker.wait(kSoon));
  ASSERT_EQ(finishes().size(), 1U);
  EXPECT_EQ(finishes().front().outcome, AttemptOutcome::kSucceeded);
}

TEST_F(WorkerPool, ReportsWhatItHadToStop) {
  Event begun;
  Event never;
  do_job([&](const JobAssignment&, const std::stop_token& stop) -> JobReport {
    begun.happen();
    never.wait(stop);
    throw JobFailure(reason("demo.interrupted"), "at page 3", false, counts({{"processed", 3}}));
  });
  request(1);
  {
    const Worker worker(*client, *source, jobs, options(WorkUntil::kStopped), notes.on_note());
    EXPECT_TRUE(begun.wait());
  }
  ASSERT_EQ(finishes().size(), 1U);
  EXPECT_EQ(finishes().front().failures, std::vector{failure("worker.stopped", "at page 3")});
  EXPECT_EQ(finishes().front().disposition, Disposition::kRetries);
}

TEST_F(WorkerPool, TellsHowClaimsFailAndOnceThatTheyWorkAgain) {
  do_job(succeed);
  request(1);
  TroubledSource troubled(*source, [](int claim, const auto&) -> std::optional<ClaimAnswer> {
    if (claim <= 2) throw Failure(Remedy::kRetryLater, "daemon.unreachable", "gone");
    if (claim == 3) return reject("overloaded", "full");
    return std::nullopt;
  });
  Worker worker(*client, troubled, jobs, options(WorkUntil::kStopped), [&](const WorkerNote& note) {
    notes.on_note()(note);
    if (std::holds_alternative<RunEnded>(note)) ended.happen();
  });
  EXPECT_TRUE(ended.wait());
  const std::vector<ClaimsFail> failures = notes.of<ClaimsFail>();
  ASSERT_EQ(failures.size(), 2U) << "each failure is noted once";
  EXPECT_EQ(failures[0].code, "daemon.unreachable");
  EXPECT_EQ(failures[0].remedy, Remedy::kRetryLater);
  EXPECT_EQ(failures[1].code, "overloaded");
  EXPECT_EQ(failures[1].remedy, std::nullopt);
  EXPECT_EQ(notes.of<ClaimsWork>().size(), 1U);
}

// The claim was made before the job requested another run, and was answered after the job had ended.
TEST_F(WorkerPool, DoesNotTakeItselfForIdleWhileARunEndsThatLeavesAnother) {
  Event answered_in_vain;
  do_job([&](const JobAssignment& assignment, const std::stop_token&) -> JobReport {
    if (assignment.input.canonical() != R"({"n":0})") return {};
    EXPECT_TRUE(answered_in_vain.wait());
    request(2);  // The first of the two requests is deduped, because it names the run that is at work.
    return {};
  });
  request(1);
  TroubledSource slow(*source, [&](int claim, const auto& make) -> std::optional<ClaimAnswer> {
    if (claim != 2) return std::nullopt;
    ClaimAnswer answer = make();
    EXPECT_TRUE(std::holds_alternative<NothingDue>(answer));
    answered_in_vain.happen();
    EXPECT_TRUE(ended.wait());
    return answer;
  });
  Worker worker(*client, slow, jobs, options(WorkUntil::kIdle, 2), [&](const WorkerNote& note) {
    notes.on_note()(note);
    if (std::holds_alternative<RunEnded>(note)) ended.happen();
  });
  EXPECT_TRUE(worker.wait(kSoon));
  EXPECT_EQ(notes.of<RunEnded>().size(), 2U);
}

TEST_F(WorkerPool, SurvivesWhateverAClaimThrows) {
  do_job(succeed);
  request(1);
  TroubledSource troubled(*source, [](int claim, const auto&) -> std::optional<ClaimAnswer> {
    if (claim == 1) throw std::runtime_error("a surprise");
    return std::nullopt;
  });
  Worker worker(*client, troubled, jobs, options(WorkUntil::kStopped), [&](const WorkerNote& note) {
    notes.on_note()(note);
    if (std::holds_alternative<RunEnded>(note)) ended.happen();
  });
  EXPECT_TRUE(ended.wait());
  ASSERT_EQ(notes.of<ClaimsFail>().size(), 1U);
  EXPECT_EQ(notes.of<ClaimsFail>().front().why, "a surprise");
}

TEST_F(WorkerPool, LeavesARunWhoseEndCannotBeReported) {
  do_job(succeed);
  request(1);
  SurprisingClient surprising(*client);
  {
    Worker worker(surprising, *source, jobs, options(WorkUntil::kIdle), notes.on_note());
    EXPECT_TRUE(worker.wait(kSoon));
  }
  ASSERT_EQ(notes.of<RunLeft>().size(), 1U);
  EXPECT_EQ(notes.of<RunLeft>().front().code, "internal");
}

TEST_F(WorkerPool, GetsTheRunOfAClaimWhoseAnswerWasLost) {
  do_job(succeed);
  request(2);
  TroubledSource troubled(*source, [](int claim, const auto& make) -> std::optional<ClaimAnswer> {
    if (claim != 1) return std::nullopt;
    EXPECT_TRUE(std::holds_alternative<ClaimedRun>(make()));
    return UnknownOutcome{"the answer was lost"};
  });
  Event both;
  Worker worker(*client, troubled, jobs, options(WorkUntil::kStopped), [&](const WorkerNote& note) {
    notes.on_note()(note);
    if (notes.of<RunEnded>().size() == 2) both.happen();
  });
  EXPECT_TRUE(both.wait());
  for (const RunEnded& run : notes.of<RunEnded>()) EXPECT_EQ(run.what.attempt, AttemptNumber{1});
}

TEST_F(WorkerPool, GetsTheRunOfAClaimWhoseAnswerWasLostAlsoWhereNobodyWasThereForAWhile) {
  do_job(succeed);
  request(1);
  TroubledSource troubled(*source, [](int claim, const auto& make) -> std::optional<ClaimAnswer> {
    if (claim > 2) return std::nullopt;
    if (claim == 2) throw Failure(Remedy::kRetryLater, "daemon.unreachable", "gone");
    EXPECT_TRUE(std::holds_alternative<ClaimedRun>(make()));
    return UnknownOutcome{"the answer was lost"};
  });
  Event done;
  Worker worker(*client, troubled, jobs, options(WorkUntil::kStopped), [&](const WorkerNote& note) {
    notes.on_note()(note);
    if (!notes.of<RunEnded>().empty()) done.happen();
  });
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(notes.of<RunEnded>().front().what.attempt, AttemptNumber{1});
}

TEST_F(WorkerPool, ThatIsToEndDoesNotWaitForALedgerThatIsAway) {
  do_job(succeed);
  TroubledSource troubled(*source, [](int, const auto&) -> std::optional<ClaimAnswer> {
    throw Failure(Remedy::kRetryLater, "daemon.unreachable", "gone");
  });
  work(options(WorkUntil::kIdle), troubled);
  EXPECT_EQ(notes.of<ClaimsFail>().size(), 1U);
}

}  // namespace
}  // namespace runledger
