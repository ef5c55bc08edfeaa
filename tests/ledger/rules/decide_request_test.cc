// The rules of requests: one active run per identity, the cooldown after it, and runs that the caller names.
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

constexpr std::int64_t kMinute = 60'000;

class RequestRules : public testing::Test {
 protected:
  Answer ask(int number, Time now) { return ledger.submit(request({.run = run_id(number), .policy = policy}), now); }
  void succeed(int number, Time now) {
    const Reply started = reply_of(ledger.submit(StartAttempt{run_id(number), sanitize("w"), {}}, now));
    ledger.submit(
        FinishAttempt{
            run_id(number), AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, {}, {}, true},
        now);
  }

  MemoryLedger ledger;
  Policy policy;
};

TEST_F(RequestRules, TheFirstRequestMakesARun) {
  const Reply reply = reply_of(ask(1, at(0)));
  EXPECT_EQ(reply.verdict, Verdict::kRequested);
  EXPECT_EQ(reply.run, run_id(1));
  EXPECT_EQ(reply.sequence, Sequence{1});
  EXPECT_EQ(ledger.runs.at(run_id(1)).status, RunStatus::kQueued);
}

TEST_F(RequestRules, AnActiveRunAnswersEveryOtherRequestOfItsIdentity) {
  ask(1, at(0));
  const Reply reply = reply_of(ask(2, at(1)));
  EXPECT_EQ(reply.verdict, Verdict::kDeduped);
  EXPECT_EQ(reply.rule, DedupeRule::kActiveRun);
  EXPECT_EQ(reply.run, run_id(1));
  EXPECT_EQ(reply.retry_after, std::nullopt);
  EXPECT_FALSE(ledger.runs.contains(run_id(2)));
  EXPECT_EQ(ledger.events_of(run_id(1)).size(), 2U);
}

TEST_F(RequestRules, ForceDoesNotSkipTheActiveRunRule) {
  ask(1, at(0));
  const Reply reply = reply_of(ledger.submit(request({.run = run_id(2), .force = true}), at(1)));
  EXPECT_EQ(reply.rule, DedupeRule::kActiveRun);
}

TEST_F(RequestRules, TheCooldownHoldsToTheMillisecondFromCompletion) {
  ask(1, at(0));
  succeed(1, at(1000));
  const Reply inside = reply_of(ask(2, at(1000 + 15 * kMinute - 1)));
  EXPECT_EQ(inside.rule, DedupeRule::kCooldown);
  EXPECT_EQ(inside.run, run_id(1));
  EXPECT_EQ(inside.retry_after, std::chrono::milliseconds(1));
  const Reply after = reply_of(ask(3, at(1000 + 15 * kMinute)));
  EXPECT_EQ(after.verdict, Verdict::kRequested);
  EXPECT_EQ(after.run, run_id(3));
}

TEST_F(RequestRules, TheCooldownHoldsToTheMillisecondFromRequest) {
  policy.cooldown.from = CooldownFrom::kRequest;
  ask(1, at(0));
  succeed(1, at(14 * kMinute));
  EXPECT_EQ(reply_of(ask(2, at(15 * kMinute - 1))).rule, DedupeRule::kCooldown);
  EXPECT_EQ(reply_of(ask(3, at(15 * kMinute))).verdict, Verdict::kRequested);
}

TEST_F(RequestRules, ACooldownFromRequestThatPassedDuringTheRunDoesNotHold) {
  policy.cooldown.from = CooldownFrom::kRequest;
  ask(1, at(0));
  succeed(1, at(20 * kMinute));
  EXPECT_EQ(reply_of(ask(2, at(20 * kMinute))).verdict, Verdict::kRequested);
}

TEST_F(RequestRules, TheActiveRunRuleHoldsInAdditionToAPassedCooldown) {
  policy.cooldown.from = CooldownFrom::kRequest;
  ask(1, at(0));
  EXPECT_EQ(reply_of(ask(2, at(60 * kMinute))).rule, DedupeRule::kActiveRun);
}

TEST_F(RequestRules, ACooldownAfterListedOutcomesFollowsOnlyThose) {
  policy.cooldown.after.insert(RunOutcome::kSucceeded);
  ask(1, at(0));
  ledger.submit(FailRun{run_id(1), reason("run.cancelled"), {}, RunOutcome::kCancelled}, at(1));
  EXPECT_EQ(reply_of(ask(2, at(2))).verdict, Verdict::kRequested);
  succeed(2, at(3));
  EXPECT_EQ(reply_of(ask(3, at(4))).rule, DedupeRule::kCooldown);
}

