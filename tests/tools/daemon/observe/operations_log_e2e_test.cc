// The log of the real daemon: its events, its form, and that it never contains what callers send.
//
// The tests start the real daemon, call it over RPC or HTTP, and end it. log() returns its whole standard error.
// Secrets are searched in that text, and events are read from its lines as JSON.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "ledger/ledger.h"
#include "projections/rows/store.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/full_pipe.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A daemon that also serves HTTP.
class LoggingDaemon : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon;
  std::uint16_t port = 0;

  void start(Arguments more = {}, ProgramOptions options = {}) {
    more.insert(more.begin(), {"serve", "--format", "json", "--http", "127.0.0.1:0"});
    daemon = std::make_unique<Program>(ledger.command(more), std::move(options));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    port = port_of(json::parse(daemon->output()).at("http"));
  }
  std::string log() {
    daemon->signal(SIGTERM);
    const ProgramResult ended = daemon->wait();
    EXPECT_EQ(ended.status, 0);
    return ended.err;
  }
  [[nodiscard]] std::string ask(const HttpAsk& ask) const {
    HttpClient client(port);
    client.send(http_text(ask));
    return client.read().body;
  }
};

TEST_F(LoggingDaemon, TellsOfItsLifeAndOfThoseItTurnsAway) {
  start();
  (void)ask({.target = "/v1/stats", .token = "rlt_" + std::string(64, 'a')});
  const auto stranger = connect_client({.socket = ledger.data() / "socket", .token = "rlt_" + std::string(64, 'b')});
  (void)stranger->submit(FailRun{.run = examples::run_id(1), .reason_code = {}, .message = {}}, {});
  std::vector<std::string> events;
  const std::string text = log();
  for (const std::string& line : lines_of(text)) events.push_back(json::parse(line).at("event"));
  EXPECT_THAT(events, testing::ElementsAre("started", "listening", "listening", "authentication-failed",
                                           "authentication-failed", "stopping", "stopped"));
  EXPECT_THAT(text, testing::Not(HasSubstr("rlt_")));
}

TEST_F(LoggingDaemon, TellsOfTheMirrorThatItWaitsFor) {
  start({"--postgres", "host=/nowhere user=a password=hunter2hunter2"});
  const std::string text = log();
  EXPECT_THAT(text, HasSubstr("\"event\":\"mirror-awaited\""));
  EXPECT_THAT(text, HasSubstr("mirror.unreachable"));
  EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
}

TEST_F(LoggingDaemon, WarnsOfAClockThatIsBehindTheLastEvent) {
  start();
  EXPECT_THAT(log(), testing::Not(HasSubstr("clock-behind")));
  {
    const ManualClock ahead(SystemClock().now() + std::chrono::minutes(90));
    Ledger other({.directory = ledger.data(), .clock = &ahead});
    (void)other.sequencer().submit({.command = examples::request({.run = examples::run_id(1)})}).get();
  }
  start();
  const std::string text = log();
  const std::vector<std::string> lines = lines_of(text);
  const json warning = json::parse(lines.front());
  EXPECT_EQ(warning.at("event"), "clock-behind") << text;
  EXPECT_EQ(warning.at("level"), "warning");
  EXPECT_GT(warning.at("seconds"), 5000);
  EXPECT_LE(warning.at("seconds"), 5400);
}

TEST_F(LoggingDaemon, SpeaksTextOrOnlyOfWhatIsWrongWhenTold) {
  start({"--log-format", "text"});
  EXPECT_THAT(log(), HasSubstr("info started data="));
  start({"--log-level", "error"});
  EXPECT_EQ(log(), "");
}

TEST_F(LoggingDaemon, RefusesAFormAndALevelThatItDoesNotKnow) {
  EXPECT_EQ(failure(ledger.run({"serve", "--log-format", "xml"})), "2 log_format.invalid");
  EXPECT_EQ(failure(ledger.run({"serve", "--log-level", "loud"})), "2 log_level.invalid");
}

TEST_F(LoggingDaemon, WhoseDirectoryIsMovedAwayEndsInOrderAndSaysWhy) {
  start();
  const std::filesystem::path moved = ledger.data().string() + "-moved";
  std::filesystem::rename(ledger.data(), moved);
  const auto owner = connect_client({.socket = moved / "socket", .token = ""});
  RunRequest request;
  request.workspace = examples::workspace();
  request.tenant = examples::tenant();
  request.type = examples::type("demo.sync");
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(owner->submit(request, {})));
  const ProgramResult ended = daemon->wait();
  EXPECT_EQ(ended.status, 1) << "it ends by itself, and not by a signal";
  EXPECT_THAT(ended.err, HasSubstr(R"("event":"fatal","code":"storage.failed")"));
}

