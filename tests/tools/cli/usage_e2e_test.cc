// The command line itself: help, wrong usage, and files and descriptors that do not work.
//
// The tests run the real program, most of them without a ledger, with options, environment variables, configuration
// files and descriptors that a test prepares: standard output that is full, closed or a pipe that no process reads, and
// data directories with odd owners, names or contents.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "ledger/log/store/data_directory.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kRun = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

const std::vector<std::string>& commands() {
  static const std::vector<std::string> all = {"init",   "request", "start",      "heartbeat", "finish", "fail",
                                               "cancel", "show",    "list",       "stats",     "replay", "tail",
                                               "import", "export",  "project",    "rebuild",   "verify", "explain",
                                               "types",  "audit",   "checkpoint", "prove"};
  return all;
}

ProgramResult runledger(Arguments arguments, ProgramOptions options = {}) {
  arguments.insert(arguments.begin(), program_path());
  return run_program(arguments, std::move(options));
}

TEST(Help, OfEveryCommandHasAnExample) {
  for (const std::string& command : commands()) {
    const ProgramResult help = runledger({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Example:\n  runledger ")) << command;
    EXPECT_EQ(help.err, "") << command;
  }
}

TEST(Help, OfTheProgramNamesEveryCommand) {
  const ProgramResult help = runledger({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const std::string& command : commands()) EXPECT_THAT(help.out, HasSubstr("\n  " + command + " "));
}

TEST(Version, IsToldOnRequest) {
  const ProgramResult version = runledger({"--version"});
  EXPECT_EQ(version.status, 0);
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
    EXPECT_EQ(failure(runledger(arguments)), "2 usage") << json(arguments).dump();
  }
}

TEST(Usage, ErrorsAreAnObjectToo) {
  const ProgramResult wrong = runledger({"list", "--nosuch", "--format", "json"});
  EXPECT_EQ(failure(wrong), "2 usage");
  EXPECT_EQ(json::parse(wrong.out).at("error").at("code"), "usage");
  const CliLedger ledger;
  const ProgramResult missing = ledger.run({"--format", "json", "show", kRun});
  EXPECT_EQ(failure(missing), "4 run.not_found");
  EXPECT_EQ(json::parse(missing.out).at("error").at("code"), "run.not_found");
  EXPECT_THAT(json::parse(missing.out).at("error").at("message").get<std::string>(), HasSubstr(kRun));
}

TEST(Usage, ErrorsAreAnObjectWhereTheEnvironmentSaysSo) {
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_FORMAT", "json"}};
  EXPECT_EQ(json::parse(runledger({"list", "--nosuch"}, options).out).at("error").at("code"), "usage");
  EXPECT_EQ(runledger({"list", "--nosuch", "--format", "text"}, options).out, "") << "the command line has precedence";
  EXPECT_EQ(runledger({"list", "--nosuch", "--format=text"}, options).out, "");
}

TEST(Usage, ErrorsNeverRepeatControlCharactersOrSecrets) {
  const std::string secret = "ghp_" + std::string(36, 'a');
  for (const Arguments& arguments : std::vector<Arguments>{{"--" + secret, "list"},
                                                           {"list", "--type", "a\r\nb\x1b[31m"},
                                                           {"nosuch\nsecond line"},
                                                           {"list", "--limit", secret},
                                                           {"list", "--tenant", secret}}) {
    const ProgramResult result = runledger(arguments);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
    EXPECT_THAT(result.err, testing::Not(HasSubstr("\x1b")));
    EXPECT_THAT(result.err + result.out, testing::Not(HasSubstr(secret)));
  }
}

TEST(GlobalOptions, AreTakenBeforeAndAfterTheCommand) {
  const CliLedger ledger;
  const std::string data = ledger.data();
  EXPECT_EQ(runledger({"--data", data, "--format", "json", "stats"}).status, 0);
  EXPECT_EQ(runledger({"stats", "--data", data, "--format", "json"}).status, 0);
  EXPECT_EQ(runledger({"stats", "--data=" + data}).status, 0);
}

TEST(GlobalOptions, DataComesFromTheEnvironmentOrTheDefault) {
  const CliLedger ledger;
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_DATA", ledger.data()}};
  EXPECT_EQ(runledger({"stats"}, options).status, 0);
  const TemporaryDirectory elsewhere;
  options.environment = {{"RUNLEDGER_DATA", ""}};
  options.directory = elsewhere.path();
  EXPECT_EQ(runledger({"init"}, options).status, 0);
  EXPECT_TRUE(std::filesystem::exists(elsewhere.path() / "runledger-data"));
}

TEST(GlobalOptions, AnEmptyDataDirectoryIsRefused) {
  EXPECT_EQ(failure(runledger({"--data", "", "list"})), "2 data.invalid");
}

TEST(GlobalOptions, ADaemonElsewhereIsRefusedWhereTheWorkIsOnTheDirectory) {
  const CliLedger ledger;
  const std::string other = ledger.directory() / "other";
  const auto refused = [&](Arguments arguments) {
    arguments.insert(arguments.begin(), {"--connect", "unix:/nonexistent/socket"});
    return failure(ledger.run(arguments));
  };
  EXPECT_EQ(refused({"token", "issue", "--workspace", "acme", "--right", "request"}), "2 usage");
  EXPECT_TRUE(ledger.json_lines({"token", "list"}).empty()) << "no token was issued";
  EXPECT_EQ(refused({"serve", "--check-config"}), "2 usage");
  EXPECT_EQ(failure(runledger({"--data", other, "--connect", "unix:/nonexistent/socket", "init"})), "2 usage");
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
  EXPECT_EQ(lines_of(runledger({"list", "--config", config}).out).size(), 1U);
}

TEST(GlobalOptions, AConfigurationFileIsReadWholeOrRefused) {
  const CliLedger ledger;
  for (const char* content : {"nosuch = 1\n", "[nosuch]\nlimit = 1\n", "[list]\nnosuch = 1\n", "[serve]\nhtp = \"a\"\n",
                              "[list.limit]\na = 1\n", "just words\n"}) {
    EXPECT_EQ(failure(runledger({"--config", ledger.file("wrong.toml", content), "types"})), "2 config.invalid")
        << content;
  }
  EXPECT_EQ(failure(runledger({"--config", "/nonexistent.toml", "types"})), "2 config.invalid");
  EXPECT_EQ(failure(runledger({"--config", "/", "types"})), "2 config.invalid");
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", "/nonexistent.toml"}};
  EXPECT_EQ(failure(runledger({"types"}, options)), "2 config.invalid");
}

TEST(GlobalOptions, TheEnvironmentStandsBetweenTheFileAndTheCommandLine) {
  const CliLedger ledger;
  for (int n = 0; n < 4; ++n) ledger.request(fmt::format("{{\"n\":{}}}", n));
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", ledger.file("runledger.toml", "data = \"" + ledger.data().string() +
                                                                                "\"\n[list]\nlimit = 1\n")}};
  const auto listed = [&](const Arguments& arguments) { return lines_of(runledger(arguments, options).out).size(); };
  EXPECT_EQ(listed({"list", "--format", "json"}), 1U);
  options.environment["RUNLEDGER_LIST_LIMIT"] = "2";
  options.environment["RUNLEDGER_FORMAT"] = "json";
  EXPECT_EQ(listed({"list"}), 2U);
  EXPECT_EQ(listed({"list", "--limit", "3"}), 3U);
  options.environment["RUNLEDGER_LIST_LIMIT"] = "";
  EXPECT_EQ(listed({"list"}), 1U) << "an empty variable counts as unset";
  options.environment["RUNLEDGER_LIST_LIMIT"] = "many";
  EXPECT_EQ(failure(runledger({"list"}, options)), "2 limit.invalid");
}

