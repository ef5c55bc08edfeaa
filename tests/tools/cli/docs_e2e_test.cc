// Checks that docs/cli.md is true: its session runs as printed, and it names every command and option.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;

std::string page() {
  return read_file(source_directory() / "docs" / "cli.md");
}

// Splits a line into words as a shell would: at blanks, but not within single quotes.
Arguments words_of(const std::string& line) {
  Arguments words;
  static const std::regex kWord(R"('([^']*)'|(\S+))");
  for (std::sregex_iterator at(line.begin(), line.end(), kWord), end; at != end; ++at)
    words.push_back((*at)[1].matched ? (*at)[1].str() : (*at)[2].str());
  return words;
}

TEST(CommandLinePage, SessionRunsAsItStands) {
  const TemporaryDirectory directory;
  const std::string prompt = "$ runledger ";
  const std::vector<std::string> lines = lines_of(page());
  std::string output;
  int commands = 0;
  bool inside = false;
  for (const std::string& line : lines) {
    if (line.starts_with("```")) inside = !inside;
    if (!inside || line.starts_with("```")) continue;
    if (!line.starts_with(prompt)) {
      EXPECT_THAT(output, HasSubstr(line + "\n"));
      continue;
    }
    Arguments command = words_of(line.substr(prompt.size()));
    command.insert(command.begin(), program_path());
    ProgramOptions options;
    options.directory = directory.path();
    options.environment = {{"RUNLEDGER_DATA", ""}};
    const ProgramResult result = run_program(command, options);
    EXPECT_EQ(result.status, 0) << line << "\n" << result.err;
    output = result.out;
    ++commands;
  }
  EXPECT_GT(commands, 15);
}

TEST(CommandLinePage, KnowsEveryCommandAndOption) {
  const std::string text = page();
  const std::string help = run_program({program_path(), "--help"}).out;
  static const std::regex kCommand(R"(\n  ([a-z]+)  )");
  static const std::regex kOption(R"(\n  (?:-\w,)?(--?[a-z][a-z-]*))");
  int options = 0;
  for (std::sregex_iterator at(help.begin(), help.end(), kCommand), end; at != end; ++at) {
    const std::string command = (*at)[1].str();
    EXPECT_THAT(text, HasSubstr("`" + command + "`"));
    const std::string own = run_program({program_path(), command, "--help"}).out;
    for (std::sregex_iterator option(own.begin(), own.end(), kOption); option != end; ++option, ++options) {
      const std::string name = (*option)[1].str();
      if (name == "--help" || name == "--output") continue;
      EXPECT_THAT(text, HasSubstr(name)) << command;
    }
  }
  EXPECT_GT(options, 60);
}

}  // namespace
}  // namespace runledger
