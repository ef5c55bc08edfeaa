// `serve --backup-every`: the daemon makes backups by itself, and goes on when it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class BackupEvery : public testing::Test {
 protected:
  BackupEvery() { (void)ledger.request(); }

  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }
  [[nodiscard]] Arguments serve(const std::string& every) const {
    return ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--open-metrics", "--backup-every",
                           every, "--backup-dir", backups(), "--backup-keep", "2"});
  }
  static std::uint16_t http_port(Program& daemon) {
    EXPECT_TRUE(daemon.wait_for_output("\n"));
    return port_of(nlohmann::json::parse(daemon.output()).at("http").get<std::string>());
  }

  static HttpReply get(std::uint16_t port, const std::string& target) {
    HttpClient client(port);
    client.send(http_text({.target = target, .token = {}}));
    return client.read();
  }

  CliLedger ledger;
};

TEST_F(BackupEvery, MakesThemAgainAndAgainAndKeepsTheNewest) {
  Program daemon(serve("1s"));
  const std::uint16_t port = http_port(daemon);
  for (int events = 1; events <= 3; ++events) {
    ASSERT_TRUE(daemon.wait_for_error("\"events\":" + std::to_string(events) + ",")) << events;
    (void)ledger.request("{\"n\":" + std::to_string(events) + "}");
  }
  const std::string metrics = get(port, "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("runledger_backup_last_success_timestamp_seconds"));
  EXPECT_THAT(metrics, HasSubstr("runledger_backup_last_bytes{part=\"new\"}"));
  EXPECT_THAT(metrics, HasSubstr("runledger_backup_failures_total 0"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  const auto list = ledger.json_lines({"backup", backups(), "--list"});
  EXPECT_GE(list.size(), 1U);
  EXPECT_LE(list.size(), 3U);  // A stop may come between the new one and the removal of the oldest.
}

TEST_F(BackupEvery, IsKnownToTheMetricsAlsoAfterARestart) {
  {
    Program daemon(serve("12h"));
    EXPECT_THAT(get(http_port(daemon), "/metrics").body, HasSubstr("runledger_backup_interval_seconds 43200\n"));
    ASSERT_TRUE(daemon.wait_for_error("\"backup-made\""));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }
  Program daemon(serve("12h"));
  const std::uint16_t port = http_port(daemon);
  while (get(port, "/metrics").body.find("\nrunledger_backup_last_success_timestamp_seconds ") == std::string::npos)
    std::this_thread::yield();
  daemon.signal(SIGTERM);
  EXPECT_THAT(daemon.wait().err, Not(HasSubstr("backup-made"))) << "the next one is due in twelve hours";
}

TEST_F(BackupEvery, GoesOnWhenItCannotMakeOne) {
  fs::create_directory(backups());
  (void)ledger.file("backups/letters.txt", "mine");
  Program daemon(serve("1s"));
  const std::uint16_t port = http_port(daemon);
  ASSERT_TRUE(daemon.wait_for_error("backup.other_directory"));
  (void)ledger.request(R"({"n":1})");
  EXPECT_THAT(get(port, "/metrics").body, Not(HasSubstr("runledger_backup_failures_total 0")));
  EXPECT_EQ(get(port, "/readyz").status, 200);
  fs::remove(fs::path(backups()) / "letters.txt");
  ASSERT_TRUE(daemon.wait_for_error("\"backup-made\""));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(BackupEvery, NeedsBothOptions) {
  EXPECT_EQ(failure(ledger.run({"serve", "--backup-every", "1h"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"serve", "--backup-dir", backups()})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"serve", "--backup-every", "soon", "--backup-dir", backups()})),
            "2 backup_every.invalid");
  EXPECT_EQ(failure(ledger.run({"serve", "--backup-every", "1h", "--backup-dir", backups(), "--backup-keep", "0"})),
            "2 backup_keep.invalid");
}

}  // namespace
}  // namespace runledger
