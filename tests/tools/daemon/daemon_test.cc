// The parts of a daemon: how they start, fail and end.
#include "tools/daemon/daemon.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/tools/daemon/test_daemon.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

RunRequest run_request() {
  RunRequest request;
  request.workspace = examples::workspace();
  request.type = examples::type();
  request.input = examples::input("{}");
  return request;
}

TEST(DaemonParts, AreReachedWhereTheDaemonSaysThatItListens) {
  RpcServerOptions rpc{};
  rpc.endpoints = {{"127.0.0.1", 0}};
  TestDaemon daemon{{.rpc = rpc, .http = HttpOptions{}}};
  const Daemon::Addresses addresses = daemon.addresses();
  ASSERT_EQ(addresses.rpc.size(), 2U);
  EXPECT_EQ(addresses.rpc[0], "unix:" + daemon.socket().string());
  EXPECT_THAT(addresses.rpc[1], testing::MatchesRegex("tcp:127\\.0\\.0\\.1:[1-9][0-9]*"));
  constexpr std::string_view kHttp = "http://127.0.0.1:";
  ASSERT_TRUE(addresses.http.starts_with(kHttp)) << addresses.http;

  const auto client = connect_client({.socket = daemon.socket(), .token = {}});
  EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(run_request(), {})));
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{1});
  HttpClient caller(static_cast<std::uint16_t>(std::stoi(addresses.http.substr(kHttp.size()))));
  caller.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(caller.read().status, 200);
}

TEST(DaemonParts, WorkWhereNothingIsServed) {
  TestDaemon daemon;
  EXPECT_TRUE(daemon.addresses().rpc.empty());
  EXPECT_EQ(daemon.addresses().http, "");
  EXPECT_TRUE(daemon.operations().health().ready);
  (void)embedded_client(daemon.ledger())->submit(run_request(), {});
  EXPECT_TRUE(daemon.rows().wait_for(Sequence{1}, 30s));
  EXPECT_THAT(daemon.operations().metrics(), testing::HasSubstr("runledger_log_head 1\n"));
}

TEST(DaemonParts, AreNotReadyWhileTheTokensCannotBeRead) {
  TestDaemon daemon;
  EXPECT_TRUE(daemon.operations().health().ready) << "no token was issued yet";
  ASSERT_TRUE(daemon.tokens().issue({}, {}, daemon.clock.now()));
  EXPECT_TRUE(daemon.operations().health().ready);
  const std::filesystem::path tokens = daemon.directory.path() / "ledger" / "access-tokens";
  std::filesystem::permissions(tokens, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_FALSE(daemon.operations().health().ready);
  EXPECT_EQ(daemon.operations().health().reason, "the access tokens cannot be read");
  EXPECT_THAT(daemon.operations().metrics(), testing::HasSubstr("runledger_ready 0\n"));
  std::filesystem::permissions(tokens, std::filesystem::perms::others_read, std::filesystem::perm_options::remove);
  EXPECT_TRUE(daemon.operations().health().ready);
}

TEST(DaemonParts, ReportMemoryDiskAndCertificate) {
  const TemporaryDirectory directory;
  CertificateAuthority authority(directory.path(), "authority");
  const CertificateAuthority::Issued issued = authority.issue("DNS:localhost");
  TestDaemon plain;
  EXPECT_THAT(plain.operations().metrics(), Not(HasSubstr("\nrunledger_tls_certificate_end_timestamp_seconds ")));
  TestDaemon daemon{{.tls = TlsFiles{.certificate = issued.certificate, .key = issued.key, .authorities = {}}}};
  const std::string metrics = daemon.operations().metrics();
  const auto value = [&metrics](const std::string& name) {
    const std::size_t at = metrics.find("\n" + name + " ");
    return at == std::string::npos ? 0.0 : std::stod(metrics.substr(at + name.size() + 2));
  };
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_EQ(value("runledger_ready"), 1);
  EXPECT_GT(value("runledger_data_free_bytes"), 1);
  EXPECT_GT(value("process_resident_memory_bytes"), 1 << 20);
  EXPECT_NEAR(value("process_start_time_seconds"), now, 60);
  EXPECT_GT(value("runledger_tls_certificate_end_timestamp_seconds"), now);
}

TEST(DaemonParts, CountThePausesOfTheProcess) {
  TestDaemon daemon;
  daemon.clock.pause(1h);
  (void)embedded_client(daemon.ledger())->submit(run_request(), {});
  EXPECT_THAT(daemon.operations().metrics(), testing::HasSubstr("runledger_pauses_total 1\n"));
}

TEST(DaemonParts, GiveNoRunToWhoeverWaitsOnceTheDaemonBeginsToStop) {
  TestDaemon daemon;
  std::promise<ClaimAnswer> answered;
  const Claims::Waiting waiting =
      daemon.claims().claim({.what = {.types = {examples::type()}, .worker = sanitize("w"), .wait = kClaimWaitMax},
                             .workspace = {},
                             .tenant = {}},
                            [&answered](ClaimAnswer answer) { answered.set_value(std::move(answer)); });
  daemon.begin_stop();
  EXPECT_TRUE(std::holds_alternative<NothingDue>(answered.get_future().get()));
  (void)embedded_client(daemon.ledger())->submit(run_request(), {});
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{1}) << "only the request is in the log, so no worker got the run";
}

TEST(DaemonParts, AreNotReadyOnceTheRowsHaveStopped) {
  TestDaemon daemon;
  daemon.rows().watch([](const std::vector<RowChange>&) { throw std::logic_error("a watch that counts wrong"); });
  (void)embedded_client(daemon.ledger())->submit(run_request(), {});
  while (!daemon.rows().stopped_by()) std::this_thread::yield();
  const DaemonHealth health = daemon.operations().health();
  EXPECT_FALSE(health.ready);
  EXPECT_EQ(health.reason, "the rows no longer follow the log");
}

TEST(DaemonParts, TellThatTheLedgerCanNoLongerBeWritten) {
  std::promise<std::string> told;
  std::once_flag once;
  const TestDaemon::OnBroken on_broken = [&](std::string_view code, std::string_view) {
    std::call_once(once, [&] { told.set_value(std::string(code)); });
  };
  TestDaemon daemon({}, on_broken);
  const std::filesystem::path data = daemon.directory.path() / "ledger";
  std::filesystem::rename(data, daemon.directory.path() / "moved");
  const Answer answer = embedded_client(daemon.ledger())->submit(run_request(), {});
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(answer));
  EXPECT_EQ(told.get_future().get(), "storage.failed");
  std::filesystem::rename(daemon.directory.path() / "moved", data);
}

TEST(DaemonParts, LeaveTheLedgerToOthersAtTheEnd) {
  TemporaryDirectory directory;
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
  Daemon::Options options;
  options.ledger.directory = directory.path() / "ledger";
  Store::create({.directory = options.ledger.directory}, IdentityKey::random());
  const auto on_broken = [](std::string_view, std::string_view) { FAIL() << "no failure was expected"; };
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Daemon(options, log, on_broken).operations().health().ready);
}

}  // namespace
}  // namespace runledger