TEST(GlobalOptions, HelpDoesNotRepeatTheRuleOfTheEnvironment) {
  EXPECT_THAT(runledger({"serve", "--help"}).out, testing::Not(HasSubstr("Env")));
  EXPECT_THAT(runledger({"--help"}).out, HasSubstr("RUNLEDGER_COMMAND_OPTION"));
}

TEST(Numbers, AreDigitsAndNothingElse) {
  const CliLedger ledger;
  for (const char* number :
       {"10 M", "10M", "1k", "-1", "+1", " 1", "1 ", "0x10", "1e3", "1.0", "", "١", "18446744073709551616"}) {
    EXPECT_EQ(failure(ledger.run({"list", "--limit", number})), "2 limit.invalid") << number;
    EXPECT_EQ(failure(ledger.run({"replay", "--from", number})), "2 from.invalid") << number;
    EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--batch", number})), "2 batch.invalid") << number;
    EXPECT_EQ(failure(ledger.run({"heartbeat", kRun, "--attempt", number, "--token", "1"})), "2 attempt.invalid")
        << number;
  }
}

TEST(Numbers, AreHeldToTheirLimits) {
  const CliLedger ledger;
  EXPECT_EQ(failure(ledger.run({"list", "--limit", "0"})), "2 limit.invalid");
  EXPECT_EQ(ledger.run({"list", "--limit", "1"}).status, 0);
  EXPECT_EQ(ledger.run({"list", "--limit", "1000"}).status, 0);
  EXPECT_EQ(failure(ledger.run({"list", "--limit", "1001"})), "2 limit.invalid");
  EXPECT_EQ(failure(ledger.run({"tail", "-n", "0"})), "2 n.invalid");
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--batch", "0"})), "2 batch.invalid");
  EXPECT_EQ(failure(ledger.run({"heartbeat", kRun, "--attempt", "4294967296", "--token", "1"})), "2 attempt.invalid");
  EXPECT_EQ(failure(ledger.run({"heartbeat", kRun, "--attempt", "0", "--token", "1"})), "2 attempt.invalid");
}

