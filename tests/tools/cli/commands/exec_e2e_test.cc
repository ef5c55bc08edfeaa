// `runledger exec`: every way in which a command can end, with real commands and a real ledger.
//
// Commands are shell scripts. Tests wait for them by named pipes: a script that opens a pipe lets the test continue,
// and the end of the pipe shows that the script, with all its children, has gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "ledger/log/store/data_directory.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCatalog = R"({"types":[
  {"type":"demo.sync","cooldown_seconds":0,"backoff_seconds":0.05,"max_attempts":3},
  {"type":"demo.brief","cooldown_seconds":0,"backoff_seconds":0,"lease_seconds":0.5},
  {"type":"demo.short","cooldown_seconds":0,"lease_seconds":0.9},
  {"type":"demo.single","cooldown_seconds":0,"lease_seconds":0.5,"max_attempts":1},
  {"type":"demo.daily","cooldown_seconds":0,"backoff_seconds":3600,"identity_fields":["day"]},
  {"type":"demo.slow","cooldown_seconds":0,"backoff_seconds":3600},
  {"type":"demo.strict","cooldown_seconds":0,"summary_keys":["processed"]}]})";

class Exec : public testing::Test {
 protected:
  CliLedger ledger;
  std::string catalog = ledger.file("catalog.json", kCatalog);
  // Commands use named pipes to signal that they have reached some point.
  std::filesystem::path place(const std::string& name) const { return ledger.directory() / name; }

