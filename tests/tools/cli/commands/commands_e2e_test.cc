// Every command's ordinary way, through the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(InitCommand, MakesALedgerAndSaysItsId) {
  const TemporaryDirectory directory;
  const std::string data = directory.path() / "new";
  const ProgramResult made = run_program({program_path(), "--data", data, "init", "--format", "json"});
  ASSERT_EQ(0, made.status) << made.err;
  EXPECT_EQ(36U, json::parse(made.out).at("ledger_id").get<std::string>().size());
  EXPECT_EQ(data, json::parse(made.out).at("data"));
}

TEST(InitCommand, RefusesADirectoryThatHoldsSomething) {
  const CliLedger ledger;
  EXPECT_EQ("2 ledger.exists", failure(ledger.run({"init"})));
}

TEST(InitCommand, IsTheOnlyOneThatMakesADirectory) {
  const TemporaryDirectory directory;
  const std::string data = directory.path() / "missing";
  for (const Arguments& arguments : {Arguments{"list"},
                                     {"stats"},
                                     {"verify"},
                                     {"replay"},
                                     {"tail", "-n", "1"},
                                     {"export"},
                                     {"rebuild"},
                                     {"import", "/dev/null"},
                                     {"request", "--workspace", "a", "--type", "b"},
                                     {"show", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"}}) {
    Arguments all = {program_path(), "--data", data};
    all.insert(all.end(), arguments.begin(), arguments.end());
    EXPECT_EQ("2 ledger.not_found", failure(run_program(all))) << arguments.front();
    EXPECT_FALSE(std::filesystem::exists(data)) << arguments.front();
  }
}

TEST(RequestCommand, AnswersInTheAgreedShape) {
  const CliLedger ledger;
  const json answer = ledger.json({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"});
  EXPECT_EQ("requested", answer.at("decision"));
  EXPECT_TRUE(answer.at("rule").is_null());
  EXPECT_TRUE(answer.at("attempt").is_null());
  EXPECT_TRUE(answer.at("token").is_null());
  EXPECT_TRUE(answer.at("retry_after").is_null());
  EXPECT_EQ(1, answer.at("sequence"));
  EXPECT_EQ(36U, answer.at("run_id").get<std::string>().size());
}

TEST(RequestCommand, IsDedupedByTheActiveRunWhateverTheOrderOfItsInput) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"a":1,"b":2.0})");
  const json again = ledger.json({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync",
                                  "--input", R"( { "b" : 2, "a" : 1 } )"});
  EXPECT_EQ("deduped", again.at("decision"));
  EXPECT_EQ("active_run", again.at("rule"));
  EXPECT_EQ(run, again.at("run_id"));
}

TEST(RequestCommand, EndsWithThreeWhenDedupedAndAskedTo) {
  const CliLedger ledger;
  ledger.request();
  const ProgramResult again = ledger.run({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync",
                                          "--input", "{}", "--fail-if-deduped"});
  EXPECT_EQ(3, again.status);
  EXPECT_THAT(again.out, HasSubstr("active_run"));
}

TEST(RequestCommand, IsHeldByTheCooldownUntilForced) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const Arguments again = {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"};
  const json deduped = ledger.json(again);
  EXPECT_EQ("cooldown", deduped.at("rule"));
  EXPECT_EQ(run, deduped.at("run_id"));
  EXPECT_GT(deduped.at("retry_after").get<int>(), 800);
  EXPECT_LE(deduped.at("retry_after").get<int>(), 900);
  Arguments forced = again;
  forced.emplace_back("--force");
  EXPECT_EQ("requested", ledger.json(forced).at("decision"));
}

TEST(RequestCommand, IsAnsweredTheSameUnderTheSameCommandId) {
  const CliLedger ledger;
  const Arguments arguments = {
      "request", "--workspace", "acme", "--type", "demo.sync", "--command-id", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"};
  const json first = ledger.json(arguments);
  const json second = ledger.json(arguments);
  EXPECT_EQ("requested", second.at("decision"));
  EXPECT_EQ(first.at("run_id"), second.at("run_id"));
  EXPECT_EQ(true, second.at("repeated"));
  EXPECT_EQ(1U, ledger.json_lines({"replay"}).size());
}

TEST(RequestCommand, ReadsItsInputFromAFileOrStandardInput) {
  const CliLedger ledger;
  const std::string run = ledger.request("@" + ledger.file("input.json", "{\"a\": 1}\n"));
  ProgramOptions options;
  options.input = "{\"a\":1.0}";
  const json again = ledger.json(
      {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", "@-"}, options);
  EXPECT_EQ(run, again.at("run_id"));
}

TEST(AttemptCommands, StartHeartbeatAndFinishCarryTheToken) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const json started = ledger.start(run);
  EXPECT_EQ("started", started.at("decision"));
  EXPECT_EQ(1, started.at("attempt"));
  EXPECT_EQ(started.at("sequence"), started.at("token"));
  const json alive = ledger.json({"heartbeat", run, "--attempt", "1", "--token", started.at("token").dump()});
  EXPECT_EQ("alive", alive.at("decision"));
  const json finished = ledger.finish(run, started,
                                      {"--outcome", "partially_succeeded", "--count", "total=3", "--count", "failed=1",
                                       "--failure", "graph.throttled:429: too many", "--failure", "graph.gone"});
  EXPECT_EQ("finished", finished.at("decision"));
  EXPECT_EQ("completed", finished.at("status"));
  EXPECT_EQ("partially_succeeded", finished.at("outcome"));
}

TEST(AttemptCommands, ASecondStartIsSkippedWhileTheFirstIsAlive) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.start(run);
  const ProgramResult second = ledger.run({"start", run, "--fail-if-deduped", "--format", "json"});
  EXPECT_EQ(3, second.status);
  EXPECT_EQ("skipped", json::parse(second.out).at("decision"));
  EXPECT_EQ("attempt_active", json::parse(second.out).at("rule"));
}

TEST(AttemptCommands, AFailedAttemptIsRetriedUnlessToldNotTo) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const json retried = ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "graph.gone"});
  EXPECT_EQ("queued", retried.at("status"));
  const json ended =
      ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "graph.gone", "--no-retry"});
  EXPECT_EQ("completed", ended.at("status"));
  EXPECT_EQ("failed", ended.at("outcome"));
}

