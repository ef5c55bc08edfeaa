// The stored checkpoints: which are kept for how long.
#include "projections/postgres/checkpoint_table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <pqxx/transaction>

#include "projections/postgres/migrations.h"
#include "projections/postgres/mirror_schema.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

class CheckpointTable : public testing::Test {
 protected:
  CheckpointTable() {
    connection.guarded([](pqxx::connection_base& raw) { migrate(raw, kMirrorSchema); });
  }

  void store(std::uint64_t size, LedgerId of = {}) {
    SignedCheckpoint made{{size, {}}, "", signer.verifier()};
    made.note = sign_checkpoint(made.tree, signer);
    connection.guarded([&](pqxx::connection_base& raw) {
      pqxx::work transaction(raw);
      store_checkpoint(transaction, of, made);
      transaction.commit();
    });
  }
  // Makes all checkpoints that are there older.
  void age(const std::string& by) {
    psql(dsn, "update ledger_checkpoints set signed_at = signed_at - interval '" + by + "'");
  }
  std::string sizes() { return psql(dsn, "select string_agg(size::text, ' ' order by size) from ledger_checkpoints"); }

  const std::string dsn = PrivatePostgres::shared().make_database();
  const NoteSigner signer{"runledger/test", Ed25519Key::random()};
  PostgresConnection connection{dsn, kMirrorSchema, PostgresUse::kWrite};
};

TEST_F(CheckpointTable, HasWhatWasStored) {
  store(4);
  connection.guarded([&](pqxx::connection_base& raw) {
    pqxx::work transaction(raw);
    const std::vector<StoredCheckpoint> found = read_checkpoints(transaction);
    ASSERT_EQ(found.size(), 1U);
    const NoteVerifier verifier = *NoteVerifier::parse(found[0].verifier_key);
    EXPECT_EQ(verifier, signer.verifier());
    EXPECT_EQ(open_checkpoint(found[0].note, verifier)->tree.size, 4U);
  });
  store(4);
  EXPECT_EQ(sizes(), "4");
}

TEST_F(CheckpointTable, KeepsTheNewestOfEachMinuteOfTheLastDay) {
  for (std::uint64_t size = 1; size <= 5; ++size) {
    store(size);
    age("1 minute");
  }
  EXPECT_EQ(sizes(), "1 2 3 4 5");
  store(6);
  psql(dsn,
       "update ledger_checkpoints set signed_at = date_trunc('minute', now()) - interval '5 minutes'"
       " + size * interval '1 second'");
  store(7);
  EXPECT_EQ(sizes(), "6 7") << "all but the last were of one minute";
}

TEST_F(CheckpointTable, KeepsTheNewestOfEachDayForEver) {
  for (std::uint64_t size = 1; size <= 6; ++size) {
    store(size);
    age("1 day");
  }
  age("1000 days");
  store(7);
  EXPECT_EQ(sizes(), "1 2 3 4 5 6 7");
  psql(dsn,
       "update ledger_checkpoints set signed_at = date_trunc('day', (now() - interval '9 days') at time zone 'UTC')"
       " at time zone 'UTC' + size * interval '1 hour' where size < 4");
  store(8);
  EXPECT_EQ(psql(dsn, "select count(*) from ledger_checkpoints where size < 4"), "1");
  EXPECT_EQ(psql(dsn, "select min(size) from ledger_checkpoints"), "3");
}

// A ledger that went back must not push out what it had signed before.
TEST_F(CheckpointTable, NeverRemovesOneForAnotherOfFewerEvents) {
  store(9);
  store(4);
  EXPECT_EQ(sizes(), "9");
}

TEST_F(CheckpointTable, KeepsLedgersApart) {
  LedgerId other;
  other.value.bytes[0] = 1;
  store(1);
  store(2, other);
  EXPECT_EQ(sizes(), "1 2");
}

}  // namespace
}  // namespace runledger
