// Seeds demo runs, stops the seeding at any moment, and seeds again.
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "jobs/builtin_catalog.h"
#include "jobs/seed.h"
#include "ledger/base/failure.h"
#include "tests/fixtures/proxies/passing_client.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// Passes on a number of commands and then fails, as if the process had been killed after the last one.
class DyingClient final : public PassingClient {
 public:
  DyingClient(LedgerClient& client, int commands) : PassingClient(client), left_(commands) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override {
    Answer answer = PassingClient::submit(ask, options);
    if (--left_ == 0) throw Failure(Remedy::kRetryLater, "daemon.unreachable", "gone");
    return answer;
  }

 private:
  int left_;
};

TEST(SeedCut, IsCompletedWhenItIsRepeatedWhereverItEndedAndWhenever) {
  for (const auto pause : {std::chrono::minutes(0), std::chrono::minutes(5), std::chrono::minutes(60 * 30)}) {
    for (int commands = 1; commands <= 14; ++commands) {
      TemporaryLedger fresh(builtin_catalog());
      const auto whole = embedded_client(fresh.ledger());
      const auto rows = embedded_reader(fresh.ledger());
      constexpr SeedSizes kOneTenant{.workspaces = 1, .tenants = 1, .policies = 1, .runs = 6};
      DyingClient dying(*whole, commands);
      EXPECT_THROW((void)seed_runs(*rows, dying, kOneTenant), Failure) << commands;
      fresh.clock().advance(pause);
      ASSERT_TRUE(seed_runs(*rows, *whole, kOneTenant)) << commands;
      std::map<std::string, int> found;
      const Result<RunPage> page = rows->list({}, RowStore::kPageMax, "");
      for (const OperationRun::Row& row : page->rows)
        ++found[std::string(row.status == RunStatus::kCompleted ? to_string(row.outcome) : to_string(row.status))];
      const std::map<std::string, int> expected{
          {"succeeded", 2}, {"partially_succeeded", 1}, {"failed", 1}, {"cancelled", 1}, {"queued", 1}};
      EXPECT_EQ(expected, found) << "stopped after command " << commands << ", repeated after " << pause.count()
                                 << " min";
    }
  }
}

}  // namespace
}  // namespace runledger
