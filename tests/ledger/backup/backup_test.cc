// The description of a backup, and what the directory of backups refuses.
#include "ledger/backup/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <stop_token>
#include <vector>

#include "ledger/backup/backup_directory.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/store/ledger_copy.h"
#include "ledger/values/sha256.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using Purpose = BackupDirectory::Purpose;

Backup example() {
  return {.name = "20260105T080000.000000Z",
          .ledger_id = LedgerId{examples::run_id(7).value},
          .made_at = examples::at(0),
          .sequence = Sequence{12},
          .recorded_at = examples::at(0),
          .root = sha256({"root"}),
          .new_bytes = 3,
          .files = {{"identity.key", {3, sha256({"key"})}, ""}, {"store/000012.sst", {9, sha256({"t"})}, "a1b2"}}};
}

template <class Call>
std::string code_of(const Call& call) {
  try {
    (void)call();
  } catch (const Failure& failure) {
    return failure.code();
  }
  return "";
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Backup, IsReadAsItWasWritten) {
  EXPECT_EQ(parse_backup(format_backup(example()), example().name), example());
  EXPECT_EQ(example().bytes(), 12U);
}

TEST(Backup, NamesWhatItsEventsHaveErased) {
  EXPECT_EQ(format_backup(example()).find("erased"), std::string::npos) << "the form of older programs";
  Backup backup = example();
  backup.erased_keys = {{0xabc}, {7}};
  const std::string text = format_backup(backup);
  EXPECT_NE(text.find("\"0000000000000abc\""), std::string::npos) << text;
  EXPECT_EQ(parse_backup(text, backup.name), backup);
  for (const char* wrong : {"abc", "0000000000000abg", "00000000000000abc"}) {
    std::string changed = text;
    changed.replace(changed.find("0000000000000abc"), 16, wrong);
    EXPECT_EQ(code_of([&] { return parse_backup(changed, "b"); }), "backup.damaged") << wrong;
  }
}

TEST(Backup, DescriptionThatIsCutOrLeadsOutOfTheBackupIsDamage) {
  const std::string text = format_backup(example());
  EXPECT_EQ(code_of([&] { return parse_backup(text.substr(0, text.size() / 2), "b"); }), "backup.damaged");
  for (const char* path : {"../identity.key", "/etc/passwd", "store/../x", "", ".hidden", "rows/000001.sst"}) {
    Backup wrong = example();
    wrong.files.front().path = path;
    EXPECT_EQ(code_of([&] { return parse_backup(format_backup(wrong), "b"); }), "backup.damaged") << path;
  }
}

TEST(Backup, OfANewerVersionIsRefusedAsSuch) {
  std::string text = format_backup(example());
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 2");
  EXPECT_EQ(code_of([&] { return parse_backup(text, "b"); }), "backup.format_newer");
}

class BackupDirectoryTest : public testing::Test {
 protected:
  Backup back_up(TemporaryLedger& of, BackupDirectory& into) {
    const KeptFiles kept = KeptFiles::of(of.directory());
    const LedgerCopy copy(of.ledger().log().store(), CopyOf::kLog);
    return into.make(copy.path(), kept, made_at = made_at + std::chrono::seconds(1));
  }
  // All at once, so that they share commits.
  void request(TemporaryLedger& of, int count) {
    std::vector<std::future<Answer>> answers;
    for (; count > 0; --count) {
      RunRequest request;
      request.workspace = examples::workspace();
      request.type = examples::type("demo.sync");
      request.input = examples::input("{\"n\":" + std::to_string(++requested) + "}");
      answers.push_back(of.ledger().submit(request, {}));
    }
    for (std::future<Answer>& answer : answers) (void)answer.get();
  }
  [[nodiscard]] fs::path path() const { return directory.path() / "backups"; }

  TemporaryDirectory directory;
  TemporaryLedger ledger;
  Time made_at = examples::at(0);
  int requested = 0;
};

