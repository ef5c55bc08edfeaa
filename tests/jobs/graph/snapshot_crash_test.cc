// A snapshot is whole at every moment, also when its writer is killed.
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <thread>

#include "jobs/graph/snapshot.h"
#include "jobs/worker/job.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

constexpr int kKills = 25;

// Returns a snapshot that takes a while to write. Its size tells the attempt.
Snapshot large_snapshot(std::uint32_t attempt) {
  Snapshot snapshot = {.run = examples::run_id(1), .attempt = {attempt}, .scope = examples::scope()};
  snapshot.policy_type = "configuration";
  const std::string assignment = R"({"target":{"groupId":")" + std::string(1'000, 'g') + "\"}}";
  for (std::uint32_t i = 0; i < 500 + attempt; ++i)
    snapshot.policies["p-" + std::to_string(i)] = "[" + assignment + "," + assignment + "]";
  return snapshot;
}

// Writes one snapshot after another until the parent kills it.
TEST(SnapshotCrash, DISABLED_WritesOneAfterAnother) {
  ASSERT_NE(child_directory(), nullptr);
  std::printf("writing\n");
  std::fflush(stdout);
  const Snapshot before = read_snapshot(child_directory(), examples::run_id(1), examples::scope());
  for (AttemptNumber attempt = before.attempt.next();; attempt = attempt.next())
    write_snapshot(child_directory(), large_snapshot(attempt.value));
}

TEST(SnapshotCrash, NeverLeavesHalfAFileUnderItsName) {
  const TemporaryDirectory directory;
  write_snapshot(directory.path(), large_snapshot(1));
  std::mt19937 random(7);
  AttemptNumber last{1};
  for (int i = 0; i < kKills; ++i) {
    Program writer = start_child("SnapshotCrash.DISABLED_WritesOneAfterAnother", directory.path());
    ASSERT_TRUE(writer.wait_for_output("writing"));
    // Does not wait for anything: the kill should come at a random place of the write.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
    writer.signal(SIGKILL);
    ASSERT_EQ(writer.wait().status, 128 + SIGKILL);
    const Snapshot kept = read_snapshot(directory.path(), examples::run_id(1), examples::scope());
    EXPECT_EQ(kept, large_snapshot(kept.attempt.value));
    EXPECT_GE(kept.attempt, last);
    last = kept.attempt;
  }
  // Removes the temporary files of the killed writers.
  write_snapshot(directory.path(), large_snapshot(last.value + 2));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

}  // namespace
}  // namespace runledger
