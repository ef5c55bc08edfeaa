// Tests who may open the directory of a ledger, which directories are refused, and how the engine is configured.
//
// The tests work on real directories, because the subject is files: owners, permissions, names and the steps of a
// creation. The two refusal functions return the Failure of opening and of creating, or an empty one, so that most
// tests are a table of directories and codes. The settings of the engine are read back from the files that it writes,
// and not from the options that we pass to it.
#include "ledger/log/store/store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>

#include "ledger/base/big_endian.h"
#include "ledger/base/failure.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/info_log.h"
#include "ledger/log/store/settings.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

SeenFailure refusal_of_opening(const fs::path& path) {
  return failure_of([&] { Store store({.directory = path}); });
}

SeenFailure refusal_of_creating(const fs::path& path) {
  return failure_of([&] { Store::create({.directory = path}, IdentityKey{}); });
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

// Returns the bytes of each file below `path`.
std::map<fs::path, std::string> files_below(const fs::path& path) {
  std::map<fs::path, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files[entry.path()] = read_bytes(entry.path());
  }
  return files;
}

// Expects that the ledger in `path` is refused with `code`, and that none of its files changes. Returns the message.
std::string expect_refused_unchanged(const fs::path& path, std::string_view code) {
  const std::map<fs::path, std::string> before = files_below(path);
  const SeenFailure refusal = refusal_of_opening(path);
  EXPECT_EQ(refusal.code, code) << refusal.what;
  EXPECT_TRUE(files_below(path) == before) << code;
  return refusal.what;
}

class StoreOnDisk : public testing::Test {
 protected:
  void create() { Store::create({.directory = path_}, IdentityKey{}); }
  void put_format(std::uint32_t version, std::optional<Family> without = {}) {
    std::string format;
    append_big_endian(format, version);
    Store store({.directory = path_});
    store.begin_writing();
    check(store.db().Put({}, store.family(Family::kMeta), "format", format), "a test's write");
    if (without) check(store.db().DropColumnFamily(store.family(*without)), "a test's write");
  }

  TemporaryDirectory parent_;
  fs::path path_ = parent_.path() / "ledger";
};

TEST_F(StoreOnDisk, ACreatedLedgerOpensWithItsKeyAndKeepsItsId) {
  const IdentityKey key = IdentityKey::random();
  Store::create({.directory = path_}, key);
  const LedgerId id = Store({.directory = path_}).ledger_id();
  Store store({.directory = path_});
  EXPECT_EQ(store.ledger_id(), id);
  EXPECT_NE(store.ledger_id(), LedgerId{});
  EXPECT_EQ(store.identity_key().bytes, key.bytes);
}

TEST_F(StoreOnDisk, ACreatedLedgerIsItsOwnersAlone) {
  create();
  EXPECT_EQ(mode_of(path_), 0700U);
  EXPECT_EQ(mode_of(path_ / "identity.key"), 0600U);
}

