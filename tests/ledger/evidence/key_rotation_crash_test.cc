// A rotation of the audit key that is interrupted is completed or taken back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include "ledger/evidence/prover.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

using testing::Contains;

// Rotates the key as fast as it can, and prints each new one, until the parent kills it.
TEST(KeyRotationCrash, DISABLED_RotatesUntilKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  Store store({.directory = child_directory()});
  const EventLog log(store);
  for (int rotations = 0; rotations < 15; ++rotations) {
    const AuditKey key(child_directory());
    std::printf("key %s\n", Prover(log).rotate(key).format().c_str());
    std::fflush(stdout);
  }
  std::printf("done\n");
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::minutes(1));  // The parent kills it.
}

TEST(KeyRotationCrash, LeavesOneKeyToWhichTheRotationsLead) {
  LogDirectory here;
  NoteVerifier trusted = create_audit_key(here.path, "runledger/test").verifier();
  EventMaker maker;
  here.append(maker.next(20));
  const TreeHead tree{20, here.log->head().tree.root()};
  std::mt19937 random(15);
  for (int kill = 0; kill < short_or_long(50, 500); ++kill) {
    here.close();
    Program child = start_child("KeyRotationCrash.DISABLED_RotatesUntilKilled", here.path);
    ASSERT_TRUE(child.wait_for_output("key "));
    // Does not wait for anything: the kill should come at a random place of a rotation.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    child.signal(SIGKILL);
    const ProgramResult result = child.wait();
    ASSERT_EQ(result.status, 128 + SIGKILL) << result.out;
    here.open();
    const AuditKey key(here.path);
    EXPECT_EQ(read_audit_key(here.path).verifier(), key.signer().verifier());
    EXPECT_FALSE(std::filesystem::exists(here.path / "audit.key.next"));
    ASSERT_TRUE(key.last());
    EXPECT_EQ(key.last()->tree, tree) << "kill " << kill;
    const Result<std::vector<KeyRotation>> rotations = open_rotations(read_bytes(here.path / "audit.rotations"));
    ASSERT_TRUE(rotations);
    const std::vector<NoteVerifier> keys = keys_after(*rotations, trusted);
    EXPECT_EQ(keys.back(), key.signer().verifier()) << "kill " << kill;
    const std::size_t end = result.out.rfind('\n');
    const std::size_t begin = result.out.rfind("key ", end) + 4;
    if (result.out.find("done") == std::string::npos) {
      EXPECT_THAT(keys, Contains(*NoteVerifier::parse(result.out.substr(begin, end - begin)))) << "handed out";
    }
    // The chain of a ledger is limited, so the next kill begins with a chain of its own.
    std::filesystem::remove(here.path / "audit.rotations");
    trusted = key.signer().verifier();
  }
}

}  // namespace
}  // namespace runledger