TEST_F(BackupDirectoryTest, SharesTheTablesOfEarlierBackupsAndCopiesOnlyNewBytes) {
  request(ledger, 2000);
  ledger.reopen();  // A clean end moves everything into tables.
  BackupDirectory backups(path(), Purpose::kWrite);
  const Backup first = back_up(ledger, backups);
  EXPECT_EQ(first.new_bytes, first.bytes());
  EXPECT_EQ(first.sequence, Sequence{2000});
  request(ledger, 10);
  const Backup second = back_up(ledger, backups);
  EXPECT_EQ(second.sequence, Sequence{2010});
  EXPECT_LT(second.new_bytes, first.bytes() / 10);
  for (const BackupFile& file : second.files) {
    if (!file.table.empty()) {
      EXPECT_EQ(fs::hard_link_count(path() / second.name / file.path), 2U) << file.path;
    }
    EXPECT_EQ(sum_of(path() / second.name / file.path), file.sum) << file.path;
  }
  EXPECT_EQ(backups.list().backups, (std::vector<Backup>{first, second}));
}

TEST_F(BackupDirectoryTest, AnEarlierBackupThatIsDamagedDoesNotDamageTheNext) {
  request(ledger, 500);
  ledger.reopen();
  BackupDirectory backups(path(), Purpose::kWrite);
  const Backup first = back_up(ledger, backups);
  for (const BackupFile& file : first.files) {
    if (file.table.empty()) continue;
    std::fstream out(path() / first.name / file.path, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(100);
    out.put('\x7f');
  }
  const Backup second = back_up(ledger, backups);
  EXPECT_EQ(second.new_bytes, second.bytes());
  for (const BackupFile& file : second.files) EXPECT_EQ(sum_of(path() / second.name / file.path), file.sum);
}

TEST_F(BackupDirectoryTest, IsForItsOwnerOnly) {
  request(ledger, 3);
  BackupDirectory backups(path(), Purpose::kWrite);
  const Backup made = back_up(ledger, backups);
  for (const fs::path& each : {path(), path() / made.name, path() / made.name / "store"})
    EXPECT_EQ(fs::status(each).permissions(), fs::perms::owner_all) << each;
  for (const auto& file : fs::recursive_directory_iterator(path())) {
    if (file.is_regular_file()) {
      EXPECT_EQ(file.status().permissions(), fs::perms::owner_read | fs::perms::owner_write) << file.path();
    }
  }
}

TEST_F(BackupDirectoryTest, HoldsTheKeysAndTheTokens) {
  request(ledger, 1);
  (void)create_audit_key(ledger.directory(), "runledger/test");
  std::ofstream(ledger.directory() / "access-tokens") << "content of access-tokens";
  fs::permissions(ledger.directory() / "access-tokens", fs::perms::owner_read | fs::perms::owner_write);
  BackupDirectory backups(path(), Purpose::kWrite);
  const fs::path made = path() / back_up(ledger, backups).name;
  EXPECT_EQ(read(made / "audit.key"), read(ledger.directory() / "audit.key"));
  EXPECT_EQ(read(made / "access-tokens"), "content of access-tokens");
  EXPECT_EQ(read(made / "identity.key"), read(ledger.directory() / "identity.key"));
  EXPECT_FALSE(fs::exists(made / "rows"));
  EXPECT_FALSE(fs::exists(made / "lock"));
}

TEST_F(BackupDirectoryTest, KeepsTheNewest) {
  BackupDirectory backups(path(), Purpose::kWrite);
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) {
    request(ledger, 1);
    names.push_back(back_up(ledger, backups).name);
  }
  EXPECT_EQ(backups.keep_newest(2), (std::vector<std::string>{names[0], names[1]}));
  const auto left = backups.list().backups;
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].name, names[2]);
  EXPECT_EQ(left[1].name, names[3]);
  for (const BackupFile& file : left[1].files) EXPECT_EQ(sum_of(path() / names[3] / file.path), file.sum);
}