TEST_F(StoreOnDisk, InADirectoryThatOthersMayEnterIsItsOwnersAlone) {
  fs::create_directory(path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
  create();
  EXPECT_EQ(mode_of(path_), 0755U);
  EXPECT_EQ(mode_of(path_ / "store"), 0700U);
}

TEST_F(StoreOnDisk, ACreationMakesWhatIsMissingAbove) {
  Store::create({.directory = path_ / "a" / "b"}, IdentityKey{});
  EXPECT_EQ(refusal_of_opening(path_ / "a" / "b").code, "");
}

TEST_F(StoreOnDisk, AnEmptyDirectoryIsTakenForACreation) {
  fs::create_directory(path_);
  create();
  EXPECT_EQ(refusal_of_opening(path_).code, "");
}

TEST_F(StoreOnDisk, ACreationRefusesADirectoryThatHoldsAnything) {
  fs::create_directory(path_);
  write_bytes(path_ / "notes.txt", "mine");
  EXPECT_EQ(refusal_of_creating(path_).code, "ledger.exists");
  EXPECT_FALSE(fs::exists(path_ / "lock"));
}

TEST_F(StoreOnDisk, ACreationRefusesALedger) {
  create();
  const LedgerId id = Store({.directory = path_}).ledger_id();
  EXPECT_EQ(refusal_of_creating(path_).code, "ledger.exists");
  EXPECT_EQ(Store({.directory = path_}).ledger_id(), id);
}

TEST_F(StoreOnDisk, ACreationRefusesAFile) {
  write_bytes(path_, "mine");
  EXPECT_EQ(refusal_of_creating(path_).code, "ledger.exists");
  EXPECT_EQ(read_bytes(path_), "mine");
}

constexpr const char* kMarker =
    "runledger is making a ledger here. If it was interrupted, run the same command again.\n";

// A file with one of the store's names is only removed when its content marks it as ours.
TEST_F(StoreOnDisk, ACreationRefusesADirectoryOfSomebodyElsesThatLooksLikeOurs) {
  const std::vector<std::map<std::string, std::string>> directories{
      {{"README", "mine"}, {"unfinished", ""}, {"store/customers.txt", "mine"}, {"identity.key", "mine"}},
      {{"unfinished", ""}, {"store/customers.txt", "mine"}},
      {{"unfinished", ""}},
      {{"unfinished", ""}, {"lock", ""}, {"identity.key", "mine"}},
      {{"unfinished", "a list of what is to be done"}, {"lock", "17\n"}},
      {{"unfinished", kMarker}, {"README", "mine"}},
      {{"unfinished", kMarker}, {"lock", "mine"}},
      {{"store/customers.txt", "mine"}},
      {{"identity.key", "mine"}, {"lock", ""}},
      {{"lock", "mine"}}};
  for (const auto& files : directories) {
    fs::remove_all(path_);
    for (const auto& [name, content] : files) {
      fs::create_directories((path_ / name).parent_path());
      write_bytes(path_ / name, content);
    }
    const std::string which = files.begin()->first + " and others, " + std::to_string(files.size());
    EXPECT_EQ(refusal_of_creating(path_).code, "ledger.exists") << which;
    for (const auto& [name, content] : files) EXPECT_EQ(read_bytes(path_ / name), content) << which << ": " << name;
  }
}

// Leaves the directory as a kill between any two steps would.
TEST_F(StoreOnDisk, AnInterruptedCreationIsNoLedgerAndIsBegunAnew) {
  const std::string marker = kMarker;
  const std::vector<std::map<std::string, std::string>> steps{
      {},
      {{"lock", ""}},
      {{"lock", "4711\n"}},
      {{"lock", "4711\n"}, {"unfinished", ""}},
      {{"lock", "4711\n"}, {"unfinished", marker.substr(0, 20)}},
      {{"lock", "4711\n"}, {"unfinished", marker}},
      {{"lock", "4711\n"}, {"unfinished", marker}, {"store/CURRENT", "half"}},
      {{"lock", "4711\n"}, {"unfinished", marker}, {"store/CURRENT", "half"}, {"identity.key", "half"}}};
  for (const auto& files : steps) {
    fs::remove_all(path_);
    fs::create_directory(path_);
    for (const auto& [name, content] : files) {
      fs::create_directories((path_ / name).parent_path());
      write_bytes(path_ / name, content);
    }
    EXPECT_EQ(refusal_of_opening(path_).code, "ledger.not_found") << files.size();
    create();
    EXPECT_EQ(refusal_of_opening(path_).code, "") << files.size();
    EXPECT_FALSE(fs::exists(path_ / "unfinished")) << files.size();
  }
}

TEST_F(StoreOnDisk, AnInterruptedCreationIsNamed) {
  create();
  write_bytes(path_ / "unfinished", kMarker);
  const SeenFailure refusal = refusal_of_opening(path_);
  EXPECT_EQ(refusal.code, "ledger.not_found");
  EXPECT_NE(refusal.what.find("interrupted"), std::string::npos);
}

TEST_F(StoreOnDisk, AnInterruptedRestorationIsNotToBeTakenForACreation) {
  create();
  write_bytes(path_ / "unfinished", kMarker);
  fs::create_directory(path_ / "restoring");
  const SeenFailure refusal = refusal_of_opening(path_);
  EXPECT_EQ(refusal.code, "ledger.not_found");
  EXPECT_NE(refusal.what.find("run restore again"), std::string::npos) << refusal.what;
}

TEST_F(StoreOnDisk, TheCheckOfTablesEndsWhenItIsAskedTo) {
  create();
  Store store({.directory = path_});
  int pieces = 0;
  store.check_tables([&] { ++pieces; });
  EXPECT_GE(pieces, 2);  // The one of the empty store's table, and its end.
  struct Asked {};
  EXPECT_THROW(store.check_tables([&] {
    --pieces;
    throw Asked();
  }),
               Asked);
  EXPECT_GE(pieces, 1);
}

TEST_F(StoreOnDisk, AMissingDirectoryIsNotFoundAndNotMade) {
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.not_found");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(StoreOnDisk, AnythingButADirectoryIsNotFound) {
  write_bytes(path_, "a file");
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.not_found");
  EXPECT_EQ(refusal_of_opening(path_ / "below").code, "ledger.not_found");
  const fs::path fifo = parent_.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(refusal_of_opening(fifo).code, "ledger.not_found");
}

TEST_F(StoreOnDisk, ADirectoryWithoutALedgerIsNotFoundAndLeftAsItIs) {
  fs::create_directory(path_);
  write_bytes(path_ / "notes.txt", "mine");
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.not_found");
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 1);
}

