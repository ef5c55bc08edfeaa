// What people and programs get wrong: events out of turn, JSON, text, times, other people's runs. Each has its code and
// leaves nothing behind.
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
  EXPECT_EQ("4 attempt.not_started", failure(ledger.run(finish(run, "1", "1"))));
  EXPECT_EQ("4 run.not_found", failure(ledger.run(finish(kNoSuchRun, "1", "1"))));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"start", kNoSuchRun})));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"cancel", kNoSuchRun})));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"fail", kNoSuchRun, "--reason", "run.gone"})));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"heartbeat", kNoSuchRun, "--attempt", "1", "--token", "1"})));
  EXPECT_EQ("4 run.not_found", failure(ledger.run({"show", kNoSuchRun})));
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ("4 attempt.not_started", failure(ledger.run(finish(run, "2", token)))) << "a skipped number";
  EXPECT_EQ("4 attempt.wrong_token", failure(ledger.run(finish(run, "1", "99"))));
  EXPECT_EQ("4 attempt.wrong_token", failure(ledger.run({"heartbeat", run, "--attempt", "1", "--token", "99"})));
  EXPECT_EQ(2U, events(ledger)) << "a refusal leaves no event";
}

TEST(EventsOutOfTurn, ASecondFinishIsTheSameOrRefused) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ(0, ledger.run(finish(run, "1", token)).status);
  EXPECT_EQ(true, ledger.json(finish(run, "1", token)).at("repeated"));
  EXPECT_EQ("4 attempt.already_finished", failure(ledger.run(finish(run, "1", token, "blocked"))));
  EXPECT_EQ("run_completed", ledger.json({"start", run}).at("rule"));
}

TEST(EventsOutOfTurn, AnEndedRunIsNotEndedOtherwise) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ(0, ledger.run({"fail", run, "--reason", "run.stale_queued"}).status);
  EXPECT_EQ(true, ledger.json({"fail", run, "--reason", "run.stale_queued"}).at("repeated"));
  EXPECT_EQ("4 run.completed", failure(ledger.run({"cancel", run})));
}

TEST(EventsOutOfTurn, ACommandIdIsNotReusedForOtherContent) {
  const CliLedger ledger;
  const Arguments command = {"request", "--workspace", "acme", "--type", "demo.sync", "--command-id", kNoSuchRun};
  EXPECT_EQ(0, ledger.run(command).status);
  Arguments other = command;
  other.insert(other.end(), {"--input", R"({"n":1})"});
  EXPECT_EQ("4 command.reused", failure(ledger.run(other)));
}

TEST(EventsOutOfTurn, ANamedRunKeepsItsInput) {
  const CliLedger ledger;
  const Arguments command = {"request", "--workspace", "acme", "--type", "demo.sync", "--run", kNoSuchRun, "--input"};
  const auto with = [&](const std::string& input) {
    Arguments all = command;
    all.push_back(input);
    return all;
  };
  EXPECT_EQ("requested", ledger.json(with(R"({"n":1})")).at("decision"));
  EXPECT_EQ("same_run", ledger.json(with(R"({"n":1.0})")).at("rule"));
  EXPECT_EQ("4 run.exists_with_other_input", failure(ledger.run(with(R"({"n":2})"))));
  Arguments explain = with(R"({"n":2})");
  explain[0] = "explain";
  EXPECT_EQ("rejected", ledger.json(explain).at("would_be"));
}

TEST(Forms, OfOutcomesReasonsAndCountsAreChecked) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string token = ledger.start(run).at("token").dump();
  const auto with = [&](const Arguments& more) {
    Arguments all = finish(run, "1", token);
    all.insert(all.end(), more.begin(), more.end());
    return failure(ledger.run(all));
  };
  EXPECT_EQ("2 outcome.invalid", failure(ledger.run(finish(run, "1", token, "lost"))));
  EXPECT_EQ("2 outcome.invalid", failure(ledger.run(finish(run, "1", token, "Succeeded"))));
  EXPECT_EQ("2 outcome.invalid", failure(ledger.run(finish(run, "1", token, ""))));
  for (const char* count : {"a", "a=", "a=-1", "a=1.5", "a=1e3", "a=0x1", "a= 1", "a=9007199254740992"})
    EXPECT_EQ("2 counts.invalid", with({"--count", count})) << count;
  for (const char* count : {"=1", "A=1", "1a=1", "a-b=1", "é=1"})
    EXPECT_EQ("2 counts.key_invalid", with({"--count", count})) << count;
  EXPECT_EQ("2 counts.duplicate_key", with({"--count", "a=1", "--count", "a=1"}));
  for (const char* failure_code : {"graph", "Graph.gone", "graph.", ".gone", "", "graph gone", "graph.gone\n:x"})
    EXPECT_EQ("2 reason_code.invalid", with({"--failure", failure_code})) << failure_code;
  EXPECT_EQ("2 reason_code.invalid", failure(ledger.run({"fail", run, "--reason", "stale"})));
  EXPECT_EQ(0, ledger
                   .run({"finish", run, "--attempt", "1", "--token", token, "--outcome", "succeeded", "--count",
                         "a=9007199254740991"})
                   .status);
}

