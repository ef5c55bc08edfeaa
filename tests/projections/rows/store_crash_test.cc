// Takes the power away from the database of the local rows, and damages its files: what is left is always the fold of
// the log up to a checkpoint, or is refused and can be made anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "projections/rows/store.h"
#include "projections/verify/verify.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/faulty_file_system.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

constexpr Sequence kHalf{60};

// A ledger on real files, whose rows are in a table up to the event kHalf, and beyond it in memory.
class RowsOnDisk : public testing::Test {
 protected:
  RowsOnDisk() {
    while (day.events().size() < 2 * kHalf.value) day.succeeded();
    stored.append(day.ledger(), kHalf.value);
    RowStore rows(stored.log());
    rows.catch_up();
    rows.flush();
    stored.append(day.ledger());
    rows.catch_up();
    followed = stored.dump_derived();
  }

  // Checks that the rows are the fold of the log up to their checkpoint, and returns that.
  Sequence sound_up_to() {
    RowStore rows(stored.log());
    const Sequence checkpoint = rows.checkpoint();
    rows.verify([](const std::string& code, const std::optional<RunId>&, const std::string& detail) {
      ADD_FAILURE() << code << ": " << detail;
    });
    rows.catch_up();
    EXPECT_EQ(stored.dump_derived(), followed);
    return checkpoint;
  }

  // The files of the rows whose names begin with `beginning` and end with `ending`.
  [[nodiscard]] std::vector<fs::path> files_of_rows(std::string_view beginning, std::string_view ending) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(stored.directory() / "rows")) {
      const std::string name = entry.path().filename();
      if (name.starts_with(beginning) && name.ends_with(ending)) found.push_back(entry.path());
    }
    return found;
  }

  // Checks that the rows are refused, and that a rebuild makes them anew.
  void expect_mended() {
    EXPECT_EQ(failure_of([&] { rebuild_rows(stored.log(), true); }).code, "rows.damaged");
    const RebuildReport report = rebuild_rows(stored.log(), false);
    EXPECT_EQ(report.scanned, day.ledger().runs.size());
    EXPECT_EQ(report.inserted, report.scanned);
    EXPECT_EQ(stored.dump_derived(), followed);
  }

  History day;
  std::shared_ptr<FaultyFileSystem> files = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env = FaultyFileSystem::make_env(files);
  StoredLog stored{*env};
  std::map<std::string, std::string> followed;
};

TEST_F(RowsOnDisk, ThatLosePowerAreThoseOfTheLastTable) {
  stored.close();
  files->lose_power(0);
  stored.open();
  EXPECT_EQ(sound_up_to(), kHalf);
}

// The cut comes after each number of operations on files that a flush does.
TEST_F(RowsOnDisk, ThatLosePowerDuringAFlushAreThoseBeforeItOrAfterIt) {
  bool is_done = false;
  std::set<Sequence> left;
  for (int operations = 0; !is_done; ++operations) {
    SCOPED_TRACE(operations);
    files->fail_after(operations, rocksdb::IOStatus::IOError("the power is gone"));
    is_done = failure_of([&] { RowStore(stored.log()).flush(); }).code.empty();
    stored.close();
    files->lose_power(0);
    files->work_again();
    stored.open();
    left.insert(sound_up_to());
    ASSERT_LT(operations, 1000);
  }
  EXPECT_EQ(left, (std::set{kHalf, stored.log().last()}));
}

TEST_F(RowsOnDisk, WhoseTablesAreDamagedAreFoundAndMadeAnew) {
  RowStore(stored.log()).flush();
  stored.close();
  for (const fs::path& table : files_of_rows("", ".sst")) {
    std::string bytes = read_bytes(table);
    for (std::size_t i = 16; i < bytes.size() / 2; i += 64) bytes[i] = static_cast<char>(bytes[i] ^ 1);
    write_bytes(table, bytes);
  }
  stored.open();
  const VerifyReport report = verify_ledger(stored.log());
  ASSERT_FALSE(report.ok());
  for (const Finding& finding : report.findings)
    EXPECT_THAT(finding.code, testing::AnyOf("tables.damaged", "rows.unreadable")) << finding.detail;
  expect_mended();
}

TEST_F(RowsOnDisk, WhoseManifestIsDamagedAreRefusedAndMadeAnew) {
  stored.close();
  for (const fs::path& manifest : files_of_rows("MANIFEST-", "")) write_bytes(manifest, "no manifest");
  stored.open();
  EXPECT_EQ(failure_of([&] { RowStore(stored.log()); }).code, "rows.damaged");
  expect_mended();
}

TEST_F(RowsOnDisk, WhoseTablesAreGoneAreRefusedAndMadeAnew) {
  stored.close();
  for (const fs::path& table : files_of_rows("", ".sst")) fs::remove(table);
  stored.open();
  expect_mended();
}

TEST_F(RowsOnDisk, WhoseDirectoryIsGoneFollowAnew) {
  stored.close();
  fs::remove_all(stored.directory() / "rows");
  stored.open();
  EXPECT_EQ(sound_up_to(), Sequence{0});
}

// A removal that was cut short leaves some of the files.
TEST_F(RowsOnDisk, OfWhichSomeFilesAreLeftFollowAnew) {
  stored.close();
  fs::remove(stored.directory() / "rows" / "CURRENT");
  stored.open();
  EXPECT_EQ(sound_up_to(), Sequence{0});
}

TEST_F(RowsOnDisk, WhoseRemovalIsCutShortFollowAnew) {
  bool is_done = false;
  Sequence left = kHalf;
  for (int operations = 0; !is_done; ++operations) {
    SCOPED_TRACE(operations);
    RowStore rows(stored.log());
    rows.catch_up();
    rows.flush();
    files->fail_after(operations, rocksdb::IOStatus::IOError("the disk is gone"));
    is_done = failure_of([&] { stored.log().store().discard_derived(); }).code.empty();
    stored.close();
    files->work_again();
    stored.open();
    left = sound_up_to();
    EXPECT_THAT(left, testing::AnyOf(Sequence{0}, stored.log().last()));
    ASSERT_LT(operations, 1000);
  }
  EXPECT_EQ(left, Sequence{0});
}

}  // namespace
}  // namespace runledger