  // Starts a daemon and waits until it listens.
  std::unique_ptr<Program> serving() const {
    auto program = std::make_unique<Program>(ledger.command({"--catalog", catalog, "serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }

  // Writes a line to the pipe "go", for commands that read it now or while the result exists.
  [[nodiscard]] std::fstream let_go() const {
    std::fstream go(place("go"), std::ios::in | std::ios::out);
    go << "on\n" << std::flush;
    return go;
  }

  Arguments arguments(const Arguments& options, const Arguments& command, const std::string& type = "demo.sync") const {
    Arguments all{"--catalog", catalog, "exec", "--workspace", "acme", "--type", type};
    all.insert(all.end(), options.begin(), options.end());
    all.emplace_back("--");
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  ProgramResult exec(const Arguments& options, const Arguments& command, const std::string& type = "demo.sync") const {
    return ledger.run(arguments(options, command, type));
  }
  ProgramResult sh(const std::string& script, const Arguments& options = {},
                   const std::string& type = "demo.sync") const {
    return exec(options, {"sh", "-c", script}, type);
  }
  Program start(const std::string& script, const Arguments& options = {}, const std::string& type = "demo.sync") const {
    return Program(ledger.command(arguments(options, {"sh", "-c", script}, type)));
  }

  // Starts exec with a command that waits for end_held() and then runs `end`.
  std::unique_ptr<Program> start_held(const std::string& end, const Arguments& options = {}) {
    EXPECT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
    EXPECT_EQ(::mkfifo(place("held").c_str(), 0600), 0);
    const std::string script =
        "exec 3>" + place("held").string() + "; echo started; read line < " + place("go").string() + "; " + end;
    auto program = std::make_unique<Program>(ledger.command(arguments(options, {"sh", "-c", script})));
    held_.open(place("held"));
    EXPECT_TRUE(program->wait_for_output("started"));
    return program;
  }
  void end_held() {
    const std::fstream go = let_go();
    EXPECT_EQ(std::char_traits<char>::eof(), held_.get());
  }

  // Returns the newest run.
  json shown() const { return ledger.json({"show", ledger.json_lines({"list", "--limit", "1"}).at(0).at("run_id")}); }
  std::ifstream held_;  // Reaches its end when the command of start_held() has ended.
  static json last_failure(const json& shown) { return shown.at("attempts").back().at("failures").at(0); }
};

std::string message(const json& failure) {
  return failure.at("message");
}

TEST_F(Exec, OfACommandThatEndsWellIsASuccess) {
  const ProgramResult result = sh("echo out; echo err >&2");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "out\n") << "standard output belongs to the command";
  EXPECT_EQ(result.err, "err\n");
  const json run = shown();
  EXPECT_EQ(run.at("run").at("outcome"), "succeeded");
  EXPECT_THAT(run.at("attempts").at(0).at("worker").get<std::string>(), testing::StartsWith("exec@"));
}

TEST_F(Exec, AnswersInJsonBehindTheOutput) {
  const ProgramResult result = exec({"--format", "json"}, {"echo", "out", "--format", "[a,b]"});
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "out --format [a,b]");
  EXPECT_EQ(json::parse(lines[1]).at("outcome"), "succeeded");
  const ProgramResult failed = exec({"--format", "json"}, {"false"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(json::parse(failed.out).at("error").at("code"), "exec.exit_status");
  EXPECT_EQ(json::parse(failed.out).at("outcome"), "failed");
}

TEST_F(Exec, PassesStandardInputThrough) {
  ProgramOptions options;
  options.input = "what was typed";
  EXPECT_EQ(ledger.run(arguments({}, {"cat"}), options).out, "what was typed");
}

TEST_F(Exec, TellsTheCommandWhichRunItIs) {
  const ProgramResult result =
      sh("echo $RUNLEDGER_RUN_ID $RUNLEDGER_ATTEMPT $RUNLEDGER_WORKSPACE $RUNLEDGER_TENANT $RUNLEDGER_TYPE "
         "$RUNLEDGER_INPUT",
         {"--tenant", "north", "--input", R"({"b":1,"a":2})"});
  EXPECT_EQ(shown().at("run").at("run_id").get<std::string>() + " 1 acme north demo.sync {\"a\":2,\"b\":1}\n",
            result.out);
}

TEST_F(Exec, OfAStatusIsAFailureWithTheEndOfStandardError) {
  const ProgramResult result = sh("echo first >&2; echo the disk is full >&2; exit 3");
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(result.err, HasSubstr("first\nthe disk is full\nrunledger: exec.exit_status: attempt 1 of run "));
  const json run = shown();
  EXPECT_EQ(run.at("run").at("outcome"), "failed");
  EXPECT_EQ(last_failure(run).at("reason_code"), "exec.exit_status");
  EXPECT_EQ(message(last_failure(run)), "the command ended with status 3: first the disk is full");
}

TEST_F(Exec, OfACommandThatIsNotThereIsNotRetried) {
  EXPECT_EQ(exec({"--retries", "2"}, {"/nonexistent/command"}).status, 127);
  json run = shown();
  EXPECT_EQ(run.at("attempts").size(), 1U);
  EXPECT_EQ(last_failure(run).at("reason_code"), "exec.not_found");
  EXPECT_THAT(message(last_failure(run)), HasSubstr("No such file"));
  EXPECT_EQ(exec({"--retries", "2"}, {ledger.file("plain", "not a program")}).status, 126);
  EXPECT_THAT(message(last_failure(shown())), HasSubstr("Permission denied"));
  EXPECT_EQ(sh("no-such-command-anywhere", {"--retries", "2"}).status, 127);
  run = shown();
  EXPECT_EQ(run.at("attempts").size(), 1U);
  EXPECT_THAT(message(last_failure(run)), AllOf(HasSubstr("127"), HasSubstr("no-such-command-anywhere")));
}

TEST_F(Exec, OfAScriptThatNamesNoInterpreterDoesNotGuessOne) {
  const std::filesystem::path script = ledger.file("script", "echo guessed");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const ProgramResult result = exec({}, {script});
  EXPECT_EQ(result.status, 126);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(last_failure(shown()).at("reason_code"), "exec.not_found");
  EXPECT_THAT(message(last_failure(shown())), HasSubstr("Exec format error"));
}

TEST_F(Exec, LooksForItsCommandInThePath) {
  const std::filesystem::path folder = place("programs");
  std::filesystem::create_directory(folder);
  std::filesystem::create_directory(place("first"));
  std::ofstream(place("first") / "say-it") << "may not be executed";
  std::ofstream(folder / "say-it") << "#!/bin/sh\necho said\n";
  std::filesystem::permissions(folder / "say-it", std::filesystem::perms::owner_all);
  ProgramOptions options;
  options.environment["PATH"] = place("first").string() + ":" + folder.string();
  EXPECT_EQ(ledger.run(arguments({}, {"say-it"}), options).out, "said\n");
  options.environment["PATH"] = place("first").string() + "::/nonexistent";
  EXPECT_EQ(ledger.run(arguments({}, {"say-it"}), options).status, 126);
  EXPECT_THAT(message(last_failure(shown())), HasSubstr("Permission denied"));
}

TEST_F(Exec, BelievesACommandThatEndedBeforeItsTimeWasUp) {
  const std::unique_ptr<Program> program = start_held("exit 0", {"--timeout", "1"});
  const auto its_time = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  program->signal(SIGSTOP);  // Both events have happened when exec continues.
  end_held();
  while (std::chrono::steady_clock::now() < its_time) EXPECT_EQ(ledger.run({"--version"}).status, 0);
  program->signal(SIGCONT);
  EXPECT_EQ(program->wait().status, 0);
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, OfACommandThatIsKilledNamesTheSignal) {
  EXPECT_EQ(sh("kill -SEGV $$").status, 128 + SIGSEGV);
  EXPECT_EQ(last_failure(shown()).at("reason_code"), "exec.signaled");
  EXPECT_EQ(message(last_failure(shown())), "the command was killed by SIGSEGV");
}

TEST_F(Exec, TriesAgainWithTheBackoffAndTheLastAttemptCounts) {
  const std::string script =
      "echo \"runledger:count tries=$RUNLEDGER_ATTEMPT\" >> $RUNLEDGER_COUNTS; "
      "[ $RUNLEDGER_ATTEMPT -ge 2 ]";
  const ProgramResult result = sh(script, {"--retries", "5"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("exec.exit_status: attempt 1 of run "));
  const json run = shown();
  EXPECT_EQ(run.at("attempts").size(), 2U);
  EXPECT_EQ(run.at("run").at("outcome"), "succeeded");
  EXPECT_EQ(run.at("run").at("summary_counts"), (json{{"tries", 2}}));
}

TEST_F(Exec, TriesNoMoreOftenThanItIsToldOrThePolicyAllows) {
  EXPECT_EQ(sh("false").status, 1);
  EXPECT_EQ(shown().at("attempts").size(), 1U);
  EXPECT_EQ(shown().at("run").at("outcome"), "failed");
  EXPECT_EQ(sh("false", {"--retries", "1"}).status, 1);
  EXPECT_EQ(shown().at("attempts").size(), 2U);
  EXPECT_EQ(sh("false", {"--retries", "50"}).status, 1);
  EXPECT_EQ(shown().at("attempts").size(), 3U);
  EXPECT_EQ(shown().at("run").at("outcome"), "failed");
}

TEST_F(Exec, ThatIsDedupedDoesNotRunTheCommand) {
  const Arguments request{"exec", "--workspace", "acme", "--type", "demo.cooling"};
  const auto again = [&](Arguments more) {
    Arguments all = request;
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {"--", "touch", place("touched")});
    return ledger.run(all);
  };
  EXPECT_EQ(again({}).status, 0);
  std::filesystem::remove(place("touched"));
  const ProgramResult deduped = again({});
  EXPECT_EQ(deduped.status, 0);
  EXPECT_EQ(deduped.out, "") << "exec adds nothing to the input of the next program";
  EXPECT_THAT(deduped.err, AllOf(HasSubstr("deduped"), HasSubstr("cooldown")));
  EXPECT_EQ(json::parse(again({"--format", "json"}).out).at("decision"), "deduped");
  EXPECT_EQ(again({"--fail-if-deduped"}).status, 3);
  EXPECT_FALSE(std::filesystem::exists(place("touched")));
  EXPECT_EQ(again({"--force"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(place("touched")));
}

TEST_F(Exec, LetsOthersInWhileItsCommandRuns) {
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  Program first = start("echo started; read line < " + place("go").string());
  ASSERT_TRUE(first.wait_for_output("started"));
  const ProgramResult second = sh("echo never");
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out + second.err, AllOf(HasSubstr("active_run"), Not(HasSubstr("never"))));
  EXPECT_EQ(sh("echo other", {"--input", R"({"n":2})"}).status, 0);
  const std::fstream go = let_go();
  EXPECT_EQ(first.wait().status, 0);
  EXPECT_EQ(ledger.json({"stats"}).at("deduped"), (json{{"active_run", 1}}));
}

TEST_F(Exec, EndsACommandWhoseTimeIsUpWithAllThatItStarted) {
  ASSERT_EQ(::mkfifo(place("held").c_str(), 0600), 0);
  // The grandchild holds the other end of the pipe until it ends.
  Program program = start("(trap '' TERM; exec 3>" + place("held").string() + "; echo ready; sleep 1000) & wait",
                          {"--timeout", "1", "--kill-after", "1"});
  std::ifstream held(place("held"));
  EXPECT_EQ(program.wait().status, 124);
  EXPECT_EQ(std::char_traits<char>::eof(), held.get()) << "no process has the pipe open any more";
  EXPECT_EQ(last_failure(shown()).at("reason_code"), "exec.timeout");
}

TEST_F(Exec, KillsACommandThatDoesNotEndWhenItIsTold) {
  EXPECT_EQ(sh("trap '' TERM; while :; do sleep 0.05; done", {"--timeout", "1", "--kill-after", "0"}).status, 124);
  EXPECT_EQ(message(last_failure(shown())), "its time was up; the command was killed by SIGKILL");
}

TEST_F(Exec, PassesSignalsOnAndIsCancelled) {
  // It needs "exec", because a shell that is interrupted between its fork and the exec takes the signal for its child.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    Program program = start("echo started; exec sleep 1000");
    ASSERT_TRUE(program.wait_for_output("started"));
    program.signal(signal);
    EXPECT_EQ(program.wait().status, 128 + signal);
    EXPECT_EQ(shown().at("run").at("outcome"), "cancelled");
    EXPECT_EQ(last_failure(shown()).at("reason_code"), "exec.signaled");
  }
}

TEST_F(Exec, LeavesTheLastWordToACommandThatEndsWellAfterASignal) {
  Program program = start("trap 'echo cleaned up; exit 0' TERM; echo started; while :; do sleep 0.05; done");
  ASSERT_TRUE(program.wait_for_output("started"));
  program.signal(SIGTERM);
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("cleaned up"));
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, ThatIsEndedBetweenAttemptsCancelsItsRun) {
  Program program = start("echo failing; exit 1", {"--retries", "2"}, "demo.slow");
  ASSERT_TRUE(program.wait_for_output("failing"));
  ASSERT_TRUE(program.wait_for_error("again in 3600 s"));
  program.signal(SIGTERM);
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.status, 128 + SIGTERM);
  EXPECT_THAT(result.err, HasSubstr("run.cancelled"));
  EXPECT_EQ(shown().at("run").at("outcome"), "cancelled");
}

TEST_F(Exec, ThatIsEndedBetweenAttemptsLeavesARunThatAnotherHasTakenUp) {
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  Program first = start("exit 1", {"--retries", "2"}, "demo.slow");
  ASSERT_TRUE(first.wait_for_error("again in 3600 s"));
  Program second = start("echo at work; read line < " + place("go").string(), {}, "demo.slow");
  ASSERT_TRUE(second.wait_for_output("at work"));
  first.signal(SIGTERM);
  const ProgramResult ended = first.wait();
  EXPECT_EQ(ended.status, 128 + SIGTERM);
  EXPECT_THAT(ended.err, HasSubstr("run.changed"));
  const std::fstream go = let_go();
  EXPECT_EQ(second.wait().status, 0);
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, ThatIsEndedBetweenAttemptsLeavesARunThatHasEnded) {
  Program program = start("exit 1", {"--retries", "2"}, "demo.slow");
  ASSERT_TRUE(program.wait_for_error("again in 3600 s"));
  EXPECT_EQ(sh("true", {}, "demo.slow").status, 0);
  program.signal(SIGTERM);
  const ProgramResult ended = program.wait();
  EXPECT_EQ(ended.status, 128 + SIGTERM);
  EXPECT_THAT(ended.err, HasSubstr("run.completed"));
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, ThatWasKilledTakesItsCommandAlongAndIsTakenUpAfterTheLease) {
  ASSERT_EQ(::mkfifo(place("held").c_str(), 0600), 0);
  Program killed = start("exec 3>" + place("held").string() + "; echo started; exec sleep 1000", {}, "demo.brief");
  std::ifstream held(place("held"));
  ASSERT_TRUE(killed.wait_for_output("started"));
  killed.signal(SIGKILL);
  EXPECT_EQ(killed.wait().status, 128 + SIGKILL);
  EXPECT_EQ(std::char_traits<char>::eof(), held.get()) << "the command has died with exec";
  // Until the lease has run out, exec answers that a run is active.
  ProgramResult next;
  do next = sh("echo taken up as $RUNLEDGER_ATTEMPT", {"--fail-if-deduped"}, "demo.brief");
  while (next.status == 3);
  EXPECT_EQ(next.status, 0) << next.err;
  EXPECT_EQ(next.out, "taken up as 2\n");
  const json run = shown();
  EXPECT_EQ(run.at("run").at("outcome"), "succeeded");
  EXPECT_EQ(run.at("attempts").at(0).at("outcome"), "lost");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Exec, ThatWouldTakeUpARunWhoseLastAttemptWasLostEndsAsItsFailure) {
  Program killed = start("echo started; exec sleep 1000", {}, "demo.single");
  ASSERT_TRUE(killed.wait_for_output("started"));
  killed.signal(SIGKILL);
  killed.wait();
  ProgramResult next;
  do next = sh("echo never", {"--fail-if-deduped", "--format", "json"}, "demo.single");
  while (next.status == 3);
  EXPECT_EQ(failure(next), "125 worker.lease_expired");
  const json answer = json::parse(next.out);
  EXPECT_EQ(answer.at("error").at("code"), "worker.lease_expired");
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(shown().at("run").at("outcome"), "failed");
  EXPECT_EQ(sh("echo a new run", {}, "demo.single").out, "a new run\n");
}

TEST_F(Exec, StaysAliveForLongerThanItsLease) {
  const std::unique_ptr<Program> daemon = serving();  // It would close an attempt that gives no sign of life.
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  Program program = start("echo started; read line < " + place("go").string(), {}, "demo.brief");
  ASSERT_TRUE(program.wait_for_output("started"));
  const auto two_leases_later = std::chrono::steady_clock::now() + std::chrono::milliseconds(1200);
  while (std::chrono::steady_clock::now() < two_leases_later)
    EXPECT_EQ(sh("echo never", {"--fail-if-deduped"}, "demo.brief").status, 3);
  const std::fstream go = let_go();
  EXPECT_EQ(program.wait().status, 0);
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
  EXPECT_EQ(shown().at("attempts").size(), 1U);
}

TEST_F(Exec, StaysAliveUnderALeaseThatOnlyTheDaemonKnows) {
  const std::unique_ptr<Program> daemon = serving();
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  Program program(ledger.command({"exec", "--workspace", "acme", "--type", "demo.short", "--", "sh", "-c",
                                  "echo started; read line < " + place("go").string()}));
  ASSERT_TRUE(program.wait_for_output("started"));
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  while (std::chrono::steady_clock::now() < later)
    EXPECT_EQ(sh("echo never", {"--fail-if-deduped"}, "demo.short").status, 3);
  const std::fstream go = let_go();
  EXPECT_EQ(program.wait().status, 0);
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
  EXPECT_EQ(shown().at("attempts").size(), 1U);
}

TEST_F(Exec, LeavesARunThatWasAskedForWithAnotherInput) {
  Program first = start("exit 1", {"--retries", "1", "--input", R"({"day":1,"part":"a"})"}, "demo.daily");
  ASSERT_TRUE(first.wait_for_error("again in 3600 s"));
  const ProgramResult other = sh("echo never", {"--input", R"({"day":1,"part":"b"})"}, "demo.daily");
  EXPECT_EQ(failure(other), "125 run.exists_with_other_input");
  EXPECT_EQ(other.out, "");
  const ProgramResult same = sh("echo $RUNLEDGER_INPUT", {"--input", R"({"part":"a","day":1})"}, "demo.daily");
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_EQ(same.out, "{\"day\":1,\"part\":\"a\"}\n");
}

TEST_F(Exec, EndsTheCommandWhenItsRunIsCancelledElsewhere) {
  Program program = start("echo started; sleep 1000", {}, "demo.brief");
  ASSERT_TRUE(program.wait_for_output("started"));
  // The heartbeats of such a short lease may keep other commands waiting too long.
  const auto run_when_free = [&](const Arguments& arguments) {
    for (;;)
      if (ProgramResult result = ledger.run(arguments); result.status != 6) return result;
  };
  const std::string run = json::parse(run_when_free({"list", "--format", "json"}).out).at("run_id");
  EXPECT_EQ(run_when_free({"cancel", run}).status, 0);
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.status, 125);
  EXPECT_THAT(result.err, HasSubstr("attempt.superseded"));
  EXPECT_EQ(shown().at("run").at("outcome"), "cancelled");
}

TEST_F(Exec, KeepsSecretsOutOfTheLedger) {
  const ProgramResult result = sh("echo 'login failed: password=hunter2hunter2' >&2; exit 1");
  EXPECT_THAT(result.err, HasSubstr("login failed: password=hunter2hunter2"))
      << "the output of the command is passed on unchanged";
  EXPECT_THAT(message(last_failure(shown())), AllOf(HasSubstr("[redacted]"), Not(HasSubstr("hunter2"))));
  EXPECT_EQ(ledger.run({"export"}).out.find("hunter2"), std::string::npos);
}

TEST_F(Exec, TakesALotOfStandardErrorAndKeepsItsEnd) {
  const ProgramResult result = sh("yes 0123456789abcde | head -c 10485760 >&2; echo the end >&2; exit 1");
  EXPECT_GT(result.err.size(), 10'485'760U);
  const std::string kept = message(last_failure(shown()));
  EXPECT_LE(kept.size(), 510U);
  EXPECT_THAT(kept, testing::EndsWith("0123456789abcde the end"));
}

TEST_F(Exec, EndsWithACommandThatClosesItsPipesOrLeavesThemToOthers) {
  EXPECT_EQ(sh("exec >&- 2>&-; :").status, 0);
  EXPECT_EQ(sh("exec 2>&-; sleep 0.1").status, 0);
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  // The child of the command holds standard error open and waits for this test.
  Program program(ledger.command(
      arguments({}, {"sh", "-c", "exec >/dev/null; (read line < " + place("go").string() + ") & exit 4"})));
  EXPECT_EQ(program.wait().status, 4);
  const std::fstream go = let_go();
  EXPECT_EQ(last_failure(shown()).at("reason_code"), "exec.exit_status");
}

TEST_F(Exec, CountsWhatTheCommandWrites) {
  EXPECT_EQ(sh("exec 3>\"$RUNLEDGER_COUNTS\"; echo 'runledger:count total=5' >&3; "
               "(echo runledger:count total=7; printf 'runledger:count done=7') > \"$RUNLEDGER_COUNTS\"")
                .status,
            0);
  EXPECT_EQ(shown().at("run").at("summary_counts"), (json{{"total", 7}, {"done", 7}}));
}

TEST_F(Exec, OnlyWarnsOfCountsThatCannotBeUsed) {
  const ProgramResult result =
      sh("{ head -c 1048576 /dev/zero | tr '\\0' x; echo; echo runledger:count n=-1; echo runledger:count ok=1; } "
         ">> $RUNLEDGER_COUNTS");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, AllOf(HasSubstr("counts.invalid: line 1 of the counts is left out"), HasSubstr("line 2")));
  EXPECT_EQ(shown().at("run").at("summary_counts"), (json{{"ok", 1}}));
}

TEST_F(Exec, DoesItsWorkThoughNobodyCanReadItsComplaints) {
  ProgramOptions full;
  full.error_to = "/dev/full";
  const Arguments complained =
      arguments({}, {"sh", "-c",
                     "echo runledger:count n=-1 >> $RUNLEDGER_COUNTS; echo runledger:count ok=1 >> "
                     "$RUNLEDGER_COUNTS"});
  EXPECT_EQ(ledger.run(complained, full).status, 0);
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
  EXPECT_EQ(shown().at("run").at("summary_counts"), (json{{"ok", 1}}));
  const ProgramResult retried = ledger.run(arguments({"--retries", "1", "--format", "json"}, {"false"}), full);
  EXPECT_EQ(retried.status, 1);
  EXPECT_EQ(json::parse(retried.out).at("error").at("code"), "exec.exit_status");
  EXPECT_EQ(shown().at("attempts").size(), 2U);
  EXPECT_EQ(shown().at("run").at("status"), "completed");
}

TEST_F(Exec, LeavesNoCoreFileButItsCommandMay) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_CORE, &before), 0);
  if (before.rlim_max < 4096) GTEST_SKIP() << "this system does not allow core files";
  const rlimit raised{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_CORE, &raised), 0);
  const ProgramResult result =
      sh("for who in $PPID $$; do sed -n 's/^Max core file size *//p' /proc/$who/limits; done");
  ASSERT_EQ(::setrlimit(RLIMIT_CORE, &before), 0);
  const std::vector<std::string> limits = lines_of(result.out);
  ASSERT_EQ(limits.size(), 2U) << result.err;
  EXPECT_THAT(limits[0], testing::StartsWith("1 ")) << "exec itself may not leave a core file, not even through a pipe";
  EXPECT_THAT(limits[1], testing::StartsWith("4096 ")) << "the command may leave one";
}

