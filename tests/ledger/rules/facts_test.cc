// Tests which states, clock readings and rules a decision gets.
#include "ledger/rules/facts.h"

#include <gtest/gtest.h>

#include <map>

#include "ledger/rules/journal_import.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

class StatesInMaps final : public FactSource {
 public:
  const RunState& run(RunId id) override { return runs[id]; }
  const IdentityState& identity(const Identity& identity) override { return identities[identity]; }
  std::optional<LifeSign> life_sign(RunId run) override {
    const auto found = signs.find(run);
    return found == signs.end() ? std::nullopt : std::optional(found->second);
  }
  ScopeSequence scope_count(const Scope& scope) override { return scopes[scope]; }

  std::map<RunId, RunState> runs;
  std::map<Identity, IdentityState> identities;
  std::map<RunId, LifeSign> signs;
  std::map<Scope, ScopeSequence> scopes;
};

class FactsOf : public testing::Test {
 protected:
  StatesInMaps states;
  Catalog catalog;
  ContentKey contents{IdentityKey{}};
  Submission submission;
  Moment now{at(5000), {.boot = 1, .since_boot = std::chrono::seconds(5)}};

  Facts facts(Command command) {
    submission.command = std::move(command);
    return load_facts(states, submission, {.catalog = catalog, .now = now, .next = Sequence{8}, .contents = contents});
  }
  // Returns an existing run with an open attempt that gave a sign of life a second ago.
  RunState& running(RunId id, const Identity& identity) {
    RunState& run = states.runs[id];
    run.version = RunVersion{2};
    run.status = RunStatus::kRunning;
    run.identity = identity;
    run.type = type();
    run.policy.lease = std::chrono::seconds(60);
    run.attempts = {
        {.token = ScopeSequence{2}, .started_by = Sequence{2}, .started_at = at(0), .lease = run.policy.lease}};
    states.signs[id] = {ScopeSequence{2}, {at(4000), {.boot = 1, .since_boot = std::chrono::seconds(4)}}};
    return run;
  }
};

TEST_F(FactsOf, ARequestAreThoseOfItsIdentityAndItsCanonicalRun) {
  RequestRun wanted = request({.run = run_id(1)});
  states.identities[wanted.identity] = {.active = run_id(2), .last = run_id(3), .cooldown_until = {}, .decided_by = {}};
  const RunState& active = running(run_id(2), wanted.identity);
  const Facts found = facts(wanted);
  EXPECT_FALSE(found.run.exists());
  EXPECT_EQ(&found.canonical, &active);
  EXPECT_EQ(found.lease_left, std::chrono::seconds(59))
      << "the lease of the canonical run, because the named run does not exist";
  EXPECT_EQ(found.now, now.wall);
  EXPECT_EQ(found.next, Sequence{8});
  states.identities[wanted.identity].active.reset();
  EXPECT_EQ(&facts(wanted).canonical, &states.runs[run_id(3)]) << "the last run, because none is active";
}

TEST_F(FactsOf, ARunThatIsNamedAreThoseOfItsOwnIdentity) {
  const Identity identity = request({.run = run_id(1)}).identity;
  const RunState& run = running(run_id(1), identity);
  const Facts found = facts(StartAttempt{.run = run_id(1), .worker = {}});
  EXPECT_EQ(&found.run, &run);
  EXPECT_EQ(&found.identity, &states.identities[identity]);
  EXPECT_EQ(&found.canonical, &run) << "the identity has no other run";
  EXPECT_EQ(found.lease_left, std::chrono::seconds(59));
}

TEST_F(FactsOf, AStartHaveItsCommandAndItsStarter) {
  running(run_id(1), {});
  submission.id = CommandId{run_id(7).value};
  submission.starter = "process-1";
  const Facts found = facts(StartAttempt{.run = run_id(1), .worker = {}});
  EXPECT_EQ(found.command, submission.id);
  EXPECT_EQ(found.starter, contents.starter_digest("process-1"));
  EXPECT_NE(found.starter, contents.starter_digest("process-2"));
  const AttemptRef attempt{AttemptNumber{1}, ScopeSequence{2}};
  EXPECT_FALSE(facts(FinishAttempt{.run = run_id(1), .attempt = attempt}).starter) << "it is no start";
}

TEST_F(FactsOf, AJournalsLineAreItsOwnTimeAndRules) {
  submission.import = std::make_shared<JournalImport>(
      *Catalog::parse(R"({"types":[{"type":"assignments.fetch","max_attempts":7}]})", Policy{}));
  submission.occurred_at = at(1000);
  const Facts found = facts(request({.run = run_id(1)}));
  EXPECT_EQ(found.now, at(1000));
  EXPECT_EQ(found.origin, Origin::kImported);
  EXPECT_EQ(found.type.policy.max_attempts, 7U);
}

TEST(RequestIn, IsTheOneThatTheCommandMakesOrContains) {
  const RequestRun wanted = request({.run = run_id(1)});
  const Command alone = wanted;
  const Command with_a_start = StartByIdentity{.request = wanted, .worker = {}};
  EXPECT_EQ(request_in(alone)->run, run_id(1));
  EXPECT_EQ(request_in(with_a_start)->run, run_id(1));
  EXPECT_EQ(request_in(ExpireLease{run_id(1)}), nullptr);
}

}  // namespace
}  // namespace runledger
