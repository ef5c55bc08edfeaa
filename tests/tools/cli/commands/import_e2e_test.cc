// Imports of journals: the result of every good or bad line, and of an import that is interrupted.
//
// Almost every test runs twice, as the parameter says: an import into the directory, and one through the daemon that
// serves it. The results must be the same. Journals are built from lines of journal_text.h, whose fate the test knows,
// and the report is compared with it; accounted() adds up all its figures, because every line of a journal must appear
// in exactly one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>

#include "ledger/ledger.h"
#include "ledger/log/store/data_directory.h"
#include "projections/rows/store.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using namespace journal;
using nlohmann::json;
using testing::HasSubstr;

enum class Way { kDirectory, kDaemon };

// A ledger that is imported into through its directory, or through the daemon that serves it.
class ImportLedger : public CliLedger {
 public:
  explicit ImportLedger(Way way) {
    if (way == Way::kDirectory) return;
    daemon_ = std::make_unique<Program>(command({"serve", "--format", "json"}));
    EXPECT_TRUE(daemon_->wait_for_output("\"listening\""));
  }

 private:
  std::unique_ptr<Program> daemon_;
};

class Import : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, Import, testing::Values(Way::kDirectory, Way::kDaemon), [](const auto& way) {
  return way.param == Way::kDirectory ? "IntoTheDirectory" : "ThroughTheDaemon";
});

json import(const CliLedger& ledger, const std::string& journal, Arguments more = {}) {
  more.insert(more.begin(), {"import", ledger.file("journal.jsonl", journal)});
  return ledger.json(more);
}

// The live request for the work that journal::requested(run) asks for.
Arguments live_request(const std::string& run) {
  return {"request",   "--workspace", "acme",
          "--tenant",  "north",       "--type",
          "demo.sync", "--input",     json{{"run", run}}.dump()};
}

std::uint64_t accounted(const json& report) {
  std::uint64_t sum = 0;
  for (const char* total : {"applied", "repeated", "late"}) sum += report.at(total).get<std::uint64_t>();
  for (const auto& count : report.at("deduped")) sum += count.get<std::uint64_t>();
  for (const auto& count : report.at("rejected")) sum += count.get<std::uint64_t>();
  return sum;
}

