// Tests what a view shows, that making it changes nothing, and what it leaves behind.
#include "ledger/log/store/ledger_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>

#include "ledger/log/store/data_directory.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

// The store of a view, open.
struct ViewedLog {
  explicit ViewedLog(const LedgerView& view, const fs::path& of)
      : store({.directory = view.path(), .is_copy = true, .view_of = of}), log(store) {}

  Store store;
  EventLog log;
};

class LedgerViewTest : public testing::Test {
 protected:
  LedgerViewTest() {
    fs::create_directory(temporary);
    ::setenv("TMPDIR", temporary.c_str(), 1);
  }
  ~LedgerViewTest() override { before ? ::setenv("TMPDIR", before->c_str(), 1) : ::unsetenv("TMPDIR"); }

  void append(std::uint64_t events) { here.append(maker.next(events)); }
  [[nodiscard]] Sequence seen() const {
    const LedgerView view(here.path);
    return ViewedLog(view, here.path).log.last();
  }
  // Each file below the ledger, with its size and the time of its last change.
  [[nodiscard]] std::map<fs::path, std::pair<std::uintmax_t, fs::file_time_type>> files() const {
    std::map<fs::path, std::pair<std::uintmax_t, fs::file_time_type>> found;
    for (const auto& entry : fs::recursive_directory_iterator(here.path)) {
      if (entry.is_regular_file()) found[entry.path()] = {entry.file_size(), entry.last_write_time()};
    }
    return found;
  }

  const std::optional<std::string> before =
      std::getenv("TMPDIR") != nullptr ? std::optional<std::string>(std::getenv("TMPDIR")) : std::nullopt;
  LogDirectory here;
  EventMaker maker;
  fs::path temporary = here.parent.path() / "temporary";
};

TEST_F(LedgerViewTest, ShowsWhatAnotherHasOpenAndGoesOnWriting) {
  append(3);
  const LedgerView view(here.path);
  append(4);
  const ViewedLog viewed(view, here.path);
  EXPECT_EQ(viewed.log.last(), Sequence{3});
  EXPECT_TRUE(view.is_outdated());
  EXPECT_EQ(seen(), Sequence{7});
  append(1);
  EXPECT_EQ(here.log->last(), Sequence{8});
}

TEST_F(LedgerViewTest, IsOfTablesAndLogTogether) {
  for (int round = 0; round < 4; ++round) {
    append(5);
    here.flush();
    append(2);
  }
  EXPECT_EQ(seen(), Sequence{28});
  here.close();
  EXPECT_EQ(seen(), Sequence{28});
}

TEST_F(LedgerViewTest, KeepsTablesThatTheLedgerNoLongerHas) {
  for (int round = 0; round < 4; ++round) {
    append(5);
    here.flush();
  }
  const LedgerView view(here.path);
  const std::vector<fs::path> tables = here.files(".sst");
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (int i = 0; i < kFamilyCount; ++i)
    ASSERT_TRUE(here.store->db().CompactRange(all, here.store->family(static_cast<Family>(i)), nullptr, nullptr).ok());
  EXPECT_THAT(tables, testing::Contains(testing::Truly([](const fs::path& table) { return !fs::exists(table); })));
  const ViewedLog viewed(view, here.path);
  EXPECT_EQ(viewed.log.last(), Sequence{20});
  viewed.store.check_tables();
}

TEST_F(LedgerViewTest, ChangesNothingOfTheLedger) {
  append(5);
  here.flush();
  append(5);
  const auto files_before = files();
  {
    const LedgerView view(here.path);
    const ViewedLog viewed(view, here.path);
    EXPECT_EQ(viewed.log.read(Sequence{9}, 1).size(), 1U);
  }
  EXPECT_EQ(files(), files_before);
}

TEST_F(LedgerViewTest, HasNoKeyAndIsForItsOwnerOnly) {
  append(1);
  const LedgerView view(here.path);
  struct stat status {};
  ASSERT_EQ(::stat(view.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  for (const auto& entry : fs::recursive_directory_iterator(view.path()))
    EXPECT_FALSE(entry.path().filename().native().starts_with("identity.key")) << entry.path();
}

TEST_F(LedgerViewTest, IsRemovedAndSoAreThoseOfKilledReaders) {
  append(1);
  const fs::path killed = temporary / "runledger-view-killed";
  const fs::path young = temporary / "runledger-view-young";
  const fs::path of_another_kind = temporary / "runledger-view";
  for (const fs::path& path : {killed, young, of_another_kind}) fs::create_directory(path);
  write_bytes(killed / "in-use", "");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const fs::path& path : {killed, of_another_kind}) fs::last_write_time(path, long_ago);
  {
    const LedgerView view(here.path);
    fs::last_write_time(view.path(), long_ago);
    EXPECT_EQ(seen(), Sequence{1});
    EXPECT_TRUE(fs::exists(view.path())) << "it is in use";
  }
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(temporary)) left.push_back(entry.path());
  EXPECT_THAT(left, testing::UnorderedElementsAre(young, of_another_kind));
}

TEST_F(LedgerViewTest, OfADamagedLedgerFailsAsTheLedgerDoes) {
  append(5);
  here.flush();
  here.close();
  const fs::path table = here.files(".sst").front();
  std::string bytes = read_bytes(table);
  bytes.resize(bytes.size() / 2);
  write_bytes(table, bytes);
  const std::string code = here.code_of_opening();
  EXPECT_NE(code, "");
  const LedgerView view(here.path);
  const SeenFailure found = failure_of([&] { const ViewedLog viewed(view, here.path); });
  EXPECT_EQ(found.code, code);
  EXPECT_FALSE(view.is_outdated());
  EXPECT_THAT(view.in_terms_of_ledger(found.what), testing::HasSubstr((here.path / "store").string()));
}

TEST_F(LedgerViewTest, IsNotMadeWhereThereIsNoLedger) {
  EXPECT_EQ(failure_of([&] { const LedgerView view(here.path / "none"); }).code, "ledger.not_found");
  ::setenv("TMPDIR", (temporary / "none").c_str(), 1);
  EXPECT_EQ(failure_of([&] { const LedgerView view(here.path); }).code, "storage.failed");
}

}  // namespace
}  // namespace runledger
