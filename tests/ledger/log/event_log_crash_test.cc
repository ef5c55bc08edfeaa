// Tests what the log keeps after a kill, a power cut or a failing disk, and that it reports changed bytes.
//
// Three kinds of accidents are made:
//   - Kills. A child test appends batches and prints each acknowledged position until the parent kills it at a random
//   time. The parent then opens the log and compares it with the last printed position.
//   - Power cuts and failing disks. A FaultyLog is a log on a FaultyFileSystem, which fails from some operation on, and
//   afterwards removes all bytes that were not synced.
//   - Changed bytes. The test closes the log, changes, cuts or removes a file, and opens it again.
//
// The requirements are always the same. Each acknowledged event is there. No event that a reader has seen is gone. A
// part of a batch is never there. And every event matches the Merkle tree in the head, which expect_whole() checks.
// Where that cannot be, because bytes have changed, opening must report damage instead of losing events silently.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <random>
#include <thread>

#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "ledger/log/mark.h"
#include "ledger/log/store/cursor.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/faulty_file_system.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/small_disk.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

// Returns a maker that stands at `last`, so that the next batch continues the log.
EventMaker maker_at(Sequence last) {
  EventMaker maker;
  if (last.value != 0) (void)maker.next(last.value);
  return maker;
}

// Checks that the events are dense, in order and those of the tree in the head. Opening has checked everything else.
void expect_whole(const EventLog& log) {
  MerkleFrontier tree;
  log.scan(Sequence{0}, log.last(), [&tree](const Envelope&, std::string_view stored) {
    tree.append(stored);
    return Scan::kContinue;
  });
  EXPECT_EQ(tree, log.head().tree);
}

// Appends batches of 1 to 4 events and prints each acknowledged position, until the parent kills it.
TEST(EventLogChild, DISABLED_AppendsUntilKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  Store store({.directory = child_directory()});
  EventLog log(store);
  EventMaker maker = maker_at(log.last());
  while (true) {
    (void)log.append(maker.next(1 + maker.last().value % 4));
    std::printf("acknowledged %lu\n", static_cast<unsigned long>(log.last().value));
    std::fflush(stdout);
  }
}

// Returns the greatest position that a child printed as acknowledged.
Sequence last_acknowledged(const std::string& out) {
  const std::string last_line = out.substr(out.rfind("acknowledged ", out.rfind('\n')));
  return Sequence{std::stoull(last_line.substr(sizeof("acknowledged")))};
}

TEST(EventLogCrash, WhatWasAcknowledgedSurvivesAKill) {
  LogDirectory here;
  std::mt19937 random(20261123);
  for (int round = 0; round < 10; ++round) {
    const Sequence before = here.log->last();
    here.close();
    Program child = start_child("EventLogChild.DISABLED_AppendsUntilKilled", here.path);
    ASSERT_TRUE(child.wait_for_output("acknowledged"));
    // The time of the kill is random on purpose; the test does not wait for anything here.
    ::usleep(static_cast<useconds_t>(random() % 20000));
    child.signal(SIGKILL);
    const Sequence acknowledged = last_acknowledged(child.wait().out);
    here.open();
    EXPECT_GT(acknowledged, before);
    EXPECT_GE(here.log->last(), acknowledged);
    EXPECT_LE(here.log->last().value, acknowledged.value + 4) << "more than one unanswered append survived";
    expect_whole(*here.log);
  }
}

TEST(EventLogCrash, WhatWasAcknowledgedIsThereAfterTheDiskWasFull) {
  const SmallDisk disk("12m");
  if (!disk.mounted()) GTEST_SKIP() << "only root may make a small disk";
  const Store::Options options{.directory = disk.path() / "ledger"};
  Store::create(options, IdentityKey::random());
  for (const char* size : {"16m", "20m"}) {
    const ProgramResult ended = start_child("EventLogChild.DISABLED_AppendsUntilKilled", options.directory).wait();
    EXPECT_NE(ended.status, 0);
    EXPECT_THAT(ended.out + ended.err, testing::HasSubstr("No space left on device"));
    disk.resize(size);
    Store store(options);
    const EventLog log(store);
    EXPECT_GE(log.last(), last_acknowledged(ended.out));
    expect_whole(log);
  }
}

