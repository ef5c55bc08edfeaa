// Mistakes of people and programs: events in a wrong order, bad JSON, texts and times, and runs of others. Each has its
// code and leaves the ledger unchanged.
//
// The tests run the real program on a ledger of its own. failure() returns the exit status and the code in one text,
// such as "4 attempt.not_started", and the number of events shows that a refused command has left nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNoSuchRun = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

ProgramResult request(const CliLedger& ledger, const std::string& input) {
  ProgramOptions options;
  options.input = input;
  return ledger.run({"request", "--workspace", "acme", "--type", "demo.sync", "--input", "@-"}, options);
}

std::size_t events(const CliLedger& ledger) {
  return ledger.json_lines({"replay"}).size();
}

Arguments finish(const std::string& run, const std::string& attempt, const std::string& token,
                 const std::string& outcome = "succeeded") {
  return {"finish", run, "--attempt", attempt, "--token", token, "--outcome", outcome};
}

TEST(EventsOutOfTurn, AreRefusedByTheirRule) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ(failure(ledger.run(finish(run, "1", "1"))), "4 attempt.not_started");
  EXPECT_EQ(failure(ledger.run(finish(kNoSuchRun, "1", "1"))), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"start", kNoSuchRun})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"cancel", kNoSuchRun})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"fail", kNoSuchRun, "--reason", "run.gone"})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"heartbeat", kNoSuchRun, "--attempt", "1", "--token", "1"})), "4 run.not_found");
  EXPECT_EQ(failure(ledger.run({"show", kNoSuchRun})), "4 run.not_found");
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ(failure(ledger.run(finish(run, "2", token))), "4 attempt.not_started") << "the attempt number is skipped";
  EXPECT_EQ(failure(ledger.run(finish(run, "1", "99"))), "4 attempt.wrong_token");
  EXPECT_EQ(failure(ledger.run({"heartbeat", run, "--attempt", "1", "--token", "99"})), "4 attempt.wrong_token");
  EXPECT_EQ(events(ledger), 2U) << "a refusal leaves no event";
}

TEST(EventsOutOfTurn, ASecondFinishIsTheSameOrRefused) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ(ledger.run(finish(run, "1", token)).status, 0);
  EXPECT_EQ(ledger.json(finish(run, "1", token)).at("repeated"), true);
  EXPECT_EQ(failure(ledger.run(finish(run, "1", token, "blocked"))), "4 attempt.already_finished");
  EXPECT_EQ(ledger.json({"start", run}).at("rule"), "run_completed");
}

TEST(EventsOutOfTurn, AnEndedRunIsNotEndedOtherwise) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ(ledger.run({"fail", run, "--reason", "run.stale_queued"}).status, 0);
  EXPECT_EQ(ledger.json({"fail", run, "--reason", "run.stale_queued"}).at("repeated"), true);
  EXPECT_EQ(failure(ledger.run({"cancel", run})), "4 run.completed");
}

TEST(EventsOutOfTurn, ACommandIdIsNotReusedForOtherContent) {
  const CliLedger ledger;
  const Arguments command = {"request", "--workspace", "acme", "--type", "demo.sync", "--command-id", kNoSuchRun};
  EXPECT_EQ(ledger.run(command).status, 0);
  Arguments other = command;
  other.insert(other.end(), {"--input", R"({"n":1})"});
  EXPECT_EQ(failure(ledger.run(other)), "4 command.reused");
}

TEST(EventsOutOfTurn, ANamedRunKeepsItsInput) {
  const CliLedger ledger;
  const Arguments command = {"request", "--workspace", "acme", "--type", "demo.sync", "--run", kNoSuchRun, "--input"};
  const auto with = [&](const std::string& input) {
    Arguments all = command;
    all.push_back(input);
    return all;
  };
  EXPECT_EQ(ledger.json(with(R"({"n":1})")).at("decision"), "requested");
  EXPECT_EQ(ledger.json(with(R"({"n":1.0})")).at("rule"), "same_run");
  EXPECT_EQ(failure(ledger.run(with(R"({"n":2})"))), "4 run.exists_with_other_input");
  Arguments explain = with(R"({"n":2})");
  explain[0] = "explain";
  EXPECT_EQ(ledger.json(explain).at("would_be"), "rejected");
}

