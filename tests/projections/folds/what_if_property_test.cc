// What would have become of requests: compared with a ledger that had the other policies.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "projections/folds/what_if.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/random_story.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

// Cooldowns that differ in every part.
struct OtherCooldown {
  int seconds = 0;
  bool from_request = false;
  bool after_failure = false;
};

rc::Gen<OtherCooldown> any_cooldown() {
  return rc::gen::build<OtherCooldown>(rc::gen::set(&OtherCooldown::seconds, rc::gen::element(0, 5, 10, 30, 100)),
                                       rc::gen::set(&OtherCooldown::from_request),
                                       rc::gen::set(&OtherCooldown::after_failure));
}

Catalog catalog(const OtherCooldown& of) {
  return *Catalog::parse(
      fmt::format(R"({{"types":[{{"type":"assignments.fetch","max_attempts":1,"cooldown_seconds":{},)"
                  R"("cooldown_from":"{}","cooldown_after":["{}"]}}]}})",
                  of.seconds, of.from_request ? "request" : "completion", of.after_failure ? "failed" : "succeeded"),
      Policy{});
}

// A request of an input, some time after the one before.
struct Wanted {
  int wait = 0;
  int input = 0;
};

rc::Gen<std::vector<Wanted>> any_requests() {
  return rc::gen::container<std::vector<Wanted>>(
      rc::gen::build<Wanted>(rc::gen::set(&Wanted::wait, rc::gen::element(0, 1, 4, 5, 9, 10, 11, 29, 60)),
                             rc::gen::set(&Wanted::input, rc::gen::inRange(0, 2))));
}

// A world in which every run takes as long, and ends in the same way.
class Life {
 public:
  Life(const Catalog& catalog, int lasts, bool succeeds) : catalog_(catalog), lasts_(lasts), succeeds_(succeeds) {}

  // Returns whether the request made a run.
  bool request(const Wanted& wanted) {
    const Time until = now_ + wanted.wait * kSecond;
    finish_runs(until);
    now_ = until;
    const RunId run = examples::run_id(++runs_);
    const Answer answer =
        ledger_.submit(examples::request({.run = run,
                                          .input = examples::input(fmt::format(R"({{"n":{}}})", wanted.input)),
                                          .policy = catalog_.entry(examples::type()).policy}),
                       now_);
    const bool is_made = std::get<Reply>(answer).verdict == Verdict::kRequested;
    if (is_made) ends_.emplace(now_ + lasts_ * kSecond, run);
    finish_runs(now_);
    return is_made;
  }
  [[nodiscard]] const std::vector<Envelope>& events() const { return ledger_.events; }

 private:
  void finish_runs(Time until) {
    while (!ends_.empty() && ends_.begin()->first <= until) {
      const auto [at, run] = *ends_.begin();
      ends_.erase(ends_.begin());
      now_ = at;
      const Reply started = std::get<Reply>(ledger_.submit(StartAttempt{run, sanitize("w")}, now_));
      (void)ledger_.submit(FinishAttempt{.run = run,
                                         .attempt = AttemptRef{started.attempt, started.token},
                                         .outcome = succeeds_ ? AttemptOutcome::kSucceeded : AttemptOutcome::kFailed},
                           now_);
    }
  }

  const Catalog& catalog_;
  int lasts_;
  bool succeeds_;
  MemoryLedger ledger_;
  Time now_ = examples::at(0);
  int runs_ = 0;
  std::multimap<Time, RunId> ends_;
};

RC_GTEST_PROP(WhatIfProperty, SaysWhatALedgerWithTheOtherPoliciesAnswers, ()) {
  const Catalog in_force = catalog(*any_cooldown());
  const Catalog other = catalog(*any_cooldown());
  const int lasts = *rc::gen::element(0, 3, 10, 40);
  const bool succeeds = *rc::gen::arbitrary<bool>();
  Life life(in_force, lasts, succeeds);
  Life other_life(other, lasts, succeeds);
  std::vector<bool> made;
  std::vector<bool> would_be_made;
  for (const Wanted& wanted : *any_requests()) {
    made.push_back(life.request(wanted));
    would_be_made.push_back(other_life.request(wanted));
  }
  WhatIf what_if(in_force, other);
  std::size_t request = 0;
  for (const Envelope& envelope : life.events()) {
    const std::optional<OtherAnswer> answer = what_if.take(envelope);
    const bool is_request = envelope.run_version == RunVersion{1} || std::holds_alternative<Deduped>(envelope.event);
    if (!is_request) {
      RC_ASSERT(!answer.has_value());
      continue;
    }
    RC_ASSERT(answer.has_value() == (made[request] != would_be_made[request]));
    if (answer) RC_ASSERT(answer->would_be.has_value() == !would_be_made[request]);
    ++request;
  }
  RC_ASSERT(request == made.size());
  if (made.empty()) return;
  const WhatIfCounts& counts = what_if.counts().at(examples::type());
  RC_ASSERT(counts.requests == made.size());
  RC_ASSERT(counts.deduped == static_cast<std::size_t>(std::count(made.begin(), made.end(), false)));
  RC_ASSERT(counts.would_deduped ==
            static_cast<std::size_t>(std::count(would_be_made.begin(), would_be_made.end(), false)));
}

// Random stories have forced requests, journals, lost attempts and runs with cooldowns of their own.
RC_GTEST_PROP(WhatIfProperty, FindsNoDifferenceWithTheCatalogInForce, ()) {
  MemoryLedger ledger;
  run_story_with_imports(
      arbitrary_story(),
      [&](const Command& command, Time now) { return ledger.submit(command, now, story_starter(command)); },
      [&](const Command& command, Time now) { return ledger.import(command, now); });
  const Catalog in_force = catalog(*any_cooldown());
  WhatIf what_if(in_force, in_force);
  for (const Envelope& envelope : ledger.events) RC_ASSERT(!what_if.take(envelope).has_value());
  for (const auto& [type, counts] : what_if.counts()) RC_ASSERT(counts.deduped == counts.would_deduped);
}

}  // namespace
}  // namespace runledger
