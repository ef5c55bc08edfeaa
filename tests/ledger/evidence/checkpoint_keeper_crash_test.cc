// A checkpoint that was signed binds the ledger, whenever its process is killed.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include "ledger/evidence/checkpoint_keeper.h"
#include "ledger/evidence/prover.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

// Appends and signs as fast as it can, and prints the size and root of each checkpoint, until the parent kills it.
TEST(CheckpointKeeperCrash, DISABLED_AppendsAndSignsUntilKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  Store store({.directory = child_directory()});
  EventLog log(store);
  EventMaker maker;
  if (log.last().value != 0) (void)maker.next(log.last().value);
  const CheckpointKeeper keeper(log, CheckpointKeeper::Options(),
                                {.signed_one =
                                     [](const SignedCheckpoint& made) {
                                       std::printf("signed %lu %s\n", static_cast<unsigned long>(made.tree.size),
                                                   format_hex(bytes_of(made.tree.root)).c_str());
                                       std::fflush(stdout);
                                     },
                                 .failed = [](std::string_view, std::string_view what) { ADD_FAILURE() << what; },
                                 .stopped = [](std::string_view, std::string_view what) { ADD_FAILURE() << what; }});
  while (!HasFailure()) (void)log.append(maker.next(1 + maker.last().value % 4));
}

// Returns the size and root of the last checkpoint that a child has printed.
std::string last_printed(const std::string& output) {
  const std::size_t end = output.rfind('\n');
  const std::size_t begin = output.rfind("signed ", end) + 7;
  return output.substr(begin, end - begin);
}

TEST(CheckpointKeeperCrash, LeavesALedgerThatExtendsWhatItHadSigned) {
  LogDirectory here;
  const NoteVerifier verifier = create_audit_key(here.path, "runledger/test").verifier();
  here.close();
  std::mt19937 random(15);
  std::uint64_t before = 0;
  for (int kill = 0; kill < short_or_long(50, 500); ++kill) {
    Program child = start_child("CheckpointKeeperCrash.DISABLED_AppendsAndSignsUntilKilled", here.path);
    ASSERT_TRUE(child.wait_for_output("signed "));
    // Does not wait for anything: the kill should come at a random place between two signatures.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    child.signal(SIGKILL);
    const ProgramResult result = child.wait();
    ASSERT_EQ(result.status, 128 + SIGKILL) << result.out;
    here.open();
    const AuditKey key(here.path);
    const Prover prover(*here.log);
    const std::optional<Checkpoint> last = key.last();
    ASSERT_TRUE(last);
    EXPECT_EQ(prover.relation_to(last->tree), Relation::kExtends) << "kill " << kill;
    EXPECT_GE(last->tree.size, before);
    // What was handed out is not after what is remembered.
    const std::string printed = last_printed(result.out);
    const std::uint64_t size = std::stoull(printed);
    EXPECT_LE(size, last->tree.size);
    TreeHead handed_out{size, {}};
    const std::string hex = printed.substr(printed.find(' ') + 1);
    for (std::size_t i = 0; i < handed_out.root.bytes.size(); ++i)
      handed_out.root.bytes.at(i) = static_cast<unsigned char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
    EXPECT_EQ(prover.relation_to(handed_out), Relation::kExtends) << "kill " << kill;
    before = last->tree.size;
    here.close();
  }
}

}  // namespace
}  // namespace runledger
