// The program as people see it at a terminal: widths, short ids, local times and colours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/terminal.h"
#include "tools/cli/output/text_width.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

using Environment = std::map<std::string, std::string>;

// Runs the program with its standard output on a terminal of so many columns, and returns what the terminal got.
std::string seen(const CliLedger& ledger, const Arguments& arguments, unsigned short columns,
                 const Environment& environment = {}) {
  Terminal terminal(columns);
  ProgramOptions options;
  options.output_to = terminal.path();
  options.environment = {{"TZ", "CET-1"}, {"COLUMNS", ""}, {"NO_COLOR", ""}, {"TERM", "xterm"}};
  for (const auto& [name, value] : environment) options.environment[name] = value;
  const ProgramResult result = ledger.run(arguments, options);
  EXPECT_EQ(result.status, 0) << result.err;
  return terminal.printed();
}

std::string without_colours(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& line : lines_of(without_colours(text))) widest = std::max(widest, text_width(line));
  return widest;
}

// Fills a ledger with a run that partially succeeded and one that waits, and returns the id of the first.
std::string fill(const CliLedger& ledger) {
  const std::string run = ledger.request(R"({"n":1})", "assignments.fetch");
  ledger.finish(run, ledger.start(run),
                {"--outcome", "partially_succeeded", "--count", "total=300", "--count", "succeeded=200"});
  ledger.request(R"({"n":2})");
  return run;
}

TEST(TerminalTables, FitTheWidthOfTheTerminal) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  for (const unsigned short columns : std::vector<unsigned short>{40, 60, 80, 100, 118, 160}) {
    for (const Arguments& arguments :
         std::vector<Arguments>{{"list"}, {"attempts"}, {"workers"}, {"duplicates"}, {"failures"}, {"types"}}) {
      const std::string text = seen(ledger, arguments, columns);
      EXPECT_LE(widest_line(text), columns) << arguments.front() << "\n" << text;
    }
    const std::string listed = seen(ledger, {"list"}, columns);
    EXPECT_THAT(listed, HasSubstr(run.substr(0, 8)));
    EXPECT_THAT(listed, HasSubstr("partially_succeeded")) << "a word is shown whole or not at all";
  }
}

TEST(TerminalTables, FitWithWideCharactersToo) {
  const CliLedger ledger;
  ledger.json({"start", ledger.request(), "--worker", "東京の作業者🚀東京の作業者🚀東京の作業者🚀"});
  for (const unsigned short columns : std::vector<unsigned short>{60, 80, 100}) {
    const std::string text = seen(ledger, {"attempts"}, columns);
    EXPECT_THAT(text, HasSubstr("東京"));
    EXPECT_LE(widest_line(text), columns) << text;
  }
}

TEST(TerminalTables, SayThatColumnsAreLeftOut) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_THAT(lines_of(seen(ledger, {"list"}, 60)).front(), testing::EndsWith("…"));
  EXPECT_THAT(lines_of(seen(ledger, {"list"}, 160)).front(), Not(HasSubstr("…")));
}

TEST(TerminalTables, HoldToColumnsOfTheEnvironment) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_LE(widest_line(seen(ledger, {"list"}, 160, {{"COLUMNS", "60"}})), 60U);
  EXPECT_GT(widest_line(seen(ledger, {"list"}, 60, {{"COLUMNS", "160"}})), 60U);
  EXPECT_LE(widest_line(seen(ledger, {"list"}, 60, {{"COLUMNS", "many"}})), 60U);
}

TEST(TerminalTables, HaveShortIdsAndTimesAgo) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  const std::string text = seen(ledger, {"list"}, 160);
  EXPECT_THAT(text, Not(HasSubstr(run)));
  EXPECT_TRUE(std::regex_search(text, std::regex("\\d+ s ago"))) << text;
  EXPECT_THAT(text, Not(HasSubstr("Z")));
}

