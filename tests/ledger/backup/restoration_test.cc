// A restored log: its event, its numbers, and what a damaged backup leaves.
#include "ledger/backup/restoration.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/mark_keeper.h"
#include "ledger/log/store/ledger_copy.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.
namespace fs = std::filesystem;
using Purpose = BackupDirectory::Purpose;

constexpr std::uint64_t kSkip = kScopeNumbersSkipped;

Store::Options options_of(const fs::path& directory) {
  Store::Options options;
  options.directory = directory;
  return options;
}

class RestoredLedger : public testing::Test {
 protected:
  RestoredLedger() { submit(6); }

  // Requests runs in two scopes in turn.
  void submit(int count, Ledger& ledger) {
    for (; count > 0; --count) {
      ++requested;
      (void)ledger.sequencer()
          .submit({.command = request({.run = run_id(requested),
                                       .scope = scope(requested % 2 == 0 ? "contoso" : "fabrikam"),
                                       .input = input("{\"n\":" + std::to_string(requested) + "}")})})
          .get();
    }
  }
  void submit(int count) { submit(count, original.ledger()); }

  Backup back_up() {
    BackupDirectory backups(directory.path() / "backups", Purpose::kWrite);
    const LedgerCopy copy(original.ledger().log().store(), CopyOf::kLog);
    return backups.make(copy.path(), KeptFiles::of(original.directory()), made_at = made_at + Duration{1});
  }
  // Restores as a successor, and returns the event.
  Restored restore(const Backup& backup, const fs::path& into, Sequence mark = {}) const {
    const BackupDirectory backups(directory.path() / "backups", Purpose::kRead);
    Restoration restoration(backups, backup, into, RestoreAs::kSuccessor);
    Restored restored;
    {
      Store store(options_of(restoration.aside()));
      EventLog log(store);
      const MarkKeeper mark_keeper(store, log, {});
      require_restored(log, backup);
      restored = append_restored(log, backup, mark, user_caller(1000), at(5000));
    }
    restoration.finish();
    return restored;
  }
  static std::vector<std::uint64_t> numbers_in(const EventLog& log, const std::string& tenant, std::uint64_t after = 0,
                                               std::size_t most = 100) {
    std::vector<std::uint64_t> numbers;
    for (const Envelope& envelope : log.read_scope(scope(tenant), ScopeSequence{after}, most))
      numbers.push_back(envelope.scope_sequence.value);
    return numbers;
  }

  TemporaryDirectory directory;
  TemporaryLedger original;
  Time made_at = at(1000);
  int requested = 0;
};

TEST_F(RestoredLedger, GoesOnAboveEveryNumberThatWasGivenOut) {
  const Backup backup = back_up();
  const Restored restored = restore(backup, directory.path() / "new", Sequence{10});
  EXPECT_EQ(restored.skipped, kSkip + 4);
  EXPECT_EQ(restored.outside_mark, Sequence{10});
  EXPECT_EQ(restored.backup_made_at, backup.made_at);
  Ledger ledger({.directory = directory.path() / "new"});
  EXPECT_EQ(ledger.log().last(), Sequence{7});
  submit(4, ledger);
  EXPECT_EQ(numbers_in(ledger.log(), "contoso"), (std::vector<std::uint64_t>{1, 2, 3, kSkip + 8, kSkip + 9}));
  EXPECT_EQ(numbers_in(ledger.log(), "contoso", 3, 1), std::vector<std::uint64_t>{kSkip + 8});
  EXPECT_EQ(numbers_in(ledger.log(), "contoso", 5), (std::vector<std::uint64_t>{kSkip + 8, kSkip + 9}));
  EXPECT_EQ(numbers_in(ledger.log(), "contoso", kSkip + 8), std::vector<std::uint64_t>{kSkip + 9});
  EXPECT_EQ(numbers_in(ledger.log(), "contoso", kSkip + 9), std::vector<std::uint64_t>{});
}

TEST_F(RestoredLedger, MissesTheFirstEventOfAScopeAfterTheGap) {
  (void)restore(back_up(), directory.path() / "new");
  Ledger ledger({.directory = directory.path() / "new"});
  submit(4, ledger);
  const Store& store = ledger.log().store();
  const std::string lost = scope_event_key(scope_digest(scope("contoso")), ScopeSequence{kSkip + 4});
  ASSERT_TRUE(store.db().Delete({}, store.family(Family::kScopeEvents), lost).ok());
  for (const std::uint64_t after : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{5}})
    EXPECT_EQ(failure_of([&] { (void)numbers_in(ledger.log(), "contoso", after); }).code, "storage.damaged") << after;
}

TEST_F(RestoredLedger, OfAScopeWithoutEventsSkipsThemToo) {
  (void)restore(back_up(), directory.path() / "new");
  Ledger ledger({.directory = directory.path() / "new"});
  (void)ledger.sequencer().submit({.command = request({.run = run_id(99), .scope = scope("tailspin")})}).get();
  EXPECT_EQ(numbers_in(ledger.log(), "tailspin"), std::vector<std::uint64_t>{kSkip + 1});
}