TEST(EventLogCrash, ATornTailIsNotDamage) {
  LogDirectory here;
  EventMaker maker;
  for (int i = 0; i < 5; ++i) here.append(maker.next(3));
  here.close();
  const fs::path wal = here.files(".log").back();
  const std::string whole = read_bytes(wal);
  const fs::path copy = here.parent.path() / "copy";
  fs::copy(here.path, copy, fs::copy_options::recursive);
  std::uint64_t last = 15;
  for (std::size_t left = whole.size() - 1; left > whole.size() - 4000; left -= 97) {
    fs::remove_all(here.path);
    fs::copy(copy, here.path, fs::copy_options::recursive);
    fs::resize_file(wal, left);
    ASSERT_EQ(here.code_of_opening(), "") << left << " of " << whole.size() << " bytes: " << here.what;
    EXPECT_LE(here.log->last().value, last);
    EXPECT_EQ(here.log->last().value % 3, 0U) << "only a part of an append survived";
    last = here.log->last().value;
    expect_whole(*here.log);
    here.close();
  }
  EXPECT_LT(last, 15U);
}

// Changes a byte in the header of every record, because the engine takes a changed length or type for the end of the
// log.
TEST(EventLogCrash, AChangedByteInTheEnginesLogIsLoud) {
  LogDirectory here;
  EventMaker maker;
  for (int i = 0; i < 3; ++i) here.append(maker.next(2));
  here.append(maker.next_large(40'000));  // Large enough that a record has a first, a middle and a last piece too.
  here.close();
  const fs::path wal = here.files(".log").back();
  const std::string whole = read_bytes(wal);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < whole.size(); at += at < 6000 ? 13 : 2003) places.push_back(at);
  for (const std::size_t block : {0U, 32768U}) {
    for (std::size_t at = block; at < block + 7; ++at) places.push_back(at);
  }
  const fs::path copy = here.parent.path() / "copy";
  fs::copy(here.path, copy, fs::copy_options::recursive);
  for (const std::size_t at : places) {
    fs::remove_all(here.path);
    fs::copy(copy, here.path, fs::copy_options::recursive);
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    write_bytes(wal, changed);
    ASSERT_EQ(here.code_of_opening(), "storage.damaged") << "byte " << at << " of " << whole.size();
    EXPECT_NE(here.what.find(wal.filename().string()), std::string::npos) << here.what;
  }
}

TEST(EventLogCrash, AChangedByteInATableIsLoudWhenItIsRead) {
  LogDirectory here;
  EventMaker maker;
  here.append(maker.next(300));
  here.flush();
  here.close();
  std::vector<fs::path> tables = here.files(".sst");
  const auto size = [](const fs::path& path) { return fs::file_size(path); };
  const fs::path largest = *std::ranges::max_element(tables, {}, size);  // The table of the events.
  const std::string whole = read_bytes(largest);
  constexpr std::size_t kFooterBytes = 53;  // The footer contains padding, which only check_tables() reads.
  for (std::size_t at = 0; at < whole.size() - kFooterBytes; at += whole.size() / 40) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    write_bytes(largest, changed);
    std::string code = here.code_of_opening();
    if (code.empty()) code = failure_of([&] { expect_whole(*here.log); }).code;
    EXPECT_EQ(code, "storage.damaged") << "byte " << at << " of " << whole.size();
    here.close();
    write_bytes(largest, whole);
  }
}

TEST(EventLogCrash, AnyChangedByteOfATableIsFoundByCheckingTheTables) {
  LogDirectory here;
  EventMaker maker;
  here.append(maker.next(30));
  check(here.store->db().Flush({}, here.store->family(Family::kEvents)), "flushing");
  here.store->check_tables();
  const fs::path table = here.files(".sst").back();
  std::string changed = read_bytes(table);
  changed[changed.size() - 20] = static_cast<char>(changed[changed.size() - 20] ^ 1);
  write_bytes(table, changed);
  EXPECT_EQ(failure_of([&] { here.store->check_tables(); }).code, "storage.damaged");
}

TEST(EventLogCrash, AMissingTableIsLoud) {
  LogDirectory here;
  EventMaker maker;
  here.append(maker.next(300));
  check(here.store->db().Flush({}, here.store->family(Family::kEvents)), "flushing");
  here.close();
  fs::remove(here.files(".sst").back());
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
}

