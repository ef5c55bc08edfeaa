// The normal use of every command, through the real program.
//
// The tests call the program as a user would, each on a new ledger, and compare its JSON, or its text where the text is
// the subject. What can go wrong is tested in bad_input_e2e_test.cc and usage_e2e_test.cc.
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
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(json::parse(made.out).at("ledger_id").get<std::string>().size(), 36U);
  EXPECT_EQ(data, json::parse(made.out).at("data"));
}

TEST(InitCommand, RefusesADirectoryThatHoldsSomething) {
  const CliLedger ledger;
  EXPECT_EQ(failure(ledger.run({"init"})), "2 ledger.exists");
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
    EXPECT_EQ(failure(run_program(all)), "2 ledger.not_found") << arguments.front();
    EXPECT_FALSE(std::filesystem::exists(data)) << arguments.front();
  }
}

TEST(RequestCommand, AnswersInTheAgreedShape) {
  const CliLedger ledger;
  const json answer = ledger.json({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"});
  EXPECT_EQ(answer.at("decision"), "requested");
  EXPECT_TRUE(answer.at("rule").is_null());
  EXPECT_TRUE(answer.at("attempt").is_null());
  EXPECT_TRUE(answer.at("token").is_null());
  EXPECT_TRUE(answer.at("retry_after").is_null());
  EXPECT_EQ(answer.at("sequence"), 1);
  EXPECT_EQ(answer.at("run_id").get<std::string>().size(), 36U);
}

TEST(RequestCommand, TakesWhatItSaysOfItsRun) {
  const CliLedger ledger;
  const json parent = ledger.json({"request", "--workspace", "acme", "--type", "demo.sync"});
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string parent_id = parent.at("run_id");
  const json answer =
      ledger.json({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--label", "region=eu",
                   "--label", "tier=gold=1", "--parent", parent_id, "--traceparent", trace});
  const json shown = ledger.json({"show", answer.at("run_id")});
  const json run = shown.at("run");
  EXPECT_EQ(run.at("labels"), (json{{"region", "eu"}, {"tier", "gold=1"}}));
  EXPECT_EQ(run.at("parent_run_id"), parent_id);
  EXPECT_EQ(run.at("root_run_id"), parent_id);
  EXPECT_EQ(run.at("traceparent"), trace);
  EXPECT_TRUE(run.at("rerun_of").is_null());
  EXPECT_EQ(run.at("caller"), "uid:" + std::to_string(::geteuid()));
  EXPECT_EQ(shown.at("events")[0].at("data").at("labels"), run.at("labels"));
}

TEST(RequestCommand, ChangesThePolicyWithinTheBoundsOfItsType) {
  const CliLedger ledger;
  const std::string catalog =
      ledger.file("catalog.json", R"({"types":[{"type":"demo.sync","max_attempts_max":5,"cooldown_seconds_min":0}]})");
  const auto request = [&](Arguments more) {
    Arguments all = {"--catalog", catalog, "request", "--workspace", "acme", "--type", "demo.sync"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  EXPECT_EQ(failure(ledger.run(request({"--max-attempts", "6"}))), "2 policy.out_of_bounds");
  EXPECT_EQ(failure(ledger.run(request({"--lease", "30"}))), "2 policy.out_of_bounds");
  const json answer = ledger.json(request({"--max-attempts", "5", "--cooldown", "0"}));
  const json shown = ledger.json({"show", answer.at("run_id")});
  EXPECT_EQ(shown.at("run").at("max_attempts"), 5);
  EXPECT_EQ(shown.at("events")[0].at("data").at("policy").at("cooldown_seconds"), 0);
}

TEST(RequestCommand, WarnsOfWhatItCannotTake) {
  const CliLedger ledger;
  const Arguments request = {"request", "--workspace", "acme",          "--type",  "demo.sync",
                             "--label", "a=b",         "--traceparent", "nonsense"};
  EXPECT_EQ(ledger.json(request).at("warnings"),
            (json::array({{{"code", "traceparent.invalid"}, {"path", "traceparent"}}})));
  const ProgramResult again = ledger.run(request);
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.err, HasSubstr("warning: request.dropped: labels"));
}

TEST(RequestCommand, IsDedupedByTheActiveRunWhateverTheOrderOfItsInput) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"a":1,"b":2.0})");
  const json again = ledger.json({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync",
                                  "--input", R"( { "b" : 2, "a" : 1 } )"});
  EXPECT_EQ(again.at("decision"), "deduped");
  EXPECT_EQ(again.at("rule"), "active_run");
  EXPECT_EQ(run, again.at("run_id"));
}

