// A ledger whose catalog is replaced while it decides: each request follows one catalog, whole.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "ledger/explain.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// The two differ in everything that a request takes from its type.
constexpr char kFirstCatalog[] = R"({"types":[{"type":"assignments.fetch","identity_fields":["a"],"max_attempts":1,
  "cooldown_seconds":0,"lease_seconds_min":1,"lease_seconds_max":100}]})";
constexpr char kSecondCatalog[] = R"({"types":[{"type":"assignments.fetch","identity_fields":["b"],"max_attempts":2,
  "cooldown_seconds":60,"scope":"tenant","summary_keys":["total"]}]})";
constexpr char kEmptyCatalog[] = R"({"types":[]})";

Catalog parsed(const char* text) {
  return *Catalog::parse(text, Policy{});
}

RunRequest numbered_request(int number) {
  RunRequest wanted;
  wanted.workspace = examples::workspace();
  wanted.tenant = examples::tenant();
  wanted.type = examples::type();
  wanted.input = examples::input(fmt::format(R"({{"a":{},"b":{}}})", number, number + 1'000'000));
  return wanted;
}

class CatalogChange : public testing::Test {
 protected:
  Answer ask(Ask what) { return world.ledger().submit(std::move(what), {}).get(); }
  Reply finish(RunId run, const Reply& started, const char* key) {
    return reply_of(ask(FinishAttempt{.run = run,
                                      .attempt = AttemptRef{started.attempt, started.token},
                                      .summary_counts = examples::counts({{key, 1}})}));
  }
  RunState state(RunId run) { return world.ledger().states().load_run(run); }

  TemporaryLedger world{parsed(kFirstCatalog)};
};

TEST_F(CatalogChange, CountsForTheNextRequestAndItsExplanation) {
  const RunId before = reply_of(ask(numbered_request(1))).run;
  world.ledger().replace_catalog(parsed(kSecondCatalog));
  const RunId after = reply_of(ask(numbered_request(2))).run;
  EXPECT_EQ(state(before).policy.max_attempts, 1U);
  EXPECT_EQ(state(after).policy.max_attempts, 2U);
  RunRequest without = numbered_request(3);
  without.tenant.reset();
  EXPECT_EQ(code_of(explain(world.ledger(), without)), "tenant.required");
  EXPECT_EQ(code_of(ask(without)), "tenant.required");
}

TEST_F(CatalogChange, LeavesRunsTheirPolicyWhenTheirTypeIsNoLongerListed) {
  const RunId run = reply_of(ask(numbered_request(1))).run;
  world.ledger().replace_catalog(parsed(kEmptyCatalog));
  const Reply started = reply_of(ask(StartAttempt{.run = run, .worker = sanitize("w")}));
  // As after a start with that catalog: counts are no longer limited, and the policy is that of the request.
  EXPECT_EQ(finish(run, started, "anything").status, RunStatus::kCompleted);
  EXPECT_EQ(state(run).policy.max_attempts, 1U);
  EXPECT_EQ(reply_of(ask(numbered_request(1))).verdict, Verdict::kRequested) << "the run's cooldown is none";
}

TEST_F(CatalogChange, AppliesToTheReportsOfWorkersFromThenOn) {
  const RunId run = reply_of(ask(numbered_request(1))).run;
  const Reply started =
      reply_of(ask(StartAttempt{.run = run, .worker = sanitize("w"), .lease = std::chrono::seconds(5)}));
  world.ledger().replace_catalog(parsed(kSecondCatalog));
  const Reply finished = finish(run, started, "anything");
  ASSERT_EQ(finished.warnings.size(), 1U);
  EXPECT_EQ(finished.warnings.front().code, "counts.key_not_allowed");
}

// The catalog allows the lease with which the request was prepared; the other one does not.
TEST_F(CatalogChange, LeavesARequestThatCameBeforeItsOwnCatalog) {
  const std::shared_ptr<const Catalog> old = world.ledger().catalog();
  const auto start = [](int number) {
    return IdentityStart{
        .request = numbered_request(number), .worker = sanitize("w"), .lease = std::chrono::seconds(5)};
  };
  world.ledger().replace_catalog(parsed(kSecondCatalog));
  std::promise<Answer> promise;
  world.ledger().submit(start(1), {}, {}, old, [&promise](Answer given) { promise.set_value(std::move(given)); });
  const Reply started = reply_of(promise.get_future().get());
  EXPECT_EQ(started.verdict, Verdict::kStarted);
  EXPECT_EQ(state(started.run).policy.max_attempts, 1U);
  EXPECT_EQ(code_of(ask(start(2))), "policy.out_of_bounds");
}

TEST_F(CatalogChange, NeverMixesTwoCatalogsInOneRequest) {
  constexpr int kCallers = 3;
  constexpr int kEach = 200;
  std::atomic<bool> stopped = false;
  std::thread operator_thread([&] {
    for (int i = 0; !stopped; ++i) world.ledger().replace_catalog(parsed(i % 2 == 0 ? kSecondCatalog : kFirstCatalog));
  });
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) (void)ask(numbered_request(caller * kEach + i));
    });
  }
  for (std::thread& caller : callers) caller.join();
  stopped = true;
  operator_thread.join();
  const Catalog one = parsed(kFirstCatalog);
  const Catalog two = parsed(kSecondCatalog);
  int requests = 0;
  world.ledger().log().scan({}, world.ledger().log().last(), [&](const Envelope& envelope, std::string_view) {
    const auto* requested = std::get_if<Requested>(&envelope.event);
    if (requested == nullptr) return Scan::kContinue;
    ++requests;
    const CatalogEntry& entry = (requested->policy.max_attempts == 1 ? one : two).entry(requested->type);
    EXPECT_EQ(requested->policy, entry.policy);
    EXPECT_EQ(requested->identity, fingerprint(world.ledger().identity_key(), envelope.scope, requested->type,
                                               entry.identity, requested->input));
    return Scan::kContinue;
  });
  EXPECT_EQ(requests, kCallers * kEach);
}

}  // namespace
}  // namespace runledger
