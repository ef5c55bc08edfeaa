// What is found of a ledger with each kind of damage, and that looking at it changes nothing.
#include "ledger/recovery/damaged_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/codec.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/log/mark.h"
#include "ledger/log/store/data_directory.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

// Bytes and times of everything below a directory.
std::map<std::string, std::string> content_of(const fs::path& directory) {
  std::map<std::string, std::string> content;
  const auto add = [&](const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    const std::string times = std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
                              " " + std::to_string(status.st_ctim.tv_sec) + "." +
                              std::to_string(status.st_ctim.tv_nsec);
    content[path.string()] = times + (fs::is_regular_file(path) ? read_bytes(path) : std::string());
  };
  add(directory);
  for (const auto& entry : fs::recursive_directory_iterator(directory)) add(entry.path());
  return content;
}

// A ledger of 12 events. The first eight are in a table, the other four in the engine's log; the mark names all.
class DamagedLog : public testing::Test {
 protected:
  DamagedLog() {
    append(4);
    append(4);
    here.flush();
    append(2);
    append(2);
    write_mark(*here.store, here.log->head());
    head = here.log->head();
    here.close();
  }

  void append(std::size_t count) {
    here.append(maker.next(count));
    roots.push_back({here.log->last().value, here.log->head().tree.root()});
  }

  // Looks, and requires that nothing has changed.
  DamagedLedger look(const std::vector<KnownTree>& outside = {}, Sequence reached = {}) {
    const auto before = content_of(here.path);
    std::optional<DamagedLedger> found;
    {
      std::optional<NeededLogs> needed;
      if (fs::exists(here.path / "mark")) needed = read_mark(here.path).logs;
      const Salvage salvage(here.path, needed);
      found = examine_ledger(here.path, salvage, outside, reached, {});
    }
    EXPECT_EQ(content_of(here.path), before);
    return *found;
  }

  static std::vector<std::string> codes_of(const std::vector<LedgerDamage>& damage) {
    std::vector<std::string> codes;
    for (const LedgerDamage& each : damage) codes.push_back(each.code);
    return codes;
  }

  static std::string relation_of(const DamagedLedger& found, const std::string& place) {
    for (const ComparedTree& each : found.trees) {
      if (each.known.place == place) return std::string(to_string(each.relation));
    }
    return "unknown";
  }

  // The file of the engine's log that has the last events.
  [[nodiscard]] fs::path log_file() const {
    const std::vector<fs::path> files = here.files(".log");
    return *std::max_element(files.begin(), files.end(),
                             [](const fs::path& a, const fs::path& b) { return fs::file_size(a) < fs::file_size(b); });
  }

  static void flip(const fs::path& file, std::size_t at) {
    std::string bytes = read_bytes(file);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    write_bytes(file, bytes);
  }

  LogDirectory here;
  EventMaker maker;
  Head head;
  std::vector<TreeHead> roots;  // After each append.
};

TEST_F(DamagedLog, ThatIsWholeIsSaidToBe) {
  const DamagedLedger found = look();
  EXPECT_TRUE(found.is_whole()) << found.damage.front().what;
  EXPECT_THAT(found.besides, IsEmpty());
  EXPECT_EQ(found.last_good, Sequence{12});
  EXPECT_EQ(found.root, head.tree.root());
  EXPECT_EQ(found.agreed, Sequence{12});
  EXPECT_EQ(found.named, Sequence{12});
  EXPECT_EQ(found.given_up, 0U);
  EXPECT_EQ(relation_of(found, "the mark"), "agrees");
  EXPECT_EQ(here.code_of_opening(), "");
}

TEST_F(DamagedLog, WhoseEndIsCutOffHasTheEventsBeforeTheCut) {
  const fs::path log = log_file();
  fs::resize_file(log, fs::file_size(log) - 10);
  const DamagedLedger found = look();
  EXPECT_EQ(found.last_good, Sequence{10});
  EXPECT_EQ(found.root, roots[2].root);
  EXPECT_EQ(found.named, Sequence{12});
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"event.missing"});
  EXPECT_THAT(found.damage.back().what, HasSubstr("expected the 12 events that the mark names, found 10"));
  EXPECT_EQ(relation_of(found, "the mark"), "above");
}

