// What is made of the declarations of all commands: it is current in contrib/, and shells understand it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string contrib(const std::string& file) {
  return (source_directory() / "contrib" / file).string();
}

std::string printed(const Arguments& arguments) {
  Arguments command = arguments;
  command.insert(command.begin(), program_path());
  const ProgramResult result = run_program(command);
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

// Returns what bash offers for the last of these words.
std::vector<std::string> offered(const std::vector<std::string>& words, const std::filesystem::path& directory = {}) {
  Arguments command{"/bin/bash",
                    "--norc",
                    "-c",
                    "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _runledger 2> /dev/null; "
                    "printf '%s\\n' \"${COMPREPLY[@]}\"",
                    "bash",
                    contrib("runledger.bash"),
                    "runledger"};
  command.insert(command.end(), words.begin(), words.end());
  ProgramOptions options;
  options.directory = directory;
  const ProgramResult result = run_program(command, options);
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> replies = lines_of(result.out);
  std::erase(replies, "");
  return replies;
}

// After a change of commands or options, scripts/build and scripts/contrib make them again.
TEST(Contrib, HoldsWhatTheProgramPrints) {
  EXPECT_TRUE(read_file(contrib("runledger.bash")) == printed({"completion", "bash"}));
  EXPECT_TRUE(read_file(contrib("runledger.zsh")) == printed({"completion", "zsh"}));
  EXPECT_TRUE(read_file(contrib("runledger.fish")) == printed({"completion", "fish"}));
  EXPECT_TRUE(read_file(contrib("runledger.1")) == printed({"man"}));
}

TEST(Completion, RefusesOtherShells) {
  EXPECT_EQ(failure(run_program({program_path(), "completion", "tcsh"})), "2 usage");
}

TEST(Completion, ParsesInBash) {
  const ProgramResult parsed = run_program({"/bin/bash", "-n", contrib("runledger.bash")});
  EXPECT_EQ(parsed.status, 0);
  EXPECT_EQ(parsed.err, "");
}

TEST(Completion, OffersCommandsAndTheirOptions) {
  EXPECT_THAT(offered({"sh"}), ElementsAre("show"));
  EXPECT_THAT(offered({""}), Contains("watch"));
  EXPECT_THAT(offered({"--da"}), ElementsAre("--data"));
  EXPECT_THAT(offered({"list", "--st"}), ElementsAre("--status"));
  EXPECT_THAT(offered({"list", "--form"}), ElementsAre("--format"));
  EXPECT_THAT(offered({"--data", "show", "list", "--id"}), ElementsAre("--identity", "--id-prefix"))
      << "the value of an option is no command";
  EXPECT_THAT(offered({"--data", "=", "show", "list", "--id"}), ElementsAre("--identity", "--id-prefix"));
  EXPECT_THAT(offered({"list", "--tenant", "show", "--ev"}), ElementsAre());
  EXPECT_THAT(offered({"show", "--st"}), ElementsAre());
}

TEST(Completion, OffersTheWordsThatAValueCanBe) {
  EXPECT_THAT(offered({"list", "--format", ""}), ElementsAre("text", "json", "csv", "tsv"));
  EXPECT_THAT(offered({"list", "-f", "c"}), ElementsAre("csv"));
  EXPECT_THAT(offered({"list", "--format", "=", "j"}), ElementsAre("json"));
  EXPECT_THAT(offered({"request", "--cooldown-from", ""}), ElementsAre("completion", "request"));
  EXPECT_THAT(offered({"list", "--status", "r"}), ElementsAre("running"));
  EXPECT_THAT(offered({"replay", "--kind", "attempt-"}), ElementsAre("attempt-started", "attempt-finished"));
  EXPECT_THAT(offered({"completion", "z"}), ElementsAre("zsh"));
  EXPECT_THAT(offered({"help", "dup"}), ElementsAre("duplicates"));
  EXPECT_THAT(offered({"list", "--limit", ""}), ElementsAre()) << "any number";
}

TEST(Completion, OffersFilesWhereAValueIsOne) {
  const CliLedger ledger;
  (void)ledger.file("journal.jsonl", "");
  (void)ledger.file("a day's *.jsonl", "");
  EXPECT_THAT(offered({"list", "--config", "jour"}, ledger.directory()), ElementsAre("journal.jsonl"));
  EXPECT_THAT(offered({"import", "jour"}, ledger.directory()), ElementsAre("journal.jsonl"));
  EXPECT_THAT(offered({"list", "--config", "a"}, ledger.directory()), ElementsAre("a day's *.jsonl"));
  EXPECT_THAT(offered({"import", "a"}, ledger.directory()), ElementsAre("a day's *.jsonl"));
  EXPECT_THAT(offered({"show", "jour"}, ledger.directory()), ElementsAre());
  EXPECT_THAT(offered({"exec", "--workspace", "w", "--", "jour"}, ledger.directory()), Contains("journal.jsonl"));
}

TEST(ManualPage, HasEveryCommandAndOption) {
  const std::string page = printed({"man"});
  for (const char* text : {".SS list\n", ".SS watch\n", ".SS serve\n", "\\-\\-completed\\-since", "\\-\\-connect",
                           ".SH EXIT STATUS\n", "\\fB\\-n\\fR, \\fB\\-\\-limit\\fR \\fIN\\fR"})
    EXPECT_THAT(page, HasSubstr(text));
  EXPECT_THAT(page, Not(HasSubstr("\n'"))) << "no request by mistake";
}

}  // namespace
}  // namespace runledger
