// Tests who gets which run: the run that was due first, tenants in turn, each run once; and callers that wait for new
// runs.
//
// The tests use real rows, a real ledger in a temporary directory and a clock that they move. request() and the other
// helpers wait until the rows have caught up with the log, so that a claim sees everything that happened before it.
// begin() starts a claim that may wait, and claim() waits for the answer as well. A request moves the clock by a
// second, so that runs become due in the order of their requests.
#include "jobs/dispatch/claims.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/rules/journal_import.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using examples::run_id;

constexpr auto kSoon = 10s;  // The longest wait for something that is certain to happen.

class ClaimRules : public testing::Test {
 protected:
  TemporaryLedger world;
  FollowedRows rows{world.ledger().log()};
  std::promise<std::string> stopped;
  Claims claims{world.ledger(), rows,
                [this](std::string_view code, std::string_view) { stopped.set_value(std::string(code)); }};

  Reply ask(Command command) {
    const Answer answer = world.ledger().sequencer().submit({.command = std::move(command)}).get();
    const Reply reply = std::get<Reply>(answer);
    EXPECT_TRUE(rows.wait_for(world.ledger().log().last(), kSoon));
    return reply;
  }
  void request(int number, std::string_view tenant = "contoso", std::string_view type = "assignments.fetch") {
    ask(examples::request({.run = run_id(number),
                           .scope = examples::scope(tenant),
                           .type = examples::type(type),
                           .input = examples::input(fmt::format(R"({{"number":{}}})", number))}));
    world.clock().advance(1s);
  }
  Reply finish(const ClaimedRun& claimed, AttemptOutcome outcome) {
    return ask(FinishAttempt{
        claimed.started.run, AttemptRef{claimed.started.attempt, claimed.started.token}, outcome, {}, {}, true});
  }
  static ClaimRequest of(std::initializer_list<std::string_view> types = {"assignments.fetch"},
                         std::chrono::milliseconds wait = 0ms) {
    ClaimRequest request{.types = {}, .worker = sanitize("w"), .wait = wait};
    for (const std::string_view type : types) request.types.push_back(examples::type(type));
    return request;
  }
  // A claim that is still waiting for its answer.
  struct Pending {
    std::future<ClaimAnswer> answer;
    Claims::Waiting waiting;
  };
  Pending begin(ScopedClaim wanted) {
    auto promise = std::make_shared<std::promise<ClaimAnswer>>();
    std::future<ClaimAnswer> answer = promise->get_future();
    return {std::move(answer),
            claims.claim(std::move(wanted), [promise](ClaimAnswer given) { promise->set_value(std::move(given)); })};
  }
  ClaimAnswer claim(ScopedClaim wanted) {
    Pending pending = begin(std::move(wanted));
    return pending.answer.get();
  }
  ClaimAnswer claim(const ClaimRequest& what, CommandOptions options = {}) {
    return claim(ScopedClaim{.what = what, .workspace = {}, .tenant = {}, .options = options});
  }
  std::optional<RunId> claimed_run() {
    const ClaimAnswer answer = claim(of());
    const auto* claimed = std::get_if<ClaimedRun>(&answer);
    return claimed != nullptr ? std::optional(claimed->started.run) : std::nullopt;
  }
  static std::string code(const ClaimAnswer& answer) {
    const auto* rejection = std::get_if<Rejection>(&answer);
    return rejection != nullptr ? rejection->code : "";
  }
};

TEST_F(ClaimRules, AClaimStartsAQueuedRunAndTellsWhatItsWorkerHasToKnow) {
  request(7);
  const ClaimAnswer answer = claim(of());
  const ClaimedRun& claimed = std::get<ClaimedRun>(answer);
  EXPECT_EQ(claimed.started.verdict, Verdict::kStarted);
  EXPECT_EQ(claimed.started.run, run_id(7));
  EXPECT_EQ(claimed.started.attempt, AttemptNumber{1});
  EXPECT_EQ(claimed.started.token, ScopeSequence{2});
  EXPECT_EQ(claimed.scope, examples::scope());
  EXPECT_EQ(claimed.type, examples::type());
  EXPECT_EQ(claimed.input.canonical(), R"({"number":7})");
  EXPECT_EQ(claimed.lease, 60s);
}

