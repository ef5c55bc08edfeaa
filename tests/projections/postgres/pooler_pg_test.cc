// Tests that a pooler which shares the sessions of the server is refused at once and left as it was, by everything that
// connects to Postgres.
#include <gtest/gtest.h>

#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "projections/postgres/adapter_table.h"
#include "projections/postgres/connection.h"
#include "projections/postgres/mirror_verify.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_pooler.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;

class Pooler : public testing::Test {
 protected:
  // Returns the first column of the first row, through a connection of its own.
  static std::string value(const std::string& to, const std::string& query) {
    pqxx::connection connection(to);
    return pqxx::nontransaction(connection).exec(query).at(0).at(0).as<std::string>();
  }

  static std::string code_of_opening(const std::string& to) {
    return failure_of([&] { PostgresConnection(to, "runledger", PostgresUse::kRead); }).code;
  }

  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(Pooler, ThatSharesSessionsIsRefusedAndLeftAsItWas) {
  const PrivatePooler pooler("transaction");
  const std::string pooled = pooler.through(dsn);
  const std::string settings =
      "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('search_path',"
      " 'TimeZone', 'DateStyle', 'default_transaction_isolation', 'temp_buffers', 'jit', 'statement_timeout',"
      " 'client_connection_check_interval')";
  const std::string before = value(pooled, settings);
  MirrorWorld world;
  world.live(20);
  for (int n = 0; n < 3; ++n) {
    const SeenFailure refusal = failure_of([&] { Mirror(world.log(), {.dsn = pooled}).open(milliseconds(60'000)); });
    EXPECT_EQ(refusal.code, "mirror.pooler");
    EXPECT_NE(refusal.what.find("pooler in session mode"), std::string::npos);
  }
  EXPECT_EQ(value(pooled, settings), before);
  EXPECT_EQ(value(dsn,
                  "select count(*) from pg_locks where locktype = 'advisory' and database ="
                  " (select oid from pg_database where datname = current_database())"),
            "0");
  EXPECT_EQ(value(dsn, "select count(*) from pg_tables where tablename like 'ledger%'"), "0");
}

TEST_F(Pooler, ThatSharesSessionsIsRecognisedAmongItsOtherClients) {
  const PrivatePooler pooler("transaction");
  const std::string pooled = pooler.through(dsn);
  // An open transaction keeps one session of the server, so that others get another one.
  pqxx::connection busy(pooled);
  pqxx::work transaction(busy);
  transaction.exec("select 1");
  EXPECT_EQ(code_of_opening(pooled), "mirror.pooler");
}

TEST_F(Pooler, ThatSharesSessionsByStatementIsRefused) {
  const PrivatePooler pooler("statement");
  EXPECT_EQ(code_of_opening(pooler.through(dsn)), "mirror.pooler");
}

TEST_F(Pooler, ThatKeepsSessionsIsAccepted) {
  const PrivatePooler pooler("session");
  MirrorWorld world;
  world.live(50);
  Mirror mirror(world.log(), {.dsn = pooler.through(dsn)});
  mirror.open(milliseconds(10'000));
  (void)mirror.catch_up();
  EXPECT_EQ(read_mirror(dsn).checkpoint, world.log().last());
}

}  // namespace
}  // namespace runledger