TEST(EndCommands, FailAndCancelEndARun) {
  const CliLedger ledger;
  const std::string failed = ledger.request(R"({"n":1})");
  EXPECT_EQ("failed", ledger.json({"fail", failed, "--reason", "run.stale_queued"}).at("outcome"));
  const std::string cancelled = ledger.request(R"({"n":2})");
  EXPECT_EQ("cancelled", ledger.json({"cancel", cancelled, "--message", "by mistake"}).at("outcome"));
  EXPECT_EQ("run.cancelled", ledger.json({"show", cancelled}).at("run").at("reason_code"));
}

TEST(ShowCommand, TellsARunWithItsAttemptsAndEvents) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy":"p1"})");
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--count", "items=5", "--failure", "graph.gone:404"});
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const json shown = ledger.json({"show", run, "--events"});
  EXPECT_EQ(run, shown.at("run").at("id"));
  EXPECT_EQ(run, shown.at("run").at("run_id"));
  EXPECT_EQ("succeeded", shown.at("run").at("outcome"));
  // The final attempt reported none, so the run has none, whatever the first one said.
  EXPECT_EQ(json::object(), shown.at("run").at("summary_counts"));
  ASSERT_EQ(2U, shown.at("attempts").size());
  EXPECT_EQ(5, shown.at("attempts").at(0).at("summary_counts").at("items"));
  EXPECT_EQ("graph.gone", shown.at("attempts").at(0).at("failures").at(0).at("reason_code"));
  EXPECT_EQ("w1", shown.at("attempts").at(1).at("worker"));
  ASSERT_EQ(5U, shown.at("events").size());
  EXPECT_EQ("requested", shown.at("events").at(0).at("kind"));
}

