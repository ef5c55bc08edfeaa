// The doctor's look at a mirror in a real Postgres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using testing::HasSubstr;

TEST(DoctorOfAMirror, SeesLagDriftAndAServerThatIsAway) {
  const CliLedger ledger;
  const std::string dsn = PrivatePostgres::shared().make_database();
  const auto mirror = [&](const std::string& of) {
    const ProgramResult result = ledger.run({"--format", "json", "doctor", "--postgres", of});
    const nlohmann::json report = nlohmann::json::parse(result.out);
    for (const nlohmann::json& check : report.at("checks")) {
      if (check.at("check") == "mirror") return check;
    }
    return nlohmann::json();
  };
  (void)ledger.request();
  ledger.json({"project", "--once", "--postgres", dsn});
  EXPECT_EQ(mirror(dsn).at("detail"), "1 rows in schema runledger as the log has them, 0 events behind");
  (void)ledger.request(R"({"n":2})");
  EXPECT_EQ(mirror(dsn).at("status"), "ok");
  EXPECT_THAT(mirror(dsn).at("detail").get<std::string>(), HasSubstr("1 events behind"));
  psql(dsn, "update operation_runs set initiator = 'somebody' returning 'x'");
  EXPECT_EQ(mirror(dsn).at("code"), "mirror.row_differs");
  const auto away = mirror("host=/no/such/socket dbname=x");
  EXPECT_EQ(away.at("code"), "mirror.unreachable");
}

TEST(DoctorOfACheckpointTable, SeesThatItStandsStill) {
  const CliLedger ledger;
  const std::string dsn = PrivatePostgres::shared().make_database();
  const auto stored = [&] {
    const auto report = nlohmann::json::parse(ledger.run({"--format", "json", "doctor", "--postgres", dsn}).out);
    for (const nlohmann::json& check : report.at("checks")) {
      if (check.at("check") == "checkpoint-db") return check;
    }
    return nlohmann::json();
  };
  (void)ledger.request();
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  EXPECT_EQ(stored().at("status"), "unchecked") << "no daemon has stored any";
  {
    Program daemon(ledger.command({"serve", "--format", "json", "--postgres", dsn}));
    ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (stored().at("status") != "ok" && std::chrono::steady_clock::now() < end) continue;
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }
  EXPECT_EQ(stored().at("detail"), "1 events in schema runledger, stored 0 minutes ago");
  (void)ledger.request(R"({"n":2})");
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  EXPECT_EQ(stored().at("status"), "ok") << "it may be under way";
  psql(dsn, "update ledger_checkpoints set signed_at = signed_at - interval '1 hour' returning 'x'");
  EXPECT_EQ(stored().at("code"), "doctor.checkpoint_not_handed_out");
  EXPECT_THAT(stored().at("detail").get<std::string>(), HasSubstr("1 events are signed since"));
}

}  // namespace
}  // namespace runledger