TEST(RequestCommand, EndsWithThreeWhenDedupedAndAskedTo) {
  const CliLedger ledger;
  ledger.request();
  const ProgramResult again = ledger.run({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync",
                                          "--input", "{}", "--fail-if-deduped"});
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.out, HasSubstr("active_run"));
}

TEST(RequestCommand, IsHeldByTheCooldownUntilForced) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const Arguments again = {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"};
  const json deduped = ledger.json(again);
  EXPECT_EQ(deduped.at("rule"), "cooldown");
  EXPECT_EQ(run, deduped.at("run_id"));
  EXPECT_GT(deduped.at("retry_after").get<int>(), 800);
  EXPECT_LE(deduped.at("retry_after").get<int>(), 900);
  Arguments forced = again;
  forced.emplace_back("--force");
  EXPECT_EQ(ledger.json(forced).at("decision"), "requested");
}

TEST(RequestCommand, IsAnsweredTheSameUnderTheSameCommandId) {
  const CliLedger ledger;
  const Arguments arguments = {
      "request", "--workspace", "acme", "--type", "demo.sync", "--command-id", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"};
  const json first = ledger.json(arguments);
  const json second = ledger.json(arguments);
  EXPECT_EQ(second.at("decision"), "requested");
  EXPECT_EQ(first.at("run_id"), second.at("run_id"));
  EXPECT_EQ(second.at("repeated"), true);
  EXPECT_EQ(ledger.json_lines({"replay"}).size(), 1U);
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
  EXPECT_EQ(started.at("decision"), "started");
  EXPECT_EQ(started.at("attempt"), 1);
  EXPECT_EQ(started.at("sequence"), started.at("token"));
  const json alive = ledger.json({"heartbeat", run, "--attempt", "1", "--token", started.at("token").dump()});
  EXPECT_EQ(alive.at("decision"), "alive");
  const json finished = ledger.finish(run, started,
                                      {"--outcome", "partially_succeeded", "--count", "total=3", "--count", "failed=1",
                                       "--failure", "graph.throttled:429: too many", "--failure", "graph.gone"});
  EXPECT_EQ(finished.at("decision"), "finished");
  EXPECT_EQ(finished.at("status"), "completed");
  EXPECT_EQ(finished.at("outcome"), "partially_succeeded");
}

TEST(AttemptCommands, ASecondStartIsSkippedWhileTheFirstIsAlive) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.start(run);
  const ProgramResult second = ledger.run({"start", run, "--fail-if-deduped", "--format", "json"});
  EXPECT_EQ(second.status, 3);
  EXPECT_EQ(json::parse(second.out).at("decision"), "skipped");
  EXPECT_EQ(json::parse(second.out).at("rule"), "attempt_active");
}

TEST(AttemptCommands, AFailedAttemptIsRetriedUnlessToldNotTo) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const json retried = ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "graph.gone"});
  EXPECT_EQ(retried.at("status"), "queued");
  const json ended =
      ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "graph.gone", "--no-retry"});
  EXPECT_EQ(ended.at("status"), "completed");
  EXPECT_EQ(ended.at("outcome"), "failed");
}