TEST_P(Import, ReportsWhatBecameOfEveryLine) {
  const ImportLedger ledger(GetParam());
  const json report = import(ledger, requested("r1") + requested("r1") +                // applied, repeated
                                         started("r1", "a1") + started("r1", "a2") +    // applied, superseding a1
                                         finished("r1", "a1", "failed") +               // late
                                         finished("r1", "a2") + finished("r1", "a2") +  // applied, repeated
                                         finished("r1", "a2", "blocked") +              // rejected
                                         started("r1", "a3") + finished("r1", "a3") +   // deduped, rejected
                                         failed("r1") + started("none", "a1") + "rubbish\n");  // rejected, all three
  EXPECT_EQ(report.at("lines"), 13);
  EXPECT_EQ(report.at("applied"), 4);
  EXPECT_EQ(report.at("repeated"), 2);
  EXPECT_EQ(report.at("late"), 1);
  EXPECT_EQ(report.at("deduped"), (json{{"run_completed", 1}}));
  EXPECT_EQ(report.at("rejected"), (json{{"attempt.already_finished", 1},
                                         {"attempt.not_started", 1},
                                         {"run.completed", 1},
                                         {"run.not_found", 1},
                                         {"journal.malformed", 1}}));
  EXPECT_EQ(report.at("events"), 6);
  EXPECT_EQ(accounted(report), 13U);
  EXPECT_EQ(report.at("by_kind").at("unknown").at("rejected"), 1);
  EXPECT_EQ(report.at("by_kind").at("requested").at("applied"), 1);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_P(Import, OfTheSameFileAgainRepeatsEveryAnswer) {
  const ImportLedger ledger(GetParam());
  const std::string journal = plain_journal(20) + finished("run-1", "a1", "blocked");
  const json first = import(ledger, journal);
  EXPECT_EQ(first.at("applied"), 60);
  const json second = import(ledger, journal);
  EXPECT_EQ(second.at("repeated"), 60);
  EXPECT_EQ(second.at("applied"), 0);
  EXPECT_EQ(second.at("events"), 0);
  EXPECT_EQ(first.at("rejected"), second.at("rejected"));
}

TEST_P(Import, KeepsTheSourcesTimes) {
  const ImportLedger ledger(GetParam());
  import(ledger, requested("r1", "2009-04-21T17:46:02.848Z") + started("r1", "a1", "2009-04-21T18:46:02.848+01:00") +
                     finished("r1", "a1", "succeeded", "2009-04-21T17:46:03Z"));
  const json run = ledger.json_lines({"list"}).at(0);
  EXPECT_EQ(run.at("requested_at"), "2009-04-21T17:46:02.848Z");
  EXPECT_EQ(run.at("started_at"), "2009-04-21T17:46:02.848Z");
  EXPECT_EQ(run.at("completed_at"), "2009-04-21T17:46:03.000Z");
  EXPECT_NE(run.at("created_at").get<std::string>().substr(0, 4), "2009");
}

TEST_P(Import, TakesUuidsAsTheyAreAndNamesOtherKeysByTheNamespace) {
  const ImportLedger ledger(GetParam());
  const std::string uuid = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  import(ledger, requested(uuid) + requested("r1"));
  EXPECT_EQ(ledger.run({"show", uuid}).status, 0);
  EXPECT_EQ(import(ledger, requested("r1"), {"--namespace", "import"}).at("repeated"), 1) << "the default namespace";
  // Another namespace means another run. Its identity is the same, so the active run dedupes it.
  EXPECT_EQ(import(ledger, requested("r1"), {"--namespace", "other"}).at("deduped"), (json{{"active_run", 1}}));
}

TEST_P(Import, OfLaterLinesOfADedupedRequestFindsNoRun) {
  const ImportLedger ledger(GetParam());
  std::string twin = requested("r2");
  twin.replace(twin.find("{\"run\":\"r2\"}"), 12, "{\"run\":\"r1\"}");
  const json report = import(ledger, requested("r1") + twin + started("r2", "a1"));
  EXPECT_EQ(report.at("deduped"), (json{{"active_run", 1}}));
  EXPECT_EQ(report.at("rejected"), (json{{"run.not_found", 1}}));
}

TEST_P(Import, JudgesCooldownsByTheJournalsTime) {
  const ImportLedger ledger(GetParam());
  const std::string catalog = ledger.file(
      "catalog.json",
      R"({"types":[{"type":"demo.sync","max_attempts":2,"cooldown_seconds":60,"summary_keys":["items"]}]})");
  const auto request = [](const std::string& run, const std::string& at) {
    return R"({"kind":"requested","run":")" + run + R"(","workspace":"w","type":"demo.sync","at":")" + at + "\"}\n";
  };
  const json report =
      import(ledger,
             request("r1", "2020-01-01T00:00:00Z") + failed("r1", "run.cancelled", "2020-01-01T00:01:00Z") +
                 request("r2", "2020-01-01T00:01:59.999Z") + request("r3", "2020-01-01T00:02:00Z"),
             {"--catalog", catalog});
  EXPECT_EQ(report.at("applied"), 3);
  EXPECT_EQ(report.at("deduped"), (json{{"cooldown", 1}}));
  EXPECT_EQ(ledger.json_lines({"list", "--outcome", "cancelled"}).size(), 1U);
}

TEST_P(Import, FollowsTheCatalogsAttemptsAndKeys) {
  const ImportLedger ledger(GetParam());
  const std::string catalog =
      ledger.file("catalog.json", R"({"types":[{"type":"demo.sync","max_attempts":1,"summary_keys":["other"]}]})");
  const json report =
      import(ledger, requested("r1") + started("r1", "a1") + finished("r1", "a1"), {"--catalog", catalog});
  EXPECT_EQ(report.at("rejected"), json::object());
  EXPECT_EQ(ledger.json_lines({"list"})[0].at("summary_counts"), json::object()) << "its count has no allowed key";
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--catalog", ledger.file("wrong.json", R"({"typos":[]})")})),
            "2 catalog.malformed");
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--catalog", ledger.file("wrong.json", "{")})),
            "2 json.malformed");
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--catalog", ledger.file("empty.json", "")})),
            "2 json.malformed");
}

