// The real job histories of the import contract: the figures that a ledger must show, however the histories were
// imported.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/fixtures/data/job_histories.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

class Hadoop : public HistoryTest {};

std::string state(const CliLedger& ledger) {
  const ProgramResult replayed = ledger.run({"replay", "--state", "--format", "json"});
  EXPECT_EQ(replayed.status, 0) << replayed.err;
  return replayed.out;
}

// Returns the rows without the members that differ between two imports of one journal, which come from the ledger's own
// clock and key.
std::vector<json> comparable(const std::string& rows) {
  std::vector<json> parsed;
  for (const std::string& line : lines_of(rows)) {
    parsed.push_back(json::parse(line));
    for (const char* own : {"created_at", "updated_at", "run_identity_hash"}) parsed.back().erase(own);
  }
  return parsed;
}

TEST_F(Hadoop, JournalGivesEveryExpectedFigure) {
  const json figures = expected();
  const CliLedger ledger;
  const json report = ledger.json(import("journal.jsonl.gz"));
  EXPECT_EQ(figures.at("lines"), report.at("lines"));
  EXPECT_EQ(figures.at("lines"), report.at("applied"));
  EXPECT_EQ(figures.at("lines"), report.at("events"));
  EXPECT_EQ(report.at("rejected"), json::object());
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(figures.at("runs"), stats.at("runs"));
  EXPECT_EQ(figures.at("attempts"), stats.at("attempts"));
  EXPECT_EQ(figures.at("runs_by_outcome"), stats.at("by_outcome"));
  EXPECT_EQ(figures.at("runs_by_type"), stats.at("by_type"));
  EXPECT_EQ(figures.at("runs_by_tenant"), stats.at("by_tenant"));
  EXPECT_EQ(figures.at("runs_by_attempts"), stats.at("by_attempts"));
  EXPECT_EQ(figures.at("summary_counts_of_final_attempts"), stats.at("summary_counts"));
  EXPECT_NE(figures.at("sum_over_all_attempts_which_would_be_wrong"), stats.at("summary_counts"));
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Hadoop, JournalImportedTwiceIsRepeatedLineByLine) {
  const CliLedger ledger;
  const json first = ledger.json(import("journal.jsonl.gz"));
  const std::string before = state(ledger);
  const json second = ledger.json(import("journal.jsonl.gz"));
  EXPECT_EQ(first.at("lines"), second.at("repeated"));
  EXPECT_EQ(second.at("events"), 0);
  EXPECT_EQ(before, state(ledger));
}

TEST_F(Hadoop, OdditiesAreEachAccountedFor) {
  const json figures = expected();
  const CliLedger ledger;
  ledger.json(import("journal.jsonl.gz"));
  const json report = ledger.json(import("oddities.jsonl.gz"));
  EXPECT_EQ(figures.at("lines_oddities"), report.at("lines"));
  std::uint64_t accounted = report.at("applied").get<std::uint64_t>() + report.at("repeated").get<std::uint64_t>() +
                            report.at("late").get<std::uint64_t>();
  for (const auto& count : report.at("deduped")) accounted += count.get<std::uint64_t>();
  for (const auto& count : report.at("rejected")) accounted += count.get<std::uint64_t>();
  EXPECT_EQ(report.at("lines").get<std::uint64_t>(), accounted);
  // A line that starts something is applied or deduped. The refused lines are ends that fit no attempt.
  EXPECT_EQ(report.at("by_kind").at("requested").at("rejected"), 0);
  EXPECT_EQ(report.at("by_kind").at("attempt-started").at("rejected"), 0);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Hadoop, ImportKilledAnywhereAndBegunAgainEndsTheSame) {
  const CliLedger whole;
  const CliLedger killed;
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE(fmt::format("seed {}", seed));
  for (const char* file : {"journal.jsonl.gz", "oddities.jsonl.gz"}) {
    const json uninterrupted = whole.json(import(file));
    const std::string text = journal::gunzipped(history(file));
    std::uint64_t head = killed.json({"stats"}).at("head");
    for (int round = 0; round < 6; ++round) {
      import_and_kill(killed, text.substr(0, random() % text.size()));
      const json verified = killed.json({"verify"});
      EXPECT_EQ(verified.at("ok"), true) << verified;
      EXPECT_GE(verified.at("events").get<std::uint64_t>(), head) << "a kill must not take back events";
      head = verified.at("events");
    }
    const json last = killed.json(import(file));
    EXPECT_EQ(uninterrupted.at("lines"), last.at("lines"));
    EXPECT_EQ(uninterrupted.at("rejected"), last.at("rejected")) << "refusals are repeated too";
  }
  EXPECT_EQ(comparable(state(whole)), comparable(state(killed)));
}

TEST_F(Hadoop, RowsOfThePastAreTheSameByEveryWay) {
  const CliLedger ledger;
  ledger.json(import("journal.jsonl.gz"));
  ledger.json(import("oddities.jsonl.gz"));
  const std::uint64_t head = ledger.json({"stats"}).at("head");
  std::mt19937_64 random(20090421);
  for (int round = 0; round < 12; ++round) {
    const std::string to = std::to_string(round == 0 ? head : random() % head + 1);
    const std::vector<json> rows = ledger.json_lines({"replay", "--state", "--to", to});
    ASSERT_FALSE(rows.empty());
    for (int sample = 0; sample < 12; ++sample) {
      const json& row = rows[random() % rows.size()];
      EXPECT_EQ(row, ledger.json({"show", row.at("id"), "--as-of", to}).at("run")) << to;
    }
  }
}

TEST_F(Hadoop, RowsThatFollowedEqualRowsThatAreReplayed) {
  const CliLedger ledger;
  ledger.json(import("journal.jsonl.gz"));
  std::map<std::string, json> listed;
  std::string cursor;
  do {
    const ProgramResult page = ledger.run({"list", "--limit", "1000", "--format", "json", "--cursor", cursor});
    ASSERT_EQ(page.status, 0) << page.err;
    for (const std::string& line : lines_of(page.out)) {
      json row = json::parse(line);
      listed.emplace(row.at("id").get<std::string>(), std::move(row));
    }
    cursor = page.err.empty() ? "" : lines_of(page.err).at(0).substr(std::string_view("next cursor: ").size());
  } while (!cursor.empty());
  const std::vector<std::string> replayed = lines_of(state(ledger));
  ASSERT_EQ(replayed.size(), listed.size());
  for (const std::string& line : replayed) {
    const json row = json::parse(line);
    ASSERT_EQ(row, listed.at(row.at("id").get<std::string>()));
  }
}

TEST_F(Hadoop, ExportComesBackWordForWord) {
  const CliLedger ledger;
  ledger.json(import("journal.jsonl.gz"));
  ledger.json(import("oddities.jsonl.gz"));
  const std::string exported = ledger.directory() / "events.jsonl";
  ledger.json({"export", "-o", exported});
  const CliLedger copy;
  const json report = copy.json({"import", "--verbatim", exported});
  EXPECT_EQ(report.at("lines"), report.at("applied"));
  EXPECT_EQ(read_file(exported), copy.run({"export"}).out);
  EXPECT_EQ(state(ledger), state(copy));
  EXPECT_EQ(copy.json({"verify"}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
