// When the daemon makes its first backup.
#include "tools/daemon/backup_schedule.h"

#include <gtest/gtest.h>

#include <future>

#include "ledger/log/store/ledger_copy.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class BackupsByTheDaemon : public testing::Test {
 protected:
  void make_one(Time at) {
    BackupDirectory backups(path, BackupDirectory::Purpose::kWrite);
    const LedgerCopy copy(ledger.ledger().log().store(), CopyOf::kLog);
    (void)backups.make(copy.path(), {}, at);
  }

  [[nodiscard]] Time due() const { return first_backup_due(newest_backup(path), hours(12)); }

  TemporaryDirectory directory;
  TemporaryLedger ledger;
  std::filesystem::path path = directory.path() / "backups";
};

TEST_F(BackupsByTheDaemon, AreDueAnIntervalAfterTheNewestAndAtOnceWithoutOne) {
  EXPECT_EQ(due(), Time{});
  make_one(examples::at(0));
  EXPECT_EQ(due(), examples::at(0) + hours(12));
  make_one(examples::at(60));
  EXPECT_EQ(due(), examples::at(60) + hours(12));
}

TEST_F(BackupsByTheDaemon, CountFromTheLastOneAlsoAfterARestart) {
  constexpr hours kEvery{12};
  constexpr seconds kLeft{1};
  make_one(SystemClock().now() - kEvery + kLeft);
  const std::string before = newest_backup(path).value().name;
  std::promise<std::string> found;
  const auto started = std::chrono::steady_clock::now();
  std::promise<Backup> made;
  const BackupSchedule schedule(
      ledger.ledger().log().store(), {.directory = path, .every = kEvery, .keep = {}},
      {.found = [&](const Backup& backup) { found.set_value(backup.name); },
       .made = [&](const Backup& backup, milliseconds, std::size_t) { made.set_value(backup); },
       .failed = [](std::string_view code, std::string_view what) { ADD_FAILURE() << code << ": " << what; }});
  std::future<Backup> waiting = made.get_future();
  ASSERT_EQ(waiting.wait_for(seconds(30)), std::future_status::ready);
  EXPECT_GE(std::chrono::steady_clock::now() - started, kLeft / 2) << "the last one does not count";
  EXPECT_EQ(found.get_future().get(), before) << "it is told before the first one is made";
  EXPECT_EQ(due(), waiting.get().made_at + kEvery);
}

}  // namespace
}  // namespace runledger
