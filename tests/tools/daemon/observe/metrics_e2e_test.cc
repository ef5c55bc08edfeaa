// The metrics of the real daemon: who may read them, that Prometheus can read their text, and that the numbers change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Metrics : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon;
  std::uint16_t port = 0;
  std::string operator_token = ledger.json({"token", "issue", "--every-workspace", "--right", "operate"}).at("token");

  void start(Arguments more = {}) {
    more.insert(more.begin(), {"serve", "--format", "json", "--http", "127.0.0.1:0"});
    daemon = std::make_unique<Program>(ledger.command(more));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    const std::string address = json::parse(daemon->output()).at("http");
    port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }
  [[nodiscard]] HttpReply get(const std::string& target, const std::string& token) const {
    HttpClient client(port);
    client.send(http_text({.target = target, .token = token}));
    return client.read();
  }
  // Returns every sample by its name and labels, as written in the text.
  [[nodiscard]] std::map<std::string, double> samples() const {
    std::map<std::string, double> all;
    for (const std::string& line : lines_of(get("/metrics", operator_token).body)) {
      if (line.starts_with('#')) continue;
      const std::size_t space = line.rfind(' ');
      all[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
    return all;
  }
  // Returns the samples when the local rows have caught up: gauges are about them.
  [[nodiscard]] std::map<std::string, double> samples_of_all_events() const {
    for (;;) {
      std::map<std::string, double> all = samples();
      if (all[R"(runledger_projector_lag_events{projector="rows"})"] == 0) return all;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
};

TEST_F(Metrics, AreForOperatorsOfTheWholeLedgerAlone) {
  start();
  const std::string tenant =
      ledger.json({"token", "issue", "--workspace", "acme", "--right", "audit"}).at("token").get<std::string>();
  EXPECT_EQ(get("/metrics", "").problem(), "401 access.unauthenticated");
  EXPECT_EQ(get("/metrics", tenant).problem(), "403 access.denied");
  const HttpReply reply = get("/metrics", operator_token);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(Metrics, AreForEverybodyWhenAFlagSaysSo) {
  start({"--open-metrics"});
  EXPECT_EQ(get("/metrics", "").status, 200);
  EXPECT_EQ(get("/v1/stats", "").problem(), "401 access.unauthenticated");
}

// What has ended, when it last succeeded and what is overdue, by the types of the catalog alone.
TEST_F(Metrics, TellOfTheTypesOfTheCatalog) {
  const std::string catalog = ledger.file(
      "catalog.json", R"({"types":[{"type":"reports.send","expect_every_seconds":3600},{"type":"reports.sum"}]})");
  (void)ledger.json({"token", "issue", "--every-workspace", "--right", "work", "--expires", "30d"});
  (void)ledger.json({"token", "issue", "--every-workspace", "--right", "work", "--expires", "8h"});
  start({"--catalog", catalog});
  const auto end = [&](const std::string& type, const Arguments& how) {
    const std::string run = ledger.request("{}", type);
    (void)ledger.finish(run, ledger.start(run), how);
  };
  const double before = static_cast<double>(SystemClock().now().unix_us) / 1e6;
  end("reports.send", {"--outcome", "succeeded"});
  end("reports.sum", {"--outcome", "failed", "--failure", "disk.full:no room", "--no-retry"});
  end("made.up", {"--outcome", "succeeded"});
  end("made.too", {"--outcome", "succeeded"});
  (void)ledger.request(R"({"waits":true})", "reports.sum");
  const std::map<std::string, double> all = samples_of_all_events();
  EXPECT_EQ(all.at(R"(runledger_completed_runs{outcome="succeeded",type="reports.send"})"), 1);
  EXPECT_EQ(all.at(R"(runledger_completed_runs{outcome="failed",type="reports.send"})"), 0);
  EXPECT_EQ(all.at(R"(runledger_completed_runs{outcome="failed",type="reports.sum"})"), 1);
  EXPECT_EQ(all.at(R"(runledger_completed_runs{outcome="succeeded",type="other"})"), 2);
  EXPECT_EQ(all.at(R"(runledger_overdue_scopes{type="reports.send"})"), 0);
  EXPECT_FALSE(all.contains(R"(runledger_overdue_scopes{type="reports.sum"})"));
  EXPECT_GE(all.at(R"(runledger_last_success_timestamp_seconds{type="reports.send"})"), before);
  EXPECT_FALSE(all.contains(R"(runledger_last_success_timestamp_seconds{type="reports.sum"})"));
  EXPECT_GE(all.at(R"(runledger_run_duration_seconds{quantile="0.5",type="reports.send"})"), 0.001);
  EXPECT_GE(all.at("runledger_oldest_due_timestamp_seconds"), before);
  EXPECT_NEAR(all.at("runledger_token_end_timestamp_seconds"), before + 30 * 86400, 3600);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const auto& sample) {
    return sample.first.starts_with("runledger_build_info{version=\"") && sample.second == 1;
  }));
  for (const auto& [name, value] : all) EXPECT_EQ(name.find("made."), std::string::npos) << name;
}

// Checks the grammar of the format, version 0.0.4: every sample belongs to an announced family, and no sample is
// repeated.
TEST_F(Metrics, AreInTheFormatThatPrometheusReads) {
  start();
  (void)ledger.request();
  const std::regex help("# HELP ([a-z_]+) [^\n]+");
  const std::regex type("# TYPE ([a-z_]+) (counter|gauge|histogram)");
  const std::regex sample(
      R"(([a-z_]+)(\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})? (?:[0-9.e+-]+|\+Inf|NaN))");
  std::map<std::string, std::string> types;
  std::set<std::string> seen;
  for (const std::string& line : lines_of(get("/metrics", operator_token).body)) {
    std::smatch match;
    if (std::regex_match(line, match, help)) continue;
    if (std::regex_match(line, match, type)) {
      EXPECT_TRUE(types.emplace(match[1], match[2]).second) << line;
      continue;
    }
    ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
    std::string family = match[1];
    if (!types.contains(family)) family = std::regex_replace(family, std::regex("_(bucket|sum|count)$"), "");
    ASSERT_TRUE(types.contains(family)) << line;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
  EXPECT_EQ(types["runledger_events_appended_total"], "counter");
  EXPECT_EQ(types["runledger_commit_seconds"], "histogram");
  EXPECT_EQ(types["runledger_queue_depth"], "gauge");
}

TEST_F(Metrics, CountWhatIsDecided) {
  start();
  const std::string run = ledger.request();
  EXPECT_EQ(run, ledger.request()) << "the second request is deduped";
  const json started = ledger.start(run);
  EXPECT_EQ(failure(ledger.run({"start", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"})), "4 run.not_found");
  auto now = samples_of_all_events();
  EXPECT_EQ(now[R"(runledger_events_appended_total)"], 3);
  EXPECT_EQ(now[R"(runledger_decisions_total{kind="requested",rule=""})"], 1);
  EXPECT_EQ(now[R"(runledger_decisions_total{kind="deduped",rule="active_run"})"], 1);
  EXPECT_EQ(now[R"(runledger_decisions_total{kind="started",rule=""})"], 1);
  EXPECT_EQ(now[R"(runledger_rejected_total{code="run.not_found"})"], 1);
  EXPECT_EQ(now["runledger_open_attempts"], 1);
  EXPECT_EQ(now[R"(runledger_runs{status="running"})"], 1);
  EXPECT_EQ(now["runledger_log_head"], 3);
  EXPECT_EQ(now["runledger_queue_depth"], 0);
  EXPECT_GT(now["runledger_commit_seconds_sum"], 0);
  EXPECT_EQ(now["runledger_commit_seconds_count"], now["runledger_commit_commands_count"]);
  EXPECT_EQ(now[R"(runledger_rpc_calls_total{method="request",result="answered"})"], 2);
  EXPECT_EQ(now[R"(runledger_connections_opened_total{way="rpc"})"], 4);
  ledger.finish(run, started, {"--outcome", "succeeded"});
  now = samples_of_all_events();
  EXPECT_EQ(now["runledger_open_attempts"], 0);
  EXPECT_EQ(now["runledger_events_appended_total"], 4);
}

TEST_F(Metrics, CountEveryCallByItsMethodAndWhatIsRefusedAsAWhole) {
  start();
  (void)ledger.request();
  (void)ledger.run({"list"});
  const std::string looker = ledger.json({"token", "issue", "--workspace", "acme", "--right", "work"}).at("token");
  const std::string file = ledger.file("token", looker);
  const std::string socket = "unix:" + (ledger.data() / "socket").string();
  EXPECT_EQ(failure(ledger.run({"--connect", socket, "--token-file", file, "replay"})), "4 access.denied");
  auto now = samples();
  EXPECT_EQ(now[R"(runledger_rpc_calls_total{method="list",result="answered"})"], 1);
  EXPECT_LE(2, now[R"(runledger_rpc_calls_total{method="authenticate",result="answered"})"]);
  EXPECT_LE(1, now[R"(runledger_rpc_calls_total{method="auditor",result="failed"})"]);
  EXPECT_LE(2, now[R"(runledger_rpc_calls_total{method="reader",result="answered"})"]);
  EXPECT_LE(1, now[R"(runledger_rejected_total{code="access.denied"})"]);
}

// An alarm must be able to fire although the checkpoint is unknown.
TEST_F(Metrics, SayThatAMirrorWhichIsNotReachedLagsByAllThereIs) {
  start({"--postgres", "host=/nonexistent"});
  (void)ledger.request();
  EXPECT_EQ(samples()[R"(runledger_projector_lag_events{projector="mirror"})"], 1);
  EXPECT_EQ(get("/readyz", "").status, 200) << "the ledger serves without its mirror";
}

// Each place by itself: the file has the checkpoint, and Postgres, which is away, has none.
TEST_F(Metrics, SayWhereTheNewestCheckpointWasHandedOutTo) {
  (void)ledger.request();
  const std::string events = R"(runledger_checkpoint_handed_out_events{place=")";
  const std::string time = R"(runledger_checkpoint_handed_out_timestamp_seconds{place=")";
  start({"--postgres", "host=/nonexistent", "--checkpoint-file", ledger.directory() / "newest.checkpoint",
         "--checkpoint-every", "1s"});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::map<std::string, double> all = samples();
  while (all[events + "file\"}"] != 1 && std::chrono::steady_clock::now() < end) all = samples();
  EXPECT_EQ(all[events + "file\"}"], 1);
  EXPECT_EQ(all.count(time + "file\"}"), 1U);
  EXPECT_EQ(all.at(events + "postgres\"}"), 0);
  EXPECT_EQ(all.count(time + "postgres\"}"), 0U);
}

TEST_F(Metrics, ShowingNoTokenCountsAsShowingABadOne) {
  start();
  (void)get("/v1/stats", "");
  (void)get("/healthz", "");
  EXPECT_EQ(samples()[R"(runledger_authentication_failures_total{way="http"})"], 1);
}

TEST_F(Metrics, CountRequestsByRouteAndNeverByWhatACallerWrote) {
  start();
  (void)get("/v1/runs/5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11", operator_token);
  (void)get("/v1/runs/north-tenant-secret", operator_token);
  (void)get("/nowhere/north-tenant-secret", operator_token);
  (void)get("/v1/stats", "rlt_north-tenant-secret");
  const std::string text = get("/metrics", operator_token).body;
  EXPECT_THAT(text, HasSubstr(R"(runledger_http_requests_total{method="GET",route="/v1/runs/{id}",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(runledger_http_requests_total{method="any",route="none",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(runledger_authentication_failures_total{way="http"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(runledger_connections_opened_total{way="http"} 5)"));
  EXPECT_THAT(text, testing::Not(HasSubstr("north-tenant-secret")));
}

}  // namespace
}  // namespace runledger