TEST_F(DamagedLog, WithAFlippedBitInTheEnginesLogHasTheEventsBeforeIt) {
  const fs::path log = log_file();
  flip(log, fs::file_size(log) - 20);
  const DamagedLedger found = look();
  EXPECT_EQ(found.last_good, Sequence{10});
  EXPECT_THAT(codes_of(found.damage), Contains("storage.damaged"));
  EXPECT_THAT(found.damage.front().what, HasSubstr(log.filename().string()));
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
}

TEST_F(DamagedLog, WithoutAFileOfTheEnginesLogHasWhatIsInTables) {
  fs::remove(log_file());
  const DamagedLedger found = look();
  EXPECT_EQ(found.last_good, Sequence{8});
  EXPECT_EQ(found.root, roots[1].root);
  EXPECT_EQ(found.named, Sequence{12});
}

TEST_F(DamagedLog, WithoutOneOfItsTablesHasTheEventsBeforeIt) {
  here.open();
  here.flush();  // The last four events, into a second table.
  here.close();
  std::vector<std::uint64_t> kept;
  const std::vector<fs::path> tables = here.files(".sst");
  for (const fs::path& table : tables) {
    fs::rename(table, here.parent.path() / "taken");
    const DamagedLedger found = look();
    EXPECT_THAT(codes_of(found.damage), Contains("storage.damaged")) << table;
    kept.push_back(found.last_good.value);
    EXPECT_TRUE(found.last_good.value != 0 || found.given_up == 4U) << found.given_up;
    fs::rename(here.parent.path() / "taken", table);
  }
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 0), 1) << "the first events were in one table";
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 8), 1) << "and the last ones in another";
  EXPECT_EQ(std::count(kept.begin(), kept.end(), 12), static_cast<std::ptrdiff_t>(tables.size()) - 2);
  EXPECT_TRUE(look().is_whole());
}

TEST_F(DamagedLog, WithAFlippedBitInATableNamesTheTable) {
  std::size_t lost = 0;
  for (const fs::path& table : here.files(".sst")) {
    flip(table, 30);
    const DamagedLedger found = look();
    EXPECT_THAT(codes_of(found.damage), Contains("tables.damaged")) << table;
    EXPECT_THAT(found.damage.front().what, HasSubstr("store/" + table.filename().string()));
    const bool has_lost = found.last_good.value == 0;
    if (has_lost) ++lost;
    EXPECT_TRUE(has_lost || found.last_good == Sequence{12}) << found.last_good.value;
    flip(table, 30);
  }
  EXPECT_EQ(lost, 1U) << "one table has the first events, all in one block";
}

TEST_F(DamagedLog, WithoutItsManifestOrItsNameLosesNoEvent) {
  fs::rename(here.path / "store" / "CURRENT", here.parent.path() / "taken");
  DamagedLedger found = look();
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"storage.damaged"});
  EXPECT_EQ(found.last_good, Sequence{12});
  EXPECT_EQ(found.root, head.tree.root());
  EXPECT_TRUE(found.ledger_id.has_value());
  fs::rename(here.parent.path() / "taken", here.path / "store" / "CURRENT");
  for (const auto& entry : fs::directory_iterator(here.path / "store")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) fs::remove(entry.path());
  }
  found = look();
  EXPECT_EQ(found.last_good, Sequence{12});
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"storage.damaged"});
  EXPECT_EQ(here.code_of_opening(), "storage.damaged");
}

// An event that was changed with the right checksums: only the tree tells.
TEST_F(DamagedLog, WithAChangedEventEndsBeforeWhatDiffers) {
  here.open();
  Envelope changed = here.log->find(Sequence{10}).value();
  changed.recorded_at = changed.recorded_at + Duration{1};
  replace_event(*here.store, Sequence{10}, encode(changed));
  here.close();
  const DamagedLedger found = look();
  EXPECT_EQ(found.last_good, Sequence{8}) << "events 9 and 10 were appended together";
  EXPECT_EQ(found.root, roots[1].root);
  EXPECT_EQ(found.given_up, 4U);
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"tree.root_mismatch"});
  EXPECT_THAT(found.damage.back().what, HasSubstr("one of the events 9 to"));
}

TEST_F(DamagedLog, WithAnEventThatDoesNotDecodeEndsBeforeIt) {
  here.open();
  spoil_event(*here.store, Sequence{11});
  here.close();
  const DamagedLedger found = look();
  EXPECT_EQ(found.last_good, Sequence{10});
  EXPECT_EQ(found.given_up, 1U);
  EXPECT_THAT(codes_of(found.damage), Contains("event.undecodable"));
}

