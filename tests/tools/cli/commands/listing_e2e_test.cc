// What the commands that list have in common: columns for other programs, all pages, and times as people type them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// Fills a ledger with a run that failed, one that was asked for again, and one of another workspace, and returns the id
// of the first.
std::string fill(const CliLedger& ledger) {
  const std::string run = ledger.request(R"({"text":"a,b \"c\""})");
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "disk.full:9 bytes", "--no-retry"});
  ledger.request(R"({"n":2})");
  ledger.request(R"({"n":2})");
  ledger.json({"request", "--workspace", "other", "--tenant", "north", "--type", "demo.sync"});
  return run;
}

std::vector<std::string> lines_of_run(const CliLedger& ledger, const Arguments& arguments) {
  const ProgramResult result = ledger.run(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  return lines_of(result.out);
}

// Imports so many requests, which were made in the year 2009.
void import_runs(const CliLedger& ledger, int count) {
  std::string journal;
  for (int n = 0; n < count; ++n) {
    journal += fmt::format(R"({{"kind":"requested","run":"r{}","workspace":"w","type":"demo.sync","input":{{"n":{}}},)"
                           R"("at":"2009-01-01T00:00:00Z"}})"
                           "\n",
                           n, n);
  }
  ASSERT_EQ(ledger.json({"import", ledger.file("journal.jsonl", journal)}).at("applied"), count);
}

TEST(Columns, AreTheMembersOfTheJson) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  const std::vector<std::string> listed = lines_of_run(ledger, {"list", "--outcome", "failed", "--format", "tsv"});
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_THAT(listed[0], testing::StartsWith("run_id\tworkspace_id\ttenant_id\ttype\tstatus\toutcome\t"));
  EXPECT_THAT(listed[1], testing::StartsWith(run + "\tacme\tnorth\tdemo.sync\tcompleted\tfailed\t1\t"));
  const json row = ledger.json_lines({"list", "--outcome", "failed"}).at(0);
  for (const auto& [name, value] : row.items())
    EXPECT_TRUE(name == "id" || ("\t" + listed[0] + "\t").find("\t" + name + "\t") != std::string::npos) << name;
  EXPECT_THAT(listed[1], HasSubstr("\t" + row.at("completed_at").get<std::string>() + "\t"));
}