TEST_F(ClaimRules, ARunIsDueAtOnceAndARetryInTimeAlsoAfterTheClockWasSetBack) {
  const Time start = world.clock().now();
  world.clock().set(start + 90min);
  request(1);
  world.clock().set(start);
  request(2);
  EXPECT_EQ(claimed_run(), run_id(1));
  const ClaimAnswer answer = claim(of());
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  const Duration backoff = *finish(std::get<ClaimedRun>(answer), AttemptOutcome::kFailed).retry_after;
  EXPECT_EQ(claimed_run(), std::nullopt);
  world.clock().advance(2 * backoff);
  EXPECT_EQ(claimed_run(), run_id(2));
}

TEST_F(ClaimRules, WhereNothingIsDueThereIsNoRun) {
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of())));
  request(1, "contoso", "assignments.restore");
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of())));
}

TEST_F(ClaimRules, TheRunThatHasBeenDueForLongestComesFirst) {
  for (const int number : {3, 1, 2}) request(number);
  EXPECT_EQ(claimed_run(), run_id(3));
  EXPECT_EQ(claimed_run(), run_id(1));
  EXPECT_EQ(claimed_run(), run_id(2));
  EXPECT_EQ(claimed_run(), std::nullopt);
}

TEST_F(ClaimRules, OfSeveralTypesTheOneDueFirstComesFirst) {
  request(1, "contoso", "b.later");
  request(2, "contoso", "a.later");
  const auto run_of = [](const ClaimAnswer& answer) { return std::get<ClaimedRun>(answer).started.run; };
  EXPECT_EQ(run_of(claim(of({"a.later", "b.later"}))), run_id(1));
  EXPECT_EQ(run_of(claim(of({"a.later", "b.later"}))), run_id(2));
}

TEST_F(ClaimRules, TenantsTakeTurns) {
  for (int number = 1; number <= 6; ++number) request(number, "busy");
  for (int number = 7; number <= 8; ++number) request(number, "quiet");
  std::vector<RunId> order;
  while (const auto run = claimed_run()) order.push_back(*run);
  EXPECT_EQ(order, (std::vector<RunId>{run_id(1), run_id(7), run_id(2), run_id(8), run_id(3), run_id(4), run_id(5),
                                       run_id(6)}));
}

TEST_F(ClaimRules, ARetryIsNotDueBeforeItsTime) {
  request(1);
  const ClaimAnswer first = claim(of());
  finish(std::get<ClaimedRun>(first), AttemptOutcome::kFailed);
  world.clock().advance(29s);
  EXPECT_EQ(claimed_run(), std::nullopt);
  world.clock().advance(1s);
  const ClaimAnswer second = claim(of());
  EXPECT_EQ(std::get<ClaimedRun>(second).started.attempt, AttemptNumber{2});
}

TEST_F(ClaimRules, ARunThatWasCancelledIsNotHandedOut) {
  request(1);
  ask(FailRun{run_id(1), examples::reason("run.cancelled"), sanitize(""), RunOutcome::kCancelled});
  EXPECT_EQ(claimed_run(), std::nullopt);
}

TEST_F(ClaimRules, WhoWaitsGetsWhatComes) {
  Pending waiting = begin({.what = of({"assignments.fetch"}, 60s), .workspace = {}, .tenant = {}});
  EXPECT_EQ(waiting.answer.wait_for(0s), std::future_status::timeout);
  request(1);
  ASSERT_EQ(waiting.answer.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(std::get<ClaimedRun>(waiting.answer.get()).started.run, run_id(1));
}

TEST_F(ClaimRules, WhoWaitsInVainIsToldSo) {
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of({"assignments.fetch"}, 20ms))));
}

TEST_F(ClaimRules, WhoGoesAwayGetsNoRun) {
  Pending waiting = begin({.what = of({"assignments.fetch"}, 60s), .workspace = {}, .tenant = {}});
  waiting.waiting = {};
  EXPECT_TRUE(std::holds_alternative<NothingDue>(waiting.answer.get()));
  request(1);
  EXPECT_EQ(claimed_run(), run_id(1));
}

TEST_F(ClaimRules, OnlyTheScopeThatIsMeantCounts) {
  request(1, "north");
  request(2, "south");
  const auto claim_of = [&](std::string_view tenant) {
    return claim(ScopedClaim{.what = of(), .workspace = examples::workspace(), .tenant = examples::tenant(tenant)});
  };
  EXPECT_EQ(std::get<ClaimedRun>(claim_of("south")).started.run, run_id(2));
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim_of("south")));
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim_of("west")));
  EXPECT_EQ(std::get<ClaimedRun>(claim_of("north")).started.run, run_id(1));
}

