// The command line itself: help, wrong usage, files and descriptors that do not do what they should.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kRun = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

const std::vector<std::string>& commands() {
  static const std::vector<std::string> all = {
      "init",   "request", "start",  "heartbeat", "finish",  "fail",    "cancel", "show",    "list", "stats",
      "replay", "tail",    "import", "export",    "project", "rebuild", "verify", "explain", "types"};
  return all;
}

ProgramResult runledger(Arguments arguments, ProgramOptions options = {}) {
  arguments.insert(arguments.begin(), program_path());
  return run_program(arguments, std::move(options));
}

TEST(Help, OfEveryCommandHasAnExample) {
  for (const std::string& command : commands()) {
    const ProgramResult help = runledger({command, "--help"});
    EXPECT_EQ(0, help.status) << command;
    EXPECT_THAT(help.out, HasSubstr("Example:\n  runledger ")) << command;
    EXPECT_EQ("", help.err) << command;
  }
}

TEST(Help, OfTheProgramNamesEveryCommand) {
  const ProgramResult help = runledger({"--help"});
  EXPECT_EQ(0, help.status);
  for (const std::string& command : commands()) EXPECT_THAT(help.out, HasSubstr("\n  " + command + " "));
}

TEST(Version, IsToldOnRequest) {
  const ProgramResult version = runledger({"--version"});
  EXPECT_EQ(0, version.status);
  EXPECT_THAT(version.out, testing::MatchesRegex("runledger [0-9.]+\n"));
}

TEST(Usage, IsWrongWithTwoAndOneLine) {
  const std::string run = kRun;
  for (const Arguments& arguments : std::vector<Arguments>{
           {},
           {"nosuch"},
           {"show"},
           {"show", run, "more"},
           {"show", run, "--nosuch"},
           {"show", run, "--as-of"},
           {"list", "--limit", "1", "--limit", "2"},
           {"list", "--format", "yaml"},
           {"list", "--format", "json", "--format", "json"},
           {"--data", "a", "--data", "b", "list"},
           {"list", "show"},
           {"request", "--type", "a"},
           {"request", "--workspace", "w", "--type", "a", "--force", "--force"},
           {"request", "--workspace", "w", "--workspace", "x", "--type", "a"},
           {"finish", run, "--attempt", "1", "--token", "1"},
           {"replay", "--state", "--kind", "failed"},
           {"replay", "--state", "--from", "1"},
           {"rebuild", "--schema", "a"},
           {"verify", "--schema", "a"},
           {"import"},
           {"import", "--verbatim", "--namespace", "a", "/dev/null"},
       }) {
    EXPECT_EQ("2 usage", failure(runledger(arguments))) << json(arguments).dump();
  }
}

TEST(Usage, ErrorsAreAnObjectToo) {
  const ProgramResult wrong = runledger({"list", "--nosuch", "--format", "json"});
  EXPECT_EQ("2 usage", failure(wrong));
  EXPECT_EQ("usage", json::parse(wrong.out).at("error").at("code"));
  const CliLedger ledger;
  const ProgramResult missing = ledger.run({"--format", "json", "show", kRun});
  EXPECT_EQ("4 run.not_found", failure(missing));
  EXPECT_EQ("run.not_found", json::parse(missing.out).at("error").at("code"));
  EXPECT_THAT(json::parse(missing.out).at("error").at("message").get<std::string>(), HasSubstr(kRun));
}

TEST(Usage, ErrorsAreAnObjectWhereTheEnvironmentSaysSo) {
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_FORMAT", "json"}};
  EXPECT_EQ("usage", json::parse(runledger({"list", "--nosuch"}, options).out).at("error").at("code"));
  EXPECT_EQ("", runledger({"list", "--nosuch", "--format", "text"}, options).out)
      << "the command line has the last word";
  EXPECT_EQ("", runledger({"list", "--nosuch", "--format=text"}, options).out);
}