// The secret is sent as a token, in the path, the query, other headers and the body, and in bytes that are not HTTP.
TEST_F(LoggingDaemon, NeverRepeatsASecretWhereverItWasSent) {
  start();
  const std::string token = ledger.json({"token", "issue", "--every-workspace", "--right", "request"}).at("token");
  std::vector<fixtures::FakeSecret> secrets;
  for (std::size_t kind = 0; kind < fixtures::fake_secret_kinds(); ++kind)
    secrets.push_back(fixtures::fake_secret(kind, 7));
  for (const auto& each : secrets) {
    const std::string encoded = json(each.secret).dump();
    (void)ask({.target = "/v1/stats", .token = each.secret.substr(0, each.secret.find_first_of("\r\n"))});
    (void)ask({.method = "POST",
               .target = "/v1/runs",
               .token = token,
               .body = fmt::format(R"({{"workspace":"acme","type":"demo.sync","input":{{"n":{0}}},"initiator":{0}}})",
                                   encoded)});
    (void)ask({.method = "POST", .target = "/v1/runs", .token = token, .body = encoded});
    HttpClient path(port);
    path.send("GET /v1/runs/" + each.secret + "?cursor=" + each.secret + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (void)path.try_read();
    HttpClient nonsense(port);
    nonsense.send(each.text + "\r\n\r\n");
    (void)nonsense.try_read();
  }
  const std::string text = log();
  EXPECT_THAT(text, HasSubstr("authentication-failed"));
  for (const auto& each : secrets) EXPECT_EQ(text.find(each.secret), std::string::npos) << each.kind;
  EXPECT_EQ(text.find(token.substr(4)), std::string::npos);
}

TEST_F(LoggingDaemon, IsStoppedByNobodyWhoDoesNotReadItsLog) {
  const FullPipe pipe;
  ProgramOptions options;
  options.error_descriptor = pipe.writing();
  start({}, options);
  EXPECT_THAT(ask({.target = "/v1/stats", .token = "rlt_" + std::string(64, 'a')}),
              HasSubstr("access.unauthenticated"));
  EXPECT_EQ(log(), "");
}

TEST_F(LoggingDaemon, SaysThatItsRowsHaveStoppedAndGoesOnWithoutThem) {
  const std::string run = ledger.request();
  EXPECT_EQ(ledger.json_lines({"list"}).size(), 1U);
  {
    Store store({.directory = ledger.data()});
    EventLog opened(store);
    RowStore(opened).catch_up();
    spoil_derived(store, row_index::kRowPrefix);
    store.derived().flush();
  }
  start();
  const json started = ledger.start(run);
  EXPECT_EQ(failure(ledger.run({"list"})), "1 rows.stopped");
  EXPECT_EQ(failure(ledger.run({"stats"})), "1 rows.stopped");
  ledger.finish(run, started, {"--outcome", "succeeded"});
  ledger.request(R"({"n":2})");
  const std::string text = log();
  EXPECT_THAT(text, HasSubstr(R"("level":"error","event":"rows-stopped","code":"rows.damaged")"));
  EXPECT_THAT(text, HasSubstr(R"("level":"error","event":"claims-stopped","code":"rows.damaged")"));
}

// The identities are damaged, which the next request needs for its decision.
class DamagedDaemon : public LoggingDaemon {
 protected:
  const std::string token = issue();

  std::string issue() {
    (void)ledger.request();
    {
      Store store({.directory = ledger.data()});
      store.begin_writing();
      spoil(store, Family::kIdentities);
    }
    return ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "request"})
        .at("token");
  }
  [[nodiscard]] std::string request() const {
    return ask({.method = "POST", .target = "/v1/runs", .token = token, .body = R"({"type":"demo.sync"})"});
  }
};

TEST_F(DamagedDaemon, EndsAndSaysWhy) {
  start();
  EXPECT_THAT(request(), HasSubstr("outcome.unknown"));
  const ProgramResult ended = daemon->wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, testing::AllOf(HasSubstr(R"("event":"fatal","code":"storage.damaged")")));
}

TEST_F(DamagedDaemon, EndsAlsoWhereNobodyReadsItsLog) {
  const FullPipe pipe;
  ProgramOptions options;
  options.error_descriptor = pipe.writing();
  start({}, options);
  EXPECT_THAT(request(), HasSubstr("outcome.unknown"));
  EXPECT_EQ(daemon->wait().status, 1);
}

TEST_F(DamagedDaemon, HasFailedAlsoWhenItIsToldToStop) {
  start();
  EXPECT_THAT(request(), HasSubstr("outcome.unknown"));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 1);
}

}  // namespace
}  // namespace runledger