TEST_F(ClaimRules, ACallerThatMayNoLongerHaveARunIsRefusedAndGetsNone) {
  std::atomic<bool> is_denied = false;
  const auto deny = [&is_denied] {
    return is_denied ? std::optional(reject("access.unauthenticated", "expected a token")) : std::nullopt;
  };
  const auto claim_of = [&](std::chrono::milliseconds wait) {
    return ScopedClaim{.what = of({"demo.sync"}, wait), .workspace = {}, .tenant = {}, .options = {}, .deny = deny};
  };
  Pending waiting = begin(claim_of(kClaimWaitMax));
  is_denied = true;
  EXPECT_EQ(code(waiting.answer.get()), "access.unauthenticated");
  request(1);
  EXPECT_EQ(code(claim(claim_of(0ms))), "access.unauthenticated");
  EXPECT_EQ(world.ledger().log().last(), Sequence{1});
  EXPECT_EQ(claimed_run(), run_id(1));
}

TEST_F(ClaimRules, ARepeatedClaimIsAnsweredWithTheRunThatItGot) {
  request(1);
  request(2);
  const CommandOptions options{.id = CommandId{run_id(99).value}};
  const ClaimAnswer first = claim(of(), options);
  const ClaimAnswer again = claim(of(), options);
  EXPECT_EQ(std::get<ClaimedRun>(again).started.run, std::get<ClaimedRun>(first).started.run);
  EXPECT_TRUE(std::get<ClaimedRun>(again).started.repeated);
  EXPECT_EQ(code(claim(of({"assignments.restore"}), options)), "command.reused");
  EXPECT_EQ(world.ledger().log().last(), Sequence{3});
}

TEST_F(ClaimRules, TwoWhoWaitUnderOneCommandIdGetOneRunAndTheOtherRunIsLeftForOthers) {
  const CommandOptions options{.id = CommandId{run_id(99).value}};
  const ScopedClaim wanted{.what = of({"assignments.fetch"}, 60s), .workspace = {}, .tenant = {}, .options = options};
  Pending one = begin(wanted);
  Pending other = begin(wanted);
  request(1);
  EXPECT_EQ(std::get<ClaimedRun>(one.answer.get()).started.run, run_id(1));
  Pending third = begin({.what = of({"assignments.fetch"}, kSoon), .workspace = {}, .tenant = {}});
  request(2);  // The first run is picked for the other claim; the third claim finds nothing in the meantime.
  EXPECT_EQ(std::get<ClaimedRun>(other.answer.get()).started.run, run_id(1));
  const ClaimAnswer left = third.answer.get();
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(left));
  EXPECT_EQ(std::get<ClaimedRun>(left).started.run, run_id(2));
}

TEST_F(ClaimRules, WhatIsNoClaimIsRefused) {
  EXPECT_EQ(code(claim(of({}))), "claim.invalid");
  EXPECT_EQ(code(claim(of({"a.b"}, 61s))), "claim.invalid");
  EXPECT_EQ(code(claim(of({"a.b"}, -1ms))), "claim.invalid");
  ClaimRequest many = of();
  many.types.assign(kClaimTypesMax + 1, examples::type());
  EXPECT_EQ(code(claim(many)), "claim.invalid");
}

TEST_F(ClaimRules, EachRunIsHandedOutOnceHoweverManyAsk) {
  constexpr int kRuns = 200;
  constexpr int kCallers = 8;
  std::mutex mutex;
  std::multiset<RunId> handed_out;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      for (;;) {
        const ClaimAnswer answer = claim(of({"assignments.fetch"}, 200ms));
        const auto* claimed = std::get_if<ClaimedRun>(&answer);
        if (claimed == nullptr) return;
        const std::lock_guard lock(mutex);
        handed_out.insert(claimed->started.run);
      }
    });
  }
  for (int number = 1; number <= kRuns; ++number) request(number, number % 3 == 0 ? "north" : "south");
  for (std::thread& caller : callers) caller.join();
  // Catches up if the machine was slower than the wait.
  while (const auto run = claimed_run()) handed_out.insert(*run);
  EXPECT_EQ(handed_out.size(), static_cast<std::size_t>(kRuns));
  EXPECT_EQ(std::set<RunId>(handed_out.begin(), handed_out.end()).size(), static_cast<std::size_t>(kRuns));
  EXPECT_EQ(world.ledger().log().last(), Sequence{2 * kRuns}) << "a race was recorded as a duplicate";
}