TEST(Ranges, ThatEndBeforeTheyBeginAreRefused) {
  const CliLedger ledger;
  EXPECT_EQ(failure(ledger.run({"replay", "--from", "5", "--to", "4"})), "2 range.invalid");
  EXPECT_EQ(failure(ledger.run({"export", "--from", "5", "--to", "4"})), "2 range.invalid");
  (void)ledger.request();
  EXPECT_EQ(ledger.run({"replay", "--from", "1", "--to", "1"}).status, 0);
  EXPECT_EQ(failure(ledger.run({"list", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"})),
            "2 range.invalid");
}

TEST(Ranges, ThatBeginAfterTheEndOfTheLogAreRefused) {
  const CliLedger ledger;
  (void)ledger.request();
  for (const char* command : {"replay", "export", "tail"}) {
    const ProgramResult refused = ledger.run({command, "--from", "20"});
    EXPECT_EQ(failure(refused), "4 position.ahead") << command;
    EXPECT_THAT(refused.err, HasSubstr("which is 1, found 20")) << command;
  }
  EXPECT_EQ(ledger.run({"replay", "--from", "2"}).out, "") << "the next event may come";
  EXPECT_EQ(ledger.run({"replay", "--from", "1", "--to", "20"}).status, 0);
}

TEST(StandardOutput, ThatIsFullIsAnError) {
  const CliLedger ledger;
  ledger.request();
  ProgramOptions full;
  full.output_to = "/dev/full";
  for (const Arguments& arguments : std::vector<Arguments>{
           {"list"}, {"replay"}, {"export"}, {"stats"}, {"types"}, {"tail", "-n", "1"}, {"--help"}}) {
    EXPECT_EQ(failure(ledger.run(arguments, full)), "1 output.failed") << arguments.front();
  }
}

TEST(StandardOutput, ThatIsClosedIsAnErrorAndNeverTheStore) {
  const CliLedger ledger;
  ledger.request();
  ProgramOptions closed;
  closed.output_closed = true;
  EXPECT_EQ(failure(ledger.run({"replay"}, closed)), "1 output.failed");
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync"}, closed)), "1 output.failed");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST(StandardOutput, ThatNobodyReadsEndsTheProgramQuietly) {
  const CliLedger ledger;
  std::string journal;
  for (int n = 0; n < 5000; ++n) {
    journal += R"({"kind":"requested","run":"r)" + std::to_string(n) + R"(","workspace":"w","type":"demo.sync",)" +
               R"("input":{"n":)" + std::to_string(n) + R"(},"at":"2026-01-01T00:00:00Z"})" + "\n";
  }
  ASSERT_EQ(ledger.json({"import", ledger.file("journal.jsonl", journal)}).at("applied"), 5000);
  Program replay(ledger.command({"replay"}));
  ASSERT_TRUE(replay.wait_for_output("requested"));
  replay.stop_reading();
  const ProgramResult ended = replay.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "");
}

TEST(StandardError, ThatCannotBeWrittenToChangesNothingElse) {
  const CliLedger ledger;
  const auto pipe_without_reader = [] {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ::close(ends[0]);
    return ends[1];
  };
  ProgramOptions full;
  full.error_to = "/dev/full";
  ProgramOptions unread;
  unread.error_descriptor = pipe_without_reader();
  for (const ProgramOptions& options : {full, unread}) {
    const ProgramResult refused = ledger.run({"--format", "json", "show", kRun}, options);
    EXPECT_EQ(refused.status, 4);
    EXPECT_EQ(json::parse(refused.out).at("error").at("code"), "run.not_found");
    const ProgramResult issued = ledger.run({"token", "issue", "--workspace", "acme", "--right", "request"}, options);
    EXPECT_EQ(issued.status, 0);
    EXPECT_EQ(lines_of(issued.out).size(), 1U);
  }
  ::close(*unread.error_descriptor);
}

TEST(StandardError, ThatIsClosedIsNeverTheStore) {
  const CliLedger ledger;
  Arguments refused = ledger.command({"--format", "json", "show", kRun});
  refused.insert(refused.begin(), {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&-"});
  const ProgramResult result = run_program(refused);
  EXPECT_EQ(result.status, 4);
  EXPECT_EQ(json::parse(result.out).at("error").at("code"), "run.not_found");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST(DataDirectory, HeldByAnotherProcessIsBusyAndNamesIt) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  std::optional<DataDirectory> held(std::in_place, ledger.data(), DataDirectory::Purpose::kUse);
  const ProgramResult second = ledger.run({"cancel", run});
  EXPECT_EQ(failure(second), "6 ledger.busy");
  EXPECT_THAT(second.err, HasSubstr(std::to_string(::getpid())));
  held.reset();
  EXPECT_EQ(ledger.run({"cancel", run}).status, 0);
}

TEST(DataDirectory, ThatEverybodyMayWriteIsRefused) {
  const CliLedger ledger;
  ASSERT_EQ(::chmod(ledger.data().c_str(), 0777), 0);
  EXPECT_EQ(failure(ledger.run({"list"})), "2 ledger.insecure");
}

TEST(DataDirectory, OfAnyModeHasFilesForTheirOwnerOnly) {
  const CliLedger ledger;
  const std::filesystem::path data = ledger.directory() / "open";
  ASSERT_EQ(::mkdir(data.c_str(), 0755), 0);
  const auto run = [&](const Arguments& arguments) {
    Arguments command = {ledger.command({}).front(), "--data", data.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command).status;
  };
  const mode_t before = ::umask(0);
  EXPECT_EQ(run({"init"}), 0);
  EXPECT_EQ(run({"request", "--workspace", "acme", "--type", "demo.sync", "--input", "{}"}), 0);
  EXPECT_EQ(run({"token", "issue", "--workspace", "acme", "--right", "work"}), 0);
  ::umask(before);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    struct stat status {};
    ASSERT_EQ(::lstat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077U, 0U) << entry.path();
  }
}

TEST(DataDirectory, LeavesACommandOfExecTheUmaskOfItsCaller) {
  const CliLedger ledger;
  const mode_t before = ::umask(0027);
  const ProgramResult result =
      ledger.run({"exec", "--workspace", "acme", "--type", "demo.sync", "--", "sh", "-c", "umask"});
  ::umask(before);
  EXPECT_EQ(result.out, "0027\n") << result.err;
}

TEST(DataDirectory, WhoseLockIsALinkOrAPipeIsRefused) {
  const CliLedger ledger;
  const std::filesystem::path lock = ledger.data() / "lock";
  std::filesystem::rename(lock, ledger.data() / "elsewhere");
  std::filesystem::create_symlink("elsewhere", lock);
  EXPECT_EQ(failure(ledger.run({"cancel", kRun})), "2 ledger.insecure");
  std::filesystem::remove(lock);
  ASSERT_EQ(::mkfifo(lock.c_str(), 0600), 0);
  EXPECT_EQ(failure(ledger.run({"cancel", kRun})), "2 ledger.insecure");
}

TEST(DataDirectory, MayBeReachedByASymbolicLink) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::filesystem::path link = ledger.directory() / "link";
  std::filesystem::create_directory_symlink(ledger.data(), link);
  EXPECT_EQ(runledger({"--data", link, "show", run}).status, 0);
}

TEST(DataDirectory, MayHaveANameThatIsNoText) {
  const CliLedger ledger;
  const std::string data = ledger.directory() / "d\xff";
  const ProgramResult made = runledger({"--data", data, "--format", "json", "init"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(json::parse(made.out).at("data").get<std::string>(), testing::EndsWith("d\ufffd"));
  Program daemon({program_path(), "--data", data, "--format", "json", "serve"});
  EXPECT_TRUE(daemon.wait_for_output("\"listening\""));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST(DataDirectory, ThatIsAnEmptyMountOrAFileIsNoLedger) {
  const CliLedger ledger;
  const std::filesystem::path empty = ledger.directory() / "mount";
  std::filesystem::create_directory(empty);
  EXPECT_EQ(failure(runledger({"--data", empty, "list"})), "2 ledger.not_found");
  EXPECT_TRUE(std::filesystem::is_empty(empty));
  EXPECT_EQ(runledger({"--data", ledger.file("file", "x"), "list"}).status, 2);
  EXPECT_EQ(runledger({"--data", ledger.file("file", "x"), "init"}).status, 2);
}

TEST(InputFiles, ThatCannotBeReadAreRefused) {
  const CliLedger ledger;
  const Arguments request = {"request", "--workspace", "acme", "--type", "demo.sync", "--input"};
  const auto with = [&](const std::string& input) {
    Arguments all = request;
    all.push_back(input);
    return failure(ledger.run(all));
  };
  EXPECT_EQ(with("@/nonexistent"), "2 input.unreadable");
  EXPECT_EQ(with("@/"), "2 input.unreadable");
  EXPECT_EQ(with("@/dev/zero"), "2 input.too_large");
  EXPECT_EQ(failure(ledger.run({"import", "--catalog", "/nonexistent", "/dev/null"})), "2 catalog.unreadable");
  EXPECT_EQ(failure(ledger.run({"import", "/nonexistent"})), "2 journal.unreadable");
  EXPECT_EQ(failure(ledger.run({"import", ledger.directory()})), "2 journal.unreadable");
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--rejects", "/nonexistent/file"})), "2 rejects.unwritable");
}

TEST(InputFiles, MayBePipes) {
  const CliLedger ledger;
  const std::filesystem::path fifo = ledger.directory() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Program import(ledger.command({"import", fifo, "--format", "json"}));
  std::ofstream(fifo)
      << R"({"kind":"requested","run":"r","workspace":"w","type":"demo.sync","at":"2026-01-01T00:00:00Z"})"
      << "\n";
  const ProgramResult imported = import.wait();
  ASSERT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(json::parse(imported.out).at("applied"), 1);
}

}  // namespace
}  // namespace runledger
