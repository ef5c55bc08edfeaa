// A restored ledger and the mirror of the original, in a real Postgres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/planted_texts.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

class RestoreWithAMirror : public testing::Test {
 protected:
  RestoreWithAMirror() {
    ledger.request(R"({"n":1})");
    ledger.request(R"({"n":2})");
    ledger.json({"backup", backups()});
  }

  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }
  [[nodiscard]] std::string into() const { return ledger.directory() / "restored"; }
  [[nodiscard]] ProgramResult on_restored(Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", into(), "--format", "json"});
    return run_program(arguments);
  }
  // A step is a command that can be pasted: everything after the colon.
  void carry_out(const std::string& step) const {
    EXPECT_THAT(step, Not(HasSubstr(dsn)));
    const std::string command = step.substr(step.find(": ") + 2);
    ProgramOptions options;
    options.environment = {{"DSN", dsn}, {"PATH", fs::path(program_path()).parent_path().string() + ":/usr/bin:/bin"}};
    const ProgramResult done = run_program({"/bin/sh", "-c", command}, options);
    EXPECT_EQ(done.status, 0) << command << done.err;
  }
  // The first one is for people.
  void carry_out_all_but_first(const json& steps) const {
    for (std::size_t i = 1; i < steps.size(); ++i) carry_out(steps[i].get<std::string>());
  }
  json project() const { return ledger.json({"project", "--once", "--postgres", dsn}); }

  CliLedger ledger;
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(RestoreWithAMirror, ThatIsAheadTellsTheWayOut) {
  ledger.request(R"({"n":3})");
  EXPECT_EQ(project().at("checkpoint"), 3);
  const json restored = ledger.json({"restore", backups(), "--into", into(), "--as", "successor", "--postgres", dsn});
  EXPECT_EQ(restored.at("outside_mark"), 3);
  EXPECT_EQ(restored.at("mirror").at("checkpoint"), 3);
  EXPECT_EQ(restored.at("mirror").at("code"), "mirror.ahead");
  EXPECT_EQ(failure(on_restored({"project", "--once", "--postgres", dsn})), "5 mirror.other_history");
  ASSERT_EQ(restored.at("mirror").at("steps").size(), 4U);
  carry_out_all_but_first(restored.at("mirror").at("steps"));
  EXPECT_EQ(read_mirror(dsn).checkpoint, Sequence{3});
  EXPECT_EQ(read_mirror(dsn).rows.size(), 2U);
}

// A reserved word of SQL.
TEST_F(RestoreWithAMirror, InASchemaWhoseNameNeedsQuotesTellsTheWayOut) {
  ledger.request(R"({"n":3})");
  ledger.json({"project", "--once", "--postgres", dsn, "--schema", "order"});
  const json restored = ledger.json(
      {"restore", backups(), "--into", into(), "--as", "successor", "--postgres", dsn, "--schema", "order"});
  EXPECT_EQ(restored.at("mirror").at("code"), "mirror.ahead");
  carry_out_all_but_first(restored.at("mirror").at("steps"));
  EXPECT_EQ(read_mirror(dsn, "order").rows.size(), 2U);
}

TEST_F(RestoreWithAMirror, GoesOnAboveTheCheckpointsThatAreStoredBesideIt) {
  EXPECT_EQ(project().at("checkpoint"), 2);
  const std::string id = ledger.json_lines({"backup", backups(), "--list"}).at(0).at("ledger_id");
  psql(dsn, "drop table if exists ledger_checkpoints");
  psql(dsn,
       "create table ledger_checkpoints (ledger_id uuid, size bigint, root text default '', note text default '', "
       "verifier_key text default '', signed_at timestamptz default now())");
  psql(dsn, "insert into ledger_checkpoints (ledger_id, size) values ('" + id + "', 2), ('" + id +
                "', 9), (gen_random_uuid(), 99)");
  const json restored = ledger.json({"restore", backups(), "--into", into(), "--as", "successor", "--postgres", dsn});
  EXPECT_EQ(restored.at("outside_mark"), 9);
  EXPECT_EQ(restored.at("mirror").at("code"), nullptr);
  EXPECT_EQ(restored.at("mirror").at("signed_size"), 9);
  ASSERT_EQ(restored.at("mirror").at("steps").size(), 1U);
  carry_out(restored.at("mirror").at("steps").at(0).get<std::string>());
  EXPECT_EQ(psql(dsn, "select string_agg(size::text, ',' order by size) from ledger_checkpoints"), "2,99");
}