TEST_F(BackupDirectoryTest, AreInTheOrderInWhichTheyWereMadeWhateverTheClockSays) {
  request(ledger, 1);
  BackupDirectory backups(path(), Purpose::kWrite);
  std::vector<std::string> names{back_up(ledger, backups).name};
  for (const std::int64_t back : {2, 5, 90'000}) {
    made_at = made_at - std::chrono::seconds(back);
    names.push_back(back_up(ledger, backups).name);
  }
  EXPECT_EQ(names[0], "20260105T080001.000000Z");
  EXPECT_EQ(names[1], "20260105T080001.000000Z+000001");
  EXPECT_EQ(names[3], "20260105T080001.000000Z+000003");
  EXPECT_EQ(backups.keep_newest(1), (std::vector<std::string>{names[0], names[1], names[2]}));
  EXPECT_EQ(backups.list().backups.front().name, names[3]);
}

TEST_F(BackupDirectoryTest, RefusesAnotherLedgersBackups) {
  request(ledger, 1);
  TemporaryLedger other;
  BackupDirectory backups(path(), Purpose::kWrite);
  (void)back_up(ledger, backups);
  EXPECT_EQ(code_of([&] { return back_up(other, backups); }), "backup.other_ledger");
  EXPECT_EQ(backups.list().backups.size(), 1U);
}

TEST_F(BackupDirectoryTest, TakesOnlyAnEmptyDirectory) {
  fs::create_directory(path());
  fs::create_directory(path() / "lost+found");
  std::ofstream(path() / "letters.txt") << "mine";
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kWrite).path(); }), "backup.other_directory");
  fs::remove(path() / "letters.txt");
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kRead).path(); }), "backup.not_found");
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kWrite).path(); }), "");
  fs::permissions(path(), fs::perms::all);
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kWrite).path(); }), "ledger.insecure");
}

TEST_F(BackupDirectoryTest, IsUsedByOneProcessAtATime) {
  request(ledger, 1);
  {
    BackupDirectory backups(path(), Purpose::kWrite);
    (void)back_up(ledger, backups);
    EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kWrite).path(); }), "backup.busy");
    EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kRead).path(); }), "backup.busy");
  }
  const BackupDirectory reading(path(), Purpose::kRead);
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kRead).path(); }), "");
  EXPECT_EQ(code_of([&] { return BackupDirectory(path(), Purpose::kWrite).path(); }), "backup.busy");
}

TEST_F(BackupDirectoryTest, CleansUpAfterAnInterruptedBackup) {
  request(ledger, 1);
  std::string name;
  {
    BackupDirectory backups(path(), Purpose::kWrite);
    name = back_up(ledger, backups).name;
  }
  fs::create_directories(path() / ".partial" / "store");
  fs::rename(path() / name, path() / ".removed");
  BackupDirectory backups(path(), Purpose::kWrite);
  EXPECT_FALSE(fs::exists(path() / ".partial"));
  EXPECT_FALSE(fs::exists(path() / ".removed"));
  EXPECT_TRUE(backups.list().backups.empty());
}

TEST_F(BackupDirectoryTest, DamageInTheLedgerIsNotBackedUp) {
  request(ledger, 500);
  ledger.reopen();
  const LedgerCopy copy(ledger.ledger().log().store(), CopyOf::kLog);
  for (const auto& file : fs::directory_iterator(copy.path() / "store")) {
    if (file.path().extension() != ".sst" || fs::file_size(file) < 4096) continue;
    const std::string bytes = read(file.path());
    fs::remove(file.path());  // The table is linked to that of the ledger.
    std::ofstream(file.path(), std::ios::binary) << bytes.substr(0, 50) << '\x7f' << bytes.substr(51);
  }
  BackupDirectory backups(path(), Purpose::kWrite);
  EXPECT_EQ(code_of([&] { return backups.make(copy.path(), {}, made_at); }), "storage.damaged");
  EXPECT_TRUE(backups.list().backups.empty());
  EXPECT_FALSE(fs::exists(path() / ".partial"));
}