TEST(EndCommands, FailAndCancelEndARun) {
  const CliLedger ledger;
  const std::string failed = ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.json({"fail", failed, "--reason", "run.stale_queued"}).at("outcome"), "failed");
  const std::string cancelled = ledger.request(R"({"n":2})");
  EXPECT_EQ(ledger.json({"cancel", cancelled, "--message", "by mistake"}).at("outcome"), "cancelled");
  EXPECT_EQ(ledger.json({"show", cancelled}).at("run").at("reason_code"), "run.cancelled");
}

TEST(EndCommands, FailAndCancelSayWhoEndedTheRun) {
  const CliLedger ledger;
  const std::string failed = ledger.request(R"({"n":1})");
  ledger.json({"fail", failed, "--reason", "run.stale_queued", "--initiator", "ann"});
  const std::string cancelled = ledger.request(R"({"n":2})");
  ledger.json({"cancel", cancelled, "--initiator", "bob"});
  EXPECT_THAT(ledger.run({"show", failed, "--events"}).out, HasSubstr("ended as failed (run.stale_queued) by ann"));
  EXPECT_EQ(ledger.json_lines({"replay", "--run", cancelled}).back().at("data").at("initiator"), "bob");
}

TEST(ShowCommand, TellsARunWithItsAttemptsAndEvents) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy":"p1"})");
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--count", "items=5", "--failure", "graph.gone:404"});
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const json shown = ledger.json({"show", run, "--events"});
  EXPECT_EQ(run, shown.at("run").at("id"));
  EXPECT_EQ(run, shown.at("run").at("run_id"));
  EXPECT_EQ(shown.at("run").at("outcome"), "succeeded");
  // The final attempt reported no counts, so the run has none, whatever the first attempt reported.
  EXPECT_EQ(shown.at("run").at("summary_counts"), json::object());
  ASSERT_EQ(shown.at("attempts").size(), 2U);
  EXPECT_EQ(shown.at("attempts").at(0).at("summary_counts").at("items"), 5);
  EXPECT_EQ(shown.at("attempts").at(0).at("failures").at(0).at("reason_code"), "graph.gone");
  EXPECT_EQ(shown.at("attempts").at(1).at("worker"), "w1");
  ASSERT_EQ(shown.at("events").size(), 5U);
  EXPECT_EQ(shown.at("events").at(0).at("kind"), "requested");
}

TEST(ShowCommand, TellsARunAsItWas) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const json started = ledger.start(run);
  ledger.finish(run, started, {"--outcome", "succeeded"});
  EXPECT_EQ(ledger.json({"show", run, "--as-of", "1"}).at("run").at("status"), "queued");
  EXPECT_EQ(ledger.json({"show", run, "--as-of", "2"}).at("run").at("status"), "running");
  EXPECT_EQ(ledger.json({"show", run, "--as-of", "2100-01-01T00:00:00Z"}).at("run").at("status"), "completed");
  EXPECT_EQ(failure(ledger.run({"show", run, "--as-of", "0"})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"show", run, "--as-of", "2020-01-01T00:00:00Z"})), "4 run.not_found");
}

TEST(ShowCommand, ReadsLikeAStoryInText) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy":"p1"})");
  ledger.request(R"({"policy":"p1"})");
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=5"});
  const ProgramResult shown = ledger.run({"show", run});
  EXPECT_EQ(shown.status, 0);
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
  ASSERT_EQ(lines_of(page.out).size(), 2U);
  EXPECT_EQ(third, json::parse(lines_of(page.out)[0]).at("id"));
  EXPECT_EQ(second, json::parse(lines_of(page.out)[1]).at("id"));
  ASSERT_TRUE(page.err.starts_with("next cursor: ")) << page.err;
  const std::string cursor = lines_of(page.err)[0].substr(std::string_view("next cursor: ").size());
  const std::vector<json> rest = ledger.json_lines({"list", "--limit", "2", "--cursor", cursor});
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(first, rest[0].at("id"));
}