TEST(Usage, ErrorsNeverRepeatControlCharactersOrSecrets) {
  const std::string secret = "ghp_" + std::string(36, 'a');
  for (const Arguments& arguments : std::vector<Arguments>{{"--" + secret, "list"},
                                                           {"list", "--type", "a\r\nb\x1b[31m"},
                                                           {"nosuch\nsecond line"},
                                                           {"list", "--limit", secret},
                                                           {"list", "--tenant", secret}}) {
    const ProgramResult result = runledger(arguments);
    EXPECT_EQ(2, result.status);
    EXPECT_EQ(1U, lines_of(result.err).size()) << result.err;
    EXPECT_THAT(result.err, testing::Not(HasSubstr("\x1b")));
    EXPECT_THAT(result.err + result.out, testing::Not(HasSubstr(secret)));
  }
}

TEST(GlobalOptions, AreTakenBeforeAndAfterTheCommand) {
  const CliLedger ledger;
  const std::string data = ledger.data();
  EXPECT_EQ(0, runledger({"--data", data, "--format", "json", "stats"}).status);
  EXPECT_EQ(0, runledger({"stats", "--data", data, "--format", "json"}).status);
  EXPECT_EQ(0, runledger({"stats", "--data=" + data}).status);
}

TEST(GlobalOptions, DataComesFromTheEnvironmentOrTheDefault) {
  const CliLedger ledger;
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_DATA", ledger.data()}};
  EXPECT_EQ(0, runledger({"stats"}, options).status);
  const TemporaryDirectory elsewhere;
  options.environment = {{"RUNLEDGER_DATA", ""}};
  options.directory = elsewhere.path();
  EXPECT_EQ(0, runledger({"init"}, options).status);
  EXPECT_TRUE(std::filesystem::exists(elsewhere.path() / "runledger-data"));
}

TEST(GlobalOptions, AnEmptyDataDirectoryIsRefused) {
  EXPECT_EQ("2 data.invalid", failure(runledger({"--data", "", "list"})));
}

TEST(GlobalOptions, ADaemonElsewhereIsRefusedWhereTheWorkIsOnTheDirectory) {
  const CliLedger ledger;
  const std::string other = ledger.directory() / "other";
  const auto refused = [&](Arguments arguments) {
    arguments.insert(arguments.begin(), {"--connect", "unix:/nonexistent/socket"});
    return failure(ledger.run(arguments));
  };
  EXPECT_EQ("2 usage", refused({"token", "issue", "--workspace", "acme", "--right", "request"}));
  EXPECT_TRUE(ledger.json_lines({"token", "list"}).empty()) << "none was issued";
  EXPECT_EQ("2 usage", refused({"serve", "--check-config"}));
  EXPECT_EQ("2 usage", failure(runledger({"--data", other, "--connect", "unix:/nonexistent/socket", "init"})));
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST(GlobalOptions, AConfigurationFileIsOverruledByTheCommandLine) {
  const CliLedger ledger;
  const std::string config = ledger.file(
      "runledger.toml", "data = \"" + ledger.data().string() + "\"\nformat = \"json\"\n[list]\nlimit = 1\n");
  EXPECT_TRUE(json::accept(runledger({"--config", config, "stats"}).out));
  EXPECT_FALSE(json::accept(runledger({"--config", config, "stats", "--format", "text"}).out));
  ledger.request(R"({"n":1})");
  ledger.request(R"({"n":2})");
  EXPECT_EQ(1U, lines_of(runledger({"list", "--config", config}).out).size());
}

TEST(GlobalOptions, AConfigurationFileIsReadWholeOrRefused) {
  const CliLedger ledger;
  for (const char* content : {"nosuch = 1\n", "[nosuch]\nlimit = 1\n", "[list]\nnosuch = 1\n", "[serve]\nhtp = \"a\"\n",
                              "[list.limit]\na = 1\n", "just words\n"}) {
    EXPECT_EQ("2 config.invalid", failure(runledger({"--config", ledger.file("wrong.toml", content), "types"})))
        << content;
  }
  EXPECT_EQ("2 config.invalid", failure(runledger({"--config", "/nonexistent.toml", "types"})));
  EXPECT_EQ("2 config.invalid", failure(runledger({"--config", "/", "types"})));
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", "/nonexistent.toml"}};
  EXPECT_EQ("2 config.invalid", failure(runledger({"types"}, options)));
}

TEST(GlobalOptions, TheEnvironmentStandsBetweenTheFileAndTheCommandLine) {
  const CliLedger ledger;
  for (int n = 0; n < 4; ++n) ledger.request(fmt::format("{{\"n\":{}}}", n));
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", ledger.file("runledger.toml", "data = \"" + ledger.data().string() +
                                                                                "\"\n[list]\nlimit = 1\n")}};
  const auto listed = [&](const Arguments& arguments) { return lines_of(runledger(arguments, options).out).size(); };
  EXPECT_EQ(1U, listed({"list", "--format", "json"}));
  options.environment["RUNLEDGER_LIST_LIMIT"] = "2";
  options.environment["RUNLEDGER_FORMAT"] = "json";
  EXPECT_EQ(2U, listed({"list"}));
  EXPECT_EQ(3U, listed({"list", "--limit", "3"}));
  options.environment["RUNLEDGER_LIST_LIMIT"] = "";
  EXPECT_EQ(1U, listed({"list"})) << "empty counts as not there";
  options.environment["RUNLEDGER_LIST_LIMIT"] = "many";
  EXPECT_EQ("2 limit.invalid", failure(runledger({"list"}, options)));
}

