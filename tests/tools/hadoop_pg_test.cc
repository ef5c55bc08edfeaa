// The real job histories in Postgres: the table shows their figures, although processes were killed on the way.
#include <fmt/format.h>

#include <random>

#include "tests/fixtures/data/job_histories.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;

class HadoopMirror : public HistoryTest {
 protected:
  [[nodiscard]] json query(const std::string& expression) const {
    return json::parse(psql(dsn, fmt::format("select {}", expression)));
  }
  // Returns the number of runs for each value of an SQL expression over their columns.
  [[nodiscard]] json runs_by(const std::string& expression) const {
    return query(
        fmt::format("json_object_agg(value, runs) from (select {} as value, count(*) as runs from operation_runs "
                    "group by 1) as counted",
                    expression));
  }
  [[nodiscard]] json sum_of(const std::string& key) const {
    return query(fmt::format("sum((summary_counts->>'{}')::bigint) from operation_runs", key));
  }

  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(HadoopMirror, HasEveryExpectedFigure) {
  const CliLedger ledger;
  ledger.json(import("journal.jsonl.gz"));
  ledger.json({"project", "--postgres", dsn, "--once"});
  EXPECT_EQ(expected().at("runs"), query("count(*) from operation_runs"));
  EXPECT_EQ(expected().at("attempts"), query("sum(attempt) from operation_runs"));
  EXPECT_EQ(expected().at("lines"), query("sum(run_version) from operation_runs"));
  EXPECT_EQ(expected().at("tenants"), query("count(distinct tenant_id) from operation_runs"));
  EXPECT_EQ(expected().at("runs_by_outcome"), runs_by("outcome"));
  EXPECT_EQ(expected().at("runs_by_type"), runs_by("type"));
  EXPECT_EQ(expected().at("runs_by_tenant"), runs_by("tenant_id"));
  EXPECT_EQ(expected().at("runs_by_attempts"), runs_by("attempt"));
  EXPECT_EQ(expected().at("runs_recovered_by_a_retry"),
            query("count(*) from operation_runs where outcome = 'succeeded' and attempt > 1"));
  const json sums = expected().at("summary_counts_of_final_attempts");
  for (const auto& [key, sum] : sums.items()) EXPECT_EQ(sum, sum_of(key));
  EXPECT_EQ(expected().at("runs"), ledger.json({"verify", "--postgres", dsn}).at("mirror_rows"));
}

TEST_F(HadoopMirror, HoldsAtEveryStopOfAnImportThatIsKilled) {
  const CliLedger ledger;
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE(fmt::format("seed {}", seed));
  const std::string text = journal::gunzipped(history("journal.jsonl.gz"));
  for (int round = 1; round <= 6; ++round) {
    const std::size_t from = text.size() * static_cast<std::size_t>(round - 1) / 6;
    import_and_kill(ledger, text.substr(0, from + random() % (text.size() / 6)));
    Program project(ledger.command({"project", "--postgres", dsn, "--format", "json"}));
    ASSERT_TRUE(project.wait_for_output("\"checkpoint\":"));
    project.signal(SIGKILL);
    project.wait();
    const json verified = ledger.json({"verify", "--postgres", dsn});
    EXPECT_EQ(verified.at("ok"), true) << verified;
  }
  ledger.json(import("journal.jsonl.gz"));
  ledger.json({"project", "--postgres", dsn, "--once"});
  EXPECT_EQ(expected().at("runs_by_outcome"), runs_by("outcome"));
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