TEST_F(RestoredLedger, MayBeRestoredAgain) {
  (void)restore(back_up(), directory.path() / "new");
  {
    Ledger ledger({.directory = directory.path() / "new"});
    submit(1, ledger);  // Number 7, of fabrikam.
    BackupDirectory backups(directory.path() / "backups", Purpose::kWrite);
    const LedgerCopy copy(ledger.log().store(), CopyOf::kLog);
    (void)backups.make(copy.path(), {}, made_at = made_at + Duration{1});
  }
  const auto second = BackupDirectory(directory.path() / "backups", Purpose::kRead).list().backups.back();
  EXPECT_EQ(second.sequence, Sequence{8});
  (void)restore(second, directory.path() / "newer");
  Ledger ledger({.directory = directory.path() / "newer"});
  submit(2, ledger);
  EXPECT_EQ(numbers_in(ledger.log(), "fabrikam"), (std::vector<std::uint64_t>{1, 2, 3, kSkip + 4, 2 * kSkip + 5}));
  EXPECT_EQ(numbers_in(ledger.log(), "contoso"), (std::vector<std::uint64_t>{1, 2, 3, 2 * kSkip + 4}));
  EXPECT_EQ(LedgerEvents::stored_in(ledger.log().store()).count(), 2U);

  // An export of it can be imported as it is.
  const std::vector<Envelope> events = ledger.log().read(Sequence{}, 100);
  for (const std::size_t batch : {std::size_t{3}, events.size()}) {
    TemporaryLedger taken;
    for (std::size_t i = 0; i < events.size(); i += batch) {
      const std::vector<Envelope> part(
          events.begin() + static_cast<std::ptrdiff_t>(i),
          events.begin() + static_cast<std::ptrdiff_t>(std::min(i + batch, events.size())));
      const Answer answer = taken.ledger().sequencer().append_verbatim(part).get();
      EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    }
    EXPECT_EQ(taken.ledger().log().head().tree, ledger.log().head().tree);
  }
}

TEST_F(RestoredLedger, RefusesAnEventOfItselfThatCannotFollow) {
  const std::vector<Envelope> events = original.ledger().log().read(Sequence{}, 100);
  const auto refused = [&](const auto& spoil) {
    Envelope restored = next_ledger_event(LedgerEvents());
    restored.sequence = events.back().sequence.next();
    restored.recorded_at = events.back().recorded_at;
    restored.event = Restored{.skipped = 5, .outside_mark = {}, .backup_made_at = {}};
    spoil(restored);
    const Answer answer = original.ledger().sequencer().append_verbatim({restored}).get();
    const auto* rejection = std::get_if<Rejection>(&answer);
    return rejection == nullptr ? "" : rejection->code;
  };
  EXPECT_EQ(refused([](Envelope& event) { event.run = run_id(1); }), "event.illegal");
  EXPECT_EQ(refused([](Envelope& event) { event.scope = scope(); }), "event.illegal");
  EXPECT_EQ(refused([](Envelope& event) { event.run_version = RunVersion{2}; }), "event.illegal");
  EXPECT_EQ(refused([](Envelope& event) { event.scope_sequence = ScopeSequence{7}; }), "event.illegal");
  EXPECT_EQ(refused([](Envelope& event) { std::get<Restored>(event.event).skipped = kCountMax + 1; }), "event.illegal");
  EXPECT_EQ(refused([](Envelope&) {}), "");
  EXPECT_EQ(original.ledger().log().last(), events.back().sequence.next());
}

TEST_F(RestoredLedger, RefusesAMarkThatNoLedgerReachesAndAppendsNothing) {
  const Backup backup = back_up();
  const auto refused = [&](Sequence mark) {
    try {
      (void)restore(backup, directory.path() / "new", mark);
    } catch (const Refused& refusal) {
      return refusal.rejection().code;
    }
    return std::string();
  };
  EXPECT_EQ(refused(Sequence{9'007'199'254'740'991}), "reached.invalid");
  EXPECT_EQ(refused(Sequence{(std::uint64_t{1} << 63U) - 1}), "reached.invalid");
  EXPECT_EQ(refused(Sequence{6 + kLostEventsMax + 1}), "reached.invalid");
  EXPECT_EQ(refused(Sequence{6 + kLostEventsMax}), "");
  Ledger ledger({.directory = directory.path() / "new"});
  EXPECT_EQ(ledger.log().last(), Sequence{7});
}

TEST(LedgerEventsOfALog, CountNoRunThatHasTheIdZero) {
  LogDirectory here;
  EventMaker maker;
  AppendBatch batch = maker.next(1);
  batch.events.front().run = RunId{};
  batch.runs.clear();
  batch.identities.clear();
  here.append(batch);
  EXPECT_EQ(LedgerEvents::stored_in(*here.store).count(), 0U);
}

TEST_F(RestoredLedger, IsNotMadeOfADamagedBackup) {
  const Backup backup = back_up();
  const fs::path into = directory.path() / "new";
  const auto code_of_restore = [&] {
    try {
      (void)restore(backup, into);
    } catch (const Failure& failure) {
      return failure.code();
    }
    return std::string();
  };
  const fs::path key = directory.path() / "backups" / backup.name / "identity.key";
  fs::rename(key, directory.path() / "kept");
  EXPECT_EQ(code_of_restore(), "backup.damaged");
  std::ofstream(key) << std::string(32, 'x');
  EXPECT_EQ(code_of_restore(), "backup.damaged");
  EXPECT_THROW(require_ledger(into), Failure);
  fs::rename(directory.path() / "kept", key);
  EXPECT_EQ(code_of_restore(), "");
  require_ledger(into);
  EXPECT_EQ(code_of_restore(), "ledger.exists");
}

}  // namespace
}  // namespace runledger