TEST(ShowCommand, TellsARunAsItWas) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const json started = ledger.start(run);
  ledger.finish(run, started, {"--outcome", "succeeded"});
  EXPECT_EQ("queued", ledger.json({"show", run, "--as-of", "1"}).at("run").at("status"));
  EXPECT_EQ("running", ledger.json({"show", run, "--as-of", "2"}).at("run").at("status"));
  EXPECT_EQ("completed", ledger.json({"show", run, "--as-of", "2100-01-01T00:00:00Z"}).at("run").at("status"));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"show", run, "--as-of", "0"})));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"show", run, "--as-of", "2020-01-01T00:00:00Z"})));
}

TEST(ShowCommand, ReadsLikeAStoryInText) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy":"p1"})");
  ledger.request(R"({"policy":"p1"})");
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=5"});
  const ProgramResult shown = ledger.run({"show", run});
  EXPECT_EQ(0, shown.status);
  EXPECT_THAT(shown.out, HasSubstr("Run " + run + " succeeded"));
  EXPECT_THAT(shown.out, HasSubstr("acme/north"));
  EXPECT_THAT(shown.out, HasSubstr("a request was deduped (active_run)"));
  EXPECT_THAT(shown.out, HasSubstr("attempt 1 started by w1, lease 60 s"));
  EXPECT_THAT(shown.out, HasSubstr("attempt 1 succeeded [items=5]"));
  EXPECT_THAT(shown.out, testing::Not(HasSubstr("\x1b"))) << "colour is for terminals";
}

TEST(ListCommand, GivesPagesNewestFirst) {
  const CliLedger ledger;
  const std::string first = ledger.request(R"({"n":1})");
  const std::string second = ledger.request(R"({"n":2})");
  const std::string third = ledger.request(R"({"n":3})");
  const ProgramResult page = ledger.run({"list", "--limit", "2", "--format", "json"});
  ASSERT_EQ(2U, lines_of(page.out).size());
  EXPECT_EQ(third, json::parse(lines_of(page.out)[0]).at("id"));
  EXPECT_EQ(second, json::parse(lines_of(page.out)[1]).at("id"));
  ASSERT_TRUE(page.err.starts_with("next cursor: ")) << page.err;
  const std::string cursor = lines_of(page.err)[0].substr(std::string_view("next cursor: ").size());
  const std::vector<json> rest = ledger.json_lines({"list", "--limit", "2", "--cursor", cursor});
  ASSERT_EQ(1U, rest.size());
  EXPECT_EQ(first, rest[0].at("id"));
}

TEST(ListCommand, FiltersByEveryOption) {
  const CliLedger ledger;
  const std::string done = ledger.request(R"({"n":1})");
  ledger.finish(done, ledger.start(done), {"--outcome", "succeeded"});
  ledger.request(R"({"n":2})", "demo.other");
  ledger.json({"request", "--workspace", "other", "--type", "demo.sync"});
  const auto count = [&](Arguments filter) {
    filter.insert(filter.begin(), "list");
    return ledger.json_lines(filter).size();
  };
  EXPECT_EQ(3U, count({}));
  EXPECT_EQ(2U, count({"--workspace", "acme"}));
  EXPECT_EQ(2U, count({"--tenant", "north"}));
  EXPECT_EQ(1U, count({"--type", "demo.other"}));
  EXPECT_EQ(1U, count({"--status", "completed"}));
  EXPECT_EQ(2U, count({"--outcome", "pending"}));
  EXPECT_EQ(3U, count({"--since", "2020-01-01T00:00:00Z"}));
  EXPECT_EQ(0U, count({"--until", "2020-01-01T00:00:00Z"}));
  EXPECT_EQ(1U, count({"--workspace", "acme", "--status", "queued"}));
}

