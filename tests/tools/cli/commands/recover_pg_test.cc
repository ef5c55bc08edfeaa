// Recovering a ledger whose mirror and signed checkpoints are in Postgres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
namespace fs = std::filesystem;

// The copy is of one event; the mirror and a checkpoint beside it are of three.
class RecoverWithAMirror : public testing::Test {
 protected:
  RecoverWithAMirror() {
    ledger.request(R"({"n":1})");
    fs::copy(ledger.data(), copy, fs::copy_options::recursive);
    ledger.request(R"({"n":2})");
    ledger.request(R"({"n":3})");
    Program daemon(ledger.command({"serve", "--format", "json", "--postgres", dsn}));
    EXPECT_TRUE(daemon.wait_for_output("\"listening\""));
    EXPECT_TRUE(wait_for_stored(3));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
    EXPECT_EQ(read_mirror(dsn).checkpoint, Sequence{3});
  }

  // Waits until a checkpoint of so many events is in Postgres.
  [[nodiscard]] bool wait_for_stored(int events) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const std::string count =
        "select count(*) from pg_tables where tablename in ('ledger_checkpoints', 'ledger_projections')";
    while (std::chrono::steady_clock::now() < end) {
      if (psql(dsn, count) != "2") continue;
      if (psql(dsn, "select coalesce(max(size), 0) from ledger_checkpoints") == std::to_string(events) &&
          psql(dsn, "select coalesce(max(checkpoint), 0) from ledger_projections") == std::to_string(events))
        return true;
    }
    return false;
  }
  [[nodiscard]] ProgramResult recover(Arguments more) const {
    more.insert(more.begin(), {program_path(), "--format", "json", "recover", copy.string()});
    return run_program(more);
  }
  [[nodiscard]] std::string into() const { return ledger.directory() / "new"; }

  CliLedger ledger;
  fs::path copy = ledger.directory() / "copy";
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(RecoverWithAMirror, IsToldByItHowFarTheLedgerHadCome) {
  EXPECT_EQ(recover({}).status, 0) << "by itself the copy is whole";
  const ProgramResult told = recover({"--postgres", dsn});
  EXPECT_EQ(told.status, 5);
  const json found = json::parse(told.out);
  EXPECT_EQ(found.at("last_good"), 1);
  EXPECT_EQ(found.at("named"), 3);
  EXPECT_EQ(found.at("damage").at(0).at("code"), "checkpoint.ahead");
  std::map<std::string, std::string> relations;
  for (const json& mark : found.at("marks")) {
    const std::string place = mark.at("place");
    relations[place.substr(0, place.find(" of "))] = mark.at("relation");
  }
  EXPECT_EQ(relations.at("the mirror in Postgres"), "above");
  EXPECT_EQ(relations.at("the checkpoint"), "above");
  EXPECT_EQ(relations.at("the mark"), "agrees");

  const ProgramResult done = recover({"--postgres", dsn, "--accept-head", "--into", into()});
  ASSERT_EQ(done.status, 0) << done.err;
  const json made = json::parse(done.out).at("recovered");
  EXPECT_EQ(made.at("outside_mark"), 3);
  EXPECT_EQ(made.at("scope_numbers_skipped"), 1'000'000'000'002);
  EXPECT_EQ(made.at("mirror"), "mirror.ahead");
  ASSERT_EQ(made.at("steps").size(), 5U);
  // The steps are commands that can be pasted: everything after the colon. One of them is for people.
  for (const json& each : made.at("steps")) {
    const std::string step = each;
    if (step.starts_with("look for")) continue;
    ProgramOptions options;
    options.environment = {{"DSN", dsn}, {"PATH", fs::path(program_path()).parent_path().string() + ":/usr/bin:/bin"}};
    const ProgramResult ran = run_program({"/bin/sh", "-c", step.substr(step.find(": ") + 2)}, options);
    EXPECT_EQ(ran.status, 0) << step << ran.err;
  }
  EXPECT_EQ(read_mirror(dsn).checkpoint, Sequence{2});
  EXPECT_EQ(read_mirror(dsn).rows.size(), 1U);
}

TEST_F(RecoverWithAMirror, TrustsNoCheckpointOfAnotherKey) {
  const std::string other = ledger.another("other");
  EXPECT_EQ(run_program({program_path(), "--data", other, "checkpoint"}).status, 0);
  const std::string key = lines_of(run_program({program_path(), "--data", other, "audit", "key", "show"}).out).at(0);
  const ProgramResult told = recover({"--postgres", dsn, "--key", key});
  EXPECT_EQ(told.status, 5);
  const json found = json::parse(told.out);
  EXPECT_EQ(found.at("besides").at(0).at("code"), "checkpoint.other_key");
  EXPECT_EQ(found.at("named"), 3) << "the mirror still names it";
}

TEST_F(RecoverWithAMirror, ThatIsNotThereIsRefused) {
  const std::string empty = PrivatePostgres::shared().make_database();
  const ProgramResult refused = recover({"--postgres", empty});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("mirror.not_found"));
}

}  // namespace
}  // namespace runledger