TEST(TerminalTables, AreFullOutsideOfATerminal) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  ProgramOptions narrow;
  narrow.environment = {{"COLUMNS", "40"}};
  const std::string text = ledger.run({"list"}, narrow).out;
  EXPECT_THAT(text, HasSubstr(run));
  EXPECT_THAT(text, HasSubstr("succeeded=200 total=300"));
  EXPECT_EQ(without_colours(text), text);
  EXPECT_EQ(seen(ledger, {"list", "--format", "json"}, 40), ledger.run({"list", "--format", "json"}).out);
}

TEST(TerminalColours, AreThereUnlessTheEnvironmentRefusesThem) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_THAT(seen(ledger, {"list"}, 80), HasSubstr("\x1b["));
  EXPECT_THAT(seen(ledger, {"list"}, 80, {{"NO_COLOR", "1"}}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(seen(ledger, {"list"}, 80, {{"TERM", "dumb"}}), Not(HasSubstr("\x1b")));
}

TEST(TerminalTimes, OfShowAndReplayAreLocal) {
  const CliLedger ledger;
  ledger.json({"import", ledger.file("journal.jsonl", R"({"kind":"requested","run":"r","workspace":"w",)"
                                                      R"("type":"demo.sync","at":"2026-01-31T23:30:00Z"})"
                                                      "\n")});
  const std::string run = ledger.json_lines({"list"}).at(0).at("id");
  EXPECT_THAT(seen(ledger, {"show", run}, 100), HasSubstr("2026-02-01 00:30:00"));
  EXPECT_THAT(seen(ledger, {"replay"}, 100), HasSubstr("2026-02-01 00:30:00  w  " + run.substr(0, 8) + "  requested"));
  EXPECT_THAT(ledger.run({"show", run}).out, HasSubstr("2026-01-31T23:30:00.000Z"));
}

TEST(TerminalTimes, AreLocalWithinSentencesToo) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "disk.full"});
  const std::regex local("not before \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
  for (const Arguments& arguments : std::vector<Arguments>{{"show", run}, {"replay"}, {"tail", "-n", "3"}})
    EXPECT_TRUE(std::regex_search(seen(ledger, arguments, 100), local)) << arguments.front();
  const std::regex due("due +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\((in )?\\d+ (s|min)( ago)?\\)");
  EXPECT_TRUE(std::regex_search(seen(ledger, {"why", run}, 100), due));
  EXPECT_THAT(ledger.run({"replay"}).out, testing::ContainsRegex("not before [0-9-]+T"));
}

// JSON escapes neither the controls after ASCII nor those that change the order of characters.
TEST(TerminalTexts, OfCallersDoNotControlTheTerminal) {
  const CliLedger ledger;
  const std::string run = ledger.request("{\"n\":\"\u009b2J\u202e\"}");
  for (const Arguments& arguments : std::vector<Arguments>{
           {"show", run}, {"show", run, "--events"}, {"list", "-f", "json"}, {"list", "-f", "csv"}, {"export"}}) {
    const std::string text = seen(ledger, arguments, 100);
    EXPECT_THAT(text, HasSubstr("\\u009b2J\\u202e")) << arguments.front();
    EXPECT_THAT(text, Not(testing::AnyOf(HasSubstr("\u009b"), HasSubstr("\u202e")))) << arguments.front();
  }
  EXPECT_THAT(ledger.run({"list", "-f", "json"}).out, HasSubstr("\u009b2J\u202e")) << "a program gets what is there";
}

TEST(TerminalShow, DrawsTheAttempts) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "disk.full"});
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const std::string text = without_colours(seen(ledger, {"show", run.substr(0, 8)}, 80));
  EXPECT_TRUE(std::regex_search(text, std::regex("\n  #1  .*█.* failed\n  #2  .*█.* succeeded\n"))) << text;
  EXPECT_THAT(seen(ledger, {"show", run}, 20), Not(HasSubstr("█"))) << "there is no room";
  EXPECT_THAT(ledger.run({"show", run}).out, Not(HasSubstr("█")));
}

}  // namespace
}  // namespace runledger