TEST_F(StoreOnDisk, ASymbolicLinkToALedgerIsAsGoodAsTheLedger) {
  create();
  fs::create_directory_symlink(path_, parent_.path() / "link");
  EXPECT_EQ(refusal_of_opening(parent_.path() / "link").code, "");
}

TEST_F(StoreOnDisk, ADirectoryThatEverybodyMayWriteToIsRefused) {
  create();
  fs::permissions(path_, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.insecure");
}

TEST_F(StoreOnDisk, ALedgerOfAnotherUserIsRefusedAndAnotherUsersDirectoryAroundItIsNot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a ledger away";
  constexpr uid_t kNobody = 65534;
  create();
  ASSERT_EQ(::chown(path_.c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(refusal_of_opening(path_).code, "") << "a mounted directory may belong to anybody";
  ASSERT_EQ(::chown((path_ / "store").c_str(), kNobody, kNobody), 0);
  const SeenFailure refusal = refusal_of_opening(path_);
  EXPECT_EQ(refusal.code, "ledger.wrong_user");
  EXPECT_NE(refusal.what.find("(65534)"), std::string::npos) << refusal.what;
  EXPECT_NE(refusal.what.find("the user root (0)"), std::string::npos) << refusal.what;
  EXPECT_EQ(failure_of([&] { Store store({.directory = path_, .is_copy = true}); }).code, "");
}

TEST_F(StoreOnDisk, AKeyThatOthersMayReadIsRefused) {
  create();
  fs::permissions(path_ / "identity.key", fs::perms::group_read, fs::perm_options::add);
  const SeenFailure refusal = refusal_of_opening(path_);
  EXPECT_EQ(refusal.code, "ledger.insecure");
  EXPECT_NE(refusal.what.find("0640"), std::string::npos) << refusal.what;
}

TEST_F(StoreOnDisk, AMissingKeyIsNamed) {
  create();
  fs::remove(path_ / "identity.key");
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.key_missing");
}

TEST_F(StoreOnDisk, ACutKeyIsNoKey) {
  create();
  fs::resize_file(path_ / "identity.key", 31);
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.key_missing");
}

TEST_F(StoreOnDisk, TheKeyOfAnotherLedgerIsRefused) {
  create();
  std::string key = read_bytes(path_ / "identity.key");
  key[0] = static_cast<char>(key[0] + 1);
  write_bytes(path_ / "identity.key", key);
  EXPECT_EQ(refusal_of_opening(path_).code, "ledger.key_missing");
}

TEST_F(StoreOnDisk, ANewerFormatIsRefused) {
  create();
  put_format(kSealedFormatVersion + 1);
  expect_refused_unchanged(path_, "ledger.format_newer");
}

TEST_F(StoreOnDisk, AnOlderFormatIsRefused) {
  create();
  put_format(kFormatVersion - 1);
  expect_refused_unchanged(path_, "ledger.format_older");
}

// The program that made it must still be able to open it, so the family must not be added.
TEST_F(StoreOnDisk, AnOlderFormatWithoutTheIndexOfWorkspacesIsRefused) {
  create();
  put_format(kFormatVersion - 1, Family::kWorkspaceEvents);
  expect_refused_unchanged(path_, "ledger.format_older");
}

TEST_F(StoreOnDisk, AMissingFamilyIsDamage) {
  for (const Family family : {Family::kScopeEvents, Family::kWorkspaceEvents}) {
    create();
    put_format(kFormatVersion, family);
    const std::string what = expect_refused_unchanged(path_, "storage.damaged");
    EXPECT_NE(what.find("family " + std::string(to_string(family))), std::string::npos) << what;
    fs::remove_all(path_);
  }
}

// Earlier versions had the local rows beside the log.
TEST_F(StoreOnDisk, RetiredFamiliesGoWhenItIsOpenedToWrite) {
  create();
  const auto families = [&] {
    std::vector<std::string> found;
    check(rocksdb::DB::ListColumnFamilies({}, (path_ / "store").string(), &found), "reading the families");
    return found;
  };
  const std::vector<std::string> before = families();
  {
    Store store({.directory = path_});
    store.begin_writing();
    for (const char* name : {"rows", "row_indexes"}) {
      rocksdb::ColumnFamilyHandle* handle = nullptr;
      check(store.db().CreateColumnFamily({}, name, &handle), "a test's family");
      check(store.db().Put({}, handle, "a key", "a value"), "a test's family");
      check(store.db().DestroyColumnFamilyHandle(handle), "a test's family");
    }
  }
  EXPECT_EQ(families().size(), before.size() + 2);
  { const Store only_read({.directory = path_}); }
  EXPECT_EQ(families().size(), before.size() + 2);
  {
    Store store({.directory = path_});
    store.begin_writing();
  }
  EXPECT_EQ(families(), before);
}

TEST_F(StoreOnDisk, AFamilyOfANewerProgramIsRefused) {
  create();
  {
    Store store({.directory = path_});
    store.begin_writing();
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    check(store.db().CreateColumnFamily({}, "proofs", &handle), "a test's family");
    check(store.db().DestroyColumnFamilyHandle(handle), "a test's family");
  }
  EXPECT_NE(expect_refused_unchanged(path_, "ledger.format_newer").find("proofs"), std::string::npos);
}

TEST_F(StoreOnDisk, AStoreWithoutItsManifestIsDamaged) {
  create();
  fs::remove(path_ / "store" / "CURRENT");
  EXPECT_EQ(refusal_of_opening(path_).code, "storage.damaged");
  fs::remove_all(path_ / "store");
  EXPECT_EQ(refusal_of_opening(path_).code, "storage.damaged");
}

TEST_F(StoreOnDisk, ASecondHolderIsToldWhoHoldsIt) {
  create();
  Store store({.directory = path_});
  const SeenFailure refusal = refusal_of_opening(path_);
  EXPECT_EQ(refusal.code, "ledger.busy");
  EXPECT_NE(refusal.what.find("process " + std::to_string(::getpid())), std::string::npos) << refusal.what;
  EXPECT_EQ(refusal_of_creating(path_).code, "ledger.exists");
}

TEST_F(StoreOnDisk, TheEngineIsSetAsTheGuaranteesSay) {
  create();
  Store store({.directory = path_});
  store.begin_writing();
  rocksdb::DBOptions settings;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  // Reads the OPTIONS file, in which the engine records its actual settings.
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = true;
  check(rocksdb::LoadLatestOptions(config, (path_ / "store").string(), &settings, &families), "reading OPTIONS");
  EXPECT_EQ(settings.wal_recovery_mode, rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords);
  EXPECT_FALSE(settings.create_if_missing);
  EXPECT_TRUE(settings.paranoid_checks);
  EXPECT_FALSE(settings.best_efforts_recovery);
  EXPECT_EQ(settings.max_bgerror_resume_count, 0);
  EXPECT_EQ(settings.recycle_log_file_num, 0U);
  EXPECT_EQ(settings.wal_bytes_per_sync, 0U);
  EXPECT_FALSE(settings.manual_wal_flush);
  EXPECT_FALSE(settings.enable_pipelined_write);
  EXPECT_FALSE(settings.two_write_queues);
  EXPECT_FALSE(settings.unordered_write);
  EXPECT_FALSE(settings.track_and_verify_wals_in_manifest);
  EXPECT_FALSE(settings.atomic_flush);
  EXPECT_EQ(settings.wal_compression, rocksdb::kNoCompression);
  EXPECT_EQ(settings.max_background_flushes, 1);
  EXPECT_GE(settings.max_total_wal_size, 64ULL << 20U);
  EXPECT_LE(settings.max_total_wal_size, 128ULL << 20U);
  EXPECT_EQ(settings.max_open_files, -1);
  EXPECT_TRUE(settings.verify_sst_unique_id_in_manifest);
  EXPECT_NE(settings.file_checksum_gen_factory, nullptr);
  EXPECT_EQ(families.size(), static_cast<std::size_t>(kFamilyCount));
}

TEST_F(StoreOnDisk, EveryFamilyIsCheckedAndNoneForgetsButTheCommands) {
  create();
  Store store({.directory = path_});
  for (int i = 0; i < kFamilyCount; ++i) {
    rocksdb::ColumnFamilyDescriptor family;
    check(store.family(static_cast<Family>(i))->GetDescriptor(&family), "reading a family's settings");
    const auto& settings = family.options;
    EXPECT_EQ(settings.max_write_buffer_number, 2) << family.name;
    EXPECT_EQ(settings.memtable_protection_bytes_per_key, 8U) << family.name;
    EXPECT_TRUE(settings.paranoid_file_checks) << family.name;
    EXPECT_EQ(settings.merge_operator, nullptr) << family.name;
    EXPECT_EQ(settings.compaction_filter, nullptr) << family.name;
    EXPECT_EQ(settings.compaction_filter_factory != nullptr, family.name == "commands") << family.name;
  }
}

TEST_F(StoreOnDisk, CompactionForgetsAnswersAfterADayAndNothingElse) {
  create();
  Store store({.directory = path_});
  store.begin_writing();
  const Time now = SystemClock().now();
  CommandRecord record;
  const auto put = [&](Family family, const char* key, Time answered_at) {
    record.answered_at = answered_at;
    check(store.db().Put(rocksdb::WriteOptions(), store.family(family), key, encode_command(record)), "a test's write");
  };
  put(Family::kCommands, "old", now - kCommandMemory - std::chrono::minutes(1));
  put(Family::kCommands, "young", now - kCommandMemory + std::chrono::minutes(1));
  put(Family::kEvents, "old", Time{0});
  for (const Family family : {Family::kCommands, Family::kEvents}) {
    check(store.db().Flush(rocksdb::FlushOptions(), store.family(family)), "flushing");
    rocksdb::CompactRangeOptions whole;
    whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    check(store.db().CompactRange(whole, store.family(family), nullptr, nullptr), "compacting");
  }
  std::string value;
  EXPECT_TRUE(store.db().Get({}, store.family(Family::kCommands), "old", &value).IsNotFound());
  EXPECT_TRUE(store.db().Get({}, store.family(Family::kCommands), "young", &value).ok());
  EXPECT_TRUE(store.db().Get({}, store.family(Family::kEvents), "old", &value).ok());
}

TEST(StoreInfoLog, LosesALineThatCannotBeWritten) {
  StoreInfoLog log("/dev/full");
  rocksdb::Warn(&log, "level %d is slow", 0);
}

TEST(StoreInfoLog, KeepsOneFileOfThoseThatHaveGrown) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "LOG";
  std::ofstream(file) << "before";
  fs::resize_file(file, (4ULL << 20U) + 1);
  {
    StoreInfoLog log(file);
    rocksdb::Header(&log, "a setting");
    rocksdb::Info(&log, "nobody minds");
    rocksdb::Error(&log, "level %d is slow", 0);
  }
  EXPECT_EQ(fs::file_size(file.native() + ".old"), (4ULL << 20U) + 1);
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  EXPECT_TRUE(line.ends_with("Z [ERROR] level 0 is slow")) << line;
  EXPECT_FALSE(std::getline(stream, line));
}

}  // namespace
}  // namespace runledger