TEST(Columns, OfCsvAreQuoted) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_THAT(lines_of_run(ledger, {"-f", "csv", "list", "--outcome", "failed"}).at(1),
              testing::EndsWith(R"(,"{""text"":""a,b \""c\""""}")"));
}

TEST(Columns, AreThereForEveryCommandThatLists) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  const auto csv = [&](Arguments arguments) {
    arguments.insert(arguments.end(), {"--format", "csv"});
    return lines_of_run(ledger, arguments);
  };
  EXPECT_EQ(csv({"list"}).size(), 4U);
  EXPECT_EQ(csv({"replay"}).size(), 8U);
  EXPECT_EQ(csv({"replay", "--state"}).size(), 4U);
  EXPECT_EQ(csv({"export"}), csv({"replay"}));
  EXPECT_THAT(csv({"replay", "--kind", "restored"}), ElementsAre(testing::StartsWith("sequence,recorded_at,")));
  EXPECT_THAT(csv({"attempts"}).at(1), testing::StartsWith(run + ",1,demo.sync,acme,north,"));
  EXPECT_THAT(csv({"workers"}).at(1), testing::StartsWith("w1,0,1,1,0,"));
  EXPECT_THAT(csv({"failures"}).at(1), testing::StartsWith("demo.sync,disk.full,1,1,"));
  EXPECT_THAT(csv({"duplicates"}).at(1), HasSubstr(",active_run,dispatch,"));
  EXPECT_THAT(csv({"duplicates", "--by-identity"}).at(1), testing::StartsWith("1,active_run,demo.sync,acme,north,"));
}

TEST(Columns, AreRefusedWhereNothingIsListed) {
  const CliLedger ledger;
  for (const char* command : {"stats", "types", "verify"}) {
    const ProgramResult refused = ledger.run({command, "--format", "csv"});
    EXPECT_EQ(failure(refused), "2 usage") << command;
    EXPECT_THAT(refused.err, HasSubstr("attempts, duplicates, export, failures, list, overdue, replay, workers"));
  }
}

TEST(Formats, HaveAShortOptionAndAnotherNameForText) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_EQ(ledger.run({"list", "-f", "json"}).out, ledger.run({"list", "--format", "json"}).out);
  EXPECT_EQ(ledger.run({"list", "-fjson"}).out, ledger.run({"list", "--format", "json"}).out);
  EXPECT_EQ(ledger.run({"list", "--format", "table"}).out, ledger.run({"list"}).out);
  EXPECT_EQ(json::parse(ledger.run({"list", "-f", "json", "--nosuch"}).out).at("error").at("code"), "usage");
}

TEST(Limits, HaveAShortOption) {
  const CliLedger ledger;
  fill(ledger);
  EXPECT_EQ(ledger.json_lines({"list", "-n", "2"}).size(), 2U);
  EXPECT_EQ(ledger.json({"duplicates", "-n", "1"}).at("duplicates").size(), 1U);
  EXPECT_EQ(ledger.json({"attempts", "-n1"}).at("attempts").size(), 1U);
  EXPECT_EQ(ledger.json({"failures", "-n", "1"}).at("groups").size(), 1U);
  EXPECT_EQ(ledger.json({"workers", "-n", "1"}).at("workers").size(), 1U);
  EXPECT_EQ(failure(ledger.run({"list", "-n", "0"})), "2 limit.invalid");
}

TEST(AllPages, OfAListComeOneAfterTheOther) {
  const CliLedger ledger;
  import_runs(ledger, 2100);
  const ProgramResult whole = ledger.run({"list", "--all", "--limit", "7", "-f", "json"});
  EXPECT_EQ(lines_of(whole.out).size(), 2100U);
  EXPECT_EQ(whole.err, "") << "no cursor is left";
  EXPECT_EQ(lines_of_run(ledger, {"list", "--all", "-f", "csv"}).size(), 2101U) << "one line has the names";
  const std::vector<std::string> table = lines_of_run(ledger, {"list", "--all"});
  EXPECT_EQ(table.size(), 2101U);
  EXPECT_EQ(std::count_if(table.begin(), table.end(), [](const auto& line) { return line.starts_with("RUN "); }), 1);
  const ProgramResult page = ledger.run({"list", "--limit", "100", "-f", "json"});
  const std::string cursor = lines_of(page.err).at(0).substr(std::string_view("next cursor: ").size());
  EXPECT_EQ(ledger.json_lines({"list", "--all", "--cursor", cursor}).size(), 2000U);
}

TEST(AllPages, OfDuplicatesAndAttemptsAreOneLineOfJsonEach) {
  const CliLedger ledger;
  ledger.request();
  for (int n = 0; n < 3; ++n) ledger.request();
  const std::vector<json> pages = ledger.json_lines({"duplicates", "--all", "-n", "1"});
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].at("duplicates").size(), 3U);
  EXPECT_EQ(ledger.json_lines({"attempts", "--all"}).size(), 1U);
  EXPECT_EQ(ledger.run({"duplicates", "--all"}).err, "");
}

TEST(TypedTimes, AreTakenByEveryCommandWithTimes) {
  const CliLedger ledger;
  const std::string run = fill(ledger);
  for (const char* time : {"1h", "2d", "yesterday", "2026-01-01", "2026-01-01T00:00:00Z"}) {
    for (const char* command : {"list", "stats", "series", "failures", "attempts", "duplicates", "replay", "export"}) {
      EXPECT_EQ(ledger.run({command, "--since", time, "--until", "0s"}).status, 0) << command << " " << time;
      EXPECT_EQ(failure(ledger.run({command, "--since", "tomorrow"})), "2 time.invalid") << command;
    }
  }
  EXPECT_EQ(ledger.json_lines({"list", "--since", "1h"}).size(), 3U);
  EXPECT_EQ(ledger.json_lines({"list", "--until", "1h"}).size(), 0U);
  EXPECT_EQ(ledger.json_lines({"list", "--completed-since", "1h"}).size(), 1U);
  EXPECT_EQ(ledger.json_lines({"list", "--active-between", "1h/0s"}).size(), 3U);
  EXPECT_EQ(ledger.json({"stats", "--since", "1h"}).at("requested"), 3);
  EXPECT_EQ(ledger.json({"show", run, "--as-of", "0s"}).at("run").at("status"), "completed");
  EXPECT_EQ(failure(ledger.run({"show", run, "--as-of", "1h"})), "4 run.not_found");
}

TEST(SelectedEvents, AreOfATimeAndAScope) {
  const CliLedger ledger;
  import_runs(ledger, 3);
  fill(ledger);
  const auto sequences = [&](Arguments filter) {
    filter.insert(filter.begin(), "replay");
    std::vector<int> shown;
    for (const json& event : ledger.json_lines(filter)) shown.push_back(event.at("sequence"));
    return shown;
  };
  const std::vector<json> all = ledger.json_lines({"replay"});
  ASSERT_EQ(all.size(), 10U);
  const auto recorded = [&](std::size_t sequence) { return all[sequence - 1].at("recorded_at").get<std::string>(); };
  ASSERT_LT(recorded(3), recorded(4)) << "the ledger was closed between the two";
  EXPECT_THAT(sequences({"--since", recorded(4)}), ElementsAre(4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(sequences({"--until", recorded(4)}), ElementsAre(1, 2, 3));
  EXPECT_THAT(sequences({"--since", recorded(4), "--until", recorded(10), "--from", "6"}), ElementsAre(6, 7, 8, 9));
  EXPECT_THAT(sequences({"--since", "2100-01-01"}), ElementsAre());
  EXPECT_THAT(sequences({"--until", "2000-01-01"}), ElementsAre());
  EXPECT_THAT(sequences({"--workspace", "other"}), ElementsAre(10));
  EXPECT_THAT(sequences({"--tenant", "north"}), ElementsAre(4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(sequences({"--tenant", "north", "--workspace", "acme"}), ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--until", recorded(4)}).size(), 3U);
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--workspace", "w"}).size(), 3U);
  EXPECT_EQ(failure(ledger.run({"replay", "--state", "--since", "1h"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"replay", "--since", "1h", "--until", "2h"})), "2 range.invalid");
  EXPECT_EQ(ledger.run({"export", "--tenant", "north", "--since", "1h"}).out,
            ledger.run({"replay", "--tenant", "north", "-f", "json"}).out);
}

TEST(SelectedEvents, AreExportedInColumnsToAFileToo) {
  const CliLedger ledger;
  fill(ledger);
  const std::string file = ledger.directory() / "north.csv";
  const ProgramResult exported = ledger.run({"export", "--tenant", "north", "--since", "1h", "-f", "csv", "-o", file});
  EXPECT_THAT(exported.out, HasSubstr("wrote 7 events to "));
  EXPECT_EQ(lines_of(read_file(file)).size(), 8U);
  EXPECT_EQ(failure(ledger.run({"export", "--with-key", "--tenant", "north", "-o", file})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"export", "--with-key", "--since", "1h", "-o", file})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"export", "--with-key", "-f", "csv", "-o", file})), "2 usage");
}

}  // namespace
}  // namespace runledger