TEST_P(Import, LosesNoReportForItsDetails) {
  const ImportLedger ledger(GetParam());
  std::string lines;
  int runs = 0;
  for (const char* details : {R"("summary_counts":[])", R"("summary_counts":{"a":-1})", R"("summary_counts":{"A b":1})",
                              R"("failure":"x")", R"("failure":{"message":"x"})", R"("failure":{"reason_code":"X"})"}) {
    const std::string run = fmt::format("r{}", ++runs);
    lines += requested(run) + started(run, "a1") +
             fmt::format(R"({{"kind":"attempt-finished","run":"{}","attempt":"a1","outcome":"succeeded",)"
                         R"("at":"2026-01-05T08:00:00Z",{}}})"
                         "\n",
                         run, details);
  }
  const json report = import(ledger, lines, {});
  EXPECT_EQ(report.at("applied"), 3 * runs);
  EXPECT_EQ(report.at("rejected"), json::object());
}

TEST_P(Import, RejectsWhatIsNotOfTheForm) {
  const std::string run = R"("run":"r1")";
  const std::string at = R"("at":"2026-01-05T08:00:00Z")";
  const auto request_with = [&](const std::string& members) {
    return R"({"kind":"requested",)" + run + R"(,"workspace":"acme","type":"demo.sync",)" + at + members + "}";
  };
  const auto finish_with = [&](const std::string& members) {
    return R"({"kind":"attempt-finished",)" + run + R"(,"attempt":"a1",)" + at + members + "}";
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "journal.malformed"},
      {"[]", "journal.malformed"},
      {"null", "journal.malformed"},
      {"{}", "journal.malformed"},
      {R"({"kind":"requested"})", "journal.malformed"},
      {R"({"kind":"deduped",)" + run + "," + at + "}", "journal.malformed"},
      {R"({"kind":7,)" + run + "," + at + "}", "journal.malformed"},
      {request_with(R"(,"extra":1)"), "journal.malformed"},
      {request_with(R"(,"tenant":7)"), "journal.malformed"},
      {request_with(R"(,"tenant":"a b")"), "tenant.invalid"},
      {request_with(R"(,"input":[])"), "input.not_an_object"},
      {request_with(R"(,"input":{"password":"x"})"), "input.secret"},
      {request_with("}{"), "journal.malformed"},
      {request_with("") + request_with(""), "journal.malformed"},
      {request_with(R"(,"type":"demo.sync")"), "journal.malformed"},
      {R"({"kind":"requested","run":"","workspace":"a","type":"demo.sync",)" + at + "}", "run.invalid"},
      {R"({"kind":"requested","run":")" + std::string(201, 'r') + R"(","workspace":"a","type":"demo.sync",)" + at + "}",
       "run.invalid"},
      {R"({"kind":"requested","run":"r2","workspace":"","type":"demo.sync",)" + at + "}", "workspace.invalid"},
      {R"({"kind":"requested","run":"r2","workspace":"a","type":"Demo",)" + at + "}", "type.invalid"},
      {R"({"kind":"requested","run":"r2","workspace":"a","type":"demo.sync"})", "journal.malformed"},
      {R"({"kind":"requested","run":"r2","workspace":"a","type":"demo.sync","at":1})", "journal.malformed"},
      {finish_with(R"(,"outcome":"lost")"), "outcome.invalid"},
      {finish_with(R"(,"outcome":"ok")"), "outcome.invalid"},
      {finish_with(""), "journal.malformed"},
      {finish_with(R"(,"outcome":"failed","retryable":"yes")"), "journal.malformed"},
      {R"({"kind":"failed",)" + run + R"(,"reason_code":"x",)" + at + "}", "reason_code.invalid"},
      {R"({"kind":"attempt-started",)" + run + R"(,"attempt":"",)" + at + "}", "attempt.invalid"},
      {"{\"kind\":\"requested\xff\"}", "journal.malformed"},
  };
  std::string journal;
  for (const auto& [line, code] : cases) journal += line + "\n";
  const ImportLedger ledger(GetParam());
  const std::string rejects = ledger.directory() / "rejects";
  const json report = import(ledger, journal, {"--rejects", rejects});
  EXPECT_EQ(cases.size(), report.at("lines"));
  EXPECT_EQ(report.at("events"), 0);
  const std::vector<std::string> kept = lines_of(read_file(rejects));
  ASSERT_EQ(kept.size(), cases.size());
  for (std::size_t n = 0; n < cases.size(); ++n) {
    EXPECT_THAT(kept[n], testing::StartsWith(fmt::format("{}\t{}\t", n + 1, cases[n].second)));
    EXPECT_THAT(kept[n], testing::EndsWith("\t" + cases[n].first));
  }
  struct stat status {};
  ASSERT_EQ(::stat(rejects.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_P(Import, ReadsTimesStrictlyAndInAnyOrder) {
  const ImportLedger ledger(GetParam());
  std::string journal;
  for (const char* at : {"1601-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "2026-01-05T08:00:00", "2026-01-05T08:00:60Z",
                         "2026-13-01T00:00:00Z", "tomorrow"})
    journal += requested("bad", at);
  journal += requested("r1", "2106-02-07T06:28:16Z") + started("r1", "a1", "2016-12-31T23:59:60Z") +
             finished("r1", "a1", "succeeded", "1970-01-01T00:00:00Z");
  const json report = import(ledger, journal);
  EXPECT_EQ(report.at("rejected"), (json{{"time.out_of_range", 1}, {"time.invalid", 5}}));
  EXPECT_EQ(report.at("applied"), 3);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_P(Import, ToleratesAByteOrderMarkCrLfAndAMissingLastEnd) {
  const ImportLedger ledger(GetParam());
  std::string journal = "\xEF\xBB\xBF" + requested("r1") + started("r1", "a1") + finished("r1", "a1");
  for (std::size_t at = 0; (at = journal.find('\n', at)) != std::string::npos; at += 2) journal.replace(at, 1, "\r\n");
  journal.resize(journal.size() - 2);
  EXPECT_EQ(import(ledger, journal).at("applied"), 3);
  EXPECT_EQ(import(ledger, plain_journal(1).substr(0, 0) + requested("r1") + started("r1", "a1") + finished("r1", "a1"))
                .at("repeated"),
            3)
      << "the lines are the same, only their ends differ";
}

TEST_P(Import, RejectsALineThatWasCutInTheMiddle) {
  const ImportLedger ledger(GetParam());
  std::string journal = requested("r1") + started("r1", "a1");
  journal.resize(journal.size() - 20);
  const json report = import(ledger, journal);
  EXPECT_EQ(report.at("applied"), 1);
  EXPECT_EQ(report.at("rejected"), (json{{"journal.malformed", 1}}));
}

TEST_P(Import, RejectsALineThatIsTooLongAndGoesOn) {
  const ImportLedger ledger(GetParam());
  const std::string rejects = ledger.directory() / "rejects";
  const std::string endless(3 * 1024 * 1024, 'x');
  const json report = import(ledger, requested("r1") + endless + "\n" + started("r1", "a1"), {"--rejects", rejects});
  EXPECT_EQ(report.at("lines"), 3);
  EXPECT_EQ(report.at("applied"), 2);
  EXPECT_EQ(report.at("rejected"), (json{{"journal.line_too_long", 1}}));
  EXPECT_EQ(read_file(rejects), "2\tjournal.line_too_long\texpected at most 1048576 bytes\t" + endless + "\n");
}

TEST_P(Import, ReadsGzipStandardInputAndSeveralFiles) {
  const ImportLedger ledger(GetParam());
  ProgramOptions options;
  options.input = gzipped(started("r1", "a1"));
  const json report = ledger.json({"import", ledger.file("1.jsonl.gz", gzipped(requested("r1"))), "-",
                                   ledger.file("3.jsonl", finished("r1", "a1"))},
                                  options);
  EXPECT_EQ(report.at("applied"), 3);
}

TEST_P(Import, OfSeveralFilesNamesThemInTheRejects) {
  const ImportLedger ledger(GetParam());
  const std::string first = ledger.file("1.jsonl", "x\n");
  const std::string second = ledger.file("2.jsonl", requested("r1") + "y\n");
  const std::string rejects = ledger.directory() / "rejects";
  ledger.json({"import", first, second, "--rejects", rejects});
  const std::vector<std::string> kept = lines_of(read_file(rejects));
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_THAT(kept[0], testing::StartsWith(first + ":1\tjournal.malformed\t"));
  EXPECT_THAT(kept[1], testing::StartsWith(second + ":2\tjournal.malformed\t"));
}

TEST_P(Import, NeverWritesItsRejectsOverItsJournal) {
  const ImportLedger ledger(GetParam());
  const std::string journal = ledger.file("journal.jsonl", requested("r1"));
  const std::filesystem::path link = ledger.directory() / "link";
  std::filesystem::create_symlink(journal, link);
  for (const std::string& rejects : {journal, link.string()}) {
    EXPECT_EQ(failure(ledger.run({"import", journal, "--rejects", rejects})), "2 rejects.unwritable");
    EXPECT_EQ(requested("r1"), read_file(journal));
  }
}

TEST_P(Import, KeepsItsRejectsForTheirOwner) {
  const ImportLedger ledger(GetParam());
  const std::string rejects = ledger.file("rejects", "old\n");
  ASSERT_EQ(::chmod(rejects.c_str(), 0644), 0);
  import(ledger, "bad\n", {"--rejects", rejects});
  struct stat status {};
  ASSERT_EQ(::stat(rejects.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_THAT(read_file(rejects), testing::StartsWith("1\tjournal.malformed\t"));
}

TEST(ImportOfABusyLedger, LeavesTheRejectsOfTheOneBefore) {
  const CliLedger ledger;
  const std::string rejects = ledger.file("rejects", "old\n");
  ledger.request();
  const DataDirectory held(ledger.data(), DataDirectory::Purpose::kUse);
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--rejects", rejects})), "6 ledger.busy");
  EXPECT_EQ(read_file(rejects), "old\n");
}

TEST_P(Import, ThatEndsEarlyReportsWhatItTookIn) {
  const ImportLedger ledger(GetParam());
  const ProgramResult ended = ledger.run(
      {"import", ledger.file("journal", requested("r1") + "bad\n"), "--rejects", "/dev/full", "--format", "json"});
  EXPECT_EQ(failure(ended), "1 output.failed");
  const std::vector<std::string> told = lines_of(ended.out);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(json::parse(told[0]).at("applied"), 1);
  EXPECT_EQ(json::parse(told[1]).at("error").at("code"), "output.failed");
}

TEST_P(Import, DoesNotTakeTheKindsThatOnlyAnExportHas) {
  const ImportLedger ledger(GetParam());
  const json report = import(ledger, R"({"kind":"deduped","run":"r1","at":"2026-01-05T08:00:00Z"})"
                                     "\n");
  EXPECT_EQ(report.at("rejected"), (json{{"journal.malformed", 1}}));
  EXPECT_EQ(report.at("by_kind").at("unknown").at("rejected"), 1);
}

TEST_P(Import, OfDamagedGzipTakesWhatCameAndSaysSo) {
  const ImportLedger ledger(GetParam());
  const std::string whole = gzipped(plain_journal(2000));
  const ProgramResult cut =
      ledger.run({"import", ledger.file("cut.gz", whole.substr(0, whole.size() / 2)), "--format", "json"});
  EXPECT_EQ(failure(cut), "1 journal.unreadable");
  const json report = json::parse(lines_of(cut.out).at(0));
  EXPECT_GT(report.at("applied").get<int>(), 1000);
  EXPECT_EQ(accounted(report), report.at("lines").get<std::uint64_t>());
  std::string broken = whole;
  broken[broken.size() / 2] = static_cast<char>(broken[broken.size() / 2] ^ 0x55);
  EXPECT_EQ(failure(ledger.run({"import", ledger.file("broken.gz", broken)})), "1 journal.unreadable");
  EXPECT_EQ(ledger.json({"import", ledger.file("whole.gz", whole)}).at("lines"), 6000);
  EXPECT_EQ(ledger.json({"stats"}).at("runs"), 2000);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_P(Import, GivesTheSameForEveryBatchSize) {
  std::string journal;
  for (int n = 0; n < 300; ++n) {
    const std::string run = fmt::format("r{}", n % 100);
    journal += requested(run) + started(run, fmt::format("a{}", n)) + (n % 7 == 0 ? "bad\n" : "") +
               finished(run, fmt::format("a{}", n), n % 3 == 0 ? "succeeded" : "failed");
  }
  json expected;
  for (const char* batch : {"1", "2", "7", "2048", "65536"}) {
    const ImportLedger ledger(GetParam());
    json report = import(ledger, journal, {"--batch", batch});
    report.erase("seconds");
    if (expected.is_null()) expected = report;
    EXPECT_EQ(expected, report) << batch;
  }
}

TEST_P(Import, SaysInItsRejectsWhichMemberIsAtFault) {
  const std::string run = R"("run":"r1","workspace":"acme","type":"demo.sync")";
  const std::string at = R"("at":"2026-01-05T08:00:00Z")";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"kind":"requested",)" + run + R"(,"at":"tomorrow"})", R"("at")"},
      {R"({"kind":"requested",)" + run + R"(,"tenant":"a b",)" + at + "}", "tenant"},
      {R"({"kind":"requested",)" + run + R"(,"input":{"a":[1,{"b":1.123456789012345678}]},)" + at + "}",
       R"("/input/a/1/b")"},
      {R"({"kind":"requested",)" + run + R"(,"input":{"a":{"password":"hunter2hunter2"}},)" + at + "}",
       R"("/a/password")"},
      {R"({"kind":"requested",)" + run + R"(,"labels":7,)" + at + "}", "labels"},
      {R"({"kind":"requested",)" + run + R"(,"extra":7,)" + at + "}", R"("extra")"},
      {R"({"kind":"attempt-started","run":"r1",)" + at + "}", R"("attempt")"},
      {R"({"kind":"attempt-started","run":"r1","attempt":"",)" + at + "}", R"("attempt")"},
      {R"({"kind":"attempt-finished","run":"r1","attempt":"a","outcome":"ok",)" + at + "}", R"("outcome")"},
      {R"({"kind":"failed","run":"r1","reason_code":"X",)" + at + "}", "reason code"},
  };
  const ImportLedger ledger(GetParam());
  const std::string rejects = ledger.directory() / "rejects";
  std::string journal;
  for (const auto& [line, member] : cases) journal += line + "\n";
  import(ledger, journal, {"--rejects", rejects});
  const std::vector<std::string> kept = lines_of(read_file(rejects));
  ASSERT_EQ(kept.size(), cases.size());
  for (std::size_t n = 0; n < cases.size(); ++n) {
    const std::string reason = kept[n].substr(0, kept[n].size() - cases[n].first.size());
    EXPECT_THAT(reason, HasSubstr(cases[n].second)) << kept[n];
  }
  EXPECT_THAT(read_file(rejects), HasSubstr("3\tjson.number_out_of_range\t"));
}

TEST_P(Import, EndsWithThreeForRejectedLinesOnlyWhenAsked) {
  const ImportLedger ledger(GetParam());
  const std::string journal = ledger.file("j", requested("r1") + "bad\nworse\n");
  const ProgramResult plain = ledger.run({"import", journal});
  EXPECT_EQ(plain.status, 0);
  EXPECT_THAT(lines_of(plain.out).back(), HasSubstr("2 of 3 lines were rejected"));
  const ProgramResult in_json = ledger.run({"import", journal, "--format", "json"});
  EXPECT_EQ(in_json.status, 0);
  EXPECT_THAT(in_json.err, HasSubstr("2 of 3 lines were rejected"));
  EXPECT_EQ(ledger.run({"import", journal, "--fail-on-reject"}).status, 3);
  EXPECT_EQ(ledger.run({"import", ledger.file("good", requested("r1")), "--fail-on-reject"}).status, 0);
}

TEST_P(Import, TakesKeysThatAreIntegers) {
  const ImportLedger ledger(GetParam());
  const std::string at = R"(,"at":"2026-01-05T08:00:00Z"})"
                         "\n";
  const json report = import(
      ledger, R"({"kind":"requested","run":7,"workspace":"acme","type":"demo.sync")" + at +
                  R"({"kind":"attempt-started","run":"7","attempt":1)" + at +
                  R"({"kind":"attempt-finished","run":7.0,"attempt":"1","outcome":"succeeded")" + at +
                  R"({"kind":"requested","run":8,"workspace":"acme","type":"demo.sync","parent":7,"rerun_of":7)" + at +
                  R"({"kind":"requested","run":1.5,"workspace":"acme","type":"demo.sync")" + at);
  EXPECT_EQ(report.at("applied"), 4);
  EXPECT_EQ(report.at("rejected"), (json{{"journal.malformed", 1}}));
}

TEST_P(Import, MapsForeignNamesWhenAsked) {
  const ImportLedger ledger(GetParam());
  const std::string at = R"(,"at":"2026-01-05T08:00:00Z"})"
                         "\n";
  const std::string journal =
      R"({"kind":"requested","run":"r1","workspace":"a@b","tenant":"auth0|x","type":"App\\Jobs\\X")" + at +
      R"({"kind":"failed","run":"r1","reason_code":"GraphThrottled")" + at;
  EXPECT_EQ(import(ledger, journal).at("rejected"), (json{{"workspace.invalid", 1}, {"reason_code.invalid", 1}}));
  EXPECT_EQ(import(ledger, journal, {"--map-names"}).at("applied"), 2);
  EXPECT_EQ(import(ledger, journal, {"--map-names"}).at("repeated"), 2);
  const json run = ledger.json({"list"});
  EXPECT_EQ(run.at("workspace_id"), "mapped.x_a_064b");
  EXPECT_EQ(run.at("tenant_id"), "mapped.x_auth0_124x");
  EXPECT_EQ(run.at("type"), "mapped.x__app_092_jobs_092_x");
  EXPECT_EQ(run.at("reason_code"), "mapped.x__graph_throttled");
}

TEST_P(Import, AsksRejectedLinesAgainWhenTold) {
  const ImportLedger ledger(GetParam());
  const std::string journal = started("r1", "a1") + finished("r1", "a1") + "bad\n" + requested("r1");
  const std::string rejects = ledger.directory() / "rejects";
  const json first = import(ledger, journal);
  EXPECT_EQ(first.at("applied"), 1);
  EXPECT_EQ(first.at("rejected"), (json{{"journal.malformed", 1}, {"run.not_found", 2}}));
  const json repeated = import(ledger, journal);
  EXPECT_EQ(repeated.at("repeated"), 1);
  EXPECT_EQ(repeated.at("rejected"), first.at("rejected"));
  const json retried = import(ledger, journal, {"--retry-rejected", "--rejects", rejects});
  EXPECT_EQ(retried.at("lines"), 4);
  EXPECT_EQ(retried.at("repeated"), 1);
  EXPECT_EQ(retried.at("applied"), 2);
  EXPECT_EQ(retried.at("rejected"), (json{{"journal.malformed", 1}}));
  EXPECT_EQ(accounted(retried), 4U);
  EXPECT_THAT(read_file(rejects), testing::StartsWith("3\tjournal.malformed\t"));
  EXPECT_EQ(import(ledger, journal, {"--retry-rejected"}).at("repeated"), 3);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_P(Import, AppendsNothingInADryRun) {
  const ImportLedger ledger(GetParam());
  import(ledger, requested("r1"));
  const auto stats = [&ledger] {
    json told = ledger.json({"stats"});
    told.at("log").erase("signed_size");  // A daemon signs when it comes to it.
    return told;
  };
  const json before = stats();
  const std::string journal = requested("r1") + started("r1", "a1") + "bad\n" + requested("r2");
  const json tried = import(ledger, journal, {"--dry-run"});
  EXPECT_EQ(tried.at("dry_run"), true);
  EXPECT_EQ(stats(), before);
  json done = import(ledger, journal);
  for (const char* total : {"lines", "applied", "repeated", "deduped", "rejected", "events", "by_kind"})
    EXPECT_EQ(tried.at(total), done.at(total)) << total;
  const std::filesystem::path copies = std::filesystem::path(ledger.data()) / "copies";
  EXPECT_TRUE(!std::filesystem::exists(copies) || std::filesystem::is_empty(copies));
}

TEST_P(Import, CountsTheWarningsOfLinesThatItTook) {
  const ImportLedger ledger(GetParam());
  const std::string odd =
      R"({"kind":"attempt-finished","run":"r1","attempt":"a1","outcome":"succeeded","at":"2026-01-05T08:00:00Z",)"
      R"("summary_counts":{"Bad Key":1,"processed":-1}})"
      "\n";
  const json report = import(ledger, requested("r1") + started("r1", "a1") + odd);
  EXPECT_EQ(report.at("applied"), 3);
  EXPECT_EQ(report.at("warnings"), (json{{"counts.invalid", 1}, {"counts.key_invalid", 1}}));
}

TEST_P(Import, LeavesOpenWhatItsJournalLeavesOpenWithoutHoldingLiveRequests) {
  const ImportLedger ledger(GetParam());
  import(ledger, requested("r1") + started("r1", "a1"));
  const json open = ledger.json({"list"});
  EXPECT_EQ(open.at("status"), "running");
  EXPECT_EQ(open.at("imported_open"), true);
  const std::string id = open.at("run_id");
  const json live = ledger.json(live_request("r1"));
  EXPECT_EQ(live.at("decision"), "requested");
  EXPECT_EQ(ledger.json(live_request("r1")).at("rule"), "active_run");
  EXPECT_EQ(ledger.json({"start", id}).at("rule"), "not_canonical");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
  EXPECT_EQ(import(ledger, finished("r1", "a1")).at("applied"), 1);
  const json closed = ledger.json({"show", id}).at("run");
  EXPECT_EQ(closed.at("status"), "completed");
  EXPECT_EQ(closed.at("imported_open"), false);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_P(Import, AdoptsWhatItsJournalLeavesOpenWhenAsked) {
  const ImportLedger ledger(GetParam());
  const std::string journal = requested("r1") + started("r1", "a1") + requested("r2") + requested("r3") +
                              started("r3", "a1") + finished("r3", "a1");
  import(ledger, journal);
  ASSERT_EQ(ledger.json(live_request("r2")).at("decision"), "requested");
  const ProgramResult adopting =
      ledger.run({"import", ledger.file("journal.jsonl", journal), "--adopt", "--format", "json"});
  const json report = json::parse(adopting.out);
  EXPECT_EQ(report.at("adopted"), 1);
  EXPECT_EQ(report.at("not_adopted"), (json{{"adopt.identity_held", 1}}));
  EXPECT_THAT(adopting.err, HasSubstr("adopt.identity_held"));
  EXPECT_EQ(report.at("repeated"), report.at("lines"));
  const json event = ledger.json({"replay", "--kind", "adopted"});
  const json run = ledger.json({"show", event.at("run_id").get<std::string>()}).at("run");
  EXPECT_EQ(run.at("context"), (json{{"run", "r1"}}));
  EXPECT_EQ(run.at("status"), "queued");
  EXPECT_EQ(run.at("imported_open"), false);
  EXPECT_EQ(ledger.json(live_request("r1")).at("run_id"), run.at("run_id"));
  EXPECT_EQ(import(ledger, journal, {"--adopt"}).at("adopted"), 0);
  EXPECT_EQ(ledger.json({"start", run.at("run_id")}).at("attempt"), 2);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
  const std::string events = ledger.run({"export"}).out;
  const CliLedger copy;
  copy.json({"import", "--verbatim", copy.file("export.jsonl", events)});
  EXPECT_EQ(copy.run({"export"}).out, events);
  EXPECT_EQ(copy.json({"verify"}).at("ok"), true);
}

TEST(ImportIntoTheDirectory, LeavesNothingForTheFirstReaderToFold) {
  const CliLedger ledger;
  ledger.json({"import", ledger.file("journal.jsonl", plain_journal(50))});
  Ledger opened({.directory = ledger.data()});
  EXPECT_EQ(RowStore(opened.log()).checkpoint(), opened.log().last());
}

TEST_P(Import, NamesItsNamespaceWithinLimits) {
  const ImportLedger ledger(GetParam());
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--namespace", ""})), "2 namespace.invalid");
  EXPECT_EQ(ledger.run({"import", "/dev/null", "--namespace", std::string(200, 'n')}).status, 0);
  EXPECT_EQ(failure(ledger.run({"import", "/dev/null", "--namespace", std::string(201, 'n')})), "2 namespace.invalid");
}

TEST_P(Import, TellsItsReportInText) {
  const ImportLedger ledger(GetParam());
  const ProgramResult result = ledger.run({"import", ledger.file("j", requested("r1") + "bad\n")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("rejected with journal.malformed: 1"));
  EXPECT_THAT(result.out, HasSubstr("1 events appended"));
  EXPECT_EQ(result.err, "") << "no progress bar where there is no terminal";
}

}  // namespace
}  // namespace runledger