TEST_F(ClaimRules, WhatWasQueuedBeforeIsFoundByANewObject) {
  request(1);
  Claims later(world.ledger(), rows);
  std::promise<ClaimAnswer> promise;
  const Claims::Waiting waiting = later.claim({.what = of(), .workspace = {}, .tenant = {}},
                                              [&](ClaimAnswer answer) { promise.set_value(std::move(answer)); });
  EXPECT_EQ(std::get<ClaimedRun>(promise.get_future().get()).started.run, run_id(1));
}

TEST_F(ClaimRules, ARunThatCannotBeReadStopsTheClaims) {
  Pending waiting = begin({.what = of({"a.b"}, 60s), .workspace = {}, .tenant = {}});
  request(1);
  spoil(world.ledger().log().store(), Family::kRuns);
  EXPECT_FALSE(claims.stopped_by());
  EXPECT_EQ(code(claim(of())), "claims.stopped");
  EXPECT_EQ(code(waiting.answer.get()), "claims.stopped");
  EXPECT_EQ(code(claim(of({"a.b"}, 60s))), "claims.stopped");
  EXPECT_TRUE(claims.stopped_by());
  EXPECT_EQ(stopped.get_future().get(), "storage.damaged");
}

TEST_F(ClaimRules, RowsThatCannotBeReadStopTheClaims) {
  request(1);
  spoil_derived(world.ledger().log().store(), row_index::kDuePrefix);
  EXPECT_EQ(code(claim(of())), "claims.stopped");
  EXPECT_EQ(stopped.get_future().get(), "rows.damaged");
}

TEST_F(ClaimRules, RowsThatNoLongerFollowStopTheClaimsAndWhoWaitsIsTold) {
  Pending waiting = begin({.what = of({"a.b"}, 60s), .workspace = {}, .tenant = {}});
  rows.watch([](const std::vector<RowChange>&) { throw Failure(Remedy::kDamageFound, "rows.damaged", "broken"); });
  (void)world.ledger().sequencer().submit({.command = examples::request({.run = run_id(1)})}).get();
  EXPECT_EQ(code(waiting.answer.get()), "claims.stopped");
  EXPECT_EQ(stopped.get_future().get(), "rows.damaged");
  EXPECT_EQ(code(claim(of())), "claims.stopped");
}

TEST_F(ClaimRules, ARunThatWasStartedAndCannotBeReadIsAnUnknownOutcomeAndTheClaimsGoOn) {
  request(1);
  spoil_event(world.ledger().log().store(), Sequence{1});
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(claim(of())));
  request(2);
  EXPECT_EQ(claimed_run(), run_id(2));
  EXPECT_FALSE(claims.stopped_by());
}

TEST_F(ClaimRules, AClaimThatDoesNotWaitSeesWhatWasAskedForBeforeIt) {
  std::promise<void> behind;
  std::promise<void> go_on;
  rows.watch([&, stands = false](const std::vector<RowChange>&) mutable {
    if (std::exchange(stands, true)) return;
    behind.set_value();
    go_on.get_future().wait();
  });
  const auto submit = [&](int number, std::string_view type) {
    RequestRun request = examples::request({.run = run_id(number), .type = examples::type(type)});
    (void)world.ledger().sequencer().submit({.command = std::move(request)}).get();
  };
  submit(1, "demo.sync");
  behind.get_future().wait();
  submit(2, "assignments.fetch");
  Pending pending = begin(ScopedClaim{.what = of(), .workspace = {}, .tenant = {}});
  EXPECT_EQ(std::future_status::timeout, pending.answer.wait_for(100ms)) << "the rows have not caught up";
  go_on.set_value();
  EXPECT_EQ(std::get<ClaimedRun>(pending.answer.get()).started.run, run_id(2));
}

// Such a run is in the past, or another system is about to do its work.
TEST_F(ClaimRules, NobodyGetsWhatAJournalLeftQueued) {
  const auto import = [&, rules = std::make_shared<JournalImport>(Catalog())](Command command) {
    const Answer answer = world.ledger()
                              .sequencer()
                              .submit({.command = std::move(command), .occurred_at = examples::at(0), .import = rules})
                              .get();
    return std::get<Reply>(answer).verdict;
  };
  const RequestRun of_journal = examples::request({.run = run_id(1), .named = true});
  const AttemptKey key{};
  EXPECT_EQ(import(of_journal), Verdict::kRequested);
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of())));
  EXPECT_EQ(import(StartAttempt{run_id(1), sanitize("w"), key}), Verdict::kStarted);
  EXPECT_EQ(import(FinishAttempt{run_id(1), key, AttemptOutcome::kFailed, {}, {}, true}), Verdict::kFinished);
  world.clock().advance(24h);
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of()))) << "the run is a retry";
  request(2);
  EXPECT_EQ(claimed_run(), run_id(2));
  const Reply taken_up = ask(StartAttempt{run_id(1), sanitize("w"), {}});
  EXPECT_EQ(taken_up.verdict, Verdict::kStarted) << "a caller can start it by its id";
  ask(FinishAttempt{run_id(1), AttemptRef{taken_up.attempt, taken_up.token}, AttemptOutcome::kFailed, {}, {}, true});
  world.clock().advance(24h);
  EXPECT_EQ(claimed_run(), run_id(1)) << "from then on the ledger hands it out";
}