TEST_F(BackupDirectoryTest, EndsBeforeItTakesTheLastRoomOnTheDiskAndGivesBackWhatItTook) {
  request(ledger, 1);
  BackupDirectory backups(path(), Purpose::kWrite);
  const LedgerCopy copy(ledger.ledger().log().store(), CopyOf::kLog);
  const CopyLimits more_than_there_is{.stop = {}, .free_bytes_min = ~std::uint64_t{0}};
  EXPECT_EQ(code_of([&] { return backups.make(copy.path(), {}, made_at, more_than_there_is); }), "storage.full");
  EXPECT_FALSE(fs::exists(path() / ".partial"));
  EXPECT_TRUE(backups.list().backups.empty());
  EXPECT_EQ(code_of([&] { return backups.make(copy.path(), {}, made_at); }), "");
}

TEST_F(BackupDirectoryTest, IsGivenUpWhenAStopIsRequested) {
  request(ledger, 1);
  BackupDirectory backups(path(), Purpose::kWrite);
  const LedgerCopy copy(ledger.ledger().log().store(), CopyOf::kLog);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { return backups.make(copy.path(), {}, made_at, {.stop = stop.get_token()}); }),
            "backup.interrupted");
  EXPECT_FALSE(fs::exists(path() / ".partial"));
}

TEST_F(BackupDirectoryTest, NamesTheDamagedOnesAndMakesTheNextAfterThem) {
  request(ledger, 1);
  BackupDirectory backups(path(), Purpose::kWrite);
  const std::string whole = back_up(ledger, backups).name;
  const std::string without = "20260105T090000.000000Z";
  const std::string linked = "20260105T090001.000000Z+000002";
  fs::create_directories(path() / without);
  fs::create_directories(path() / linked);
  fs::create_symlink("elsewhere", path() / linked / kBackupFile);
  fs::create_directories(path() / "lost+found");
  fs::create_directories(path() / "notes");
  const BackupDirectory::Listed listed = backups.list();
  EXPECT_EQ(listed.damaged, (std::vector<std::string>{without, linked}));
  ASSERT_EQ(listed.backups.size(), 1U);
  EXPECT_EQ(listed.backups.front().name, whole);
  EXPECT_EQ(back_up(ledger, backups).name, "20260105T090001.000000Z+000003");
}

// Leaves the files as a kill does after the rotation is durable and before the next key is in place.
TEST_F(BackupDirectoryTest, KeepsTheKeyThatTheRotationsLeadTo) {
  const fs::path at = ledger.directory();
  const NoteVerifier first = create_audit_key(at, "runledger/test").verifier();
  const std::string old_key = read(at / "audit.key");
  const NoteSigner next{"runledger/test", Ed25519Key::random()};
  AuditKey(at).rotate(TreeHead{0, sha256({""})}, next);
  fs::rename(at / "audit.key", at / "audit.key.next");
  std::ofstream(at / "audit.key") << old_key;
  fs::permissions(at / "audit.key", fs::perms::owner_read | fs::perms::owner_write);
  fs::remove(at / "audit.checkpoint");

  const auto kept = KeptFiles::of(at).all();
  EXPECT_EQ(kept.at("audit.key"), next.format() + "\n");
  EXPECT_EQ(keys_after(*open_rotations(kept.at("audit.rotations")), first).back(), next.verifier());
  EXPECT_TRUE(open_checkpoint(kept.at("audit.checkpoint"), next.verifier()));
  EXPECT_FALSE(kept.contains("audit.key.next"));
}

TEST_F(BackupDirectoryTest, WaitsForTheAuditKeyUntilAStopIsRequested) {
  (void)create_audit_key(ledger.directory(), "runledger/test");
  const AuditKey held(ledger.directory());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { return KeptFiles::of(ledger.directory(), stop.get_token()).all(); }), "backup.interrupted");
}

}  // namespace
}  // namespace runledger
