// Compares random runs and records with a second, naive version of the rules: exactly the runs that should be closed
// are closed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "tests/jobs/reconcile/reconcile_world.h"

namespace runledger {
namespace {

using std::chrono::seconds;

constexpr Duration kStaleAfter = seconds(3600);
constexpr Duration kGrace = seconds(30);
constexpr Duration kLease = seconds(60);
constexpr Duration kBackoff = seconds(30);

// A run that this test made, as the test remembers it.
struct Made {
  RunId id;
  bool running = false;
  std::uint32_t attempt = 0;
  Time since;  // The time when it became due, or was started.
  std::optional<AdapterRecord> record;
};

class ReconcileModel {
 public:
  explicit ReconcileModel(unsigned seed) : random_(seed) {}

  void live() {
    for (int i = 0; i < 40; ++i) {
      make_run();
      world_.advance(seconds(up_to(300)));
    }
  }

  void check() {
    std::map<RunId, std::string> expected;
    int closed = 0;
    for (const Made& run : made_) {
      expected[run.id] = expected_standing(run);
      if (expected[run.id] != standing_now(run)) ++closed;
    }
    const JobReport report = world_.reconcile();
    for (const Made& run : made_) EXPECT_EQ(expected[run.id], world_.standing(run.id));
    EXPECT_EQ(closed, static_cast<int>(report.summary_counts.at(examples::key("reconciled"))));
    EXPECT_EQ(made_.size(), report.summary_counts.at(examples::key("total")));
    const Sequence head = world_.head();
    (void)world_.reconcile();
    EXPECT_EQ(head, world_.head()) << "a second reconciliation changes nothing";
  }

 private:
  void make_run() {
    Made run{.id = world_.request(), .running = false, .since = world_.now(), .record = {}};
    for (unsigned attempts = up_to(3); attempts > 0; --attempts) {
      const Reply started = world_.start(run.id);
      ++run.attempt;
      run.running = true;
      run.since = world_.now();
      world_.advance(seconds(up_to(10)));
      if (attempts == 1 && up_to(2) == 0) break;
      (void)world_.finish(started, AttemptOutcome::kFailed);
      run.running = false;
      run.since = world_.now() + kBackoff * (1 << (run.attempt - 1));
    }
    if (up_to(2) == 0) note(run);
    made_.push_back(run);
  }

  void note(Made& run) {
    const auto status = static_cast<AdapterStatus>(up_to(5));
    std::optional<Time> finished_at;
    if (has_ended(status)) finished_at = world_.now() + seconds(up_to(12'000));
    world_.records.put(run.id, status, finished_at, 1 + up_to(3));
    run.record = world_.records.records.at(run.id);
  }

  static std::string standing_now(const Made& run) { return run.running ? "running" : "queued"; }

  std::string expected_standing(const Made& run) {
    const std::uint32_t unended = run.running ? run.attempt : run.attempt + 1;
    if (run.record && run.record->finished_at && run.record->attempt.value >= unended &&
        world_.now() - *run.record->finished_at >= kGrace)
      return run.record->status == AdapterStatus::kCancelled ? "cancelled adapter.out_of_sync"
                                                             : "failed adapter.out_of_sync";
    if (run.running && world_.now() - run.since >= kLease)
      return run.attempt == 3 ? "failed worker.lease_expired" : "queued worker.lease_expired";
    if (!run.running && world_.now() - run.since >= kStaleAfter) return "failed run.stale_queued";
    return standing_now(run);
  }

  unsigned up_to(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }

  ReconcileWorld world_;
  std::minstd_rand random_;
  std::vector<Made> made_;
};

TEST(ReconcileModel, ClosesExactlyWhatTheRulesSay) {
  const char* given = std::getenv("LEDGER_TESTS_SEED");
  const unsigned first = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  for (unsigned seed = first; seed < first + (given != nullptr ? 1 : 5); ++seed) {
    SCOPED_TRACE("LEDGER_TESTS_SEED=" + std::to_string(seed));
    ReconcileModel model(seed);
    model.live();
    model.check();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace runledger