TEST_F(RequestRules, ForceSkipsTheCooldownAndIsRecorded) {
  ask(1, at(0));
  succeed(1, at(1));
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(2), .force = true}), at(2))).verdict, Verdict::kRequested);
  EXPECT_TRUE(std::get<Requested>(ledger.events_of(run_id(2)).front().event).forced);
}

TEST_F(RequestRules, ACooldownOfZeroDoesNotHold) {
  policy.cooldown.length = Duration{0};
  ask(1, at(0));
  succeed(1, at(1));
  EXPECT_EQ(reply_of(ask(2, at(1))).verdict, Verdict::kRequested);
}

TEST_F(RequestRules, TheSameInputInTwoTenantsIsTwoIdentities) {
  ledger.submit(request({.run = run_id(1), .scope = scope("contoso")}), at(0));
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(2), .scope = scope("fabrikam")}), at(0))).verdict,
            Verdict::kRequested);
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(3), .scope = scope("Contoso")}), at(0))).verdict,
            Verdict::kRequested);
  EXPECT_EQ(reply_of(ledger.submit(request({.run = run_id(4), .scope = workspace_scope()}), at(0))).verdict,
            Verdict::kRequested);
}

TEST_F(RequestRules, ANamedRunThatExistsWithTheSameInputIsDedupedBySameRun) {
  ledger.submit(request({.run = run_id(1), .named = true}), at(0));
  const Reply reply = reply_of(ledger.submit(request({.run = run_id(1), .named = true}), at(1)));
  EXPECT_EQ(reply.rule, DedupeRule::kSameRun);
  EXPECT_EQ(reply.run, run_id(1));
}

TEST_F(RequestRules, ANamedRunThatExistsWithOtherInputIsAConflict) {
  ledger.submit(request({.run = run_id(1), .named = true}), at(0));
  const Answer answer =
      ledger.submit(request({.run = run_id(1), .input = input(R"({"policy_ids":["p2"]})"), .named = true}), at(1));
  EXPECT_EQ(code_of(answer), "run.exists_with_other_input");
}

TEST_F(RequestRules, ANamedRunOfAnotherTenantIsAConflictThatSaysNothingOfIt) {
  ledger.submit(request({.run = run_id(1), .named = true}), at(0));
  const Answer answer = ledger.submit(request({.run = run_id(1), .scope = scope("fabrikam"), .named = true}), at(1));
  EXPECT_EQ(code_of(answer), "run.exists_with_other_input");
  EXPECT_EQ(std::get<Rejection>(answer).detail.str().find("contoso"), std::string::npos);
}

TEST_F(RequestRules, ANewNameForAnActiveIdentityIsDedupedAndTheNameIsKept) {
  ask(1, at(0));
  const Reply reply = reply_of(ledger.submit(request({.run = run_id(2), .named = true}), at(1)));
  EXPECT_EQ(reply.rule, DedupeRule::kActiveRun);
  EXPECT_EQ(std::get<Deduped>(ledger.events.back().event).requested_run, run_id(2));
}

TEST_F(RequestRules, AnImportedRequestOfARunThatExistsIsARepeat) {
  ledger.import(request({.run = run_id(1), .named = true}), at(0));
  const Reply reply = reply_of(ledger.import(request({.run = run_id(1), .named = true}), at(1)));
  EXPECT_TRUE(reply.repeated);
  EXPECT_EQ(reply.sequence, Sequence{1});
  EXPECT_EQ(ledger.events.size(), 1U);
}

TEST_F(RequestRules, AnImportedCooldownUsesTheTimesOfTheJournal) {
  ledger.import(request({.run = run_id(1), .named = true}), at(0));
  ledger.import(FailRun{run_id(1), reason(), {}, RunOutcome::kFailed}, at(10));
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(2), .named = true}), at(9 + 15 * kMinute))).rule,
            DedupeRule::kCooldown);
  EXPECT_EQ(reply_of(ledger.import(request({.run = run_id(3), .named = true}), at(10 + 15 * kMinute))).verdict,
            Verdict::kRequested);
}