TEST_F(DamagedLog, OfWhichTheEngineMissesAnEventIsDamagedEvenIfAFileHasIt) {
  here.open();
  remove_event(*here.store, Sequence{3});
  here.close();
  const DamagedLedger found = look();
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"event.missing"});
  EXPECT_EQ(found.damage.front().sequence, Sequence{3});
  EXPECT_EQ(found.last_good, Sequence{12}) << "its bytes are in a table still, and the tree has them";
}

TEST_F(DamagedLog, WithoutItsMarkOrItsKeySaysSo) {
  fs::rename(here.path / "mark", here.parent.path() / "taken");
  DamagedLedger found = look();
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"storage.damaged"});
  EXPECT_EQ(found.last_good, Sequence{12});
  fs::rename(here.parent.path() / "taken", here.path / "mark");

  fs::remove(here.path / "identity.key");
  found = look();
  EXPECT_TRUE(found.is_whole());
  EXPECT_EQ(codes_of(found.besides), std::vector<std::string>{"ledger.key_missing"});
  write_bytes(here.path / "identity.key", std::string(32, 'x'));
  fs::permissions(here.path / "identity.key", fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(look().besides.front().what, HasSubstr("the key of another ledger"));
}

TEST_F(DamagedLog, IsComparedWithTreesThatAreKeptElsewhere) {
  const KnownTree older{.place = "older", .tree = roots[1], .frontier = {}, .is_outside = true};
  const KnownTree newer{.place = "newer", .tree = {20, roots[0].root}, .frontier = {}, .is_outside = true};
  const KnownTree foreign{.place = "foreign", .tree = {4, roots[1].root}, .frontier = {}, .is_outside = true};
  DamagedLedger found = look({older});
  EXPECT_TRUE(found.is_whole());
  EXPECT_EQ(relation_of(found, "older"), "agrees");
  found = look({older, newer});
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"checkpoint.ahead"});
  EXPECT_EQ(found.damage.back().what, "expected the 20 events that newer names, found 12");
  EXPECT_EQ(relation_of(found, "newer"), "above");
  EXPECT_EQ(found.named, Sequence{20});
  found = look({older, foreign});
  EXPECT_EQ(codes_of(found.damage), std::vector<std::string>{"checkpoint.other_history"});
  EXPECT_EQ(relation_of(found, "foreign"), "other-history");
  EXPECT_EQ(found.last_good, Sequence{12});
  EXPECT_EQ(look({}, Sequence{15}).damage.back().what, "expected the 15 events that --reached names, found 12");
}

TEST_F(DamagedLog, InUseIsNotLookedAt) {
  here.open();
  EXPECT_EQ(failure_of([&] { return lock_unchanged(here.path).is_open(); }).code, "ledger.busy");
  here.close();
  EXPECT_TRUE(lock_unchanged(here.path).is_open());
}

TEST_F(DamagedLog, OfNoLedgerIsRefused) {
  const fs::path nowhere = here.parent.path() / "nowhere";
  fs::create_directory(nowhere);
  EXPECT_EQ(failure_of([&] { return Salvage(nowhere, {}).damage().size(); }).code, "ledger.not_found");
}

// The tiles have the hash of each event, so they name the changed one, however long ago a root was remembered.
TEST(DamagedLogWithTiles, NamesTheChangedEvent) {
  LogDirectory here;
  EventMaker maker;
  for (int i = 0; i < 3; ++i) here.append(maker.next(2000));
  HashTiles(here.log->store()).catch_up(here.log->head());
  (void)create_audit_key(here.path, "runledger/test");
  (void)Prover(*here.log).checkpoint(AuditKey(here.path));
  write_mark(*here.store, here.log->head());
  here.flush();
  Envelope changed = here.log->find(Sequence{1234}).value();
  changed.recorded_at = changed.recorded_at + Duration{1};
  replace_event(*here.store, Sequence{1234}, encode(changed));
  here.close();
  const Salvage salvage(here.path, read_mark(here.path).logs);
  const DamagedLedger found = examine_ledger(here.path, salvage, {}, {}, {});
  EXPECT_THAT(found.damage.back().what, HasSubstr("found that event 1234 is another"));
  EXPECT_EQ(found.last_good, Sequence{1233});
  EXPECT_EQ(found.given_up, 6000U - 1233U);
}

}  // namespace
}  // namespace runledger