TEST(DuplicatesCommand, TellsWhatWasAnsweredWithWhichRun) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"n":1})");
  ledger.request(R"({"n":1})");
  ledger.request(R"({"n":1})");
  const json answer = ledger.json({"duplicates", "--rule", "active_run", "--rule", "cooldown", "--limit", "1"});
  ASSERT_EQ(answer.at("duplicates").size(), 1U);
  EXPECT_EQ(run, answer.at("duplicates")[0].at("run_id"));
  const ProgramResult text = ledger.run({"duplicates", "--limit", "1"});
  EXPECT_THAT(text.out, HasSubstr(run));
  EXPECT_THAT(text.err, HasSubstr("next cursor: "));
  EXPECT_THAT(text.err, HasSubstr("looked at 1 entries, back to "));
  EXPECT_EQ(ledger.json({"duplicates", "--by-identity"}).at("groups")[0].at("count"), 2);
  EXPECT_THAT(ledger.run({"duplicates", "--by-identity"}).out, HasSubstr("active_run"));
  EXPECT_EQ(failure(ledger.run({"duplicates", "--rule", "luck"})), "2 rule.invalid");
  EXPECT_EQ(failure(ledger.run({"duplicates", "--cursor", "beef"})), "2 cursor.invalid");
}

TEST(WhyCommand, TellsWhyARunIsNotCarriedOut) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.json({"why", run}).at("reason"), "due");
  EXPECT_THAT(ledger.run({"why", run}).out, HasSubstr("due: it is due, and next"));
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  const std::string text = ledger.run({"why", run}).out;
  EXPECT_THAT(text, HasSubstr("completed: it is completed"));
  EXPECT_THAT(text, HasSubstr("w1"));
  EXPECT_EQ(failure(ledger.run({"why", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"})), "4 run.not_found");
}

TEST(TimeCommands, TellWhatHappened) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"n":1})");
  ledger.finish(run, ledger.start(run), {"--outcome", "failed", "--failure", "disk.full:9 bytes left", "--no-retry"});
  EXPECT_EQ(ledger.json({"series", "--by", "outcome"}).at("series")[0].at("name"), "failed");
  EXPECT_THAT(ledger.run({"series"}).out, HasSubstr("requested"));
  EXPECT_EQ(failure(ledger.run({"series", "--step", "7"})), "2 step.invalid");
  EXPECT_EQ(ledger.json({"failures"}).at("groups")[0].at("count"), 1);
  EXPECT_THAT(ledger.run({"failures"}).out, HasSubstr("# bytes left"));
  EXPECT_EQ(ledger.json({"attempts", "--worker", "w1"}).at("attempts")[0].at("outcome"), "failed");
  EXPECT_THAT(ledger.run({"attempts"}).out, HasSubstr("disk.full"));
  EXPECT_EQ(ledger.json({"workers"}).at("workers")[0].at("worker"), "w1");
  EXPECT_THAT(ledger.run({"workers"}).out, HasSubstr("w1"));
  EXPECT_EQ(ledger.json({"stats", "--since", "1970-01-01T00:00:00Z"}).at("requested"), 1);
  EXPECT_THAT(ledger.run({"stats", "--as-of", "2100-01-01T00:00:00Z"}).out, HasSubstr("disk.full=1"));
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
  EXPECT_EQ(count({}), 3U);
  EXPECT_EQ(count({"--workspace", "acme"}), 2U);
  EXPECT_EQ(count({"--tenant", "north"}), 2U);
  EXPECT_EQ(count({"--type", "demo.other"}), 1U);
  EXPECT_EQ(count({"--type", "demo.other", "--type", "demo.sync"}), 3U);
  EXPECT_EQ(count({"--status", "completed", "--status", "running"}), 1U);
  EXPECT_EQ(count({"--worker", "w1"}), 1U);
  EXPECT_EQ(count({"--initiator", "ann"}), 0U);
  EXPECT_EQ(count({"--label", "region=eu"}), 0U);
  EXPECT_EQ(count({"--deduped"}), 0U);
  EXPECT_EQ(count({"--attempts-min", "1"}), 1U);
  EXPECT_EQ(count({"--reason-code", "disk.full"}), 0U);
  EXPECT_EQ(count({"--parent", done}), 0U);
  EXPECT_EQ(count({"--id-prefix", done.substr(0, 10)}), 1U);
  EXPECT_EQ(count({"--identity", std::string(64, 'a')}), 0U);
  EXPECT_EQ(count({"--completed-since", "2026-01-01T00:00:00Z"}), 1U);
  EXPECT_EQ(count({"--active-between", "2026-01-01T00:00:00Z/2100-01-01T00:00:00Z"}), 3U);
  EXPECT_EQ(count({"--status", "completed"}), 1U);
  EXPECT_EQ(count({"--outcome", "pending"}), 2U);
  EXPECT_EQ(count({"--since", "2020-01-01T00:00:00Z"}), 3U);
  EXPECT_EQ(count({"--until", "2020-01-01T00:00:00Z"}), 0U);
  EXPECT_EQ(count({"--workspace", "acme", "--status", "queued"}), 1U);
}

