// Erasing what a tenant has written from a mirror in a real Postgres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/planted_texts.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EraseFromAMirror : public testing::Test {
 protected:
  EraseFromAMirror() {
    plant_texts(ledger);
    ledger.json({"project", "--once", "--postgres", dsn});
    EXPECT_THAT(texts_in(dump()), Not(IsEmpty()));
  }
  [[nodiscard]] std::string dump() const { return run_program({"/usr/bin/pg_dump", dsn}).out; }
  json erase(const Arguments& more = {}) const {
    Arguments arguments{"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ledger.json(arguments);
  }
  [[nodiscard]] ProgramResult verify() const { return ledger.run({"verify", "--postgres", dsn}); }

  CliLedger ledger{{"--seal-tenants"}};
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(EraseFromAMirror, LeavesNoTextInADump) {
  EXPECT_EQ(erase({"--postgres", dsn}).at("mirror_erased"), true);
  EXPECT_THAT(texts_in(dump()), IsEmpty());
  EXPECT_THAT(texts_below(ledger.data()), IsEmpty());
  EXPECT_EQ(verify().status, 0) << verify().out;
  const json rebuilt = ledger.json({"rebuild", "--postgres", dsn});
  EXPECT_EQ(rebuilt.at("drifted"), 0) << rebuilt;
  EXPECT_EQ(rebuilt.at("attempts").at("drifted"), 0) << rebuilt;
}

TEST_F(EraseFromAMirror, ThatHasNotFollowedIsPendingAndNoDrift) {
  (void)erase();
  EXPECT_THAT(texts_in(dump()), Not(IsEmpty()));
  const ProgramResult pending = verify();
  EXPECT_EQ(pending.status, 5);
  EXPECT_THAT(pending.out, HasSubstr("mirror.erasure_pending"));
  EXPECT_THAT(pending.out, HasSubstr("1 findings"));
  ledger.json({"project", "--once", "--postgres", dsn});
  EXPECT_THAT(texts_in(dump()), IsEmpty());
  EXPECT_EQ(verify().status, 0) << verify().out;
}

TEST_F(EraseFromAMirror, ThatTheDaemonKeeps) {
  Program daemon(ledger.command({"serve", "--postgres", dsn}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  EXPECT_EQ(erase().at("mirror_erased"), true);
  EXPECT_THAT(texts_in(dump()), IsEmpty());
  EXPECT_EQ(verify().status, 0) << verify().out;
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

// The daemon waits a minute for the mirror, and then destroys the keys without it: the mirror needs none to follow.
TEST_F(EraseFromAMirror, ThatIsAwayKeepsNoKeyAliveAndIsErasedWhenItComesBack) {
  PrivatePostgres postgres;
  const std::string away = postgres.make_database();
  ledger.json({"project", "--once", "--postgres", away});
  const auto dump_of_it = [&away] { return run_program({"/usr/bin/pg_dump", away}).out; };
  {
    Program daemon(ledger.command({"serve", "--postgres", away}));
    ASSERT_TRUE(daemon.wait_for_output("\n"));
    postgres.stop_at_once();
    const json erased = erase();
    EXPECT_EQ(erased.at("mirror_erased"), false);
    EXPECT_EQ(erased.at("keys_destroyed"), 1);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }
  EXPECT_THAT(texts_below(ledger.data()), IsEmpty());
  EXPECT_THAT(read_file(ledger.data() / "seal.keys"), Not(HasSubstr("north")));
  postgres.start();
  EXPECT_THAT(texts_in(dump_of_it()), Not(IsEmpty()));
  const ProgramResult pending = ledger.run({"verify", "--postgres", away});
  EXPECT_EQ(pending.status, 5);
  EXPECT_THAT(pending.out, HasSubstr("mirror.erasure_pending"));
  EXPECT_THAT(pending.out, HasSubstr("1 findings"));

  Program daemon(ledger.command({"serve", "--postgres", away}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  // The mirror has come so far when it has erased what another tenant wrote later.
  ledger.json(
      {"cancel",
       ledger.json({"request", "--workspace", "acme", "--tenant", "south", "--type", "demo.sync"}).at("run_id")});
  EXPECT_EQ(
      ledger.json({"erase", "--workspace", "acme", "--tenant", "south", "--reason", "as well"}).at("mirror_erased"),
      true);
  EXPECT_THAT(texts_in(dump_of_it()), IsEmpty());
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  const ProgramResult verified = ledger.run({"verify", "--postgres", away});
  EXPECT_EQ(verified.status, 0) << verified.out;
}

TEST_F(EraseFromAMirror, ThatIsMadeAnewHasNoText) {
  (void)erase();
  ledger.request(R"({"n":1})");
  const std::string other = PrivatePostgres::shared().make_database();
  ledger.json({"project", "--once", "--postgres", other});
  ledger.json({"project", "--once", "--postgres", dsn});
  EXPECT_THAT(texts_in(run_program({"/usr/bin/pg_dump", other}).out), IsEmpty());
  EXPECT_EQ(read_mirror(other).rows, read_mirror(dsn).rows) << "rebuilt or followed, the rows are the same";
  EXPECT_EQ(read_mirror(other).attempts, read_mirror(dsn).attempts);
}

}  // namespace
}  // namespace runledger
