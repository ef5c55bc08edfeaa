// Runs that are named by the first digits of their ids, without a daemon. tests/tools/daemon/reads_e2e_test.cc has what
// callers with a token see.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Runs whose ids have 15 digits in common.
std::string id_of(int number) {
  return fmt::format("5f0c2a52-7c52-4f0e-9d8b-{:012}", number);
}

void request_named(const CliLedger& ledger, int number) {
  ledger.json({"request", "--workspace", "acme", "--type", "demo.sync", "--input", fmt::format("{{\"n\":{}}}", number),
               "--run", id_of(number)});
}

TEST(RunNames, AreTakenByEveryCommandOnARun) {
  const CliLedger ledger;
  request_named(ledger, 1);
  const std::string digits = "5f0c2a52";
  EXPECT_EQ(ledger.json({"show", digits}).at("run").at("id"), id_of(1));
  EXPECT_EQ(ledger.json({"why", digits}).at("run_id"), id_of(1));
  const json started = ledger.json({"start", digits});
  EXPECT_EQ(started.at("run_id"), id_of(1));
  const std::string token = started.at("token").dump();
  EXPECT_EQ(ledger.json({"heartbeat", digits, "--attempt", "1", "--token", token}).at("decision"), "alive");
  EXPECT_EQ(ledger.json({"finish", digits, "--attempt", "1", "--token", token, "--outcome", "failed"}).at("run_id"),
            id_of(1));
  EXPECT_EQ(ledger.json_lines({"replay", "--run", digits}).size(), 3U);
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--run", digits}).size(), 1U);
  EXPECT_EQ(ledger.json({"cancel", digits}).at("outcome"), "cancelled");
  EXPECT_THAT(ledger.run({"prove", "--run", digits}).out, HasSubstr(id_of(1)));
}

TEST(RunNames, AreTakenByOptionsToo) {
  const CliLedger ledger;
  request_named(ledger, 1);
  const std::string digits = "5f0c2a52";
  EXPECT_EQ(ledger.json({"cancel", digits}).at("run_id"), id_of(1));
  const auto request = [&](const Arguments& more) {
    Arguments arguments{"request", "--workspace", "acme", "--type", "demo.sync"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const json child =
      ledger.json(request({"--input", R"({"n":"child"})", "--parent", digits, "--rerun-of", "5F0C-2A52"}));
  const json row = ledger.json({"show", child.at("run_id")}).at("run");
  EXPECT_EQ(row.at("parent_run_id"), id_of(1));
  EXPECT_EQ(row.at("rerun_of"), id_of(1));
  ASSERT_EQ(ledger.json_lines({"list", "--parent", digits}).size(), 1U);
  EXPECT_EQ(ledger.json_lines({"list", "--parent", digits}).at(0).at("id"), child.at("run_id"));
  EXPECT_EQ(ledger
                .json({"explain", "--workspace", "acme", "--type", "demo.sync", "--input", R"({"n":"child"})",
                       "--parent", digits})
                .at("would_be"),
            "deduped");
  Arguments exec = request({"--input", R"({"n":"exec"})", "--parent", digits, "--", "/bin/true"});
  exec.front() = "exec";
  ledger.json(exec);
  EXPECT_EQ(ledger.json_lines({"list", "--parent", digits}).size(), 2U);

  EXPECT_EQ(failure(ledger.run(request({"--parent", "dead"}))), "4 parent.not_found");
  EXPECT_EQ(failure(ledger.run(request({"--rerun-of", "dead"}))), "4 rerun_of.not_found");
  EXPECT_EQ(failure(ledger.run(request({"--parent", "x"}))), "2 parent.invalid");
  EXPECT_EQ(failure(ledger.run(request({"--rerun-of", "x"}))), "2 rerun_of.invalid");
  EXPECT_EQ(failure(ledger.run({"list", "--parent", "dead"})), "4 parent.not_found");
  EXPECT_EQ(failure(ledger.run({"list", "--parent", "5f0"})), "2 parent.invalid");
  request_named(ledger, 2);
  EXPECT_EQ(failure(ledger.run(request({"--parent", digits}))), "4 run.ambiguous");
  EXPECT_EQ(failure(ledger.run({"list", "--parent", digits})), "4 run.ambiguous");
}

// The spool keeps the run until the ledger is back, and must not find another parent then.
TEST(RunNames, OfACommandThatMayRunWithoutTheLedgerAreWhole) {
  const CliLedger ledger;
  request_named(ledger, 1);
  const auto exec = [&](const std::string& parent) {
    return ledger.run({"exec", "--workspace", "acme", "--type", "demo.sync", "--when-unreachable", "run", "--parent",
                       parent, "--", "/bin/true"});
  };
  EXPECT_EQ(failure(exec("5f0c2a52")), "125 usage");
  EXPECT_EQ(exec(id_of(1)).status, 0);
}

TEST(RunNames, AreFailedToo) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ(ledger.json({"fail", run.substr(0, 8), "--reason", "run.stale_queued"}).at("run_id"), run);
}

TEST(RunNames, MayHaveCapitalsAndDashesAndAllDigits) {
  const CliLedger ledger;
  request_named(ledger, 1);
  for (const char* name : {"5f0c", "5F0C2A52", "5f0c2a527c52", "5f0c2a52-7c52-4f",
                           "5f0c2a52-7c52-4f0e-9d8b-00000000000", "5f0c2a527c524f0e9d8b000000000001"})
    EXPECT_EQ(ledger.json({"show", name}).at("run").at("id"), id_of(1)) << name;
}

TEST(RunNames, OfSeveralRunsAreRefusedWithTheRuns) {
  const CliLedger ledger;
  for (int number = 1; number <= 5; ++number) request_named(ledger, number);
  const ProgramResult five = ledger.run({"cancel", "5f0c2a52"});
  EXPECT_EQ(failure(five), "4 run.ambiguous");
  for (int number = 1; number <= 5; ++number) EXPECT_THAT(five.err, HasSubstr(id_of(number)));
  EXPECT_THAT(five.err, Not(HasSubstr("…")));
  request_named(ledger, 6);
  const ProgramResult six = ledger.run({"cancel", "5f0c2a52"});
  EXPECT_THAT(six.err, Not(HasSubstr(id_of(1)))) << "the newest are shown";
  EXPECT_THAT(six.err, HasSubstr(id_of(2) + ", …"));
  EXPECT_EQ(ledger.json({"stats"}).at("by_status"), (json{{"queued", 6}})) << "no run was cancelled";
}

TEST(RunNames, OfNoRunAreNotFound) {
  const CliLedger ledger;
  request_named(ledger, 1);
  for (const char* command : {"show", "why", "start", "cancel"})
    EXPECT_EQ(failure(ledger.run({command, "dead"})), "4 run.not_found") << command;
}

TEST(RunNames, HaveFourDigitsOrMore) {
  const CliLedger ledger;
  request_named(ledger, 1);
  for (const char* name : {"", "5f0", "5f0g", "run-5f0c", "5f0c*", "5f0c2a52-7c52-4f0e-9d8b-0000000000011"}) {
    for (const char* command : {"show", "why", "start", "cancel"})
      EXPECT_EQ(failure(ledger.run({command, name})), "2 run.invalid") << command << " " << name;
  }
}

}  // namespace
}  // namespace runledger
