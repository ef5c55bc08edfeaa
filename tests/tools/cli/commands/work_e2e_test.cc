// `runledger work`: what it does, how it ends and which failures it survives, with the real program and a real ledger.
//
// A WorkWorld has a daemon, a Graph-like server and a token file, and workers are programs of their own. A test
// controls the moment by the server: a Held request waits until the test lets it go on, and a stalled one never ends.
// While a request waits, the test kills, stops or signals a worker or the daemon, and at the end it reads the story of
// the run from the ledger.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <future>

#include "tests/tools/cli/commands/work_world.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Work : public WorkWorld {
 protected:
  // A request to Graph that is answered when the test allows it.
  struct Held {
    std::promise<void> came;
    std::promise<void> go_on;

    [[nodiscard]] GraphPlan plan() {
      return {.part = "GET",
              .trouble = GraphTrouble::kThrottled,
              .retry_after = "0",
              .meanwhile = [this, until = std::shared_future<void>(go_on.get_future())] {
                came.set_value();
                until.wait();
              }};
    }
    void wait() { came.get_future().wait(); }
  };
  // Makes the next request to Graph wait forever.
  void stall() { graph.plan({.part = "GET", .trouble = GraphTrouble::kSilence}); }

  static std::string ended(const std::string& run) { return fmt::format("run-ended run=\"{}\"", run); }
};

