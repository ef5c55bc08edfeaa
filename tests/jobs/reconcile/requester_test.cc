// Tests for which workspaces the daemon requests a reconciliation, and that it keeps doing so.
#include "jobs/reconcile/requester.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "tests/fixtures/proxies/passing_client.h"
#include "tests/jobs/reconcile/reconcile_world.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

class Requester : public testing::Test {
 protected:
  std::set<Workspace> concerned() {
    EXPECT_TRUE(rows.wait_for(world.head(), 10s));
    return workspaces_to_reconcile(rows.rows());
  }
  // Waits for the event at `position` and returns it.
  Envelope event(std::uint64_t position) {
    EXPECT_TRUE(world.ledger.ledger().log().wait_past(Sequence{position - 1}, 20s));
    return *world.ledger.ledger().log().find(Sequence{position});
  }

  ReconcileWorld world;
  FollowedRows rows{world.ledger.ledger().log()};
  ReconcileRequester::Report fails = [](std::string_view code, std::string_view what) {
    ADD_FAILURE() << code << ": " << what;
  };
};

TEST_F(Requester, IsConcernedWithWorkspacesThatHaveWorkUnderWay) {
  EXPECT_TRUE(concerned().empty());
  world.request("acme");
  world.start(world.request("globex"));
  const RunId ended = world.request("initech");
  world.finish(world.start(ended), AttemptOutcome::kSucceeded);
  EXPECT_EQ(concerned(), (std::set{examples::workspace("acme"), examples::workspace("globex")}));
}

TEST_F(Requester, LeavesAWorkspaceAloneThatIsAboutToBeReconciled) {
  world.request("acme");
  const RunId reconciliation = world.request("acme", "ops.reconcile_adapter_runs");
  EXPECT_TRUE(concerned().empty()) << "a reconciliation is queued";
  const Reply started = world.start(reconciliation);
  EXPECT_TRUE(concerned().empty()) << "a reconciliation is running";
  world.finish(started, AttemptOutcome::kSucceeded);
  EXPECT_EQ(concerned(), std::set{examples::workspace("acme")});
}

TEST_F(Requester, DoesNotReconcileReconciliationsAlone) {
  world.request("acme", "ops.reconcile_adapter_runs");
  world.finish(world.start(world.request("acme", "ops.reconcile_adapter_runs")), AttemptOutcome::kSucceeded);
  EXPECT_TRUE(concerned().empty());
}

TEST_F(Requester, SeesMoreRunsThanOnePageHolds) {
  const std::uint64_t more = RowStore::kPageMax + 1;
  world.request("globex");  // It is the oldest run, and therefore on the last page.
  for (std::uint64_t i = 0; i < more; ++i) world.request("acme");
  EXPECT_EQ(concerned().size(), 2U);
}

TEST_F(Requester, AsksAtOnceAndAgainAtEachInterval) {
  world.request("acme");
  ASSERT_TRUE(rows.wait_for(world.head(), 10s));
  const ReconcileRequester requester(*world.client, rows, 1s, fails);
  const Envelope first = event(2);
  EXPECT_EQ(first.scope.workspace, examples::workspace("acme"));
  EXPECT_FALSE(first.scope.tenant);
  const auto& asked = std::get<Requested>(first.event);
  EXPECT_EQ(asked.type.str(), "ops.reconcile_adapter_runs");
  EXPECT_EQ(sanitize("reconcile-every"), asked.initiator);
  world.finish(world.start(first.run), AttemptOutcome::kSucceeded);
  EXPECT_TRUE(std::holds_alternative<Requested>(event(5).event)) << "the reconciliation is requested again";
}

TEST_F(Requester, TellsWhatFailedAndGoesOn) {
  world.request("acme");
  ASSERT_TRUE(rows.wait_for(world.head(), 10s));
  std::mutex mutex;
  std::condition_variable told;
  int reports = 0;
  world.refusing.requests_refused = true;
  const ReconcileRequester requester(world.refusing, rows, 1s, [&](std::string_view code, std::string_view) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(code, "storage.full");
    ++reports;
    told.notify_all();
  });
  std::unique_lock lock(mutex);
  EXPECT_TRUE(told.wait_for(lock, 20s, [&] { return reports == 2; }));
}

class SurprisingClient final : public PassingClient {
 public:
  using PassingClient::PassingClient;
  Answer submit(const Ask& ask, const CommandOptions& options) override {
    if (std::holds_alternative<RunRequest>(ask)) throw std::runtime_error("a surprise");
    return PassingClient::submit(ask, options);
  }
};

TEST_F(Requester, TellsAlsoWhatNobodyForesaw) {
  world.request("acme");
  ASSERT_TRUE(rows.wait_for(world.head(), 10s));
  SurprisingClient surprising(*world.client);
  std::promise<std::string> told;
  const ReconcileRequester requester(
      surprising, rows, 24h, [&](std::string_view code, std::string_view) { told.set_value(std::string(code)); });
  EXPECT_EQ(told.get_future().get(), "internal");
}

}  // namespace
}  // namespace runledger
