// What the program refuses of a configuration file and of the environment, and the variables that it accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgramResult types_with_config(const std::string& config) {
  ProgramOptions options;
  options.timeout = std::chrono::seconds(30);
  return run_program({program_path(), "--config", config, "types"}, options);
}

ProgramResult types_with_variable(const std::string& name, const std::string& value) {
  ProgramOptions options;
  options.environment = {{name, value}};
  return run_program({program_path(), "types"}, options);
}

TEST(ConfigurationFile, ThatIsNoRegularFileIsRefusedAtOnce) {
  const TemporaryDirectory directory;
  const std::string fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), S_IRUSR | S_IWUSR), 0);
  for (const std::string& path : {std::string("/dev/zero"), fifo, directory.path().string()})
    EXPECT_EQ(failure(types_with_config(path)), "2 config.invalid") << path;
}

TEST(ConfigurationFile, WithAMistakeIsRefusedWithItsPlaceAndWithoutItsValues) {
  const CliLedger ledger;
  const auto refused = [&](const std::string& content) {
    const ProgramResult result = types_with_config(ledger.file("runledger.toml", content));
    EXPECT_EQ(failure(result), "2 config.invalid") << content;
    EXPECT_THAT(result.err, Not(HasSubstr("hidden"))) << content;
    return result.err;
  };
  EXPECT_THAT(refused("[serve]\nhtp = \"hidden\"\n"),
              HasSubstr("runledger.toml: line 2, column 1: expected only known options in [serve], found \"htp\"; "
                        "did you mean \"http\"?"));
  EXPECT_THAT(refused("[list]\nlimit = \"hidden\"\n"),
              HasSubstr("line 2, column 9: expected an integer for \"limit\", found a string"));
  EXPECT_THAT(refused("[work]\nuntil-idle = 1\n"), HasSubstr("expected a boolean"));
  EXPECT_THAT(refused("format = \"hidden\"\n"), HasSubstr("line 1, column 10: expected text|json"));
  EXPECT_THAT(refused("config = \"hidden\"\n"), HasSubstr("found \"config\""));
  EXPECT_THAT(refused("[show]\nRUN = \"hidden\"\n"), HasSubstr("found \"RUN\""));
}

TEST(ConfigurationFile, SetsOptionsWithAShortNameAndRequiredOnes) {
  const CliLedger ledger;
  ledger.request();
  const std::string copy = ledger.directory() / "copy.jsonl";
  const std::string config =
      ledger.file("runledger.toml", "data = \"" + ledger.data().string() + "\"\n[export]\noutput = \"" + copy +
                                        "\"\n[tail]\nn = 1\n[request]\nworkspace = \"acme\"\ntype = \"demo.sync\"\n");
  EXPECT_EQ(run_program({program_path(), "--config", config, "export"}).status, 0);
  EXPECT_EQ(lines_of(read_file(copy)).size(), 1U);
  EXPECT_EQ(lines_of(run_program({program_path(), "--config", config, "--format", "json", "tail"}).out).size(), 1U);
  EXPECT_EQ(run_program({program_path(), "--config", config, "request"}).status, 0);
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme"})), "2 usage") << "the type is required";
}

// Runs a program where /etc has nothing but the configuration file with this content, and is another one than for
// everybody else.
ProgramResult with_system_file(const CliLedger& ledger, const std::string& content, const Arguments& command,
                               const ProgramOptions& options = {}) {
  constexpr const char* kScript =
      "mount -t tmpfs none /etc && mkdir /etc/runledger && cp \"$1\" /etc/runledger/runledger.toml && shift && exec "
      "\"$@\"";
  Arguments arguments{"/usr/bin/unshare",
                      "--user",
                      "--map-root-user",
                      "--mount",
                      "/bin/sh",
                      "-c",
                      kScript,
                      "sh",
                      ledger.file("system.toml", content)};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return run_program(arguments, options);
}

TEST(ConfigurationFile, IsThatOfTheSystemIfThereIsOneAndNoOtherIsNamed) {
  const CliLedger ledger;
  if (with_system_file(ledger, "", {"/bin/true"}).status != 0)
    GTEST_SKIP() << "expected to be allowed a mount of its own (unshare), found that it is refused";
  ledger.request();
  const std::string content = "data = \"" + ledger.data().string() + "\"\nformat = \"json\"\n";
  const ProgramResult listed = with_system_file(ledger, content, {program_path(), "list"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_EQ(nlohmann::json::parse(listed.out).at("type"), "demo.sync");
  EXPECT_THAT(with_system_file(ledger, content, {program_path(), "list", "--format", "csv"}).out,
              testing::StartsWith("run_id,"));
  const ProgramResult wrong = with_system_file(ledger, "dta = \"x\"\n", {program_path(), "list"});
  EXPECT_EQ(failure(wrong), "2 config.invalid");
  EXPECT_THAT(wrong.err, HasSubstr("/etc/runledger/runledger.toml: line 1, column 1: "));
  // Another file takes its place as a whole.
  const std::string other = ledger.file("other.toml", "data = \"/nowhere\"\n");
  ProgramOptions named;
  named.environment = {{"RUNLEDGER_CONFIG", other}};
  EXPECT_EQ(failure(with_system_file(ledger, content, {program_path(), "list"}, named)), "2 ledger.not_found");
  EXPECT_EQ(failure(with_system_file(ledger, content, {program_path(), "--config", other, "list"})),
            "2 ledger.not_found");
}

TEST(ConfigurationFile, WithAMistakeIsNoObstacleToHelp) {
  const CliLedger ledger;
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", ledger.file("wrong.toml", "no toml")}, {"RUNLEDGER_NOSUCH", "x"}};
  for (const Arguments& about :
       std::vector<Arguments>{{"help", "list"}, {"completion", "bash"}, {"man"}, {"list", "--help"}}) {
    Arguments command = about;
    command.insert(command.begin(), program_path());
    EXPECT_EQ(run_program(command, options).status, 0) << about.front();
  }
  EXPECT_EQ(failure(run_program({program_path(), "types"}, options)), "2 environment.unknown");
}

TEST(Variables, ThatAreUnknownAreRefusedWithoutTheirValues) {
  const ProgramResult result = types_with_variable("RUNLEDGER_DATE", "hidden");
  EXPECT_EQ(failure(result), "2 environment.unknown");
  EXPECT_THAT(result.err, AllOf(HasSubstr("did you mean RUNLEDGER_DATA?"), Not(HasSubstr("hidden"))));
  EXPECT_EQ(failure(types_with_variable("RUNLEDGER_SERVE_HTP", "127.0.0.1:0")), "2 environment.unknown");
  EXPECT_EQ(types_with_variable("RUNLEDGER_DATE", "").status, 0) << "an empty variable counts as absent";
}

TEST(Variables, ThatOthersSetForTheProgramAreAccepted) {
  for (const char* name : {"RUNLEDGER_SHARED", "RUNLEDGER_SNAPSHOTS", "RUNLEDGER_SERVE_HTTP", "RUNLEDGERS_OWN"})
    EXPECT_EQ(types_with_variable(name, "/nonexistent").status, 0) << name;
}

TEST(Variables, OfTheCommandOfExecAreAcceptedByTheProgramInIt) {
  const CliLedger ledger;
  const ProgramResult outer =
      ledger.run({"exec", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--", program_path(),
                  "--data", ledger.data().string(), "--format", "json", "list"});
  EXPECT_EQ(outer.status, 0) << outer.err;
  EXPECT_THAT(outer.out, HasSubstr("demo.sync"));
}

}  // namespace
}  // namespace runledger