TEST_F(RestoreWithAMirror, ThatIsBehindGoesOn) {
  EXPECT_EQ(project().at("checkpoint"), 2);
  ledger.request(R"({"n":3})");
  const json restored = ledger.json({"restore", backups(), "--into", into(), "--as", "successor", "--postgres", dsn});
  EXPECT_EQ(restored.at("mirror").at("code"), nullptr);
  EXPECT_EQ(restored.at("outside_mark"), 2);
  EXPECT_EQ(on_restored(
                {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", R"({"n":9})"})
                .status,
            0);
  EXPECT_EQ(on_restored({"project", "--once", "--postgres", dsn}).status, 0);
  EXPECT_EQ(on_restored({"verify", "--postgres", dsn}).status, 0);
  EXPECT_EQ(read_mirror(dsn).checkpoint, Sequence{4});
}

TEST_F(RestoreWithAMirror, AsACopyNeverTouchesIt) {
  EXPECT_EQ(project().at("checkpoint"), 2);
  ledger.json({"restore", backups(), "--into", into(), "--as", "copy"});
  const ReadMirror before = read_mirror(dsn);
  EXPECT_EQ(failure(on_restored({"project", "--once", "--postgres", dsn})), "2 mirror.other_ledger");
  EXPECT_NE(on_restored({"rebuild", "--postgres", dsn}).status, 0);
  EXPECT_EQ(read_mirror(dsn).rows, before.rows);
  EXPECT_EQ(read_mirror(dsn).roots, before.roots);
  ledger.request(R"({"n":3})");
  EXPECT_EQ(project().at("checkpoint"), 3);
}

TEST_F(RestoreWithAMirror, ThatIsNotThereIsRefused) {
  const Arguments restore{"restore", backups(), "--into", into(), "--as", "successor"};
  Arguments with_mirror = restore;
  with_mirror.insert(with_mirror.end(), {"--postgres", dsn});
  EXPECT_EQ(failure(ledger.run(with_mirror)), "2 mirror.not_found");
  EXPECT_EQ(ledger.json(restore).at("mirror"), nullptr);
}

TEST_F(RestoreWithAMirror, ThatIsOfAnotherLedgerIsLeftAlone) {
  const std::string other = ledger.another("other");
  EXPECT_EQ(run_program({program_path(), "--data", other, "request", "--workspace", "acme", "--tenant", "north",
                         "--type", "demo.sync", "--input", "{}"})
                .status,
            0);
  EXPECT_EQ(run_program({program_path(), "--data", other, "project", "--once", "--postgres", dsn}).status, 0);
  const json restored = ledger.json({"restore", backups(), "--into", into(), "--as", "successor", "--postgres", dsn});
  EXPECT_EQ(restored.at("mirror").at("code"), "mirror.other_ledger");
  EXPECT_EQ(restored.at("outside_mark"), 0);
  EXPECT_EQ(restored.at("mirror").at("steps").size(), 1U);
}

// The daemon stores a checkpoint when it ends, and it names what was erased.
class RestoreOfAnErasedTenantWithAMirror : public testing::Test {
 protected:
  RestoreOfAnErasedTenantWithAMirror() {
    plant_texts(ledger);
    fs::create_directory(kept());
    for (const char* file : {"seal.keys", "seal.master"}) fs::copy_file(ledger.data() / file, fs::path(kept()) / file);
    ledger.json({"backup", backups()});
    Program daemon(ledger.command({"serve", "--postgres", dsn}));
    EXPECT_TRUE(daemon.wait_for_output("\n"));
    EXPECT_EQ(ledger.json({"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"})
                  .at("mirror_erased"),
              true);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }

  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }
  [[nodiscard]] std::string kept() const { return ledger.directory() / "kept"; }
  [[nodiscard]] std::string into() const { return ledger.directory() / "restored"; }
  [[nodiscard]] json restore(const std::string& as) const {
    return ledger.json({"restore", backups(), "--into", into(), "--as", as, "--seal-keys", kept(), "--postgres", dsn});
  }
  [[nodiscard]] std::string exported() const { return run_program({program_path(), "--data", into(), "export"}).out; }

  CliLedger ledger{{"--seal-tenants"}};
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(RestoreOfAnErasedTenantWithAMirror, StaysErasedAsTheStoredCheckpointSays) {
  const json done = restore("successor");
  ASSERT_EQ(done.at("erasures").size(), 1U) << done;
  EXPECT_EQ(done.at("erasures").at(0).at("reason"),
            "erased before the ledger was restored, as a checkpoint of 37 events in Postgres says");
  EXPECT_EQ(done.at("erasures_known_to"), 37);
  EXPECT_THAT(texts_in(exported()), IsEmpty());
  EXPECT_THAT(texts_below(into()), IsEmpty());
  EXPECT_EQ(run_program({program_path(), "--data", into(), "verify"}).status, 0);
}

TEST_F(RestoreOfAnErasedTenantWithAMirror, StaysErasedInACopy) {
  const json done = restore("copy");
  EXPECT_EQ(done.at("erasures").size(), 1U);
  EXPECT_EQ(done.at("mirror"), nullptr) << "the mirror is the original's";
  EXPECT_THAT(texts_in(exported()), IsEmpty());
}

TEST_F(RestoreOfAnErasedTenantWithAMirror, DoesNotBelieveCheckpointsOfAnotherKey) {
  const std::string other = ledger.another("other");
  const std::string key = lines_of(run_program({program_path(), "--data", other, "audit", "key", "show"}).out).at(0);
  psql(dsn, "update ledger_checkpoints set verifier_key = '" + key + "' where true returning 'x'");
  const json done = restore("successor");
  EXPECT_EQ(done.at("erasures").size(), 0U);
  EXPECT_THAT(done.at("notes").dump(), HasSubstr("signed by no key that the backup has"));
}

}  // namespace
}  // namespace runledger