TEST_F(Work, DoesWhatWasRequestedAndEndsWhenIdle) {
  serve();
  const std::string run = request_fetch();
  const std::string other = request_fetch("south");
  const ProgramResult done = work({"--type", "assignments.fetch", "--until-idle", "--worker", "w-7"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, HasSubstr(ended(run)));
  EXPECT_THAT(done.err, HasSubstr(ended(other)));
  EXPECT_THAT(done.err, Not(HasSubstr("opaque-token")));
  const json story = this->story(run);
  EXPECT_EQ(attempts(story), "1 succeeded");
  EXPECT_EQ(story.at("attempts").at(0).at("worker"), "w-7");
  EXPECT_EQ(story.at("run").at("outcome"), "succeeded");
  EXPECT_EQ(story.at("run").at("summary_counts").at("total"), 3);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Work, DoesOneRunWhenThatIsAllItIsToDo) {
  serve();
  const std::string first = request_fetch("north");
  const std::string second = request_fetch("south");
  const ProgramResult once = work({"--type", "assignments.fetch", "--once", "--format", "json"});
  EXPECT_EQ(once.status, 0) << once.err;
  std::vector<std::string> events;
  for (const std::string& line : lines_of(once.err)) events.push_back(json::parse(line).at("event"));
  EXPECT_THAT(events, testing::ElementsAre("working", "run-taken", "run-ended"));
  EXPECT_EQ(story(first).at("run").at("status"), "completed");
  EXPECT_EQ(story(second).at("run").at("status"), "queued");
}

TEST_F(Work, ReconcilesWhatIsStuck) {
  serve();
  const std::string stuck = ledger.request();
  ledger.json({"request", "--workspace", "acme", "--type", "ops.reconcile_adapter_runs", "--input",
               R"({"stale_after_seconds":0})"});
  const ProgramResult done = work({"--type", "ops.reconcile_adapter_runs", "--once"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("reconciled=1"));
  EXPECT_EQ(story(stuck).at("run").at("reason_code"), "run.stale_queued");
}

TEST_F(Work, OfAKilledWorkerIsFinishedByAnother) {
  serve(std::chrono::milliseconds(500));
  stall();
  const std::string run = request_fetch();
  const auto first = worker();
  graph.wait_for_requests(1);
  first->signal(SIGKILL);
  EXPECT_EQ(first->wait().status, 128 + SIGKILL);
  const auto second = worker();
  ASSERT_TRUE(second->wait_for_error(ended(run)));
  second->signal(SIGTERM);
  EXPECT_EQ(second->wait().status, 0);
  const json story = this->story(run);
  EXPECT_EQ(attempts(story), "1 lost, 2 succeeded");
  EXPECT_EQ(story.at("run").at("outcome"), "succeeded");
  EXPECT_EQ(story.at("events").size(), 5U) << "one request, and a start and an end of each attempt";
}

TEST_F(Work, FinishesWhatIsUnderWayWhenToldToStop) {
  serve();
  Held held;
  graph.plan(held.plan());
  const std::string under_way = request_fetch("north");
  const auto worker = this->worker();
  held.wait();
  const std::string next = request_fetch("south");
  worker->signal(SIGTERM);
  ASSERT_TRUE(worker->wait_for_error(" stopping"));
  held.go_on.set_value();
  const ProgramResult stopped = worker->wait();
  EXPECT_EQ(stopped.status, 0) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr(" stopped"));
  EXPECT_EQ(attempts(story(under_way)), "1 succeeded");
  EXPECT_EQ(story(next).at("run").at("status"), "queued");
}

TEST_F(Work, EndsAtOnceWhenToldASecondTime) {
  serve();
  stall();
  const std::string run = request_fetch();
  const auto worker = this->worker();
  graph.wait_for_requests(1);
  worker->signal(SIGINT);
  ASSERT_TRUE(worker->wait_for_error(" stopping"));
  worker->signal(SIGTERM);
  EXPECT_EQ(worker->wait().status, 128 + SIGTERM);
  EXPECT_EQ(story(run).at("run").at("status"), "running") << "the run stays so until its lease runs out";
}

TEST_F(Work, GivesBackWhatIsNotDoneWithinTheGrace) {
  serve();
  stall();
  const std::string run = request_fetch();
  const auto worker = this->worker({"--grace", "0"});
  graph.wait_for_requests(1);
  worker->signal(SIGTERM);
  const ProgramResult stopped = worker->wait();
  EXPECT_EQ(stopped.status, 0) << stopped.err;
  const json story = this->story(run);
  EXPECT_EQ(attempts(story), "1 failed");
  EXPECT_EQ(story.at("attempts").at(0).at("failures").at(0).at("reason_code"), "worker.stopped");
  EXPECT_EQ(story.at("run").at("status"), "queued");
}

TEST_F(Work, WaitsForADaemonThatWasKilledAndGoesOn) {
  serve();
  const auto worker = this->worker();
  const std::string before = request_fetch("north");
  ASSERT_TRUE(worker->wait_for_error(ended(before)));
  end_daemon(SIGKILL);
  serve();
  const std::string after = request_fetch("south");
  ASSERT_TRUE(worker->wait_for_error(ended(after)));
  worker->signal(SIGTERM);
  EXPECT_EQ(worker->wait().status, 0);
  EXPECT_EQ(attempts(story(after)), "1 succeeded");
}

TEST_F(Work, UnderWayOutlivesADaemonThatIsKilled) {
  serve();
  Held held;
  graph.plan(held.plan());
  const std::string run = request_fetch();
  const auto worker = this->worker();
  held.wait();
  end_daemon(SIGKILL);
  held.go_on.set_value();
  serve();
  ASSERT_TRUE(worker->wait_for_error(ended(run)));
  worker->signal(SIGTERM);
  EXPECT_EQ(worker->wait().status, 0);
  EXPECT_EQ(attempts(story(run)), "1 succeeded");
}

TEST_F(Work, StopsWithoutADaemonToo) {
  serve();
  const auto worker = this->worker();
  ASSERT_TRUE(worker->wait_for_error(" working"));
  end_daemon(SIGKILL);
  ASSERT_TRUE(worker->wait_for_error("claims-fail"));
  worker->signal(SIGTERM);
  EXPECT_EQ(worker->wait().status, 0);
}

TEST_F(Work, IsRefusedWithoutTheRight) {
  serve();
  const std::string secret =
      ledger.json({"token", "issue", "--workspace", "acme", "--right", "request"}).value("token", "");
  const ProgramResult refused = work({"--connect", "unix:" + (ledger.data() / "socket").string(), "--token-file",
                                      ledger.file("access", secret), "--type", "assignments.fetch"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, HasSubstr("runledger: access.denied: "));
}

TEST_F(Work, EndsWhenItsTokenIsRevokedAlsoWhileItsDaemonIsAway) {
  serve();
  const json issued = ledger.json({"token", "issue", "--workspace", "acme", "--right", "work"});
  const auto worker = this->worker({"--connect", "unix:" + (ledger.data() / "socket").string(), "--token-file",
                                    ledger.file("access", issued.value("token", ""))});
  ASSERT_TRUE(worker->wait_for_error(" working"));
  end_daemon(SIGKILL);
  ASSERT_TRUE(worker->wait_for_error("outcome.unknown"));
  ledger.json({"token", "revoke", issued.value("id", "")});
  serve();
  const ProgramResult ended = worker->wait();
  EXPECT_EQ(ended.status, 4);
  EXPECT_THAT(ended.err, HasSubstr("runledger: access.unauthenticated: "));
}

TEST_F(Work, OfATenantDoesThatTenantsRuns) {
  serve();
  const std::string own = request_fetch("north");
  const std::string other = request_fetch("south");
  const std::string secret =
      ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "work"}).value("token", "");
  const ProgramResult done = work({"--connect", "unix:" + (ledger.data() / "socket").string(), "--token-file",
                                   ledger.file("access", secret), "--type", "assignments.fetch", "--until-idle"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(story(own).at("run").at("status"), "completed");
  EXPECT_EQ(story(other).at("run").at("status"), "queued");
}

TEST_F(Work, ThatCannotBeMeantIsRefused) {
  const struct {
    Arguments arguments;
    const char* failure;
  } cases[] = {
      {{}, "2 usage"},
      {{"--type", "demo.sync"}, "2 type.no_job"},
      {{"--type", "Not A Type"}, "2 type.invalid"},
      {{"--type", "assignments.fetch", "--concurrency", "0"}, "2 concurrency.invalid"},
      {{"--type", "assignments.fetch", "--concurrency", "257"}, "2 concurrency.invalid"},
      {{"--type", "assignments.fetch", "--grace", "1s"}, "2 grace.invalid"},
      {{"--type", "assignments.fetch", "--once", "--until-idle"}, "2 usage"},
      {{"--type", "assignments.fetch", "--schema", "app"}, "2 usage"},
      {{"--type", "assignments.fetch"}, "6 daemon.unreachable"},
  };
  for (const auto& each : cases) EXPECT_EQ(each.failure, failure(work(each.arguments)));
}

TEST_F(Work, OnAssignmentsNeedsToKnowItsToken) {
  serve();
  EXPECT_EQ(failure(ledger.run({"work", "--type", "assignments.restore"})), "2 graph.unconfigured");
}

}  // namespace
}  // namespace runledger
