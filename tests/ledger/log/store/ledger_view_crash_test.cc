// Reads a ledger through views while another process appends, flushes, compacts, and is killed again and again.
//
// Each view must be a sound log. It must not end before any view that was made earlier, nor before what the writer had
// acknowledged: what a reader has seen is never lost.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "ledger/base/damage.h"
#include "ledger/log/mark.h"
#include "ledger/log/store/ledger_view.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsBetweenFlushes = 64;

void flush_all(const Store& store) {
  for (int i = 0; i < kFamilyCount; ++i) check(store.db().Flush({}, store.family(static_cast<Family>(i))), "flushing");
}

TEST(LedgerViewChild, DISABLED_AppendsAndFlushesUntilKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  Store store({.directory = child_directory()});
  EventLog log(store);
  EventMaker maker;
  if (log.last().value != 0) (void)maker.next(log.last().value);
  while (true) {
    const std::uint64_t before = log.last().value;
    (void)log.append(maker.next(1 + before % 4));
    std::printf("acknowledged %lu\n", static_cast<unsigned long>(log.last().value));
    std::fflush(stdout);
    if (before / kEventsBetweenFlushes == log.last().value / kEventsBetweenFlushes) continue;
    flush_all(store);
    write_mark(store, log.head());
  }
}

Sequence last_acknowledged(const std::string& out) {
  const std::string_view word = "acknowledged ";
  const std::size_t end = out.rfind('\n');
  const std::size_t line = end == std::string::npos ? end : out.rfind(word, end);
  return line == std::string::npos ? Sequence{} : Sequence{std::stoull(out.substr(line + word.size()))};
}

Sequence read_through_view(const std::filesystem::path& ledger) {
  for (;;) {
    const LedgerView view(ledger);
    try {
      Store store({.directory = view.path(), .is_copy = true, .view_of = ledger});
      const EventLog log(store);
      MerkleFrontier tree;
      log.scan(Sequence{}, log.last(), [&tree](const Envelope&, std::string_view stored) {
        tree.append(stored);
        return Scan::kContinue;
      });
      EXPECT_EQ(tree, log.head().tree);
      return log.last();
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound || !view.is_outdated()) throw;
    }
  }
}

TEST(LedgerViewCrash, EachOneIsSoundBesideAWriterThatIsKilled) {
  LogDirectory here;
  here.close();
  const int reads_max = short_or_long(300, 10'000);
  constexpr int kReadsPerKill = 20;
  std::mt19937 random(20261130);
  Sequence seen;
  for (int reads = 0; reads < reads_max;) {
    Program child = start_child("LedgerViewChild.DISABLED_AppendsAndFlushesUntilKilled", here.path);
    ASSERT_TRUE(child.wait_for_output("acknowledged"));
    for (int i = 0; i < kReadsPerKill; ++i, ++reads) {
      const Sequence now = read_through_view(here.path);
      ASSERT_GE(now, seen);
      seen = now;
    }
    ::usleep(static_cast<useconds_t>(random() % 5000));  // So that the kill comes at a random moment.
    child.signal(SIGKILL);
    const Sequence acknowledged = last_acknowledged(child.wait().out);
    const Sequence now = read_through_view(here.path);
    ASSERT_GE(now, seen);
    ASSERT_GE(now, acknowledged);
    seen = now;
  }
  here.open();
  EXPECT_GE(here.log->last(), seen);
}

}  // namespace
}  // namespace runledger