// The engine, when it opens a store for writing, would remove the tables that a shortened manifest does not name.
TEST(EventLogCrash, AnOpeningThatIsRefusedChangesNoFile) {
  LogDirectory here;
  EventMaker maker;
  for (int i = 0; i < 2; ++i) {
    here.append(maker.next(30));
    here.flush();
  }
  write_mark(*here.store, here.log->head());
  const auto entries = [&] {
    std::vector<std::size_t> counts;
    for (int i = 0; i < kFamilyCount; ++i) {
      counts.push_back(0);
      for (Cursor cursor(*here.store, static_cast<Family>(i), "", "", Cursor::Reuse::kUnlikely); cursor.valid();
           cursor.next())
        ++counts.back();
    }
    return counts;
  };
  const std::vector<std::size_t> whole = entries();
  here.close();
  const fs::path copy = here.parent.path() / "copy";
  fs::copy(here.path, copy, fs::copy_options::recursive);
  const auto stored = [&] {
    std::map<std::string, std::string> bytes;
    for (const fs::path& file : here.files("")) {
      if (file.filename() != "LOG") bytes[file.filename().string()] = read_bytes(file);
    }
    return bytes;
  };
  fs::path manifest;
  for (const fs::path& file : here.files("")) {
    if (file.filename().string().starts_with("MANIFEST-")) manifest = file;
  }
  const std::uintmax_t size = fs::file_size(manifest);
  int refused = 0;
  for (std::uintmax_t left = 0; left < size; left += size / 20) {
    fs::remove_all(here.path);
    fs::copy(copy, here.path, fs::copy_options::recursive);
    fs::resize_file(manifest, left);
    const auto before = stored();
    if (here.code_of_opening().empty()) {
      EXPECT_EQ(entries(), whole) << left << " of " << size << " bytes";
      here.close();
    } else {
      EXPECT_EQ(stored(), before) << left << " of " << size << " bytes: " << here.what;
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

// A store on a file system that fails when the test says so. Background errors are only recorded.
struct FaultyLog {
  LogDirectory here;
  std::shared_ptr<FaultyFileSystem> files = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env = FaultyFileSystem::make_env(files);
  std::atomic<int> fatal = 0;

  FaultyLog() { open(); }
  ~FaultyLog() { here.close(); }
  void open() {
    here.open({.directory = here.path, .env = env.get(), .on_fatal = [this](const std::string&) { ++fatal; }});
  }
};

TEST(EventLogPowerCut, WhatWasAcknowledgedSurvivesAndWhatWasSeenIsNotTakenBack) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 25; ++round) {
    FaultyLog faulty;
    EventMaker maker;
    Sequence acknowledged;
    std::atomic<std::uint64_t> seen = 0;
    std::atomic<bool> over = false;
    std::thread reader([&] {
      while (!over) {
        for (const Envelope& event : faulty.here.log->read(Sequence{seen}, 64)) seen = event.sequence.value;
      }
    });
    faulty.files->fail_after(static_cast<std::int64_t>(random() % 200), IOStatus::IOError("the power is gone"));
    try {
      while (true) {
        faulty.here.append(maker.next(1 + random() % 5));
        acknowledged = maker.last();
      }
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "storage.failed");
    }
    over = true;
    reader.join();
    faulty.here.close();
    faulty.files->lose_power(random() % 3 == 0 ? 0 : random() % 3000);
    faulty.files->work_again();
    ASSERT_EQ(faulty.here.code_of_opening(), "") << "round " << round << ": " << faulty.here.what;
    EXPECT_GE(faulty.here.log->last(), acknowledged) << "round " << round;
    EXPECT_GE(faulty.here.log->last().value, seen) << "round " << round;
    expect_whole(*faulty.here.log);
  }
}

TEST(EventLogPowerCut, ACutDuringAFlushLosesNothing) {
  for (int operations = 0; operations < 40; operations += 3) {
    FaultyLog faulty;
    EventMaker maker;
    faulty.here.append(maker.next(200));
    faulty.files->fail_after(operations, IOStatus::IOError("the power is gone"));
    (void)faulty.here.store->db().Flush({}, faulty.here.store->family(Family::kEvents));
    faulty.here.close();
    faulty.files->lose_power(0);
    faulty.files->work_again();
    ASSERT_EQ(faulty.here.code_of_opening(), "") << operations << " operations: " << faulty.here.what;
    EXPECT_EQ(faulty.here.log->last(), Sequence{200});
    expect_whole(*faulty.here.log);
  }
}

class DiskErrors : public testing::TestWithParam<IOStatus> {};

TEST_P(DiskErrors, AFailedWriteIsNotAcknowledgedAndEndsAllWriting) {
  FaultyLog faulty;
  EventMaker maker;
  faulty.here.append(maker.next(5));
  faulty.files->fail_files(".log", GetParam());
  const auto code_of_append = [&](const AppendBatch& batch) {
    const SeenFailure seen = failure_of([&] { faulty.here.append(batch); });
    EXPECT_EQ(seen.remedy, Remedy::kCallOperator);
    return seen.code;
  };
  const AppendBatch batch = maker.next(3);
  EXPECT_EQ(code_of_append(batch), "storage.failed");
  EXPECT_EQ(faulty.here.log->last(), Sequence{5});
  EXPECT_EQ(faulty.here.log->read(Sequence{0}, 100).size(), 5U);
  EXPECT_GE(faulty.fatal, 1);
  // Space is free again: a program that continued now would acknowledge events after a hole in the log.
  faulty.files->work_again();
  EXPECT_EQ(code_of_append(batch), "storage.failed");
  faulty.here.close();
  ASSERT_EQ(faulty.here.code_of_opening(), "");
  EXPECT_GE(faulty.here.log->last(), Sequence{5});
  expect_whole(*faulty.here.log);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DiskErrors,
                         testing::Values(IOStatus::NoSpace("no space left on device"), IOStatus::IOError("I/O error")),
                         [](const auto& error) { return error.param.IsNoSpace() ? "NoSpace" : "IoError"; });

