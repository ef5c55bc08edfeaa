// Tests how the ask of a caller becomes a command.
#include "ledger/rules/ask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "ledger/rules/catalog.h"
#include "ledger/rules/identity.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class Preparing : public testing::Test {
 protected:
  IdentityKey key;
  Catalog catalog = *Catalog::parse(R"({"types":[
    {"type":"demo.tenant","scope":"tenant","identity_fields":["n"],"max_attempts":7},
    {"type":"demo.workspace","scope":"workspace"}]})",
                                    Policy{});
  CommandOptions options{.id = CommandId{run_id(99).value}, .occurred_at = at(5)};

  static RunRequest run_request(std::string_view of_type = "demo.tenant") {
    RunRequest wanted;
    wanted.workspace = workspace();
    wanted.tenant = tenant();
    wanted.type = type(of_type);
    wanted.input = input(R"({"n":1,"note":"a"})");
    return wanted;
  }
  static SpooledRun spooled_run() {
    SpooledRun spooled{.request = run_request(), .worker = {}, .requested_at = at(1), .attempts = {}};
    spooled.request.run = run_id(1);
    spooled.attempts.push_back({.started_at = at(1), .ended_at = at(2)});
    return spooled;
  }
  [[nodiscard]] std::string code(const RunRequest& wanted) const {
    const Result<RequestRun> request = prepare_request(wanted, key, catalog);
    return request ? "" : request.rejection().code;
  }
  [[nodiscard]] Submission prepared(const Ask& ask) const { return *prepare(ask, options, key, catalog); }
};

TEST_F(Preparing, RequestsAddsTheIdentityAndThePolicyOfTheType) {
  RunRequest wanted = run_request();
  wanted.run = run_id(1);
  const RequestRun request = *prepare_request(wanted, key, catalog);
  EXPECT_EQ(request.run, run_id(1));
  EXPECT_TRUE(request.named);
  EXPECT_EQ(request.policy.max_attempts, 7U);
  EXPECT_EQ(request.scope, (Scope{workspace(), tenant()}));
  EXPECT_EQ(request.identity,
            fingerprint(key, request.scope, request.type, {.names = {"n"}, .sets = {}}, request.input));
}

TEST_F(Preparing, RequestsThatNameNoRunGivesEachARunOfItsOwn) {
  const RequestRun first = *prepare_request(run_request(), key, catalog);
  const RequestRun second = *prepare_request(run_request(), key, catalog);
  EXPECT_FALSE(first.named);
  EXPECT_NE(first.run, second.run);
  EXPECT_EQ(first.identity, second.identity);
}

TEST_F(Preparing, RequestsRefusesAScopeThatTheTypeCannotHave) {
  RunRequest wanted = run_request();
  wanted.tenant.reset();
  EXPECT_EQ(code(wanted), "tenant.required");
  wanted.workspace.reset();
  EXPECT_EQ(code(wanted), "workspace.required");
  EXPECT_EQ(code(run_request("demo.workspace")), "tenant.not_allowed");
  EXPECT_FALSE(prepare(IdentityStart{.request = wanted, .worker = {}}, options, key, catalog));
}

TEST_F(Preparing, KeepsIdAndTimeExceptWhereAnAskCanBeRepeatedAsItIs) {
  const AttemptRef attempt{AttemptNumber{1}, ScopeSequence{2}};
  const Ask all[] = {run_request(),
                     StartAttempt{.run = run_id(1), .worker = {}},
                     IdentityStart{.request = run_request(), .worker = {}},
                     Heartbeat{.run = run_id(1), .attempt = attempt},
                     FinishAttempt{.run = run_id(1), .attempt = attempt},
                     FailRun{.run = run_id(1), .reason_code = reason(), .message = {}},
                     CancelRun{.run = run_id(1), .message = {}},
                     ExpireLease{run_id(1)},
                     spooled_run()};
  ASSERT_EQ(std::size(all), std::variant_size_v<Ask>);
  for (const Ask& ask : all) {
    const bool ignored = std::holds_alternative<Heartbeat>(ask) || std::holds_alternative<ExpireLease>(ask) ||
                         std::holds_alternative<SpooledRun>(ask);
    EXPECT_EQ(prepared(ask).id, ignored ? std::nullopt : options.id) << ask.index();
    EXPECT_EQ(prepared(ask).occurred_at, ignored ? std::nullopt : options.occurred_at) << ask.index();
  }
}

