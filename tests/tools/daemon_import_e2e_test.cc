// A journal is taken in by the daemon that serves the ledger, which goes on working meanwhile.
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "tests/fixtures/cli_ledger.h"
#include "tests/fixtures/journal_text.h"

namespace runledger {
namespace {

constexpr int kRuns = 2000;

class DaemonImport : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon = serve();
  std::string journal = ledger.file("journal.jsonl", journal::plain_journal(kRuns));

  [[nodiscard]] std::unique_ptr<Program> serve() const {
    auto program = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }
  [[nodiscard]] std::uint64_t head() const { return ledger.json({"stats"}).at("head"); }
};

TEST_F(DaemonImport, GoesOnWithADaemonThatTookTheKilledOnesPlace) {
  Program importing(ledger.command({"import", journal, "--batch", "20", "--format", "json"}));
  while (head() < 200) {
  }
  daemon->signal(SIGKILL);
  (void)daemon->wait();
  daemon = serve();
  const ProgramResult ended = importing.wait();
  ASSERT_EQ(0, ended.status) << ended.err;
  const nlohmann::json report = nlohmann::json::parse(ended.out);
  EXPECT_EQ(3 * kRuns, report.at("applied").get<int>() + report.at("repeated").get<int>());
  EXPECT_EQ(3 * kRuns, head());
  EXPECT_EQ(kRuns, ledger.json({"stats"}).at("runs"));
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

TEST_F(DaemonImport, LeavesOthersTheirCommands) {
  Program importing(ledger.command({"import", journal, "--format", "json"}));
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const ProgramResult ended = importing.wait();
  ASSERT_EQ(0, ended.status) << ended.err;
  EXPECT_EQ(3 * kRuns, nlohmann::json::parse(ended.out).at("events"));
  EXPECT_EQ(3 * kRuns + 3, head());
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

TEST_F(DaemonImport, NeedsMoreThanAWorkersToken) {
  const std::string token = ledger.directory() / "token";
  const auto issue = [&](const Arguments& rights) {
    Arguments arguments = {"token", "issue", "--every-workspace"};
    arguments.insert(arguments.end(), rights.begin(), rights.end());
    (void)ledger.file("token", ledger.json(arguments).at("token").get<std::string>());
  };
  const Arguments import = {"--connect", "unix:" + (ledger.data() / "socket").string(), "--token-file", token, "import",
                            journal};
  issue({"--right", "request", "--right", "work"});
  EXPECT_EQ("4 access.denied", failure(ledger.run(import)));
  EXPECT_EQ(0U, head());
  issue({"--right", "request", "--right", "work", "--right", "operate"});
  EXPECT_EQ(0, ledger.run(import).status);
  EXPECT_EQ(3 * kRuns, head());
}

TEST_F(DaemonImport, DoesNotTakeAnExportOver) {
  EXPECT_EQ("6 ledger.busy", failure(ledger.run({"import", "--verbatim", journal})));
}

}  // namespace
}  // namespace runledger
