// `runledger exec --when-unreachable run`, and `runledger spool`: work that is done without the ledger and told to it
// afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSpoolCatalog = R"({"types":[
  {"type":"demo.sync","cooldown_seconds":0,"backoff_seconds":0.05,"lease_seconds":0.5},
  {"type":"demo.slow","cooldown_seconds":0,"backoff_seconds":3600,"lease_seconds":0.5},
  {"type":"demo.daily","cooldown_seconds":3600}]})";

class ExecSpool : public testing::Test {
 protected:
  CliLedger ledger;
  std::string catalog = ledger.file("catalog.json", kSpoolCatalog);
  fs::path spool = ledger.directory() / "spool";
  std::string socket = "unix:" + (ledger.data() / "socket").string();  // Of a daemon that runs or not.

  Arguments arguments(const Arguments& options, const std::string& script,
                      const std::string& type = "demo.sync") const {
    Arguments all{program_path(), "--catalog", catalog,       "--connect", socket,   "--spool",
                  spool.string(), "exec",      "--workspace", "acme",      "--type", type};
    all.insert(all.end(), options.begin(), options.end());
    for (const std::string& word : {std::string("--"), std::string("sh"), std::string("-c"), script})
      all.push_back(word);
    return all;
  }
  ProgramResult exec(const std::string& script, const Arguments& options = {},
                     const std::string& type = "demo.sync") const {
    return run_program(arguments(options, script, type));
  }
  // With --when-unreachable run.
  ProgramResult exec_anyway(const std::string& script, Arguments options = {},
                            const std::string& type = "demo.sync") const {
    options.insert(options.end(), {"--when-unreachable", "run"});
    return exec(script, options, type);
  }
  // Calls `runledger spool ACTION` on the ledger itself, for the runs that were meant for its daemon.
  std::vector<json> spool_lines(const std::string& action) const {
    return ledger.json_lines({"--catalog", catalog, "--spool", spool.string(), "spool", action, "--every-ledger"});
  }
  std::unique_ptr<Program> serving() const {
    auto program = std::make_unique<Program>(ledger.command({"--catalog", catalog, "serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }
  std::vector<json> runs() const { return ledger.json_lines({"list"}); }
  std::size_t files() const {
    if (!fs::exists(spool)) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(spool), fs::directory_iterator()));
  }
  fs::path only_file() const {
    EXPECT_EQ(files(), 1U);
    return fs::directory_iterator(spool)->path();
  }
};

TEST_F(ExecSpool, RefusesToRunTheCommandUnlessItIsTold) {
  const ProgramResult refused = exec("echo worked");
  EXPECT_EQ(failure(refused), "125 daemon.unreachable");
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(files(), 0U);
}

TEST_F(ExecSpool, RunsTheCommandAndTellsTheLedgerOfItLater) {
  const std::string status_path = (ledger.directory() / "status.json").string();
  const ProgramResult result = exec_anyway(
      "echo $RUNLEDGER_RUN_ID; echo runledger:count processed=3 >> $RUNLEDGER_COUNTS", {"--status-file", status_path});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("runledger: daemon.unreachable: "));
  EXPECT_THAT(result.err, HasSubstr("goes to the spool " + spool.string()));
  const std::string run = lines_of(result.out).at(0);
  const json status = json::parse(read_file(status_path));
  EXPECT_EQ(status.at("decision"), "spooled");
  EXPECT_EQ(status.at("run_id"), run);
  EXPECT_EQ(status.at("outcome"), "succeeded");
  EXPECT_EQ(status.at("command").at("status"), 0);

  struct stat found {};
  ASSERT_EQ(::lstat(only_file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  const json listed = spool_lines("list").at(0);
  EXPECT_EQ(listed.at("state"), "waiting");
  EXPECT_EQ(listed.at("run_id"), run);
  EXPECT_EQ(listed.at("outcome"), "succeeded");

  const json taken = spool_lines("take").at(0);
  EXPECT_EQ(taken.at("decision"), "finished");
  EXPECT_EQ(taken.at("run_id"), run);
  EXPECT_EQ(files(), 0U);
  const json shown = ledger.json({"show", run});
  EXPECT_EQ(shown.at("run").at("outcome"), "succeeded");
  EXPECT_EQ(shown.at("run").at("summary_counts").at("processed"), 3);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(ExecSpool, EndsAsTheCommandDoes) {
  EXPECT_EQ(exec_anyway("exit 7").status, 7);
  EXPECT_EQ(exec_anyway("kill -KILL $$").status, 128 + SIGKILL);
  EXPECT_EQ(exec_anyway("exit $((RUNLEDGER_ATTEMPT + 6))", {"--retries", "1"}).status, 8);
  EXPECT_EQ(exec_anyway("exec sleep 1000", {"--timeout", "1"}).status, 124);
  const ProgramResult in_json = exec_anyway("exit 3", {"--format", "json"});
  EXPECT_EQ(json::parse(in_json.out).at("decision"), "spooled");
  EXPECT_EQ(json::parse(in_json.out).at("error").at("code"), "exec.exit_status");
  std::vector<std::size_t> attempts;
  for (const json& taken : spool_lines("take")) {
    EXPECT_EQ(taken.at("outcome"), "failed");
    attempts.push_back(taken.at("attempt"));
  }
  EXPECT_EQ(attempts, (std::vector<std::size_t>{1, 1, 2, 1, 1}));
}

TEST_F(ExecSpool, ChecksTheInputBeforeItRunsTheCommand) {
  EXPECT_EQ(failure(exec_anyway("echo worked", {"--input", R"({"password":"hunter2hunter2"})"})), "125 input.secret");
  EXPECT_EQ(failure(exec_anyway("echo worked", {"--lease", "7"})), "125 policy.out_of_bounds");
  EXPECT_EQ(failure(exec("echo worked", {"--when-unreachable", "maybe"})), "125 when_unreachable.invalid");
  EXPECT_EQ(failure(exec_anyway("echo worked", {"--run", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"})), "125 usage");
  EXPECT_EQ(files(), 0U);
}

TEST_F(ExecSpool, TheNextCallTakesInWhatEarlierOnesLeft) {
  ASSERT_EQ(exec_anyway("true", {}, "demo.daily").status, 0);
  const auto daemon = serving();
  const ProgramResult next = exec("echo worked", {}, "demo.daily");
  EXPECT_EQ(next.status, 0);
  EXPECT_EQ(next.out, "") << "the cooldown of the run that was spooled holds";
  EXPECT_THAT(next.err, HasSubstr("cooldown"));
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(ExecSpool, WhatTheLedgerRefusesIsNotRun) {
  const auto daemon = serving();
  const std::string token =
      ledger.json({"token", "issue", "--workspace", "other", "--right", "request", "--right", "work"}).at("token");
  const ProgramResult denied = exec_anyway("echo worked", {"--token-file", ledger.file("token", token + "\n")});
  EXPECT_EQ(failure(denied), "125 scope.not_found");
  EXPECT_EQ(denied.out, "");
  ASSERT_EQ(exec_anyway("true", {}, "demo.daily").status, 0);
  EXPECT_EQ(exec_anyway("echo worked", {}, "demo.daily").out, "") << "deduplicated";
  EXPECT_EQ(files(), 0U);
}

TEST_F(ExecSpool, WhatWouldHaveBeenDedupedIsRecordedAsLateWork) {
  const std::string first =
      ledger.json({"--catalog", catalog, "request", "--workspace", "acme", "--type", "demo.sync"}).at("run_id");
  ASSERT_EQ(exec_anyway("true").status, 0);
  const json taken = spool_lines("take").at(0);
  EXPECT_EQ(taken.at("decision"), "late");
  EXPECT_EQ(taken.at("rule"), "active_run");
  const json late = ledger.json({"show", taken.at("run_id")});
  EXPECT_EQ(late.at("run").at("reason_code"), "spool.late_work");
  EXPECT_EQ(late.at("run").at("outcome"), "cancelled");
  EXPECT_EQ(late.at("attempts").at(0).at("late"), true);
  EXPECT_EQ(late.at("attempts").at(0).at("outcome"), "succeeded");
  EXPECT_EQ(ledger.json({"show", first}).at("run").at("status"), "queued");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(ExecSpool, OfAKilledExecIsALostAttemptOnceItsLeaseHasRunOut) {
  Program killed(arguments({"--when-unreachable", "run"}, "echo $RUNLEDGER_RUN_ID; exec sleep 1000"));
  ASSERT_TRUE(killed.wait_for_output("\n"));
  EXPECT_EQ(spool_lines("take").at(0).at("state"), "running") << "its file is locked";
  killed.signal(SIGKILL);
  killed.wait();
  json taken;
  do {  // Its lease of half a second runs.
    taken = spool_lines("take").at(0);
  } while (taken.contains("state") && taken.at("state") == "running");
  EXPECT_EQ(taken.at("outcome"), "failed");
  const json shown = ledger.json({"show", lines_of(killed.output()).at(0)});
  EXPECT_EQ(shown.at("run").at("reason_code"), "worker.lease_expired");
  EXPECT_EQ(shown.at("attempts").at(0).at("outcome"), "lost");
}

TEST_F(ExecSpool, OfAnExecThatIsKilledBetweenTwoAttemptsEndsWithTheFirst) {
  Program killed(arguments({"--when-unreachable", "run", "--retries", "1"}, "exit 3", "demo.slow"));
  ASSERT_TRUE(killed.wait_for_error("again in 3600 s"));
  killed.signal(SIGKILL);
  killed.wait();
  json taken;
  do {
    taken = spool_lines("take").at(0);
  } while (taken.contains("state") && taken.at("state") == "running");
  EXPECT_EQ(taken.at("outcome"), "failed");
  EXPECT_EQ(ledger.json({"show", taken.at("run_id")}).at("run").at("reason_code"), "exec.exit_status");
}

TEST_F(ExecSpool, OfAnExecThatASignalEndsBetweenTwoAttemptsIsCancelled) {
  Program ended(arguments({"--when-unreachable", "run", "--retries", "1"}, "exit 3", "demo.slow"));
  ASSERT_TRUE(ended.wait_for_error("again in 3600 s"));
  ended.signal(SIGTERM);
  EXPECT_EQ(ended.wait().status, 128 + SIGTERM);
  const json taken = spool_lines("take").at(0);
  EXPECT_EQ(taken.at("outcome"), "cancelled");
  EXPECT_EQ(ledger.json({"show", taken.at("run_id")}).at("run").at("reason_code"), "run.cancelled");
}

TEST_F(ExecSpool, IsTakenInOnceHoweverOftenItIsTold) {
  ASSERT_EQ(exec_anyway("true").status, 0);
  const fs::path file = only_file();
  const fs::path copy = ledger.directory() / "copy";
  fs::copy_file(file, copy);
  EXPECT_EQ(spool_lines("take").at(0).at("repeated"), false);
  fs::rename(copy, file);  // As if the taker had been killed before it removed the file.
  EXPECT_EQ(spool_lines("take").at(0).at("repeated"), true);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(runs().size(), 1U);
}

TEST_F(ExecSpool, DamagedFilesAreToldAndKept) {
  ASSERT_EQ(exec_anyway("true").status, 0);
  std::ofstream(only_file(), std::ios::app) << "{\"event\":\"nonsense\"}\n";
  const fs::path aside = only_file().string() + ".damaged";
  const ProgramResult told = ledger.run({"--spool", spool.string(), "spool", "take", "--every-ledger"});
  EXPECT_EQ(told.status, 5);
  EXPECT_THAT(told.out, HasSubstr("is damaged, and stays: "));
  EXPECT_EQ(only_file(), aside);
  EXPECT_EQ(spool_lines("list").at(0).at("state"), "damaged");
  const auto daemon = serving();
  EXPECT_EQ(exec("echo worked").out, "worked\n") << "and are no reason not to do the work";
}

TEST_F(ExecSpool, RunsForAnotherLedgerStay) {
  ASSERT_EQ(exec_anyway("true").status, 0);
  EXPECT_EQ(ledger.json_lines({"--spool", spool.string(), "spool", "take"}).at(0).at("state"), "elsewhere");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ExecSpool, ATokenRecordsRunsOfItsOwnScopeOnly) {
  ASSERT_EQ(exec_anyway("true").status, 0);
  const auto daemon = serving();
  const auto take_with = [&](const std::string& workspace) {
    const std::string token =
        ledger.json({"token", "issue", "--workspace", workspace, "--right", "request", "--right", "work"}).at("token");
    return run_program({program_path(), "--connect", socket, "--token-file", ledger.file(workspace, token + "\n"),
                        "--spool", spool.string(), "--format", "json", "spool", "take"});
  };
  const ProgramResult other = take_with("other");
  EXPECT_EQ(other.status, 4);
  EXPECT_EQ(json::parse(other.out).at("error").at("code"), "scope.not_found");
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(json::parse(take_with("acme").out).at("decision"), "finished");
  EXPECT_EQ(files(), 0U);
}

TEST_F(ExecSpool, IsInTheLedgersDirectoryUnlessTheUserChooses) {
  EXPECT_EQ(failure(run_program({program_path(), "--connect", socket, "spool", "list"})), "2 usage");
  EXPECT_EQ(ledger.json_lines({"spool", "list"}).size(), 0U);
  EXPECT_EQ(
      ledger.run({"exec", "--when-unreachable", "run", "--workspace", "acme", "--type", "demo.sync", "--", "true"})
          .status,
      0);
  EXPECT_TRUE(fs::is_directory(ledger.data() / "spool")) << "trouble with it shows before it is needed";
  EXPECT_EQ(runs().size(), 1U) << "the ledger was there";
}

}  // namespace
}  // namespace runledger
