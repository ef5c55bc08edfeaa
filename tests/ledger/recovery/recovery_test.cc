// A ledger that was made of the good events of a damaged one: its bytes, its numbers, and its event.
#include "ledger/recovery/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/backup/restoration.h"
#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/mark.h"
#include "ledger/log/mark_keeper.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr std::uint64_t kSkip = kScopeNumbersSkipped;

// Eight requests in two scopes in turn; the file of the engine's log has lost its end.
class RecoveredLedger : public testing::Test {
 protected:
  RecoveredLedger() {
    Store::create({.directory = damaged}, IdentityKey::random());
    (void)create_audit_key(damaged, "runledger/test");
    Ledger ledger(without_end(damaged));
    for (int i = 1; i <= 8; ++i) submit(ledger, i);
    stored = bytes_of_events(ledger.log());
    root = ledger.log().head().tree.root();
    id = ledger.log().store().ledger_id();
    write_mark(ledger.log().store(), ledger.log().head());
  }

  // A ledger whose process is as if it were killed: nothing is moved into tables.
  static Ledger::Options without_end(const fs::path& ledger) {
    Ledger::Options options;
    options.directory = ledger;
    options.is_copy = true;
    return options;
  }

  static void submit(Ledger& ledger, int run) {
    (void)ledger.sequencer()
        .submit({.command = request({.run = run_id(run),
                                     .scope = scope(run % 2 == 0 ? "contoso" : "fabrikam"),
                                     .input = input("{\"n\":" + std::to_string(run) + "}")})})
        .get();
  }
  static std::vector<std::string> bytes_of_events(const EventLog& log) {
    std::vector<std::string> bytes;
    log.scan({}, log.last(), [&](const Envelope&, std::string_view each) {
      bytes.emplace_back(each);
      return Scan::kContinue;
    });
    return bytes;
  }
  static std::vector<std::uint64_t> numbers_in(const EventLog& log, const std::string& tenant) {
    std::vector<std::uint64_t> numbers;
    for (const Envelope& envelope : log.read_scope(scope(tenant), {}, 100))
      numbers.push_back(envelope.scope_sequence.value);
    return numbers;
  }

  // Takes the last bytes of the engine's log away.
  void cut(std::uintmax_t bytes) const {
    for (const auto& entry : fs::directory_iterator(damaged / "store")) {
      if (entry.path().extension() == ".log" && fs::file_size(entry.path()) > bytes)
        fs::resize_file(entry.path(), fs::file_size(entry.path()) - bytes);
    }
  }

  DamagedLedger look(const Salvage& salvage, Sequence reached = {}) const {
    return examine_ledger(damaged, salvage, {}, reached, {});
  }

  Recovered recover(Sequence reached = {}) {
    const Salvage salvage(damaged, read_mark(damaged).logs);
    found = look(salvage, reached);
    Recovery recovery(found, directory.path() / "new");
    recovery.append_events(salvage, found, {});
    recovery.take_keys(found);
    Recovered recovered;
    {
      Store store({.directory = recovery.aside()});
      EventLog log(store);
      const MarkKeeper keeper(store, log, {});
      recovered = append_recovered(log, found, user_caller(1000), at(5000));
    }
    recovery.finish();
    return recovered;
  }

  TemporaryDirectory directory;
  fs::path damaged = directory.path() / "damaged";
  std::vector<std::string> stored;
  Digest<32> root;
  LedgerId id;
  DamagedLedger found;
};

TEST_F(RecoveredLedger, HasTheGoodEventsAndGoesOnAboveTheLostOnes) {
  cut(3);
  const Recovered recovered = recover(Sequence{11});
  EXPECT_EQ(found.last_good, Sequence{7});
  EXPECT_EQ(recovered.kept, 7U);
  EXPECT_EQ(recovered.outside_mark, Sequence{11});
  EXPECT_EQ(recovered.skipped, kSkip + 4);
  EXPECT_EQ(recovered.given_up, 0U);
  EXPECT_THAT(recovered.damage.str(), HasSubstr("event.missing: expected the 11 events"));
  Ledger ledger({.directory = directory.path() / "new"});
  EXPECT_EQ(ledger.log().store().ledger_id(), id);
  EXPECT_EQ(ledger.log().last(), Sequence{8});
  std::vector<std::string> bytes = bytes_of_events(ledger.log());
  bytes.pop_back();
  EXPECT_EQ(bytes, std::vector<std::string>(stored.begin(), stored.begin() + 7));
  submit(ledger, 9);
  submit(ledger, 10);
  EXPECT_EQ(numbers_in(ledger.log(), "contoso"), (std::vector<std::uint64_t>{1, 2, 3, kSkip + 8}));
  EXPECT_EQ(numbers_in(ledger.log(), "fabrikam"), (std::vector<std::uint64_t>{1, 2, 3, 4, kSkip + 9}));
}

