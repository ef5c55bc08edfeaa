// What is overdue: by the last success of each scope, and by its first request as long as it had none.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "projections/answers/question.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr char kCatalog[] = R"({"types":[
  {"type":"assignments.fetch","expect_every_seconds":60,"max_attempts":1,"cooldown_seconds":0},
  {"type":"assignments.restore","max_attempts":1,"cooldown_seconds":0}]})";

class OverdueQuestions : public testing::Test {
 protected:
  Reply submit(Command command) {
    const Answer answer = world.ledger().sequencer().submit({.command = std::move(command)}).get();
    EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    return std::get<Reply>(answer);
  }
  RunId request(const Scope& scope, std::string_view type = "assignments.fetch") {
    const RunId run = examples::run_id(++runs);
    submit(examples::request({.run = run,
                              .scope = scope,
                              .type = examples::type(type),
                              .input = examples::input("{\"n\":" + std::to_string(runs) + "}")}));
    return run;
  }
  void end(RunId run, AttemptOutcome outcome) {
    const Reply started = submit(StartAttempt{run, sanitize("w")});
    submit(FinishAttempt{.run = run, .attempt = AttemptRef{started.attempt, started.token}, .outcome = outcome});
  }
  void wait(seconds time) { world.clock().advance(time); }
  json ask(const Parameters::Pairs& pairs = {}, const Asker& asker = {}) {
    RowStore rows(world.ledger().log());
    rows.catch_up();
    const Result<std::string> answered = answer({world.ledger(), rows, asker}, {"overdue", Parameters(pairs)});
    return answered ? json::parse(*answered) : json(answered.rejection().code);
  }
  // The scopes that are overdue, as they come.
  json tenants(const Parameters::Pairs& pairs = {}) {
    json names = json::array();
    const json answer = ask(pairs);
    for (const json& each : answer["overdue"]) names.push_back(each["tenant_id"]);
    return names;
  }

  TemporaryLedger world{*Catalog::parse(kCatalog, Policy{})};
  int runs = 0;
};

TEST_F(OverdueQuestions, CountFromTheLastSuccessAndElseFromTheFirstRequest) {
  EXPECT_EQ(ask()["expected_count"], 0) << "no scope has ever run it";
  end(request(examples::scope("contoso")), AttemptOutcome::kSucceeded);
  wait(seconds(30));
  request(examples::scope("fabrikam"));
  wait(seconds(30));
  EXPECT_EQ(tenants(), json::array()) << "the very moment is not overdue";
  world.clock().advance(Duration(1));
  EXPECT_EQ(tenants(), json::array({"contoso"}));
  wait(seconds(30));
  const json answer = ask();
  EXPECT_EQ(answer["overdue_count"], 2);
  EXPECT_EQ(answer["expected_count"], 2);
  EXPECT_EQ(answer["is_cut"], false);
  const json& first = answer["overdue"][0];
  EXPECT_EQ(first["type"], "assignments.fetch");
  EXPECT_EQ(first["workspace_id"], "acme");
  EXPECT_EQ(first["tenant_id"], "contoso");
  EXPECT_EQ(first["expect_every_seconds"], 60.0);
  EXPECT_EQ(first["last_succeeded_at"], format_time(examples::at(0)));
  EXPECT_EQ(first["overdue_since"], format_time(examples::at(60'000)));
  EXPECT_NEAR(first["overdue_seconds"].get<double>(), 30, 0.001);
  const json& second = answer["overdue"][1];
  EXPECT_EQ(second["last_succeeded_at"], nullptr);
  EXPECT_EQ(second["first_requested_at"], format_time(examples::at(30'000)));
  EXPECT_EQ(second["overdue_since"], format_time(examples::at(90'000)));
}

TEST_F(OverdueQuestions, EndWithASuccessAndWithNothingElse) {
  const Scope scope = examples::scope("contoso");
  request(scope);
  wait(seconds(61));
  end(request(scope, "assignments.restore"), AttemptOutcome::kSucceeded);  // Another type.
  submit(FailRun{examples::run_id(1), examples::reason(), sanitize("no"), RunOutcome::kFailed});
  end(request(scope), AttemptOutcome::kPartiallySucceeded);
  EXPECT_EQ(tenants(), json::array({"contoso"}));
  end(request(scope), AttemptOutcome::kSucceeded);
  EXPECT_EQ(tenants(), json::array());
}

TEST_F(OverdueQuestions, TellTheWorkspaceItselfFromItsTenants) {
  request(examples::workspace_scope());
  end(request(examples::scope("contoso")), AttemptOutcome::kSucceeded);
  wait(seconds(61));
  end(request(examples::scope("contoso")), AttemptOutcome::kSucceeded);
  EXPECT_EQ(tenants(), json::array({nullptr}));
}

TEST_F(OverdueQuestions, KeepToTheFiltersAndTheScopeOfTheAsker) {
  for (const char* tenant : {"contoso", "fabrikam"}) request(examples::scope(tenant));
  wait(seconds(61));
  EXPECT_EQ(tenants({{"tenant", "fabrikam"}}), json::array({"fabrikam"}));
  EXPECT_EQ(tenants({{"type", "assignments.restore"}}), json::array());
  EXPECT_EQ(ask({{"limit", "1"}})["overdue"].size(), 1U);
  EXPECT_EQ(ask({{"limit", "1"}})["overdue_count"], 2);
  EXPECT_EQ(ask({{"limit", "0"}}), "limit.invalid");
  Asker bound;
  bound.narrow = [](RunFilter& filter) {
    filter.workspace = examples::workspace();
    filter.tenant = examples::tenant("contoso");
    filter.is_bound = true;
    return std::optional<Rejection>();
  };
  const json answer = ask({}, bound);
  EXPECT_EQ(answer["expected_count"], 1);
  EXPECT_EQ(answer["overdue"][0]["tenant_id"], "contoso");
}

TEST_F(OverdueQuestions, FollowAnotherCatalog) {
  request(examples::scope("contoso"));
  wait(seconds(61));
  world.ledger().replace_catalog(
      *Catalog::parse(R"({"types":[{"type":"assignments.fetch","expect_every_seconds":3600}]})", Policy{}));
  EXPECT_EQ(tenants(), json::array());
  world.ledger().replace_catalog(*Catalog::parse(R"({"types":[]})", Policy{}));
  EXPECT_EQ(ask()["expected_count"], 0);
}

}  // namespace
}  // namespace runledger