TEST(Forms, HoldTheirLimitsExactly) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string token = ledger.start(run).at("token").dump();
  Arguments counts = finish(run, "1", token);
  for (int n = 0; n < 33; ++n) counts.insert(counts.end(), {"--count", fmt::format("k{}=1", n)});
  EXPECT_EQ("2 counts.too_many", failure(ledger.run(counts)));
  Arguments failures = finish(run, "1", token, "failed");
  for (int n = 0; n < 21; ++n) failures.insert(failures.end(), {"--failure", "graph.gone:x"});
  EXPECT_EQ("2 failures.too_many", failure(ledger.run(failures)));
  counts.resize(counts.size() - 2);
  for (int n = 0; n < 20; ++n) counts.insert(counts.end(), {"--failure", "graph.gone:x"});
  EXPECT_EQ(0, ledger.run(counts).status);
  const json shown = ledger.json({"show", run});
  EXPECT_EQ(32U, shown.at("run").at("summary_counts").size());
  EXPECT_EQ(20U, shown.at("run").at("failure_summary").size());
}

TEST(Names, HoldTheirLimitsExactly) {
  const CliLedger ledger;
  const auto status = [&](const std::string& workspace, const std::string& tenant, const std::string& type) {
    return failure(ledger.run({"request", "--workspace", workspace, "--tenant", tenant, "--type", type}));
  };
  EXPECT_EQ("0 ", status(std::string(127, 'w'), "t", "demo.a"));
  EXPECT_EQ("0 ", status(std::string(128, 'w'), "t", "demo.b"));
  EXPECT_EQ("2 workspace.invalid", status(std::string(129, 'w'), "t", "demo.c"));
  EXPECT_EQ("0 ", status("w", std::string(128, 't'), "demo.d"));
  EXPECT_EQ("2 tenant.invalid", status("w", std::string(129, 't'), "demo.e"));
  EXPECT_EQ("2 tenant.invalid", status("w", "", "demo.e"));
  EXPECT_EQ("0 ", status("w", "t", std::string(64, 'a')));
  EXPECT_EQ("2 type.invalid", status("w", "t", std::string(65, 'a')));
  for (const char* type : {"", "Demo", "demo.", ".demo", "demo..sync", "demo sync", "demo/sync", "1demo"})
    EXPECT_EQ("2 type.invalid", status("w", "t", type)) << type;
  for (const char* name :
       {"a b", "a\nb", "a\x1b", "a\rb", "é", "a\u202eb", "a\u200bb", "a'; DROP TABLE x; --", "%s{}", "\xff", "a@b"})
    EXPECT_EQ("2 workspace.invalid", status(name, "t", "demo.f")) << name;
}