TEST_F(RecoveredLedger, KeepsTheCheckpointOnlyOfEventsThatItHas) {
  {
    Ledger ledger(without_end(damaged));
    (void)Prover(ledger.log()).checkpoint(AuditKey(damaged));
  }
  cut(3);
  (void)recover();
  EXPECT_EQ(found.last_good, Sequence{7});
  const fs::path made = directory.path() / "new";
  EXPECT_EQ(read_audit_key(made).verifier(), read_audit_key(damaged).verifier());
  EXPECT_FALSE(fs::exists(made / "audit.checkpoint")) << "it is of eight events";
  Store store({.directory = made});
  EventLog log(store);
  EXPECT_EQ(failure_of([&] { return Prover(log).checkpoint(AuditKey(made)); }).code, "") << "it can sign again";
}

TEST_F(RecoveredLedger, TakesAHalfDoneRotationForWhatBothKeysHaveSigned) {
  const NoteSigner next{"runledger/test", Ed25519Key::random()};
  write_bytes(damaged / "audit.key.next", next.format() + "\n");
  fs::permissions(damaged / "audit.key.next", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_directory(directory.path() / "kept");
  copy_audit_key(damaged, directory.path() / "kept", Sequence{8});
  EXPECT_EQ(read_audit_key(directory.path() / "kept").verifier(), read_audit_key(damaged).verifier());
  const TreeHead tree{8, root};
  const std::string note = sign_rotation(tree, read_audit_key(damaged), next);
  write_bytes(damaged / "audit.rotations", with_rotation("", note));
  fs::create_directory(directory.path() / "rotated");
  copy_audit_key(damaged, directory.path() / "rotated", Sequence{8});
  EXPECT_EQ(read_audit_key(directory.path() / "rotated").verifier(), next.verifier());
  EXPECT_FALSE(fs::exists(directory.path() / "rotated" / "audit.key.next"));
}

TEST_F(RecoveredLedger, IsNoLedgerBeforeItIsFinished) {
  cut(3);
  const Salvage salvage(damaged, read_mark(damaged).logs);
  DamagedLedger left = look(salvage);
  const fs::path into = directory.path() / "new";
  {
    Recovery recovery(left, into);
    recovery.append_events(salvage, left, {});
  }
  EXPECT_EQ(failure_of([&] {
              require_ledger(into);
              return 0;
            }).code,
            "ledger.not_found");
  (void)recover();
  require_ledger(into);
}

TEST_F(RecoveredLedger, NeedsTheIdentityKey) {
  cut(3);
  fs::remove(damaged / "identity.key");
  const Salvage salvage(damaged, read_mark(damaged).logs);
  const DamagedLedger left = look(salvage);
  EXPECT_EQ(failure_of([&] { return Recovery(left, directory.path() / "new").aside(); }).code, "ledger.key_missing");
}

TEST_F(RecoveredLedger, MayBeRecoveredAgain) {
  cut(3);
  (void)recover();
  {
    Ledger ledger(without_end(directory.path() / "new"));
    submit(ledger, 9);
    write_mark(ledger.log().store(), ledger.log().head());
  }
  damaged = directory.path() / "damaged-again";
  fs::rename(directory.path() / "new", damaged);
  cut(3);
  const Recovered again = recover();
  EXPECT_EQ(again.kept, 8U) << "with the event of the first recovery";
  Ledger ledger({.directory = directory.path() / "new"});
  EXPECT_EQ(LedgerEvents::stored_in(ledger.log().store()).skipped(), 2 * kSkip + 2);
}

TEST(RecoveredEvent, ThatKeepsOtherEventsThanPrecedeItIsIllegal) {
  TemporaryLedger here;
  Envelope envelope = next_ledger_event(LedgerEvents());
  envelope.sequence = Sequence{1};
  envelope.recorded_at = at(1000);
  Recovered recovered;
  recovered.kept = 5;
  envelope.event = recovered;
  EXPECT_EQ(code_of(here.ledger().sequencer().append_verbatim({envelope}).get()), "event.illegal");
  envelope.event = Recovered{};
  EXPECT_TRUE(std::holds_alternative<Reply>(here.ledger().sequencer().append_verbatim({envelope}).get()));
}

}  // namespace
}  // namespace runledger
