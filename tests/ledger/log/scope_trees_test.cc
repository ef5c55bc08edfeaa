// The trees of scopes: they follow the log, and are made again when they are wrong.
#include "ledger/log/scope_trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <map>
#include <random>

#include "ledger/base/failure.h"
#include "ledger/log/event_log.h"
#include "ledger/log/hash_tiles.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/naive_tree.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class ScopeTreesTest : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }
  [[nodiscard]] rocksdb::DB& db() const { return here.store->derived(Derived::kScopes).db(); }
  void use(const std::function<void(const ScopesAtHead&)>& with) const {
    ScopeTrees(*here.store).at_head([this] { return here.log->head(); }, with);
  }
  [[nodiscard]] Digest<32> root() const {
    Digest<32> found;
    use([&found](const ScopesAtHead& scopes) { found = scopes.root(); });
    return found;
  }
  [[nodiscard]] std::optional<std::string> difference() const {
    return ScopeTrees(*here.store).find_difference(here.log->head());
  }

  // All that the trees should have, computed from the log.
  struct Expected {
    std::map<Scope, std::vector<std::string>> scopes;
    std::map<RunId, std::vector<std::string>> runs;
    std::map<RunId, Scope> scope_of;
  };
  [[nodiscard]] Expected expected() const {
    Expected all;
    here.log->scan({}, here.log->last(), [&](const Envelope& envelope, std::string_view stored) {
      all.scopes[envelope.scope].emplace_back(stored);
      all.runs[envelope.run].emplace_back(stored);
      all.scope_of[envelope.run] = envelope.scope;
      return Scan::kContinue;
    });
    return all;
  }
  void expect_all(const ScopesAtHead& scopes) const {
    const Expected all = expected();
    for (const auto& [scope, leaves] : all.scopes) {
      const std::optional<IncludedScope> found = scopes.find(scope);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->events, NaiveTree(leaves).head(leaves.size()));
      const SparseEntry entry =
          scope_entry(scope_key(scopes.salt(), scope), {hash_of_head(found->events), found->runs}, found->nonce);
      EXPECT_EQ(found->proof.siblings.size(), kPlaceBits);
      EXPECT_EQ(sparse_root(entry, found->proof), scopes.root());
    }
    for (const auto& [run, leaves] : all.runs) {
      const Scope& scope = all.scope_of.at(run);
      const std::optional<IncludedRun> found = scopes.find(scope, run);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->events, NaiveTree(leaves).head(leaves.size()));
      EXPECT_EQ(sparse_root(run_entry(run, found->events), found->proof), scopes.find(scope)->runs);
    }
  }

  LogDirectory here{LogDirectory::Disk::kMemory};
  EventMaker maker;
};

TEST_F(ScopeTreesTest, HaveTheEventsOfEveryScopeAndRun) {
  for (const std::size_t count : {1U, 2U, 1U, 300U, 97U}) {
    append(count);
    use([this](const ScopesAtHead& scopes) { expect_all(scopes); });
    EXPECT_EQ(difference(), std::nullopt);
  }
}

TEST_F(ScopeTreesTest, HaveNothingOfAScopeOrRunWithoutEvents) {
  const Scope absent = examples::scope("nobody");
  use([&](const ScopesAtHead& scopes) { EXPECT_FALSE(scopes.find(absent)); });
  append(9);
  use([&](const ScopesAtHead& scopes) {
    EXPECT_FALSE(scopes.find(absent));
    EXPECT_FALSE(scopes.find(examples::scope("contoso"), examples::run_id(999)));
    EXPECT_FALSE(scopes.find(absent, examples::run_id(1)));
    EXPECT_THAT(scopes.scopes_of(*examples::scope("contoso").tenant, 2),
                testing::ElementsAre(examples::scope("contoso")));
    EXPECT_TRUE(scopes.scopes_of(*absent.tenant, 2).empty());
  });
}