// Each call finishes a run of its own. Returns the code and the path of the first warning.
class Finishes {
 public:
  json answer(const Arguments& more, const std::string& outcome = "succeeded") {
    run_ = ledger_.request(fmt::format("{{\"n\":{}}}", ++runs_));
    Arguments all = finish(run_, "1", ledger_.start(run_).at("token").dump(), outcome);
    all.insert(all.end(), more.begin(), more.end());
    return ledger_.json(all);
  }
  std::string warning(const Arguments& more) {
    const json answered = answer(more);
    if (!answered.contains("warnings")) return "";
    const json& first = answered.at("warnings")[0];
    return first.at("code").get<std::string>() + " " + first.at("path").get<std::string>();
  }
  [[nodiscard]] json shown() const { return ledger_.json({"show", run_}).at("run"); }

 private:
  CliLedger ledger_;
  std::string run_;
  int runs_ = 0;
};

TEST(Forms, OfOutcomesAndReasonsAreChecked) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ(failure(ledger.run(finish(run, "1", token, "lost"))), "2 outcome.invalid");
  EXPECT_EQ(failure(ledger.run(finish(run, "1", token, "Succeeded"))), "2 outcome.invalid");
  EXPECT_EQ(failure(ledger.run(finish(run, "1", token, ""))), "2 outcome.invalid");
  EXPECT_EQ(failure(ledger.run({"fail", run, "--reason", "stale"})), "2 reason_code.invalid");
}

TEST(Forms, OfTheDetailsOfAReportDoNotLoseIt) {
  Finishes report;
  for (const char* count : {"a", "a=", "a=-1", "a=1.5", "a=0x1", "a=9007199254740992"})
    EXPECT_EQ(report.warning({"--count", count}), "counts.invalid summary_counts.a") << count;
  for (const char* count : {"=1", "A=1", "é=1"})
    EXPECT_EQ(report.warning({"--count", count}), "counts.key_invalid summary_counts") << count;
  EXPECT_EQ(report.warning({"--count", "a=1", "--count", "a=1"}), "counts.duplicate_key summary_counts.a");
  EXPECT_EQ(report.shown().at("summary_counts"), (json{{"a", 1}}));
  for (const char* code : {"graph", "Graph.gone", "", "graph.gone\n:x"})
    EXPECT_EQ(report.warning({"--failure", code}), "reason_code.invalid failures[0].reason_code") << code;
  EXPECT_EQ(report.shown().at("failure_summary")[0].at("reason_code"), "worker.unnamed_failure");
  EXPECT_EQ(report.warning({"--count", "a=9007199254740991"}), "");
}

TEST(Forms, HoldTheirLimitsExactly) {
  Finishes report;
  Arguments details;
  for (int n = 0; n < 32; ++n) details.insert(details.end(), {"--count", fmt::format("k{}=1", n)});
  for (int n = 0; n < 20; ++n) details.insert(details.end(), {"--failure", "graph.gone:x"});
  EXPECT_EQ(report.warning(details), "");
  details.insert(details.end(), {"--count", "one_more=1", "--failure", "graph.gone:x"});
  EXPECT_EQ(report.answer(details).at("warnings"),
            (json::array({{{"code", "counts.too_many"}, {"path", "summary_counts.one_more"}},
                          {{"code", "failures.too_many"}, {"path", "failures[20]"}}})));
  EXPECT_EQ(report.shown().at("summary_counts").size(), 32U);
  EXPECT_EQ(report.shown().at("failure_summary").size(), 20U);
}