TEST_F(Preparing, RefusesASpooledRunThatCannotHaveHappened) {
  const auto code_of_run = [&](const std::function<void(SpooledRun&)>& change) {
    SpooledRun spooled = spooled_run();
    change(spooled);
    return code_of(prepare(spooled, options, key, catalog));
  };
  EXPECT_EQ(code_of_run([](SpooledRun&) {}), "");
  EXPECT_EQ(code_of_run([](SpooledRun& run) { run.request.run.reset(); }), "spool.invalid");
  EXPECT_EQ(code_of_run([](SpooledRun& run) { run.attempts.clear(); }), "spool.invalid");
  EXPECT_EQ(code_of_run([](SpooledRun& run) { run.attempts.push_back(run.attempts.front()); }), "spool.invalid")
      << "an attempt after one that succeeded";
  EXPECT_EQ(code_of_run([](SpooledRun& run) { run.cancelled = true; }), "spool.invalid");
}

TEST_F(Preparing, LeavesOutOfASpooledRunAPolicyThatItsTypeDoesNotAllow) {
  SpooledRun spooled = spooled_run();
  spooled.request.policy.max_attempts = 999;
  const auto command = std::get<RecordSpooledRun>(prepared(spooled).command);
  EXPECT_EQ(command.request.policy, catalog.entry(spooled.request.type).policy);
  EXPECT_THAT(command.request.warnings, testing::Contains(Warning{"request.dropped", "policy"}));
}

TEST_F(Preparing, TurnsACancellationIntoAFailureOfTheRun) {
  const CancelRun cancel{.run = run_id(1), .message = sanitize("no longer needed"), .initiator = sanitize("ann")};
  const Command command = prepared(cancel).command;
  const FailRun& fail = std::get<FailRun>(command);
  EXPECT_EQ(fail.run, run_id(1));
  EXPECT_EQ(fail.reason_code.str(), "run.cancelled");
  EXPECT_EQ(fail.message.str(), "no longer needed");
  EXPECT_EQ(fail.initiator, sanitize("ann"));
  EXPECT_EQ(fail.outcome, RunOutcome::kCancelled);
  EXPECT_FALSE(fail.seen);
}

TEST_F(Preparing, RequestsLeavesOutATraceparentThatIsNotValidAndWarns) {
  RunRequest wanted = run_request();
  wanted.traceparent = "00-not-a-trace";
  RequestRun request = *prepare_request(wanted, key, catalog);
  EXPECT_EQ(request.traceparent, std::nullopt);
  EXPECT_EQ(request.warnings, (std::vector<Warning>{{"traceparent.invalid", "traceparent"}}));
  wanted.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  request = *prepare_request(wanted, key, catalog);
  EXPECT_EQ(format_traceparent(request.traceparent.value()), wanted.traceparent);
  EXPECT_TRUE(request.warnings.empty());
}

TEST_F(Preparing, RequestsWarnsOfATypeThatTheCatalogDoesNotList) {
  const auto warnings = [&](Ask ask) {
    const Result<Submission> prepared = prepare(std::move(ask), {}, key, catalog);
    const Command& command = prepared->command;
    if (const auto* start = std::get_if<StartByIdentity>(&command)) return start->request.warnings;
    return std::get<RequestRun>(command).warnings;
  };
  RunRequest wanted = run_request();
  EXPECT_EQ(warnings(wanted), std::vector<Warning>());
  wanted.type = type("demo.misspelt");
  EXPECT_EQ(warnings(wanted), (std::vector<Warning>{{"type.unknown", "type"}}));
  EXPECT_EQ(warnings(IdentityStart{.request = wanted, .worker = {}}), (std::vector<Warning>{{"type.unknown", "type"}}));
  EXPECT_TRUE(prepare_request(wanted, key, catalog)->warnings.empty()) << "a journal has types of its own";
}

TEST_F(Preparing, RequestsChangesThePolicyWithinTheBoundsOfTheType) {
  RunRequest wanted = run_request();
  wanted.policy.max_attempts = 8;
  EXPECT_EQ(code(wanted), "policy.out_of_bounds");
  catalog.overlay(
      *Catalog::parse(R"({"types":[{"type":"demo.tenant","max_attempts":7,"max_attempts_max":8}]})", Policy{}));
  EXPECT_EQ(prepare_request(wanted, key, catalog)->policy.max_attempts, 8U);
}

}  // namespace
}  // namespace runledger
