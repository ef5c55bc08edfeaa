// How `runledger exec` ends, what its status file says, and what becomes of the orphans of a command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ExecStatus : public testing::Test {
 protected:
  CliLedger ledger;
  std::string status_path = (ledger.directory() / "status.json").string();

  Arguments arguments(const Arguments& options, const Arguments& command, const std::string& type) const {
    Arguments all{"exec", "--workspace", "acme", "--type", type, "--status-file", status_path};
    all.insert(all.end(), options.begin(), options.end());
    all.emplace_back("--");
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  ProgramResult exec(const Arguments& options, const Arguments& command, const std::string& type = "demo.sync") const {
    return ledger.run(arguments(options, command, type));
  }
  ProgramResult sh(const std::string& script, Arguments options = {}) const {
    options.emplace_back("--force");
    return exec(options, {"sh", "-c", script});
  }
  // Returns the content of the status file, and removes it.
  json status_file() const {
    const json content = json::parse(read_file(status_path));
    std::filesystem::remove(status_path);
    return content;
  }
};

TEST_F(ExecStatus, IsThatOfTheCommand) {
  EXPECT_EQ(sh("exit 0").status, 0);
  EXPECT_EQ(sh("exit 1").status, 1);
  EXPECT_EQ(sh("exit 6").status, 6);
  EXPECT_EQ(sh("exit 255").status, 255);
  EXPECT_EQ(sh("kill -KILL $$").status, 128 + SIGKILL);
  EXPECT_EQ(sh("kill -TERM $$").status, 128 + SIGTERM);
  EXPECT_EQ(sh("exec sleep 1000", {"--timeout", "1"}).status, 124);
  EXPECT_EQ(exec({"--force"}, {"/nonexistent/command"}).status, 127);
  EXPECT_EQ(exec({"--force"}, {ledger.file("plain", "not a program")}).status, 126);
  EXPECT_EQ(sh("exit $((RUNLEDGER_ATTEMPT + 6))", {"--retries", "0"}).status, 7) << "that of the last attempt";
}

TEST_F(ExecStatus, Is125ForEveryFaultOfTheProgramItself) {
  const ProgramResult unusable = ledger.run({"exec", "--bogus", "--", "true"});
  EXPECT_EQ(failure(unusable), "125 usage");
  EXPECT_EQ(failure(ledger.run({"--format", "text", "exec", "--", "true"})), "125 usage");
  EXPECT_EQ(failure(sh("exit 3", {"--input", R"({"password":"hunter2hunter2"})"})), "125 input.secret");
  EXPECT_EQ(failure(exec({"--lease", "7"}, {"true"})), "125 policy.out_of_bounds");
  EXPECT_EQ(
      failure(ledger.run({"--data", "/nonexistent/ledger", "exec", "--workspace", "w", "--type", "a.b", "--", "true"})),
      "125 usage")
      << "two --data";
  ProgramOptions elsewhere;
  elsewhere.environment["RUNLEDGER_DATA"] = "/nonexistent/ledger";
  EXPECT_EQ(
      failure(run_program({program_path(), "exec", "--workspace", "w", "--type", "a.b", "--", "true"}, elsewhere)),
      "125 ledger.not_found");
  EXPECT_EQ(failure(ledger.run({"list", "--bogus"})), "2 usage") << "other commands keep their statuses";
}

TEST_F(ExecStatus, OfACommandThatIsNotRunIsChosenByTheCaller) {
  ASSERT_EQ(exec({}, {"true"}).status, 0);
  EXPECT_EQ(exec({}, {"false"}).status, 0);
  EXPECT_EQ(exec({"--fail-if-deduped"}, {"false"}).status, 3);
  EXPECT_EQ(exec({"--fail-if-deduped=75"}, {"false"}).status, 75);
  EXPECT_EQ(failure(exec({"--fail-if-deduped=256"}, {"false"})), "125 fail_if_deduped.invalid");
  ProgramOptions options;
  for (const auto& [variable, status] : std::map<std::string, int>{{"true", 3}, {"false", 0}, {"9", 9}}) {
    options.environment["RUNLEDGER_EXEC_FAIL_IF_DEDUPED"] = variable;
    EXPECT_EQ(ledger.run(arguments({}, {"false"}, "demo.sync"), options).status, status) << variable;
  }
}

TEST_F(ExecStatus, FileHasTheDecisionAndTheEndOfTheCommand) {
  ASSERT_EQ(sh("exit 0").status, 0);
  struct stat access {};
  ASSERT_EQ(::stat(status_path.c_str(), &access), 0);
  EXPECT_EQ(access.st_mode & 0777U, 0600U);
  json content = status_file();
  EXPECT_EQ(content.at("decision"), "requested");
  EXPECT_EQ(content.at("outcome"), "succeeded");
  EXPECT_EQ(content.at("attempt"), 1);
  EXPECT_EQ(content.at("command"), (json{{"started", true}, {"status", 0}, {"signal", nullptr}, {"timed_out", false}}));
  EXPECT_EQ(content.at("exit_status"), 0);
  EXPECT_EQ(content.at("error"), nullptr);
  const json run = content.at("run_id");
  EXPECT_EQ(exec({"--fail-if-deduped=9"}, {"false"}).status, 9);
  content = status_file();
  EXPECT_EQ(content.at("decision"), "deduped");
  EXPECT_EQ(content.at("rule"), "cooldown");
  EXPECT_EQ(content.at("run_id"), run);
  EXPECT_EQ(content.at("command"), nullptr);
  EXPECT_EQ(content.at("exit_status"), 9);
}