TEST_F(ScopeTreesTest, AreTheSameWhereverTheyStoppedInBetween) {
  append(50);
  (void)root();
  append(60);
  const Digest<32> in_two_steps = root();
  here.store->scopes().discard();
  EXPECT_EQ(root(), in_two_steps);
  EXPECT_EQ(difference(), std::nullopt);
}

TEST_F(ScopeTreesTest, GoOnFromWhereTheyWereInterrupted) {
  append(2500);
  int looks = 0;
  const ScopeTrees impatient(*here.store, [&looks] { return ++looks == 2; });
  const auto follow = [&] { impatient.at_head([this] { return here.log->head(); }, [](const ScopesAtHead&) {}); };
  EXPECT_EQ(failure_of(follow).code, "tiles.interrupted");
  EXPECT_EQ(difference(), std::nullopt) << "what was followed is right";
  follow();
  use([this](const ScopesAtHead& scopes) { expect_all(scopes); });
}

TEST_F(ScopeTreesTest, WithAnyEntryChangedAreFoundByTheCheckAndNeverProveAnotherRoot) {
  append(60);
  const Digest<32> right = root();
  std::mt19937 random(20261130);
  std::vector<std::pair<std::string, std::string>> entries;
  {
    const std::unique_ptr<rocksdb::Iterator> each(db().NewIterator({}));
    for (each->SeekToFirst(); each->Valid(); each->Next())
      entries.emplace_back(each->key().ToString(), each->value().ToString());
  }
  ASSERT_GT(entries.size(), 40U);
  for (const auto& [key, value] : entries) {
    std::string other = value;
    const std::size_t at = random() % other.size();
    other[at] = static_cast<char>(other[at] ^ (1 << random() % 8));
    ASSERT_TRUE(db().Put({}, key, other).ok());
    EXPECT_NE(difference(), std::nullopt);
    ASSERT_TRUE(db().Delete({}, key).ok());
    EXPECT_NE(difference(), std::nullopt);
    ASSERT_TRUE(db().Put({}, key, value).ok());
  }
  EXPECT_EQ(difference(), std::nullopt);
  EXPECT_EQ(root(), right);
}

TEST_F(ScopeTreesTest, OfAnotherHistoryOrKeyAreMadeAgain) {
  append(20);
  const Digest<32> before = root();
  here.store->become(LedgerId{random_uuid()});
  EXPECT_NE(root(), before) << "another ledger has other secrets";
  EXPECT_EQ(difference(), std::nullopt);
  std::string state;
  ASSERT_TRUE(db().Get({}, "S", &state).ok());
  state[20] = static_cast<char>(state[20] ^ 1);  // Of the log that was followed.
  ASSERT_TRUE(db().Put({}, "S", state).ok());
  append(3);
  use([this](const ScopesAtHead& scopes) { expect_all(scopes); });
  EXPECT_EQ(difference(), std::nullopt);
}

TEST_F(ScopeTreesTest, AreTakenByCopiesOfTheLedger) {
  append(10);
  const Digest<32> before = root();
  here.store->copy_to(here.parent.path() / "copy");
  Store::Options options;
  options.env = here.memory.get();
  options.directory = here.parent.path() / "copy";
  const Store copy(options);
  EXPECT_TRUE(copy.has_derived(Derived::kScopes));
  ScopeTrees(copy).at_head([this] { return here.log->head(); },
                           [&](const ScopesAtHead& scopes) { EXPECT_EQ(scopes.root(), before); });
}

TEST_F(ScopeTreesTest, ShowWhatTheyWereAtEarlierSizes) {
  std::vector<Digest<32>> roots{root()};
  for (int i = 0; i < 12; ++i) {
    append(1);
    roots.push_back(root());
  }
  ScopeDerivation again(*here.store);
  for (std::size_t size = 0; size < roots.size(); ++size) EXPECT_EQ(again.root_at(size), roots[size]);
}

}  // namespace
}  // namespace runledger
