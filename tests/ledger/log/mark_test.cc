// What the mark beside the store notices: a log that has lost its end, another history, and a mark that is no mark.
#include "ledger/log/mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <chrono>
#include <thread>

#include "ledger/log/mark_keeper.h"
#include "ledger/log/store/ledger_files.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/faulty_file_system.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class Marks : public testing::Test {
 protected:
  void append(std::size_t count) { here.append(maker.next(count)); }
  void mark() { write_mark(*here.store, here.log->head()); }
  [[nodiscard]] fs::path file() const { return here.path / kMarkFile; }
  // Removes the newest file of the engine's own log, as a lost directory entry would.
  void lose_wal() {
    here.close();
    fs::remove(here.files(".log").back());
  }

  LogDirectory here;
  EventMaker maker;
};

TEST_F(Marks, OfANewLedgerIsEmptyAndAllowsEveryLog) {
  EXPECT_TRUE(fs::is_empty(file()));
  append(30);
  here.close();
  EXPECT_EQ(here.code_of_opening(), "");
}

TEST_F(Marks, FindALogWithoutItsEndAndCountWhatIsMissing) {
  append(20);
  here.flush();
  append(17);
  mark();
  lose_wal();
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here.what, HasSubstr("17 are missing"));
}

// The engine, when it opens a store for writing, would note that an emptied file has been read.
TEST_F(Marks, RefuseALogThatCanThenBePutBack) {
  append(20);
  mark();
  here.close();
  const fs::path wal = here.files(".log").back();
  const std::string whole = read_bytes(wal);
  write_bytes(wal, "");
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here.what, HasSubstr("20 are missing"));
  write_bytes(wal, whole);
  EXPECT_EQ(here.code_of_opening(), "") << here.what;
  EXPECT_EQ(here.log->last(), Sequence{20});
}

// The tables of the events are further than those of the states, which only the older file of the engine's log has.
TEST_F(Marks, FindALostFileThatOnlyOtherFamiliesNeeded) {
  append(20);
  check(here.store->db().Flush({}, here.store->family(Family::kEvents)), "flushing");
  append(150);
  mark();
  here.close();
  const std::vector<fs::path> logs = here.files(".log");
  fs::remove(logs[logs.size() - 2]);
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here.what, HasSubstr(logs[logs.size() - 2].filename().string()));
}

TEST_F(Marks, AllowALossAfterThem) {
  append(20);
  here.flush();
  mark();
  append(17);
  lose_wal();
  EXPECT_EQ(here.code_of_opening(), "");
  EXPECT_EQ(here.log->last(), Sequence{20});
}

TEST_F(Marks, AllowALogThatWentOn) {
  append(13);
  mark();
  append(29);
  here.close();
  EXPECT_EQ(here.code_of_opening(), "");
}

// The size of such a tree has many one-bits.
TEST_F(Marks, OfATreeWithManyRootsAreRead) {
  append(127);
  mark();
  append(1);
  here.close();
  EXPECT_EQ(here.code_of_opening(), "") << here.what;
}

TEST_F(Marks, FindAnotherHistory) {
  append(13);
  Head head = here.log->head();
  head.tree = {};
  for (int i = 0; i < 13; ++i) head.tree.append("other");
  write_mark(*here.store, head);
  here.close();
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
  EXPECT_THAT(here.what, HasSubstr("another history"));
}

TEST_F(Marks, ThatAreMissingOrNoMarksAreDamage) {
  append(3);
  mark();
  here.close();
  const std::string good = read_bytes(file());
  EXPECT_THAT(good, HasSubstr("\"sequence\":3"));
  const std::string bad[] = {
      "garbage",
      good.substr(0, good.size() / 2),
      "{}",
      R"({"sequence":3,"roots":""})",
      R"({"sequence":0,"recorded_at":"2026-01-05T08:00:01.500Z","roots":""})",
      R"({"sequence":3,"recorded_at":"2026-01-05T08:00:01.500Z","roots":"0000","logs_from":0,"logs":[]})",
      R"({"sequence":3,"recorded_at":"2026-01-05T08:00:01.500Z","roots":"","logs_from":0,"logs":[]})"};
  for (const std::string& text : bad) {
    write_bytes(file(), text);
    EXPECT_EQ(here.code_of_opening(), "storage.damaged") << text;
  }
  fs::remove(file());
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
  write_bytes(file(), "");
  EXPECT_EQ(here.code_of_opening(), "") << "an operator may say so that the log ends anywhere";
}

TEST_F(Marks, AreKeptWhileEventsComeAndAtTheEnd) {
  std::vector<std::string> failures;
  {
    const MarkKeeper keeper(*here.store, *here.log, [&](const std::string& what) { failures.push_back(what); });
    append(5);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (fs::is_empty(file())) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    append(6);
  }
  EXPECT_THAT(failures, IsEmpty());
  EXPECT_THAT(read_bytes(file()), HasSubstr("\"sequence\":11"));
  for (const fs::path& wal : here.files(".log")) EXPECT_EQ(fs::file_size(wal), 0U) << "everything is in tables";
}

TEST_F(Marks, ThatCannotBeWrittenAreReported) {
  fs::create_directories(here.path / "mark.new" / "inside");
  std::vector<std::string> failures;
  {
    const MarkKeeper keeper(*here.store, *here.log, [&](const std::string& what) { failures.push_back(what); });
    append(5);
  }
  EXPECT_FALSE(failures.empty());
  EXPECT_TRUE(fs::is_empty(file()));
}

// The end of a ledger changes no answer any more, so a full disk is reported and is not fatal.
TEST_F(Marks, AreWrittenAtTheEndEvenIfTheDiskIsTooFullForTables) {
  const auto files = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = FaultyFileSystem::make_env(files);
  int fatal = 0;
  here.open({.directory = here.path, .env = env.get(), .on_fatal = [&](const std::string&) { ++fatal; }});
  std::vector<std::string> failures;
  {
    const MarkKeeper keeper(*here.store, *here.log, [&](const std::string& what) { failures.push_back(what); });
    append(5);
    files->fail_files(".sst", rocksdb::IOStatus::NoSpace("no space left on device"));
  }
  EXPECT_THAT(failures, ElementsAre(HasSubstr("no space left on device")));
  here.close();
  EXPECT_EQ(fatal, 0);
  EXPECT_THAT(read_bytes(file()), HasSubstr("\"sequence\":5"));
  EXPECT_EQ(here.code_of_opening(), "");
  EXPECT_EQ(here.log->last(), Sequence{5});
}

}  // namespace
}  // namespace runledger