TEST_F(ExecStatus, FileTellsFailuresApart) {
  EXPECT_EQ(sh("exit 125").status, 125);
  json content = status_file();
  EXPECT_EQ(content.at("outcome"), "failed");
  EXPECT_EQ(content.at("command").at("status"), 125);
  EXPECT_EQ(content.at("error").at("code"), "exec.exit_status");
  EXPECT_EQ(sh("kill -KILL $$").status, 137);
  content = status_file();
  EXPECT_EQ(content.at("command").at("status"), nullptr);
  EXPECT_EQ(content.at("command").at("signal"), SIGKILL);
  EXPECT_EQ(sh("exec sleep 1000", {"--timeout", "1"}).status, 124);
  EXPECT_EQ(status_file().at("command").at("timed_out"), true);
  EXPECT_EQ(exec({"--lease", "7"}, {"true"}).status, 125);
  content = status_file();
  EXPECT_EQ(content.at("decision"), nullptr);
  EXPECT_EQ(content.at("error").at("code"), "policy.out_of_bounds");
  EXPECT_EQ(content.at("exit_status"), 125);
}

TEST_F(ExecStatus, FileSaysThatARunWasTakenUp) {
  const std::string run = ledger.json({"request", "--workspace", "acme", "--type", "demo.sync"}).at("run_id");
  ASSERT_EQ(exec({}, {"true"}).status, 0);
  const json content = status_file();
  EXPECT_EQ(content.at("decision"), "started");
  EXPECT_EQ(content.at("run_id"), run);
  EXPECT_EQ(content.at("outcome"), "succeeded");
}

TEST_F(ExecStatus, FileThatCannotBeWrittenIsRefusedBeforeAnyWork) {
  status_path = "/nonexistent/status.json";
  const ProgramResult result = sh("echo ran");
  EXPECT_EQ(failure(result), "125 output.failed");
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(ledger.json_lines({"list"}).size(), 0U);
}

TEST_F(ExecStatus, IsKnownThoughTheCallerIgnoresTheEndOfItsChildren) {
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  Program program(ledger.command(arguments({}, {"sh", "-c", "exit 5"}, "demo.sync")));
  ::signal(SIGCHLD, before);
  EXPECT_EQ(program.wait().status, 5);
}

// The line of docs/jobs.md that runs a command by cron, as a shell would run it after the five fields of the time.
std::string documented_crontab_command() {
  for (const std::string& line : lines_of(read_file(source_directory() / "docs/jobs.md"))) {
    if (line.starts_with("*/15 * * * *")) return line.substr(line.find("RUNLEDGER_DATA"));
  }
  return "";
}

void replace(std::string& text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, from.size(), to);
}

TEST_F(ExecStatus, OfTheDocumentedCrontabLineIsThatOfWorkDoneAtEveryTick) {
  std::string line = documented_crontab_command();
  replace(line, "/var/lib/runledger", ledger.data().string());
  replace(line, " runledger ", " " + program_path() + " ");
  replace(line, "/usr/local/bin/send-reports", "echo sent");
  for (int tick = 0; tick < 3; ++tick) {
    const ProgramResult result = run_program({"/bin/sh", "-c", line});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, "sent\n") << "tick " << tick;
  }
  EXPECT_EQ(ledger.json_lines({"list"}).size(), 3U);
}

TEST_F(ExecStatus, FollowsACooldownThatTheRunBringsAlong) {
  const std::string catalog =
      ledger.file("catalog.json", R"({"types":[{"type":"demo.sync","cooldown_seconds":900,"cooldown_seconds_min":0,
        "cooldown_from":"completion","cooldown_from_min":"request"}]})");
  const auto again = [&](const Arguments& options) {
    Arguments all{"--catalog", catalog};
    const Arguments more = arguments(options, {"echo", "ran"}, "demo.sync");
    all.insert(all.end(), more.begin(), more.end());
    return ledger.run(all).out;
  };
  EXPECT_EQ(again({"--cooldown", "0"}), "ran\n");
  EXPECT_EQ(again({"--cooldown", "600", "--cooldown-from", "request"}), "ran\n") << "after a run without a cooldown";
  EXPECT_EQ(again({"--cooldown", "0"}), "") << "the cooldown of the run that ended counts";
  EXPECT_THAT(status_file().at("retry_after").get<int>(), testing::AllOf(testing::Gt(500), testing::Le(600)));
}

TEST_F(ExecStatus, OfACommandWhoseOrphansAreReapedIsItsOwn) {
  ASSERT_EQ(::mkfifo((ledger.directory() / "go").c_str(), 0600), 0);
  // Each of five grandchildren ends once exec has become its parent. The command waits for all of them, and then until
  // it is the only child of exec: a zombie would be another one.
  const std::string script = ledger.file("orphans", R"sh(#!/bin/sh
export EXEC=$PPID GO="${0%/*}/go"
for i in 1 2 3 4 5; do
  (setsid sh -c 'while [ "$(cut -d " " -f 4 /proc/$$/stat)" != "$EXEC" ]; do sleep 0.02; done; echo on > "$GO"' &)
done
exec 3<> "$GO"
for i in 1 2 3 4 5; do read -r line <&3; done
while [ "$(cat /proc/$EXEC/task/*/children)" != "$$ " ]; do sleep 0.02; done
exit 5
)sh");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  EXPECT_EQ(exec({"--timeout", "60"}, {script}).status, 5);
}

}  // namespace
}  // namespace runledger
