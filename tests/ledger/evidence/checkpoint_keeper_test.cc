// When checkpoints of a growing log are signed, and when no more are.
#include "ledger/evidence/checkpoint_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class CheckpointKeeperTest : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }

  void keep(milliseconds every, milliseconds at_end_max = std::chrono::minutes(1)) {
    const auto note = [this](std::vector<std::string>& to) {
      return [this, &to](std::string_view code, std::string_view) {
        const MutexLock lock(mutex);
        to.emplace_back(code);
        noted.notify_all();
      };
    };
    keeper.emplace(*here.log, CheckpointKeeper::Options{.every = every, .at_end_max = at_end_max},
                   CheckpointKeeper::Listener{.signed_one =
                                                  [this](const SignedCheckpoint& newest) {
                                                    const MutexLock lock(mutex);
                                                    sizes.push_back(newest.tree.size);
                                                    noted.notify_all();
                                                  },
                                              .failed = note(failures),
                                              .stopped = note(stops)});
  }
  // Waits until so many checkpoints were signed, or something went wrong.
  void wait_for(std::size_t count) {
    MutexLock lock(mutex);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (sizes.size() < count && failures.empty() && stops.empty()) ASSERT_TRUE(noted.wait_until(lock, end));
  }

  LogDirectory here{LogDirectory::Disk::kMemory};
  const NoteSigner signer = create_audit_key(here.path, "runledger/test");
  EventMaker maker;
  Mutex mutex;
  Condition noted;
  std::vector<std::uint64_t> sizes;
  std::vector<std::string> failures;
  std::vector<std::string> stops;
  std::optional<CheckpointKeeper> keeper;
};

TEST_F(CheckpointKeeperTest, SignsAtTheStartWhenEventsComeAndAtTheEnd) {
  keep(milliseconds(0));
  wait_for(1);
  append(3);
  wait_for(2);
  append(4);
  keeper.reset();
  EXPECT_EQ(sizes.front(), 0U);
  EXPECT_EQ(sizes.back(), 7U);
  EXPECT_THAT(failures, IsEmpty());
  EXPECT_EQ(AuditKey(here.path).last()->tree, (TreeHead{7, here.log->head().tree.root()}));
}

TEST_F(CheckpointKeeperTest, SignsOnceInAnIntervalAndTheRestAtTheEnd) {
  append(1);
  keep(hours(1));
  wait_for(1);
  for (int i = 0; i < 20; ++i) append(1);
  EXPECT_EQ(open_checkpoint(keeper->newest()->note, signer.verifier())->tree.size, 1U);
  keeper.reset();
  EXPECT_THAT(sizes, ElementsAre(1U, 21U));
}

TEST_F(CheckpointKeeperTest, SignsNothingTwice) {
  append(5);
  keep(milliseconds(0));
  wait_for(1);
  keeper.reset();
  EXPECT_THAT(sizes, ElementsAre(5U));
}

TEST_F(CheckpointKeeperTest, StopsForGoodOnALogThatLostWhatWasSigned) {
  append(3);
  (void)AuditKey(here.path).sign({9, Digest<32>{}});
  keep(milliseconds(0));
  wait_for(1);
  append(1);
  keeper.reset();
  EXPECT_THAT(stops, ElementsAre("checkpoint.ahead"));
  EXPECT_THAT(sizes, IsEmpty());
  EXPECT_EQ(AuditKey(here.path).last()->tree.size, 9U);
}

TEST_F(CheckpointKeeperTest, WaitsForAKeyThatIsInUse) {
  append(1);
  std::optional<AuditKey> elsewhere(std::in_place, here.path);
  keep(hours(1));
  EXPECT_FALSE(keeper->newest());
  elsewhere.reset();
  wait_for(1);
  EXPECT_THAT(sizes, ElementsAre(1U));
}

TEST_F(CheckpointKeeperTest, GivesUpAtTheEndIfTheKeyIsInUse) {
  append(1);
  const AuditKey elsewhere(here.path);
  keep(hours(1), milliseconds(1));
  keeper.reset();
  EXPECT_THAT(failures, ElementsAre("audit_key.busy"));
  EXPECT_THAT(sizes, IsEmpty());
}

TEST_F(CheckpointKeeperTest, LeavesALongHashingAtTheEndToTheNextOne) {
  append(1);
  keep(hours(1), milliseconds(0));
  wait_for(1);
  append(3000);
  keeper.reset();
  EXPECT_THAT(failures, ElementsAre("tiles.interrupted"));
  EXPECT_EQ(HashTiles(*here.store).size(), 1024U);
  failures.clear();
  keep(hours(1));
  wait_for(2);
  EXPECT_THAT(sizes, ElementsAre(1U, 3001U));
}

// As after a restart, when nothing has come since.
TEST_F(CheckpointKeeperTest, KnowsWhenARememberedCheckpointWasSigned) {
  append(1);
  keep(hours(1));
  wait_for(1);
  const Time before = keeper->newest()->signed_at;
  const Duration age = SystemClock().now() - before;
  EXPECT_LT(age, Duration(std::chrono::minutes(1)));
  keeper.reset();
  const std::filesystem::path file = here.path / "audit.checkpoint";
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - hours(5));
  keep(hours(1));
  wait_for(2);
  EXPECT_EQ(keeper->newest()->signed_at, before - Duration(hours(5)));
}

TEST_F(CheckpointKeeperTest, TriesAgainAfterAFailure) {
  append(1);
  const std::filesystem::path file = here.path / "audit.key";
  keep(milliseconds(0));
  wait_for(1);
  std::filesystem::rename(file, here.path / "away");
  append(1);
  wait_for(2);
  std::filesystem::rename(here.path / "away", file);
  keeper.reset();
  EXPECT_EQ(failures.front(), "audit_key.missing");
  EXPECT_THAT(stops, IsEmpty());
  EXPECT_EQ(sizes.back(), 2U);
}

TEST_F(CheckpointKeeperTest, NeedsAKey) {
  std::filesystem::remove(here.path / "audit.key");
  EXPECT_EQ(failure_of([&] { return (keep(hours(1)), 0); }).code, "audit_key.missing");
}

}  // namespace
}  // namespace runledger