// Opening a log also writes, because the engine begins new files. When space runs out there, the failure is reported
// and nothing is lost.
TEST(EventLogCrash, ADiskThatFillsUpWhileItIsOpenedLosesNothing) {
  FaultyLog faulty;
  EventMaker maker;
  faulty.here.append(maker.next(5));
  std::int64_t operations = 0;
  for (std::string code = "none yet"; !code.empty(); ++operations) {
    faulty.here.close();
    faulty.files->fail_after(operations, IOStatus::NoSpace("no space left on device"));
    code = failure_of([&] { faulty.open(); }).code;
    EXPECT_TRUE(code.empty() || code == "storage.full") << code << " after " << operations << " operations";
    faulty.files->work_again();
  }
  EXPECT_GE(operations, 5);
  faulty.here.close();
  ASSERT_EQ(faulty.here.code_of_opening(), "");
  EXPECT_EQ(faulty.here.log->last(), Sequence{5});
  expect_whole(*faulty.here.log);
}

// Fails in the background, on a store with the default reaction to fatal errors, which ends the process.
TEST(EventLogChild, DISABLED_MeetsABackgroundError) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  const auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = FaultyFileSystem::make_env(files);
  Store store({.directory = child_directory(), .env = env.get()});
  EventLog log(store);
  EventMaker maker = maker_at(log.last());
  (void)log.append(maker.next(10));
  files->fail_files(".sst", IOStatus::IOError("I/O error"));
  (void)store.db().Flush({}, store.family(Family::kEvents));
  ::pause();
}

TEST(EventLogCrash, ABackgroundErrorEndsTheProcessWithinFiveSeconds) {
  LogDirectory here;
  here.close();
  const auto start = std::chrono::steady_clock::now();
  const ProgramResult result = start_child("EventLogChild.DISABLED_MeetsABackgroundError", here.path).wait();
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("runledger: storage.failed: "), std::string::npos) << result.err;
  // Five seconds, and the start of a slow machine.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  EXPECT_EQ(here.code_of_opening(), "");
  EXPECT_EQ(here.log->last(), Sequence{10});
}

TEST(StoreChild, DISABLED_CreatesUntilItIsKilled) {
  if (child_directory() == nullptr) GTEST_SKIP() << "only as a child of another test";
  std::printf("begins\n");
  std::fflush(stdout);
  Store::create({.directory = child_directory()}, IdentityKey{});
}

// A killed creation leaves either no ledger or a whole one, and creation can be repeated.
TEST(StoreCrash, ACreationKilledAnywhereCanBeRepeated) {
  const TemporaryDirectory parent;
  for (int round = 0; round < 12; ++round) {
    const fs::path path = parent.path() / std::to_string(round);
    Program child = start_child("StoreChild.DISABLED_CreatesUntilItIsKilled", path);
    ASSERT_TRUE(child.wait_for_output("begins"));
    ::usleep(static_cast<useconds_t>(round) * 4000);
    child.signal(SIGKILL);
    (void)child.wait();
    const auto open = [&] { Store store({.directory = path}); };
    const std::string code = failure_of(open).code;
    if (code.empty()) continue;
    EXPECT_EQ(code, "ledger.not_found") << "round " << round;
    EXPECT_EQ(failure_of([&] { Store::create({.directory = path}, IdentityKey{}); }).code, "") << "round " << round;
    EXPECT_EQ(failure_of(open).code, "") << "round " << round;
  }
}

TEST(StoreCrash, AKilledHolderHoldsNothing) {
  LogDirectory here;
  here.close();
  Program child = start_child("EventLogChild.DISABLED_AppendsUntilKilled", here.path);
  ASSERT_TRUE(child.wait_for_output("acknowledged"));
  EXPECT_EQ(here.code_of_opening(), "ledger.busy");
  EXPECT_NE(here.what.find("process " + std::to_string(child.id())), std::string::npos) << here.what;
  child.signal(SIGKILL);
  (void)child.wait();
  EXPECT_EQ(here.code_of_opening(), "");
}

}  // namespace
}  // namespace runledger