TEST_F(ClaimRules, ThatAreClosedLetEverybodyGoAndGiveNobodyARun) {
  Pending waiting = begin({.what = of({"assignments.fetch"}, 60s), .workspace = {}, .tenant = {}});
  claims.close();
  EXPECT_TRUE(std::holds_alternative<NothingDue>(waiting.answer.get()));
  request(1);
  EXPECT_TRUE(std::holds_alternative<NothingDue>(claim(of({"assignments.fetch"}, 60s))));
  EXPECT_EQ(world.ledger().log().last(), Sequence{1});
}

TEST_F(ClaimRules, OfThoseWhoWaitWhoCameFirstIsServedFirst) {
  const auto wait_for = [&](std::optional<std::string_view> tenant) {
    return begin({.what = of({"assignments.fetch", "a.b"}, 60s),
                  .workspace = tenant ? std::optional(examples::workspace()) : std::nullopt,
                  .tenant = tenant ? std::optional(examples::tenant(*tenant)) : std::nullopt});
  };
  Pending of_south = wait_for("south");
  Pending first = wait_for({});
  Pending of_north = wait_for("north");
  Pending last = wait_for({});
  const auto run_of = [](Pending& pending) { return std::get<ClaimedRun>(pending.answer.get()).started.run; };
  request(1, "north");
  EXPECT_EQ(run_of(first), run_id(1));
  request(2, "north");
  EXPECT_EQ(run_of(of_north), run_id(2));
  request(3, "north");
  EXPECT_EQ(run_of(last), run_id(3));
  EXPECT_EQ(of_south.answer.wait_for(0s), std::future_status::timeout);
  request(4, "south");
  EXPECT_EQ(run_of(of_south), run_id(4));
}

TEST_F(ClaimRules, WithinAWorkspaceItsTenantsTakeTurns) {
  for (int number = 1; number <= 4; ++number) request(number, number % 2 == 0 ? "north" : "south");
  std::vector<RunId> order;
  for (int i = 0; i < 4; ++i) {
    const ClaimAnswer answer = claim(ScopedClaim{.what = of(), .workspace = examples::workspace(), .tenant = {}});
    order.push_back(std::get<ClaimedRun>(answer).started.run);
  }
  EXPECT_EQ(order, (std::vector<RunId>{run_id(1), run_id(2), run_id(3), run_id(4)}));
}

TEST_F(ClaimRules, TheTypesOfAClaimShareTheTurns) {
  for (int number = 1; number <= 6; ++number) request(number, "busy", number % 2 == 0 ? "a.work" : "b.work");
  request(7, "quiet", "a.work");
  const ClaimRequest both = of({"a.work", "b.work"});
  EXPECT_EQ(std::get<ClaimedRun>(claim(both)).started.run, run_id(1));
  EXPECT_EQ(std::get<ClaimedRun>(claim(both)).started.run, run_id(7));
}

TEST_F(ClaimRules, AWorkerOfOneTenantDoesNotMoveTheTurnsOfOthers) {
  for (int number = 1; number <= 4; ++number) request(number, "north");
  for (int number = 5; number <= 8; ++number) request(number, "south");
  const ScopedClaim of_north{
      .what = of(), .workspace = examples::workspace(), .tenant = examples::scope("north").tenant};
  EXPECT_EQ(claimed_run(), run_id(1));
  EXPECT_EQ(std::get<ClaimedRun>(claim(of_north)).started.run, run_id(2));
  EXPECT_EQ(claimed_run(), run_id(5));
  EXPECT_EQ(claimed_run(), run_id(3));
  EXPECT_EQ(std::get<ClaimedRun>(claim(of_north)).started.run, run_id(4));
  EXPECT_EQ(claimed_run(), run_id(6));
}