TEST(Ids, AreUuidsOfOneForm) {
  const CliLedger ledger;
  for (const char* id : {"", "x", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a1", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a111",
                         "{5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11}", "5f0c2a527c524f0e9d8b2f6e0f4c8a11",
                         "5g0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", "../../etc/passwd"}) {
    EXPECT_EQ("2 run.invalid", failure(ledger.run({"show", id}))) << id;
    EXPECT_EQ("2 command_id.invalid",
              failure(ledger.run({"request", "--workspace", "w", "--type", "demo.a", "--command-id", id})))
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
  EXPECT_EQ("2 json.malformed",
            failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync", "--input", ""})));
  EXPECT_EQ(0U, events(ledger));
}

TEST(JsonInput, MayBeOfSixtyFourKibibytesExactly) {
  const CliLedger ledger;
  const auto of_size = [](std::size_t bytes) { return fmt::format("{{\"a\":\"{}\"}}", std::string(bytes - 8, 'x')); };
  EXPECT_EQ("0 ", failure(request(ledger, of_size(64 * 1024 - 1))));
  EXPECT_EQ("0 ", failure(request(ledger, of_size(64 * 1024))));
  EXPECT_EQ("2 input.too_large", failure(request(ledger, of_size(64 * 1024 + 1))));
  EXPECT_EQ("2 input.too_large", failure(request(ledger, of_size(10 * 1024 * 1024))));
}

TEST(JsonInput, IsTheSameWhateverItsSpelling) {
  const CliLedger ledger;
  EXPECT_EQ(0, request(ledger, R"({"b":[1,0],"a":"\u00e9"})").status);
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
  EXPECT_EQ("ann[31mbob  second line", initiator);
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
  EXPECT_EQ(499U * 4, kept(499, 1).size());
  EXPECT_EQ(500U * 4, kept(500, 2).size());
  const std::string cut = kept(501, 3);
  EXPECT_EQ(499U * 4 + 3, cut.size());
  EXPECT_TRUE(cut.ends_with("\u2026"));
}

TEST(Times, AreRfc3339WithAZone) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  for (const char* time : {"2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.123456789+02:00",
                           "2106-02-07T06:28:16Z", "2016-12-31T23:59:60Z"})
    EXPECT_THAT(failure(ledger.run({"list", "--since", time})), HasSubstr("0 ")) << time;
  for (const char* time : {"", "2026-01-01", "2026-01-01T00:00:00", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:00:60Z", "2026-1-1T00:00:00Z", "yesterday", "1e9"})
    EXPECT_EQ("2 time.invalid", failure(ledger.run({"list", "--since", time}))) << time;
  EXPECT_EQ("2 time.out_of_range", failure(ledger.run({"list", "--since", "1601-01-01T00:00:00Z"})));
  EXPECT_EQ("2 time.out_of_range", failure(ledger.run({"list", "--until", "1969-12-31T23:59:59Z"})));
  EXPECT_EQ("2 time.invalid", failure(ledger.run({"show", run, "--as-of", "tomorrow"})));
  EXPECT_EQ("2 time.invalid", failure(ledger.run({"show", run, "--as-of", "-5"})));
}

TEST(Tenants, OfTheSameIdentityDoNotMeet) {
  const CliLedger ledger;
  const auto decision = [&](const std::string& workspace, const std::string& tenant) {
    return ledger.json({"request", "--workspace", workspace, "--tenant", tenant, "--type", "demo.sync"})
        .at("decision")
        .get<std::string>();
  };
  EXPECT_EQ("requested", decision("acme", "north"));
  EXPECT_EQ("requested", decision("acme", "North")) << "names that differ by case are different names";
  EXPECT_EQ("requested", decision("acme", "south"));
  EXPECT_EQ("requested", decision("acmen", "orth")) << "the seam between the names counts";
  EXPECT_EQ("deduped", decision("acme", "north"));
  EXPECT_EQ(4U, ledger.json_lines({"list"}).size());
  EXPECT_EQ(1U, ledger.json_lines({"list", "--tenant", "north"}).size());
}

TEST(Tenants, OfAnotherScopeCannotTakeOverARunsId) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  EXPECT_EQ("4 run.exists_with_other_input", failure(ledger.run({"request", "--workspace", "acme", "--tenant", "south",
                                                                 "--type", "demo.sync", "--run", run})));
}

TEST(Tenants, CursorsHoldForTheirFilterOnly) {
  const CliLedger ledger;
  for (int n = 0; n < 3; ++n) ledger.request(fmt::format("{{\"n\":{}}}", n));
  const ProgramResult page = ledger.run({"list", "--limit", "1", "--tenant", "north", "--format", "json"});
  const std::string cursor = lines_of(page.err).at(0).substr(std::string_view("next cursor: ").size());
  EXPECT_EQ(1U, ledger.json_lines({"list", "--limit", "1", "--tenant", "north", "--cursor", cursor}).size());
  for (const Arguments& filter : std::vector<Arguments>{{"--tenant", "south"}, {}, {"--workspace", "acme"}}) {
    Arguments all = {"list", "--cursor", cursor};
    all.insert(all.end(), filter.begin(), filter.end());
    EXPECT_EQ("2 cursor.invalid", failure(ledger.run(all)));
  }
  EXPECT_EQ("2 cursor.invalid", failure(ledger.run({"list", "--cursor", "AAAA"})));
  EXPECT_EQ("2 cursor.invalid", failure(ledger.run({"list", "--cursor", "../x"})));
}

TEST(Tenants, AreRequiredOrRefusedByTheTypesScope) {
  const CliLedger ledger;
  EXPECT_EQ("2 tenant.required", failure(ledger.run({"request", "--workspace", "w", "--type", "assignments.fetch"})));
  EXPECT_EQ(
      "2 tenant.not_allowed",
      failure(ledger.run({"request", "--workspace", "w", "--tenant", "t", "--type", "ops.reconcile_adapter_runs"})));
}

TEST(CountKeys, OfAListedTypeAreThoseOfItsCatalogEntry) {
  const CliLedger ledger;
  const std::string run = ledger.request(R"({"policy_ids":["p1"]})", "assignments.fetch");
  const std::string token = ledger.start(run).at("token").dump();
  EXPECT_EQ("4 counts.key_not_allowed", failure(ledger.run({"finish", run, "--attempt", "1", "--token", token,
                                                            "--outcome", "succeeded", "--count", "other=1"})));
  EXPECT_EQ(
      0, ledger.run({"finish", run, "--attempt", "1", "--token", token, "--outcome", "succeeded", "--count", "total=1"})
             .status);
}

}  // namespace
}  // namespace runledger