TEST(StatsCommand, AddsUpRunsAttemptsEventsAndDedupes) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=5"});
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(1, stats.at("runs"));
  EXPECT_EQ(1, stats.at("by_status").at("completed"));
  EXPECT_EQ(1, stats.at("by_outcome").at("succeeded"));
  EXPECT_EQ(1, stats.at("by_type").at("demo.sync"));
  EXPECT_EQ(1, stats.at("by_tenant").at("north"));
  EXPECT_EQ(1, stats.at("by_attempts").at("1"));
  EXPECT_EQ(1, stats.at("attempts"));
  EXPECT_EQ(4, stats.at("events").at("total"));
  EXPECT_EQ(1, stats.at("events").at("by_kind").at("deduped"));
  EXPECT_EQ(1, stats.at("deduped").at("active_run"));
  EXPECT_EQ(5, stats.at("summary_counts").at("items"));
  EXPECT_EQ(4, stats.at("head"));
  EXPECT_EQ(0, ledger.json({"stats", "--tenant", "south"}).at("runs"));
}

TEST(ReplayCommand, ShowsTheEventsThatItIsAskedFor) {
  const CliLedger ledger;
  const std::string first = ledger.request(R"({"n":1})");
  const std::string second = ledger.request(R"({"n":2})", "demo.other");
  ledger.start(first);
  ledger.json({"cancel", second});
  const auto sequences = [&](Arguments filter) {
    filter.insert(filter.begin(), "replay");
    std::vector<int> shown;
    for (const json& event : ledger.json_lines(filter)) shown.push_back(event.at("sequence"));
    return shown;
  };
  EXPECT_THAT(sequences({}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(sequences({"--from", "2", "--to", "3"}), ElementsAre(2, 3));
  EXPECT_THAT(sequences({"--from", "4", "--to", "100"}), ElementsAre(4));
  EXPECT_THAT(sequences({"--run", first}), ElementsAre(1, 3));
  EXPECT_THAT(sequences({"--tenant", "south"}), ElementsAre());
  EXPECT_THAT(sequences({"--type", "demo.other"}), ElementsAre(2, 4));
  EXPECT_THAT(sequences({"--kind", "requested"}), ElementsAre(1, 2));
  EXPECT_THAT(sequences({"--from", "9"}), ElementsAre());
}

TEST(ReplayCommand, WithStateShowsTheRowsAsTheyWere) {
  const CliLedger ledger;
  const std::string first = ledger.request(R"({"n":1})");
  const std::string second = ledger.request(R"({"n":2})");
  ledger.json({"cancel", first});
  EXPECT_EQ(0U, ledger.json_lines({"replay", "--state", "--to", "0"}).size());
  EXPECT_EQ(1U, ledger.json_lines({"replay", "--state", "--to", "1"}).size());
  const std::vector<json> now = ledger.json_lines({"replay", "--state"});
  ASSERT_EQ(2U, now.size());
  EXPECT_LT(now[0].at("id").get<std::string>(), now[1].at("id").get<std::string>());
  const std::vector<json> of_one = ledger.json_lines({"replay", "--state", "--run", first});
  ASSERT_EQ(1U, of_one.size());
  EXPECT_EQ("cancelled", of_one[0].at("outcome"));
}

TEST(TailCommand, GivesTheLastEventsOrThoseFromAPositionAndStops) {
  const CliLedger ledger;
  for (int n = 0; n < 5; ++n) ledger.request("{\"n\":" + std::to_string(n) + "}");
  const std::vector<json> last = ledger.json_lines({"tail", "-n", "2"});
  ASSERT_EQ(2U, last.size());
  EXPECT_EQ(4, last[0].at("sequence"));
  const std::vector<json> from = ledger.json_lines({"tail", "--from", "2", "-n", "1"});
  ASSERT_EQ(1U, from.size());
  EXPECT_EQ(2, from[0].at("sequence"));
  EXPECT_EQ(5U, ledger.json_lines({"tail", "-n", "100"}).size());
}

TEST(TailCommand, FollowsUntilItIsInterrupted) {
  const CliLedger ledger;
  ledger.request();
  for (const int number : {SIGINT, SIGTERM}) {
    Program tail(ledger.command({"tail", "--from", "1", "--format", "json"}));
    ASSERT_TRUE(tail.wait_for_output("\"sequence\":1"));
    tail.signal(number);
    EXPECT_EQ(0, tail.wait().status);
  }
}

TEST(TailCommand, EndsWhenNobodyReadsItAnyMore) {
  const CliLedger ledger;
  ledger.request();
  Program tail(ledger.command({"tail", "--from", "1"}));
  ASSERT_TRUE(tail.wait_for_output("requested"));
  tail.stop_reading();
  const ProgramResult ended = tail.wait();
  EXPECT_EQ(1, ended.status);
  EXPECT_EQ("", ended.err);
}

TEST(ExplainCommand, SaysWhatARequestWouldBeAnsweredAndChangesNothing) {
  const CliLedger ledger;
  const Arguments what = {"--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", "{}"};
  const auto with = [&](const std::string& command) {
    Arguments all = {command};
    all.insert(all.end(), what.begin(), what.end());
    return all;
  };
  const json free = ledger.json(with("explain"));
  EXPECT_EQ("requested", free.at("would_be"));
  EXPECT_EQ(64U, free.at("identity").get<std::string>().size());
  EXPECT_TRUE(free.at("decided_by_sequence").is_null());
  const std::string run = ledger.json(with("request")).at("run_id");
  const json held = ledger.json(with("explain"));
  EXPECT_EQ("deduped", held.at("would_be"));
  EXPECT_EQ("active_run", held.at("rule"));
  EXPECT_EQ(run, held.at("run_id"));
  EXPECT_EQ(run, held.at("holder"));
  EXPECT_EQ(1, held.at("decided_by_sequence"));
  EXPECT_EQ(free.at("identity"), held.at("identity"));
  ledger.json({"cancel", run});
  const json cooling = ledger.json(with("explain"));
  EXPECT_EQ("cooldown", cooling.at("rule"));
  EXPECT_EQ(2, cooling.at("decided_by_sequence"));
  EXPECT_GT(cooling.at("retry_after").get<int>(), 800);
  EXPECT_EQ(2U, ledger.json_lines({"replay"}).size());
  EXPECT_EQ("cooldown", ledger.json(with("request")).at("rule")) << "the ledger answers as explained";
}

TEST(VerifyCommand, FindsANewLedgerSound) {
  const CliLedger ledger;
  ledger.start(ledger.request());
  const json report = ledger.json({"verify"});
  EXPECT_EQ(true, report.at("ok"));
  EXPECT_EQ(2, report.at("events"));
  EXPECT_EQ(1, report.at("runs"));
  EXPECT_TRUE(report.at("mirror_rows").is_null());
  EXPECT_EQ(json::array(), report.at("findings"));
}

TEST(RebuildCommand, FindsNothingDriftedInSoundRows) {
  const CliLedger ledger;
  ledger.start(ledger.request());
  ledger.json({"stats"});
  const json report = ledger.json({"rebuild", "--dry-run"});
  EXPECT_EQ(1, report.at("scanned"));
  EXPECT_EQ(0, report.at("drifted"));
  EXPECT_TRUE(report.at("seconds").is_number());
  EXPECT_EQ(0, ledger.json({"rebuild"}).at("drifted"));
}

TEST(TypesCommand, PrintsACatalogThatImportCanRead) {
  const CliLedger ledger;
  json catalog = {{"types", json::array()}};
  for (const json& type : ledger.json_lines({"types"})) catalog["types"].push_back(type);
  EXPECT_EQ(3U, catalog["types"].size());
  const std::string file = ledger.file("catalog.json", catalog.dump());
  EXPECT_EQ(0, ledger.json({"import", "--catalog", file, "/dev/null"}).at("lines"));
}

}  // namespace
}  // namespace runledger
