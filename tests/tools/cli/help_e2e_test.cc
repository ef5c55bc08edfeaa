// How the program helps people who do not know it, or mistype a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgramResult called(Arguments arguments, const std::map<std::string, std::string>& environment = {}) {
  arguments.insert(arguments.begin(), program_path());
  ProgramOptions options;
  options.environment = environment;
  return run_program(arguments, options);
}

// Returns the one line of the refusal.
std::string refusal(const Arguments& arguments) {
  const ProgramResult result = called(arguments);
  EXPECT_EQ(failure(result), "2 usage");
  EXPECT_EQ(result.out, "");
  return result.err;
}

TEST(Help, OfTheNameAloneIsPrintedWithTheStatusOfWrongUsage) {
  const ProgramResult alone = called({});
  EXPECT_EQ(failure(alone), "2 usage");
  EXPECT_EQ(alone.out, called({"--help"}).out);
  const ProgramResult in_json = called({}, {{"RUNLEDGER_FORMAT", "json"}});
  EXPECT_EQ(nlohmann::json::parse(in_json.out).at("error").at("code"), "usage");
}

TEST(Help, IsACommandToo) {
  EXPECT_EQ(called({"help"}).out, called({"--help"}).out);
  EXPECT_EQ(called({"help", "list"}).out, called({"list", "--help"}).out);
  EXPECT_THAT(called({"help", "list"}).out, HasSubstr("Usage: runledger list"));
  EXPECT_THAT(refusal({"help", "lst"}), HasSubstr("found \"lst\"; did you mean \"list\"? see runledger --help"));
}

TEST(Help, SaysHowTimesAreTyped) {
  for (const char* command : {"list", "stats", "export", "show"})
    EXPECT_THAT(called({command, "--help"}).out, HasSubstr("in the local time zone (TZ)")) << command;
  EXPECT_THAT(called({"request", "--help"}).out, Not(HasSubstr("time zone")));
}

TEST(Help, TellsTheVersion) {
  EXPECT_EQ(called({"-V"}).out, called({"--version"}).out);
}

TEST(Suggestions, AreMadeForCommands) {
  EXPECT_EQ(refusal({"lst"}),
            "runledger: usage: expected a command, found \"lst\"; did you mean \"list\"? see runledger --help\n");
  EXPECT_THAT(refusal({"--data", "x", "verfy"}), HasSubstr("did you mean \"verify\"?"));
  EXPECT_THAT(refusal({"frobnicate"}), Not(HasSubstr("did you mean")));
}

TEST(Suggestions, AreMadeForOptions) {
  EXPECT_EQ(refusal({"list", "--stauts", "running"}),
            "runledger: usage: expected a known option of list, found \"--stauts\"; did you mean \"--status\"? see "
            "runledger list --help\n");
  EXPECT_THAT(refusal({"list", "--stauts=running"}), HasSubstr("found \"--stauts\"; did you mean \"--status\"?"));
  EXPECT_THAT(refusal({"list", "--formt", "json"}), HasSubstr("did you mean \"--format\"?"))
      << "an option of the program";
  EXPECT_THAT(refusal({"--dta", "x", "list"}), HasSubstr("did you mean \"--data\"?"));
  EXPECT_THAT(refusal({"list", "--frobnicate"}), Not(HasSubstr("did you mean")));
  EXPECT_THAT(refusal({"list", "-x"}), HasSubstr("found \"-x\""));
  EXPECT_THAT(refusal({"list", "---"}), HasSubstr("runledger list --help"));
}

TEST(Refusals, NameTheHelpOfTheCommand) {
  EXPECT_THAT(refusal({"show"}), HasSubstr("see runledger show --help"));
  EXPECT_THAT(refusal({"show", "5f0c2a52", "more"}),
              HasSubstr("expected no further argument of show, found \"more\"; see runledger show --help"));
  EXPECT_THAT(refusal({"show", "5f0c2a52", "--as-of"}), HasSubstr("see runledger show --help"));
  EXPECT_THAT(refusal({"request", "--type", "a"}), HasSubstr("--workspace is required; see runledger request --help"));
  EXPECT_THAT(refusal({"--data", "x"}), HasSubstr("see runledger --help"));
}

}  // namespace
}  // namespace runledger