TEST(GlobalOptions, HelpDoesNotRepeatTheRuleOfTheEnvironment) {
  EXPECT_THAT(runledger({"serve", "--help"}).out, testing::Not(HasSubstr("Env")));
  EXPECT_THAT(runledger({"--help"}).out, HasSubstr("RUNLEDGER_COMMAND_OPTION"));
}

TEST(Numbers, AreDigitsAndNothingElse) {
  const CliLedger ledger;
  for (const char* number :
       {"10 M", "10M", "1k", "-1", "+1", " 1", "1 ", "0x10", "1e3", "1.0", "", "١", "18446744073709551616"}) {
    EXPECT_EQ("2 limit.invalid", failure(ledger.run({"list", "--limit", number}))) << number;
    EXPECT_EQ("2 from.invalid", failure(ledger.run({"replay", "--from", number}))) << number;
    EXPECT_EQ("2 batch.invalid", failure(ledger.run({"import", "/dev/null", "--batch", number}))) << number;
    EXPECT_EQ("2 attempt.invalid", failure(ledger.run({"heartbeat", kRun, "--attempt", number, "--token", "1"})))
        << number;
  }
}

TEST(Numbers, AreHeldToTheirLimits) {
  const CliLedger ledger;
  EXPECT_EQ("2 limit.invalid", failure(ledger.run({"list", "--limit", "0"})));
  EXPECT_EQ(0, ledger.run({"list", "--limit", "1"}).status);
  EXPECT_EQ(0, ledger.run({"list", "--limit", "1000"}).status);
  EXPECT_EQ("2 limit.invalid", failure(ledger.run({"list", "--limit", "1001"})));
  EXPECT_EQ("2 n.invalid", failure(ledger.run({"tail", "-n", "0"})));
  EXPECT_EQ("2 batch.invalid", failure(ledger.run({"import", "/dev/null", "--batch", "0"})));
  EXPECT_EQ("2 attempt.invalid", failure(ledger.run({"heartbeat", kRun, "--attempt", "4294967296", "--token", "1"})));
  EXPECT_EQ("2 attempt.invalid", failure(ledger.run({"heartbeat", kRun, "--attempt", "0", "--token", "1"})));
}