// A request for run `number` of its own input in `of`, so that no request is a duplicate of another.
RequestRun request_in(int number, const Scope& of) {
  return request({.run = run_id(number), .scope = of, .input = input("{\"n\":" + std::to_string(number) + "}")});
}

TEST_F(RequestRules, AChildHasTheRootOfItsParent) {
  ledger.submit(request_in(1, workspace_scope()), at(0));
  RequestRun child = request_in(2, scope("contoso"));
  child.parent = run_id(1);
  ledger.submit(child, at(1));
  RequestRun grandchild = request_in(3, scope("contoso"));
  grandchild.parent = run_id(2);
  ledger.submit(grandchild, at(2));
  const auto ancestors = [&](int number) {
    return std::get<Requested>(ledger.events_of(run_id(number)).front().event).ancestors;
  };
  EXPECT_EQ(ancestors(1), std::nullopt);
  EXPECT_EQ(ancestors(2), (Ancestors{.parent = run_id(1), .root = run_id(1)}));
  EXPECT_EQ(ancestors(3), (Ancestors{.parent = run_id(2), .root = run_id(1)}));
}

TEST_F(RequestRules, AParentOfAnotherTenantIsAnsweredAsOneThatDoesNotExist) {
  ledger.submit(request_in(1, scope("contoso")), at(0));
  RequestRun foreign = request_in(2, scope("fabrikam"));
  foreign.parent = run_id(1);
  RequestRun missing = request_in(2, scope("fabrikam"));
  missing.parent = run_id(9);
  EXPECT_EQ(code_of(ledger.submit(foreign, at(1))), "parent.not_found");
  EXPECT_EQ(std::get<Rejection>(ledger.submit(foreign, at(1))), std::get<Rejection>(ledger.submit(missing, at(1))));
  RequestRun of_the_workspace = request_in(3, workspace_scope());
  of_the_workspace.parent = run_id(1);
  EXPECT_EQ(code_of(ledger.submit(of_the_workspace, at(1))), "parent.not_found")
      << "its children in other tenants would have the tenant's run as their root";
}

TEST_F(RequestRules, ARerunRepeatsACompletedRunOfItsScope) {
  ledger.submit(request_in(1, scope("contoso")), at(0));
  RequestRun rerun = request_in(2, scope("contoso"));
  rerun.rerun_of = run_id(1);
  EXPECT_EQ(code_of(ledger.submit(rerun, at(1))), "rerun_of.not_completed");
  succeed(1, at(2));
  RequestRun foreign = request_in(3, scope("fabrikam"));
  foreign.rerun_of = run_id(1);
  EXPECT_EQ(code_of(ledger.submit(foreign, at(3))), "rerun_of.not_found");
  EXPECT_EQ(reply_of(ledger.submit(rerun, at(3))).verdict, Verdict::kRequested);
}

TEST_F(RequestRules, WhatADedupedRequestSaysOfItsRunIsDroppedWithWarnings) {
  RequestRun first = request({.run = run_id(1)});
  first.labels = {{*parse_label_key("region"), sanitize("eu")}};
  EXPECT_TRUE(reply_of(ledger.submit(first, at(0))).warnings.empty());
  RequestRun again = request({.run = run_id(2)});
  again.labels = {{*parse_label_key("region"), sanitize("us")}};
  again.parent = run_id(9);
  again.changes.max_attempts = 5;
  const Reply reply = reply_of(ledger.submit(again, at(1)));
  EXPECT_EQ(reply.verdict, Verdict::kDeduped);
  EXPECT_EQ(reply.warnings,
            (std::vector<Warning>{
                {"request.dropped", "labels"}, {"request.dropped", "parent_run_id"}, {"request.dropped", "policy"}}));
}

TEST_F(RequestRules, AStartByIdentityThatTakesUpARunDropsWhatItSaysOfItToo) {
  ask(1, at(0));
  RequestRun again = request({.run = run_id(2)});
  again.labels = {{*parse_label_key("region"), sanitize("us")}};
  const Reply reply = reply_of(ledger.submit(StartByIdentity{again, sanitize("w")}, at(1)));
  EXPECT_EQ(reply.verdict, Verdict::kStarted);
  EXPECT_EQ(reply.warnings, (std::vector<Warning>{{"request.dropped", "labels"}}));
}

}  // namespace
}  // namespace runledger
