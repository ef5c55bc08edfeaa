// Exports, and imports of an export that keep every event unchanged.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ledger/ledger.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/corrupted_store.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Fills a ledger with events of every kind, live and imported ones.
void fill(const CliLedger& ledger) {
  const std::string run = ledger.request(R"({"n":1,"text":"é \"quoted\" \u2028"})");
  ledger.request(R"({"n":1,"text":"é \"quoted\" \u2028"})");
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--count", "items=5", "--failure", "graph.gone:404"});
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=9007199254740991"});
  ledger.json({"cancel", ledger.request(R"({"n":2})"), "--message", "by mistake"});
  ledger.json({"request", "--workspace", "acme", "--type", "demo.sync", "--command-id",
               "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"});
  ledger.json({"import", ledger.file("journal.jsonl", journal::plain_journal(5))});
}

std::string exported(const CliLedger& ledger) {
  const ProgramResult result = ledger.run({"export"});
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

json import_verbatim(const CliLedger& ledger, const std::string& text) {
  return ledger.json({"import", "--verbatim", ledger.file("export.jsonl", text)});
}

ProgramResult try_import_verbatim(const CliLedger& ledger, const std::string& text) {
  return ledger.run({"import", "--verbatim", ledger.file("export.jsonl", text)});
}

TEST(Export, HasOneEnvelopeALineInTheAgreedShape) {
  const CliLedger ledger;
  fill(ledger);
  const std::vector<std::string> lines = lines_of(exported(ledger));
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const json event = json::parse(lines[n]);
    EXPECT_EQ(n + 1, event.at("sequence"));
    for (const char* member : {"event_id", "run_id", "run_version", "workspace_id", "tenant_id", "scope_sequence",
                               "kind", "recorded_at", "occurred_at", "data"})
      EXPECT_TRUE(event.contains(member)) << member;
  }
  EXPECT_EQ(exported(ledger), ledger.run({"replay", "--format", "json"}).out) << "replay prints the same lines";
}

TEST(Export, ComesBackWordForWord) {
  const CliLedger ledger;
  fill(ledger);
  const CliLedger copy;
  const json report = import_verbatim(copy, exported(ledger));
  EXPECT_EQ(report.at("lines"), report.at("applied"));
  EXPECT_EQ(report.at("lines"), report.at("events"));
  EXPECT_EQ(exported(ledger), exported(copy));
  EXPECT_EQ(ledger.run({"replay", "--state", "--format", "json"}).out,
            copy.run({"replay", "--state", "--format", "json"}).out);
  EXPECT_EQ(ledger.run({"list", "--format", "json"}).out, copy.run({"list", "--format", "json"}).out);
  EXPECT_EQ(copy.json({"verify"}).at("ok"), true);
}

TEST(Export, WritesAFileWholeOrNotAtAll) {
  const CliLedger ledger;
  fill(ledger);
  const std::filesystem::path file = ledger.directory() / "out.jsonl";
  std::ofstream(file) << "old";
  const json report = ledger.json({"export", "--from", "2", "--to", "4", "-o", file});
  EXPECT_EQ(report.at("events"), 3);
  EXPECT_EQ(lines_of(read_file(file)).size(), 3U);
  EXPECT_EQ(failure(ledger.run({"export", "-o", "/nonexistent/out.jsonl"})), "2 output.failed");
  EXPECT_EQ(failure(ledger.run({"export", "-o", "/dev/full"})), "1 output.failed");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ledger.directory())) files += entry.is_regular_file();
  EXPECT_EQ(files, 2U) << "the export and the journal, and no unfinished file";
}

TEST(Export, TellsWhatItCannotWriteByItsName) {
  const CliLedger ledger;
  const ProgramResult refused = ledger.run({"export", "-o", "/nonexistent/out.jsonl"});
  EXPECT_THAT(refused.err, HasSubstr("expected to write /nonexistent/out.jsonl, found: "));
}

TEST(Export, FollowsASymbolicLinkAndWritesToPipes) {
  const CliLedger ledger;
  fill(ledger);
  const std::filesystem::path file = ledger.directory() / "real.jsonl";
  const std::filesystem::path link = ledger.directory() / "link.jsonl";
  std::ofstream(file) << "old";
  std::filesystem::create_symlink(file, link);
  ledger.json({"export", "-o", link});
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(exported(ledger), read_file(file));
  EXPECT_THAT(ledger.run({"export", "--to", "1", "-o", "/dev/stdout"}).out, HasSubstr("\"sequence\":1"));
}