TEST(Names, HoldTheirLimitsExactly) {
  const CliLedger ledger;
  const auto status = [&](const std::string& workspace, const std::string& tenant, const std::string& type) {
    return failure(ledger.run({"request", "--workspace", workspace, "--tenant", tenant, "--type", type}));
  };
  EXPECT_EQ(status(std::string(127, 'w'), "t", "demo.a"), "0 ");
  EXPECT_EQ(status(std::string(128, 'w'), "t", "demo.b"), "0 ");
  EXPECT_EQ(status(std::string(129, 'w'), "t", "demo.c"), "2 workspace.invalid");
  EXPECT_EQ(status("w", std::string(128, 't'), "demo.d"), "0 ");
  EXPECT_EQ(status("w", std::string(129, 't'), "demo.e"), "2 tenant.invalid");
  EXPECT_EQ(status("w", "", "demo.e"), "2 tenant.invalid");
  EXPECT_EQ(status("w", "t", std::string(64, 'a')), "0 ");
  EXPECT_EQ(status("w", "t", std::string(65, 'a')), "2 type.invalid");
  for (const char* type : {"", "Demo", "demo.", ".demo", "demo..sync", "demo sync", "demo/sync", "1demo"})
    EXPECT_EQ(status("w", "t", type), "2 type.invalid") << type;
  for (const char* name :
       {"a b", "a\nb", "a\x1b", "a\rb", "é", "a\u202eb", "a\u200bb", "a'; DROP TABLE x; --", "%s{}", "\xff", "a@b"})
    EXPECT_EQ(status(name, "t", "demo.f"), "2 workspace.invalid") << name;
}

TEST(Ids, AreUuidsOfOneForm) {
  const CliLedger ledger;
  const std::vector<const char*> of_no_form = {"",
                                               "x",
                                               "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a111",
                                               "{5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11}",
                                               "5g0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11",
                                               "../../etc/passwd"};
  for (const char* id : of_no_form) EXPECT_EQ(failure(ledger.run({"show", id})), "2 run.invalid") << id;
  std::vector<const char*> not_whole = of_no_form;
  not_whole.insert(not_whole.end(), {"5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a1", "5f0c2a527c524f0e9d8b2f6e0f4c8a11"});
  for (const char* id : not_whole) {
    EXPECT_EQ(failure(ledger.run({"request", "--workspace", "w", "--type", "demo.a", "--command-id", id})),
              "2 command_id.invalid")
        << id;
  }
  const std::string run = ledger.request();
  std::string upper = run;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(run, ledger.json({"show", upper}).at("run").at("id"));
}

TEST(JsonInput, IsReadStrictly) {
  const CliLedger ledger;
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  std::string wide = "{\"a\":[0";
  for (int n = 0; n < 20'000; ++n) wide += ",0";
  wide += "]}";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a":1,"a":2})", "2 json.duplicate_key"},
      {R"({"a":{"b":1,"b":1}})", "2 json.duplicate_key"},
      {fmt::format("{{\"a\":{}}}", deep), "2 json.too_deep"},
      {wide, "2 json.too_many_keys"},
      {R"({"a":1e400})", "2 json.number_out_of_range"},
      {R"({"a":9007199254740993})", "2 json.number_out_of_range"},
      {R"({"a":18446744073709551616})", "2 json.number_out_of_range"},
      {R"({"a":1.123456789012345678})", "2 json.number_out_of_range"},
      {R"({"a":NaN})", "2 json.malformed"},
      {R"({"a":0123})", "2 json.malformed"},
      {R"({"a":+1})", "2 json.malformed"},
      {R"({"a":"\ud800"})", "2 json.bad_character"},
      {R"({"a":"\u0000"})", "2 json.bad_character"},
      {"{\"a\":\"\xff\"}", "2 json.bad_character"},
      {"{\"a\":\"\xc0\xaf\"}", "2 json.bad_character"},
      {R"({"a":1} x)", "2 json.malformed"},
      {R"({"a":1}{"b":2})", "2 json.malformed"},
      {R"({"a":1,})", "2 json.malformed"},
      {R"({'a':1})", "2 json.malformed"},
      {"{\"a\":\"\n\"}", "2 json.malformed"},
      {" ", "2 json.malformed"},
      {"[]", "2 input.not_an_object"},
      {"null", "2 input.not_an_object"},
      {"\"text\"", "2 input.not_an_object"},
  };
  for (const auto& [input, expected] : cases)
    EXPECT_EQ(expected, failure(request(ledger, input))) << input.substr(0, 80);
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync", "--input", ""})),
            "2 json.malformed");
  EXPECT_EQ(events(ledger), 0U);
}