TEST_F(Exec, KeepsItsOutcomeWhenTheTypeDoesNotAllowItsCounts) {
  const ProgramResult result = sh("echo runledger:count invented=1 >> $RUNLEDGER_COUNTS", {}, "demo.strict");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("warning: counts.key_not_allowed: summary_counts.invented"));
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
  EXPECT_EQ(shown().at("run").at("failure_summary"), json::array());
}

TEST_F(Exec, GoesThroughTheDaemonAndOutlivesIt) {
  std::unique_ptr<Program> daemon = serving();
  ASSERT_EQ(::mkfifo(place("go").c_str(), 0600), 0);
  Program program = start("echo started; read line < " + place("go").string());
  ASSERT_TRUE(program.wait_for_output("started"));
  daemon->signal(SIGKILL);
  daemon->wait();
  daemon = serving();
  const std::fstream go = let_go();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.status, 0) << result.err;
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, IsNotMisledByASocketThatLeadsNowhere) {
  const std::string link = (ledger.data() / "socket").string();
  const ProgramResult result = exec({}, {"ln", "-s", "socket", link});
  std::filesystem::remove(link);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(shown().at("run").at("outcome"), "succeeded");
}

TEST_F(Exec, ThatCannotReportCanBeEnded) {
  const std::unique_ptr<Program> program = start_held("exit 1");
  std::optional<DataDirectory> held;  // Another process that uses the ledger.
  while (!held && failure_of([&] { held.emplace(ledger.data(), DataDirectory::Purpose::kUse); }).code == "ledger.busy")
    ;
  end_held();
  program->signal(SIGTERM);
  EXPECT_EQ(failure(program->wait()), "125 outcome.unknown");
  held.reset();
  EXPECT_EQ(shown().at("run").at("status"), "running") << "the run stays so until its lease has run out";
}