TEST(StatsCommand, AddsUpRunsAttemptsEventsAndDedupes) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded", "--count", "items=5", "--count", "failed=0"});
  const json stats = ledger.json({"stats"});
  EXPECT_EQ(stats.at("runs"), 1);
  EXPECT_EQ(stats.at("by_status").at("completed"), 1);
  EXPECT_EQ(stats.at("by_outcome").at("succeeded"), 1);
  EXPECT_EQ(stats.at("by_type").at("demo.sync"), 1);
  EXPECT_EQ(stats.at("by_tenant").at("north"), 1);
  EXPECT_EQ(stats.at("by_scope"), (json{{"acme/north", 1}}));
  EXPECT_EQ(stats.at("by_attempts").at("1"), 1);
  EXPECT_EQ(stats.at("attempts"), 1);
  EXPECT_EQ(stats.at("events").at("total"), 4);
  EXPECT_EQ(stats.at("events").at("by_kind").at("deduped"), 1);
  EXPECT_EQ(stats.at("deduped").at("active_run"), 1);
  EXPECT_EQ(stats.at("summary_counts"), (json{{"items", 5}, {"failed", 0}}));
  EXPECT_EQ(stats.at("head"), 4);
  EXPECT_EQ(ledger.json({"stats", "--tenant", "south"}).at("runs"), 0);
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
  EXPECT_THAT(sequences({"--from", "5"}), ElementsAre());
}

TEST(ReplayCommand, WithStateShowsTheRowsAsTheyWere) {
  const CliLedger ledger;
  const std::string first = ledger.request(R"({"n":1})");
  const std::string second = ledger.request(R"({"n":2})");
  ledger.json({"cancel", first});
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--to", "0"}).size(), 0U);
  EXPECT_EQ(ledger.json_lines({"replay", "--state", "--to", "1"}).size(), 1U);
  const std::vector<json> now = ledger.json_lines({"replay", "--state"});
  ASSERT_EQ(now.size(), 2U);
  EXPECT_LT(now[0].at("id").get<std::string>(), now[1].at("id").get<std::string>());
  const std::vector<json> of_one = ledger.json_lines({"replay", "--state", "--run", first});
  ASSERT_EQ(of_one.size(), 1U);
  EXPECT_EQ(of_one[0].at("outcome"), "cancelled");
}