TEST(JsonInput, MayBeOfSixtyFourKibibytesExactly) {
  const CliLedger ledger;
  const auto of_size = [](std::size_t bytes) { return fmt::format("{{\"a\":\"{}\"}}", std::string(bytes - 8, 'x')); };
  EXPECT_EQ(failure(request(ledger, of_size(64 * 1024 - 1))), "0 ");
  EXPECT_EQ(failure(request(ledger, of_size(64 * 1024))), "0 ");
  EXPECT_EQ(failure(request(ledger, of_size(64 * 1024 + 1))), "2 input.too_large");
  EXPECT_EQ(failure(request(ledger, of_size(10 * 1024 * 1024))), "2 input.too_large");
}

TEST(JsonInput, IsTheSameWhateverItsSpelling) {
  const CliLedger ledger;
  EXPECT_EQ(request(ledger, R"({"b":[1,0],"a":"\u00e9"})").status, 0);
  const ProgramResult again = request(ledger, " {\"a\" : \"\u00e9\", \"b\": [1e0, -0]} ");
  EXPECT_THAT(again.out, HasSubstr("active_run"));
  EXPECT_THAT(request(ledger, "{\"a\":\"e\u0301\",\"b\":[1,0]}").out, HasSubstr("requested run"))
      << "another normal form is another text";
}

TEST(FreeText, IsSanitisedBeforeItIsKept) {
  const CliLedger ledger;
  const std::string run = ledger
                              .json({"request", "--workspace", "acme", "--type", "demo.sync", "--initiator",
                                     "ann\x1b[31m\u202ebob\u200b\r\nsecond\tline"})
                              .at("run_id");
  const std::string initiator = ledger.json({"show", run}).at("run").at("initiator");
  EXPECT_EQ(initiator, "annbob  second line");
  for (const char* text : {"%s%n{}", "'; DROP TABLE runs; --", "$(reboot)", "<b>&amp;</b>"}) {
    const json started = ledger.json({"start", run, "--worker", text});
    EXPECT_EQ(text, ledger.json({"show", run}).at("attempts").back().at("worker")) << text;
    ledger.finish(run, started, {"--outcome", "failed", "--failure", "demo.failed"});
    if (started.at("attempt") == 3) break;
  }
}

TEST(FreeText, IsCutAtACharacterAfterFiveHundred) {
  const CliLedger ledger;
  const auto kept = [&](std::size_t characters, int number) {
    std::string text;
    for (std::size_t n = 0; n < characters; ++n) text += "\U0001F600";
    const std::string run = ledger.request(fmt::format("{{\"n\":{}}}", number));
    ledger.json({"cancel", run, "--message", text});
    return ledger.json({"show", run}).at("run").at("failure_summary").at(0).at("message").get<std::string>();
  };
  EXPECT_EQ(kept(499, 1).size(), 499U * 4);
  EXPECT_EQ(kept(500, 2).size(), 500U * 4);
  const std::string cut = kept(501, 3);
  EXPECT_EQ(cut.size(), 499U * 4 + 3);
  EXPECT_TRUE(cut.ends_with("\u2026"));
}