TEST_F(Exec, ThatIsNotAnsweredCanBeEnded) {
  const std::unique_ptr<Program> daemon = serving();
  const std::unique_ptr<Program> program = start_held("exit 1");
  daemon->signal(SIGSTOP);
  end_held();
  program->signal(SIGTERM);
  EXPECT_EQ(failure(program->wait()), "125 outcome.unknown");
  daemon->signal(SIGCONT);
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);
}

TEST_F(Exec, LetsItsCommandReadTheTerminal) {
  std::string line;
  for (const std::string& word : ledger.command(arguments({}, {"sh", "-c", "read word; echo got $word"})))
    line += "'" + word + "' ";
  ProgramOptions options;
  options.input = "typed\n";
  const ProgramResult result = run_program({"/usr/bin/script", "-qec", line, "/dev/null"}, options);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("got typed"));
}

TEST_F(Exec, RefusesWhatMakesNoSense) {
  EXPECT_EQ(failure(ledger.run({"exec", "--workspace", "acme", "--type", "demo.sync"})), "125 usage");
  EXPECT_EQ(failure(ledger.run({"exec", "--workspace", "acme", "--type", "demo.sync", "true"})), "125 usage");
  EXPECT_EQ(failure(exec({}, {})), "125 usage");
  EXPECT_EQ(failure(exec({}, {""})), "125 usage");
  EXPECT_EQ(failure(exec({"--retries", "-1"}, {"true"})), "125 retries.invalid");
  EXPECT_EQ(failure(exec({"--timeout", "0"}, {"true"})), "125 timeout.invalid");
  EXPECT_EQ(failure(exec({"--kill-after", "soon"}, {"true"})), "125 kill_after.invalid");
  EXPECT_EQ(failure(exec({"--input", R"({"password":"x"})"}, {"true"})), "125 input.secret");
  EXPECT_EQ(std::to_string(ledger.json({"stats"}).at("runs").get<int>()), "0");
}

TEST(CatalogOption, AddsTypesToTheBuiltInOnes) {
  const CliLedger ledger;
  const std::string own = ledger.file("own.json", R"({"types":[{"type":"demo.own","max_attempts":7},
      {"type":"assignments.fetch","label":"Mine"}]})");
  const std::string out = ledger.run({"--catalog", own, "types"}).out;
  EXPECT_THAT(out, AllOf(HasSubstr("demo.own"), HasSubstr("assignments.restore"), HasSubstr("Mine")));
  ledger.json({"--catalog", own, "request", "--workspace", "acme", "--type", "demo.own"});
  EXPECT_EQ(ledger.json_lines({"list"}).at(0).at("max_attempts"), 7);
  EXPECT_EQ(failure(ledger.run({"--catalog", "/nonexistent", "types"})), "2 catalog.unreadable");
  EXPECT_EQ(failure(ledger.run({"--catalog", ledger.file("bad.json", "{}"), "serve"})), "2 catalog.malformed");
}

}  // namespace
}  // namespace runledger
