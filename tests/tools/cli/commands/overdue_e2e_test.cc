// `overdue`: its exit status and its formats, with a daemon and without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OverdueCommand : public testing::Test {
 protected:
  // Runs a command with a catalog that expects a success within `seconds`.
  [[nodiscard]] Arguments with(int seconds, const Arguments& command) const {
    const std::string catalog = json{{"types", {{{"type", "reports.send"}, {"expect_every_seconds", seconds}}}}}.dump();
    Arguments all{"--catalog", ledger.file("catalog" + std::to_string(seconds) + ".json", catalog)};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  // Requests a run, and waits until the second is over in which it could have succeeded.
  void become_overdue() const {
    (void)ledger.request("{}", "reports.send");
    while (ledger.run(with(1, {"overdue"})).status == 0) continue;
  }

  CliLedger ledger;
};

TEST_F(OverdueCommand, EndsWithZeroWhenNothingIs) {
  EXPECT_EQ(ledger.run({"overdue"}).status, 0) << "no type expects anything";
  (void)ledger.request("{}", "reports.send");
  EXPECT_EQ(ledger.run(with(3600, {"overdue"})).status, 0);
  EXPECT_EQ(ledger.json(with(3600, {"overdue"})).at("expected_count"), 1);
}

TEST_F(OverdueCommand, EndsWithThreeWhenSomethingIsInEveryFormat) {
  become_overdue();
  const ProgramResult text = ledger.run(with(1, {"overdue"}));
  EXPECT_EQ(text.status, 3) << text.err;
  EXPECT_THAT(text.out, HasSubstr("reports.send"));
  EXPECT_THAT(text.out, HasSubstr("north"));
  const ProgramResult in_json = ledger.run(with(1, {"overdue", "--format", "json"}));
  EXPECT_EQ(in_json.status, 3);
  EXPECT_EQ(json::parse(in_json.out).at("overdue_count"), 1);
  const ProgramResult csv = ledger.run(with(1, {"overdue", "--format", "csv"}));
  EXPECT_EQ(csv.status, 3);
  EXPECT_EQ(lines_of(csv.out).at(0),
            "type,workspace_id,tenant_id,expect_every_seconds,last_succeeded_at,first_requested_at,overdue_since,"
            "overdue_seconds");
  EXPECT_THAT(lines_of(csv.out).at(1), testing::StartsWith("reports.send,acme,north,1"));
  EXPECT_EQ(ledger.run(with(1, {"overdue", "--tenant", "south"})).status, 0);
  EXPECT_EQ(failure(ledger.run(with(1, {"overdue", "--limit", "0"}))), "2 limit.invalid");
}

TEST_F(OverdueCommand, IsAnsweredByTheDaemonsCatalog) {
  become_overdue();
  Program daemon(ledger.command(with(1, {"serve"})));
  ASSERT_TRUE(daemon.wait_for_output("serving "));
  EXPECT_EQ(ledger.run({"overdue"}).status, 3);
  const std::string run = ledger.json({"list", "-n", "1"}).at("run_id");
  (void)ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  EXPECT_EQ(ledger.run({"overdue"}).status, 0);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

}  // namespace
}  // namespace runledger