TEST_F(ClaimRules, WhenAllPlacesAreTakenTheNewestClaimOfTheGreedyOneMakesRoom) {
  const auto claim_of = [](const std::string& token) {
    return ScopedClaim{.what = of({"assignments.fetch"}, kClaimWaitMax),
                       .workspace = {},
                       .tenant = {},
                       .holder = {.token = token, .tenant = {}}};
  };
  std::vector<Pending> greedy;
  for (std::size_t i = 0; i < Claims::kWaitingMax; ++i) greedy.push_back(begin(claim_of("greedy")));
  EXPECT_EQ(code(claim(claim_of("greedy"))), "overloaded") << "it holds most itself";
  const Pending quiet = begin(claim_of("quiet"));
  EXPECT_EQ(code(greedy.back().answer.get()), "overloaded");
  greedy.pop_back();
  EXPECT_EQ(quiet.answer.wait_for(0s), std::future_status::timeout);
}

TEST_F(ClaimRules, APlaceThatIsGivenUpIsTakenBeforeAnotherIsAskedFor) {
  const auto claim_of = [](const std::string& token) {
    return ScopedClaim{.what = of({"assignments.fetch"}, kClaimWaitMax),
                       .workspace = {},
                       .tenant = {},
                       .holder = {.token = token, .tenant = {}}};
  };
  std::vector<Pending> greedy;
  for (std::size_t i = 0; i + 1 < Claims::kWaitingMax; ++i) greedy.push_back(begin(claim_of("greedy")));
  std::promise<void> blocked;
  std::promise<void> release;
  ScopedClaim soon_over = claim_of("greedy");
  soon_over.what.wait = 0ms;
  const Claims::Waiting held = claims.claim(std::move(soon_over), [&](const ClaimAnswer&) {
    blocked.set_value();
    release.get_future().wait();  // Holds the thread of the claims, so that what follows comes to it at once.
  });
  blocked.get_future().wait();
  const Pending quiet = begin(claim_of("quiet"));
  const Pending quiet_too = begin(claim_of("quiet too"));
  greedy.front().waiting = {};
  release.set_value();
  EXPECT_TRUE(std::holds_alternative<NothingDue>(greedy.front().answer.get()));
  EXPECT_EQ(greedy.back().answer.wait_for(100ms), std::future_status::timeout);
}

TEST_F(ClaimRules, WhoWaitsIsGivenARetryOnceItIsDue) {
  request(1);
  const ClaimAnswer first = claim(of());
  finish(std::get<ClaimedRun>(first), AttemptOutcome::kFailed);
  EXPECT_EQ(claimed_run(), std::nullopt);
  world.clock().advance(30s);
  Pending second = begin({.what = of({"assignments.fetch"}, 60s), .workspace = {}, .tenant = {}});
  EXPECT_EQ(std::get<ClaimedRun>(second.answer.get()).started.attempt, AttemptNumber{2});
}

// The sequencer has no room, so the picked run stays queued for the next claim.
TEST(Claims, ARunThatCouldNotBeStartedIsGivenToAnother) {
  TemporaryLedger world;
  Sequencer::Options options;
  options.queue_max = 1;
  world.reopen(options);
  Sequencer& sequencer = world.ledger().sequencer();
  FollowedRows rows(world.ledger().log());
  Claims claims(world.ledger(), rows);
  const auto claim = [&](std::chrono::milliseconds wait) {
    std::promise<ClaimAnswer> promise;
    const Claims::Waiting waiting =
        claims.claim({.what = {.types = {examples::type()}, .worker = {}, .wait = wait}, .workspace = {}, .tenant = {}},
                     [&promise](ClaimAnswer given) { promise.set_value(std::move(given)); });
    return promise.get_future().get();
  };
  std::promise<void> blocked;
  std::promise<void> release;
  sequencer.submit({.command = examples::request({.run = run_id(1)})}, [&](const Answer&) {
    blocked.set_value();
    release.get_future().wait();  // Holds the sequencer's thread, so that its queue fills.
  });
  blocked.get_future().wait();
  ASSERT_TRUE(rows.wait_for(Sequence{1}, kSoon));
  std::future<Answer> fills = sequencer.submit({.command = examples::request({.run = run_id(1)})});
  const ClaimAnswer left = claim(0ms);
  release.set_value();
  (void)fills.get();
  EXPECT_EQ(std::get<Rejection>(left).code, "overloaded");
  const ClaimAnswer given = claim(60s);
  EXPECT_EQ(std::get<ClaimedRun>(given).started.run, run_id(1));
}

}  // namespace
}  // namespace runledger