// Opening a ledger checks the end of its log, and so many events before it that this one is not among them.
TEST(Export, OfALogWithoutAnEventInTheMiddleEndsBeforeItAndSaysSo) {
  const CliLedger ledger;
  ledger.json({"import", ledger.file("journal.jsonl", journal::plain_journal(100))});
  const std::string whole = exported(ledger);
  ASSERT_GT(lines_of(whole).size(), 150U);
  {
    Ledger opened({.directory = ledger.data()});
    remove_event(opened.log().store(), Sequence{20});
  }
  const ProgramResult cut = ledger.run({"export"});
  EXPECT_EQ(failure(cut), "5 storage.damaged");
  EXPECT_THAT(cut.err, HasSubstr("event 20"));
  EXPECT_TRUE(whole.starts_with(cut.out));
  EXPECT_LT(lines_of(cut.out).size(), 20U);
  const std::string file = ledger.file("out.jsonl", "old");
  EXPECT_EQ(failure(ledger.run({"export", "-o", file})), "5 storage.damaged");
  EXPECT_EQ(read_file(file), "old");
  EXPECT_EQ(failure(ledger.run({"export", "--from", "15", "--to", "20", "-o", file})), "5 storage.damaged");
  EXPECT_EQ(ledger.json({"export", "--to", "19", "-o", file}).at("events"), 19);
  EXPECT_TRUE(whole.starts_with(read_file(file)));
  EXPECT_EQ(ledger.json({"export", "--from", "21", "-o", file}).at("events"), lines_of(whole).size() - 20);
  EXPECT_TRUE(whole.ends_with(read_file(file)));
}

TEST(VerbatimImport, GoesOnWhereAnotherWasInterrupted) {
  const CliLedger ledger;
  fill(ledger);
  const std::string all = exported(ledger);
  const CliLedger copy;
  import_verbatim(copy, ledger.run({"export", "--to", "7"}).out);
  const json rest = import_verbatim(copy, all);
  EXPECT_EQ(rest.at("repeated"), 7);
  EXPECT_EQ(lines_of(all).size() - 7, rest.at("applied"));
  EXPECT_EQ(all, exported(copy));
  EXPECT_EQ(import_verbatim(copy, all).at("events"), 0);
}

TEST(VerbatimImport, CountsTheEventsOfEveryKind) {
  const CliLedger ledger;
  fill(ledger);
  const CliLedger copy;
  const json kinds = import_verbatim(copy, exported(ledger)).at("by_kind");
  EXPECT_EQ(kinds.at("deduped").at("applied"), 1);
  EXPECT_FALSE(kinds.contains("unknown"));
}

TEST(VerbatimImport, ThatEndsEarlyReportsWhatItTookIn) {
  const CliLedger ledger;
  fill(ledger);
  const std::vector<std::string> lines = lines_of(exported(ledger));
  const CliLedger copy;
  const std::string gap = lines[0] + "\n" + lines[1] + "\n" + lines[3] + "\n";
  const ProgramResult refused = copy.run({"import", "--format", "json", "--verbatim", copy.file("export.jsonl", gap)});
  EXPECT_EQ(failure(refused), "4 event.out_of_sequence");
  const std::vector<std::string> told = lines_of(refused.out);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(json::parse(told[0]).at("applied"), 2);
  EXPECT_EQ(json::parse(told[0]).at("events"), 2);
  EXPECT_EQ(json::parse(told[1]).at("error").at("code"), "event.out_of_sequence");
}

TEST(VerbatimImport, IntoALedgerWithOtherEventsIsRefused) {
  const CliLedger ledger;
  fill(ledger);
  const CliLedger other;
  other.request();
  const ProgramResult refused = try_import_verbatim(other, exported(ledger));
  EXPECT_EQ(failure(refused), "4 event.out_of_sequence");
  EXPECT_THAT(refused.err, HasSubstr("line 1"));
  EXPECT_EQ(lines_of(exported(other)).size(), 1U);
}

TEST(VerbatimImport, RefusesAChangedEventAndNamesItsLine) {
  const CliLedger ledger;
  fill(ledger);
  std::string changed = exported(ledger);
  const std::size_t at = changed.find(R"("items":5)");
  ASSERT_NE(at, std::string::npos);
  changed.replace(at, 9, R"("items":6)");
  const CliLedger copy;
  const ProgramResult refused = try_import_verbatim(copy, changed);
  EXPECT_EQ(failure(refused), "2 event.id_mismatch");
  EXPECT_THAT(refused.err, HasSubstr("line 4"));
  EXPECT_EQ(lines_of(exported(copy)).size(), 3U) << "earlier events are kept";
}

TEST(VerbatimImport, RefusesGapsRepeatsAndRubbish) {
  const CliLedger ledger;
  fill(ledger);
  const std::vector<std::string> lines = lines_of(exported(ledger));
  const auto refusal = [&](const std::string& text) {
    const CliLedger copy;
    return failure(try_import_verbatim(copy, text));
  };
  EXPECT_EQ(refusal(lines[0] + "\n" + lines[2] + "\n"), "4 event.out_of_sequence") << "a gap";
  EXPECT_EQ(refusal(lines[1] + "\n"), "4 event.out_of_sequence") << "the beginning is missing";
  EXPECT_EQ(refusal(lines[0] + "\n" + lines[1] + "\n" + lines[0] + "\n"), "4 event.out_of_sequence")
      << "an event is repeated";
  EXPECT_EQ(refusal(lines[0] + "\nrubbish\n"), "2 json.malformed");
  EXPECT_EQ(refusal(lines[0].substr(0, lines[0].size() / 2)), "2 json.malformed");
  EXPECT_EQ(refusal("{}\n"), "2 event.malformed");
  EXPECT_EQ(refusal(std::string(2 * 1024 * 1024, 'x')), "2 journal.line_too_long");
}

}  // namespace
}  // namespace runledger