TEST(TailCommand, GivesTheLastEventsOrThoseFromAPositionAndStops) {
  const CliLedger ledger;
  for (int n = 0; n < 5; ++n) ledger.request("{\"n\":" + std::to_string(n) + "}");
  const std::vector<json> last = ledger.json_lines({"tail", "-n", "2"});
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].at("sequence"), 4);
  const std::vector<json> from = ledger.json_lines({"tail", "--from", "2", "-n", "1"});
  ASSERT_EQ(from.size(), 1U);
  EXPECT_EQ(from[0].at("sequence"), 2);
  EXPECT_EQ(ledger.json_lines({"tail", "-n", "100"}).size(), 5U);
}

TEST(TailCommand, FollowsUntilItIsInterrupted) {
  const CliLedger ledger;
  ledger.request();
  for (const int number : {SIGINT, SIGTERM}) {
    Program tail(ledger.command({"tail", "--from", "1", "--format", "json"}));
    ASSERT_TRUE(tail.wait_for_output("\"sequence\":1"));
    tail.signal(number);
    EXPECT_EQ(tail.wait().status, 0);
  }
}

TEST(TailCommand, EndsWhenNobodyReadsItAnyMore) {
  const CliLedger ledger;
  ledger.request();
  Program tail(ledger.command({"tail", "--from", "1"}));
  ASSERT_TRUE(tail.wait_for_output("requested"));
  tail.stop_reading();
  const ProgramResult ended = tail.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "");
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
  EXPECT_EQ(free.at("would_be"), "requested");
  EXPECT_EQ(free.at("identity").get<std::string>().size(), 64U);
  EXPECT_TRUE(free.at("decided_by_sequence").is_null());
  const std::string run = ledger.json(with("request")).at("run_id");
  const json held = ledger.json(with("explain"));
  EXPECT_EQ(held.at("would_be"), "deduped");
  EXPECT_EQ(held.at("rule"), "active_run");
  EXPECT_EQ(run, held.at("run_id"));
  EXPECT_EQ(run, held.at("holder"));
  EXPECT_EQ(held.at("decided_by_sequence"), 1);
  EXPECT_EQ(free.at("identity"), held.at("identity"));
  ledger.json({"cancel", run});
  const json cooling = ledger.json(with("explain"));
  EXPECT_EQ(cooling.at("rule"), "cooldown");
  EXPECT_EQ(cooling.at("decided_by_sequence"), 2);
  EXPECT_GT(cooling.at("retry_after").get<int>(), 800);
  EXPECT_EQ(ledger.json_lines({"replay"}).size(), 2U);
  EXPECT_EQ(ledger.json(with("request")).at("rule"), "cooldown") << "the ledger answers as explained";
}

TEST(VerifyCommand, FindsANewLedgerSound) {
  const CliLedger ledger;
  ledger.start(ledger.request());
  const json report = ledger.json({"verify"});
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("events"), 2);
  EXPECT_EQ(report.at("runs"), 1);
  EXPECT_TRUE(report.at("mirror_rows").is_null());
  EXPECT_EQ(report.at("findings"), json::array());
}

TEST(RebuildCommand, FindsNothingDriftedInSoundRows) {
  const CliLedger ledger;
  ledger.start(ledger.request());
  ledger.json({"stats"});
  const json report = ledger.json({"rebuild", "--dry-run"});
  EXPECT_EQ(report.at("scanned"), 1);
  EXPECT_EQ(report.at("drifted"), 0);
  EXPECT_TRUE(report.at("seconds").is_number());
  EXPECT_EQ(ledger.json({"rebuild"}).at("drifted"), 0);
}

TEST(TypesCommand, PrintsACatalogThatImportCanRead) {
  const CliLedger ledger;
  json catalog = {{"types", json::array()}};
  for (const json& type : ledger.json_lines({"types"})) catalog["types"].push_back(type);
  EXPECT_EQ(catalog["types"].size(), 3U);
  const std::string file = ledger.file("catalog.json", catalog.dump());
  EXPECT_EQ(ledger.json({"import", "--catalog", file, "/dev/null"}).at("lines"), 0);
}

}  // namespace
}  // namespace runledger