TEST(Ranges, ThatEndBeforeTheyBeginAreRefused) {
  const CliLedger ledger;
  EXPECT_EQ("2 range.invalid", failure(ledger.run({"replay", "--from", "5", "--to", "4"})));
  EXPECT_EQ("2 range.invalid", failure(ledger.run({"export", "--from", "5", "--to", "4"})));
  EXPECT_EQ(0, ledger.run({"replay", "--from", "5", "--to", "5"}).status);
  EXPECT_EQ("2 range.invalid",
            failure(ledger.run({"list", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"})));
}

TEST(StandardOutput, ThatIsFullIsAnError) {
  const CliLedger ledger;
  ledger.request();
  ProgramOptions full;
  full.output_to = "/dev/full";
  for (const Arguments& arguments : std::vector<Arguments>{
           {"list"}, {"replay"}, {"export"}, {"stats"}, {"types"}, {"tail", "-n", "1"}, {"--help"}}) {
    EXPECT_EQ("1 output.failed", failure(ledger.run(arguments, full))) << arguments.front();
  }
}

TEST(StandardOutput, ThatIsClosedIsAnErrorAndNeverTheStore) {
  const CliLedger ledger;
  ledger.request();
  ProgramOptions closed;
  closed.output_closed = true;
  EXPECT_EQ("1 output.failed", failure(ledger.run({"replay"}, closed)));
  EXPECT_EQ("1 output.failed", failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync"}, closed)));
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

TEST(StandardOutput, ThatNobodyReadsEndsTheProgramQuietly) {
  const CliLedger ledger;
  std::string journal;
  for (int n = 0; n < 5000; ++n) {
    journal += R"({"kind":"requested","run":"r)" + std::to_string(n) + R"(","workspace":"w","type":"demo.sync",)" +
               R"("input":{"n":)" + std::to_string(n) + R"(},"at":"2026-01-01T00:00:00Z"})" + "\n";
  }
  ASSERT_EQ(5000, ledger.json({"import", ledger.file("journal.jsonl", journal)}).at("applied"));
  Program replay(ledger.command({"replay"}));
  ASSERT_TRUE(replay.wait_for_output("requested"));
  replay.stop_reading();
  const ProgramResult ended = replay.wait();
  EXPECT_EQ(1, ended.status);
  EXPECT_EQ("", ended.err);
}

TEST(StandardError, ThatCannotBeWrittenToChangesNothingElse) {
  const CliLedger ledger;
  const auto pipe_without_reader = [] {
    int ends[2];
    EXPECT_EQ(0, ::pipe2(ends, O_CLOEXEC));
    ::close(ends[0]);
    return ends[1];
  };
  ProgramOptions full;
  full.error_to = "/dev/full";
  ProgramOptions unread;
  unread.error_descriptor = pipe_without_reader();
  for (const ProgramOptions& options : {full, unread}) {
    const ProgramResult refused = ledger.run({"--format", "json", "show", kRun}, options);
    EXPECT_EQ(4, refused.status);
    EXPECT_EQ("run.not_found", json::parse(refused.out).at("error").at("code"));
    const ProgramResult issued = ledger.run({"token", "issue", "--workspace", "acme", "--right", "request"}, options);
    EXPECT_EQ(0, issued.status);
    EXPECT_EQ(1U, lines_of(issued.out).size());
  }
  ::close(*unread.error_descriptor);
}

TEST(StandardError, ThatIsClosedIsNeverTheStore) {
  const CliLedger ledger;
  Arguments refused = ledger.command({"--format", "json", "show", kRun});
  refused.insert(refused.begin(), {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&-"});
  const ProgramResult result = run_program(refused);
  EXPECT_EQ(4, result.status);
  EXPECT_EQ("run.not_found", json::parse(result.out).at("error").at("code"));
  EXPECT_EQ(true, ledger.json({"verify"}).at("ok"));
}

TEST(DataDirectory, HeldByAnotherProcessIsBusyAndNamesIt) {
  const CliLedger ledger;
  ledger.request();
  Program holder(ledger.command({"tail", "--from", "1"}));
  ASSERT_TRUE(holder.wait_for_output("requested"));
  const ProgramResult second = ledger.run({"list"});
  EXPECT_EQ("6 ledger.busy", failure(second));
  EXPECT_THAT(second.err, HasSubstr(std::to_string(holder.id())));
  holder.signal(SIGTERM);
  EXPECT_EQ(0, holder.wait().status);
  EXPECT_EQ(0, ledger.run({"list"}).status);
}

TEST(DataDirectory, ThatEverybodyMayWriteIsRefused) {
  const CliLedger ledger;
  ASSERT_EQ(0, ::chmod(ledger.data().c_str(), 0777));
  EXPECT_EQ("2 ledger.insecure", failure(ledger.run({"list"})));
}

TEST(DataDirectory, MayBeReachedByASymbolicLink) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::filesystem::path link = ledger.directory() / "link";
  std::filesystem::create_directory_symlink(ledger.data(), link);
  EXPECT_EQ(0, runledger({"--data", link, "show", run}).status);
}

TEST(DataDirectory, MayHaveANameThatIsNoText) {
  const CliLedger ledger;
  const std::string data = ledger.directory() / "d\xff";
  const ProgramResult made = runledger({"--data", data, "--format", "json", "init"});
  EXPECT_EQ(0, made.status) << made.err;
  EXPECT_THAT(json::parse(made.out).at("data").get<std::string>(), testing::EndsWith("d\ufffd"));
  Program daemon({program_path(), "--data", data, "--format", "json", "serve"});
  EXPECT_TRUE(daemon.wait_for_output("\"listening\""));
  daemon.signal(SIGTERM);
  EXPECT_EQ(0, daemon.wait().status);
}

TEST(DataDirectory, ThatIsAnEmptyMountOrAFileIsNoLedger) {
  const CliLedger ledger;
  const std::filesystem::path empty = ledger.directory() / "mount";
  std::filesystem::create_directory(empty);
  EXPECT_EQ("2 ledger.not_found", failure(runledger({"--data", empty, "list"})));
  EXPECT_TRUE(std::filesystem::is_empty(empty));
  EXPECT_EQ(2, runledger({"--data", ledger.file("file", "x"), "list"}).status);
  EXPECT_EQ(2, runledger({"--data", ledger.file("file", "x"), "init"}).status);
}

TEST(InputFiles, ThatCannotBeReadAreRefused) {
  const CliLedger ledger;
  const Arguments request = {"request", "--workspace", "acme", "--type", "demo.sync", "--input"};
  const auto with = [&](const std::string& input) {
    Arguments all = request;
    all.push_back(input);
    return failure(ledger.run(all));
  };
  EXPECT_EQ("2 input.unreadable", with("@/nonexistent"));
  EXPECT_EQ("2 input.unreadable", with("@/"));
  EXPECT_EQ("2 input.too_large", with("@/dev/zero"));
  EXPECT_EQ("2 catalog.unreadable", failure(ledger.run({"import", "--catalog", "/nonexistent", "/dev/null"})));
  EXPECT_EQ("2 journal.unreadable", failure(ledger.run({"import", "/nonexistent"})));
  EXPECT_EQ("2 journal.unreadable", failure(ledger.run({"import", ledger.directory()})));
  EXPECT_EQ("2 rejects.unwritable", failure(ledger.run({"import", "/dev/null", "--rejects", "/nonexistent/file"})));
}

TEST(InputFiles, MayBePipes) {
  const CliLedger ledger;
  const std::filesystem::path fifo = ledger.directory() / "fifo";
  ASSERT_EQ(0, ::mkfifo(fifo.c_str(), 0600));
  Program import(ledger.command({"import", fifo, "--format", "json"}));
  std::ofstream(fifo)
      << R"({"kind":"requested","run":"r","workspace":"w","type":"demo.sync","at":"2026-01-01T00:00:00Z"})"
      << "\n";
  const ProgramResult imported = import.wait();
  ASSERT_EQ(0, imported.status) << imported.err;
  EXPECT_EQ(1, json::parse(imported.out).at("applied"));
}

}  // namespace
}  // namespace runledger