TEST(Times, AreHeldToTheirForms) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  for (const char* time : {"2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.123456789+02:00",
                           "2106-02-07T06:28:16Z", "2016-12-31T23:59:60Z"})
    EXPECT_THAT(failure(ledger.run({"list", "--since", time})), HasSubstr("0 ")) << time;
  for (const char* time : {"", "2026-02-29", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:00:60Z", "2026-1-1T00:00:00Z", "tomorrow", "1e9"})
    EXPECT_EQ(failure(ledger.run({"list", "--since", time})), "2 time.invalid") << time;
  EXPECT_EQ(failure(ledger.run({"list", "--since", "1601-01-01T00:00:00Z"})), "2 time.out_of_range");
  EXPECT_EQ(failure(ledger.run({"list", "--until", "1969-12-31T23:59:59Z"})), "2 time.out_of_range");
  EXPECT_EQ(failure(ledger.run({"show", run, "--as-of", "tomorrow"})), "2 time.invalid");
  EXPECT_EQ(failure(ledger.run({"show", run, "--as-of", "-5"})), "2 time.invalid");
}

TEST(Tenants, OfTheSameIdentityDoNotMeet) {
  const CliLedger ledger;
  const auto decision = [&](const std::string& workspace, const std::string& tenant) {
    return ledger.json({"request", "--workspace", workspace, "--tenant", tenant, "--type", "demo.sync"})
        .at("decision")
        .get<std::string>();
  };
  EXPECT_EQ(decision("acme", "north"), "requested");
  EXPECT_EQ(decision("acme", "North"), "requested") << "names that differ by case are different names";
  EXPECT_EQ(decision("acme", "south"), "requested");
  EXPECT_EQ(decision("acmen", "orth"), "requested") << "the border between the two names counts";
  EXPECT_EQ(decision("acme", "north"), "deduped");
  EXPECT_EQ(ledger.json_lines({"list"}).size(), 4U);
  EXPECT_EQ(ledger.json_lines({"list", "--tenant", "north"}).size(), 1U);
}

TEST(Tenants, OfAnotherScopeCannotTakeOverARunsId) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ(
      failure(ledger.run({"request", "--workspace", "acme", "--tenant", "south", "--type", "demo.sync", "--run", run})),
      "4 run.exists_with_other_input");
}

TEST(Tenants, CursorsHoldForTheirFilterOnly) {
  const CliLedger ledger;
  for (int n = 0; n < 3; ++n) ledger.request(fmt::format("{{\"n\":{}}}", n));
  const ProgramResult page = ledger.run({"list", "--limit", "1", "--tenant", "north", "--format", "json"});
  const std::string cursor = lines_of(page.err).at(0).substr(std::string_view("next cursor: ").size());
  EXPECT_EQ(ledger.json_lines({"list", "--limit", "1", "--tenant", "north", "--cursor", cursor}).size(), 1U);
  for (const Arguments& filter : std::vector<Arguments>{{"--tenant", "south"}, {}, {"--workspace", "acme"}}) {
    Arguments all = {"list", "--cursor", cursor};
    all.insert(all.end(), filter.begin(), filter.end());
    EXPECT_EQ(failure(ledger.run(all)), "2 cursor.invalid");
  }
  EXPECT_EQ(failure(ledger.run({"list", "--cursor", "AAAA"})), "2 cursor.invalid");
  EXPECT_EQ(failure(ledger.run({"list", "--cursor", "../x"})), "2 cursor.invalid");
}

TEST(Tenants, AreRequiredOrRefusedByTheTypesScope) {
  const CliLedger ledger;
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "w", "--type", "assignments.fetch"})), "2 tenant.required");
  EXPECT_EQ(
      failure(ledger.run({"request", "--workspace", "w", "--tenant", "t", "--type", "ops.reconcile_adapter_runs"})),
      "2 tenant.not_allowed");
}

TEST(CountKeys, OfAListedTypeAreThoseOfItsCatalogEntry) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy_ids":["p1"]})", "assignments.fetch");
  const std::string token = ledger.start(run).at("token").dump();
  const Arguments finish = {"finish",    run,         "--attempt", "1",       "--token", token,
                            "--outcome", "succeeded", "--count",   "other=1", "--count", "total=1"};
  const nlohmann::json answer = ledger.json(finish);
  EXPECT_EQ(answer.at("decision"), "finished");
  EXPECT_EQ(answer.at("warnings")[0].at("code"), "counts.key_not_allowed");
  EXPECT_EQ(ledger.json({"show", run}).at("run").at("summary_counts"), (nlohmann::json{{"total", 1}}));
}

}  // namespace
}  // namespace runledger
