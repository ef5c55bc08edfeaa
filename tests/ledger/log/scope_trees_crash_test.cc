// The trees of scopes after a process that followed the log was killed.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include "ledger/log/event_log.h"
#include "ledger/log/scope_trees.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

// Appends and follows as fast as it can until the parent kills it. Now and then it moves the entries into tables, makes
// the trees again, or compares them.
TEST(ScopeTreesCrash, DISABLED_FollowsUntilKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  Store store({.directory = child_directory()});
  EventLog log(store);
  const ScopeTrees trees(store);
  EventMaker maker;
  if (log.last().value != 0) (void)maker.next(log.last().value);
  std::mt19937_64 random(log.last().value);
  while (!HasFailure()) {
    ASSERT_EQ(log.append(maker.next(1 + random() % 40), WhenBehind::kWait), AppendOutcome::kAppended);
    trees.at_head([&log] { return log.head(); },
                  [](const ScopesAtHead& scopes) {
                    std::printf("followed %lu\n", static_cast<unsigned long>(scopes.head().sequence.value));
                    std::fflush(stdout);
                  });
    switch (random() % 8) {
      case 0:
        store.scopes().discard();
        break;
      case 1:
        EXPECT_EQ(trees.find_difference(log.head()), std::nullopt);
        break;
      case 2:
      case 3:
        store.scopes().read([](const DerivedStore& scopes) { scopes.flush(); });
        break;
      default:
        break;
    }
  }
}

TEST(ScopeTreesCrash, AreThoseOfAnEarlierHeadAfterAKillAndGoOnFromThere) {
  LogDirectory here;
  here.close();
  std::mt19937 random(26);
  int kept = 0;
  for (int kill = 0; kill < short_or_long(50, 500); ++kill) {
    Program child = start_child("ScopeTreesCrash.DISABLED_FollowsUntilKilled", here.path);
    ASSERT_TRUE(child.wait_for_output("followed "));
    // Does not wait for anything: the kill should come at a random place.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    child.signal(SIGKILL);
    const ProgramResult result = child.wait();
    ASSERT_EQ(result.status, 128 + SIGKILL) << result.out;
    here.open();
    const Head head = here.log->head();
    const ScopeTrees trees(*here.store);
    if (here.store->has_derived(Derived::kScopes)) ++kept;
    EXPECT_EQ(trees.find_difference(head), std::nullopt) << "what is left, kill " << kill;
    trees.at_head([&head] { return head; },
                  [&head](const ScopesAtHead& scopes) { EXPECT_EQ(scopes.head().sequence, head.sequence); });
    EXPECT_EQ(trees.find_difference(head), std::nullopt) << "followed further, kill " << kill;
    EXPECT_FALSE(here.store->has_derived(Derived::kScopesCheck)) << "what a comparison has left is removed";
    here.close();
  }
  EXPECT_GT(kept, 0);
}

}  // namespace
}  // namespace runledger
