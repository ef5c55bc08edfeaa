// Demo runs end in every way there is, and seeding them again leads to the same ledger.
#include "jobs/seed.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>

#include "jobs/builtin_catalog.h"
#include "jobs/graph/assignments_input.h"
#include "jobs/graph/policy_collection.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

constexpr SeedSizes kSmall{.workspaces = 1, .tenants = 2, .policies = 1, .runs = 6};

class SeedRuns : public testing::Test {
 protected:
  SeededRuns seed(const SeedSizes& sizes = kSmall) { return *seed_runs(*reader, *client, sizes); }

  // Returns how many runs of a workspace ended in each way.
  std::map<std::string, int> ends(const std::string& workspace = "demo-1") {
    RunFilter filter;
    filter.workspace = examples::workspace(workspace);
    std::map<std::string, int> ends;
    const Result<RunPage> page = reader->list(filter, RowStore::kPageMax, "");
    for (const OperationRun::Row& row : page->rows)
      ++ends[std::string(row.status == RunStatus::kCompleted ? to_string(row.outcome) : to_string(row.status))];
    return ends;
  }
  [[nodiscard]] Sequence head() { return ledger.ledger().log().last(); }

  const std::map<std::string, int> kEnds{
      {"succeeded", 4}, {"partially_succeeded", 2}, {"failed", 2}, {"cancelled", 2}, {"queued", 2}};
  TemporaryLedger ledger{builtin_catalog()};
  std::unique_ptr<LedgerClient> client = embedded_client(ledger.ledger());
  std::unique_ptr<LedgerReader> reader = embedded_reader(ledger.ledger());
};

TEST_F(SeedRuns, EveryTenantHasRunsOfEveryEnd) {
  const SeededRuns seeded = seed();
  EXPECT_EQ(seeded.planned, 12U);
  EXPECT_EQ(seeded.added, 12U);
  EXPECT_EQ(ends(), kEnds);
}

TEST_F(SeedRuns, WhatIsQueuedIsWhatTheProjectsOwnJobTakes) {
  (void)seed({.workspaces = 1, .tenants = 1, .policies = 1, .runs = 30});
  const Result<RunPage> page = reader->list({}, RowStore::kPageMax, "");
  ASSERT_EQ(page->rows.size(), 30U);
  for (const OperationRun::Row& row : page->rows) {
    EXPECT_EQ(row.type.str(), "assignments.fetch");
    EXPECT_NO_THROW((void)parse_fetch_input(row.context)) << row.context.canonical();
  }
}

TEST_F(SeedRuns, ASecondTimeAppendsNothingAlsoAfterDays) {
  (void)seed();
  const Sequence before = head();
  EXPECT_EQ(seed().added, 0U);
  ledger.clock().advance(std::chrono::hours(72));
  EXPECT_EQ(seed().added, 0U);
  EXPECT_EQ(before, head());
}

TEST_F(SeedRuns, LargerSizesAddWhatIsMissing) {
  (void)seed();
  EXPECT_EQ(seed({.workspaces = 1, .tenants = 2, .policies = 9, .runs = 8}).added, 4U);
  EXPECT_EQ(seed({.workspaces = 2, .tenants = 1, .policies = 1, .runs = 8}).added, 8U);
}

TEST_F(SeedRuns, ARunThatAWorkerHasTakenIsLeftToIt) {
  (void)seed();
  RunFilter queued;
  queued.status = RunStatus::kQueued;
  const RunId run = reader->list(queued, 1, "")->rows.at(0).id;
  ASSERT_TRUE(std::holds_alternative<Reply>(client->submit(StartAttempt{.run = run, .worker = {}}, {})));
  const Sequence before = head();
  EXPECT_EQ(seed().added, 0U);
  EXPECT_EQ(before, head());
}

TEST_F(SeedRuns, ARefusalIsAnAnswer) {
  class Refusing final : public LedgerReader {
    static Rejection later() { return reject("rows.behind", "later"); }
    Result<RunPage> list(const RunFilter&, std::size_t, const std::string&) override { return later(); }
    Result<LedgerTotals> totals(const RunFilter&) override { return later(); }
    Result<std::map<RunId, Counts>> progress(const std::vector<RunId>&) override { return later(); }
    Result<Sequence> head() override { return later(); }
    Result<std::vector<VisibleEvent>> run_events(RunId, const std::optional<AsOf>&) override { return later(); }
    Result<EventPage> events(const EventQuery&) override { return later(); }
    Result<Explanation> explain(const RunRequest&) override { return later(); }
    Result<std::string> answer(const Question&) override { return later(); }
    Result<Catalog> catalog() override { return later(); }
  } refusing;
  EXPECT_EQ(seed_runs(refusing, *client, kSmall).rejection().code, "rows.behind");
}

TEST(DemoRowsOf, SizesAreThoseAskedForAndNamesAreUnique) {
  const DemoRows rows = demo_rows({.workspaces = 3, .tenants = 4, .policies = 5, .runs = 0});
  EXPECT_EQ(rows.workspaces.size(), 3U);
  EXPECT_EQ(rows.tenants.size(), 12U);
  EXPECT_EQ(rows.policies.size(), 60U);
  std::set<std::pair<Scope, std::string>> names;
  for (const DemoPolicy& policy : rows.policies) {
    names.emplace(policy.scope, policy.id);
    EXPECT_NE(find_policy_collection(policy.type), nullptr) << policy.type;
  }
  EXPECT_EQ(names.size(), 60U);
}

}  // namespace
}  // namespace runledger
