// Backups as an operator makes them: with and without a daemon, under load, and killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/kills.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::IsSubsetOf;
namespace fs = std::filesystem;

class BackupOfALedger : public testing::Test {
 protected:
  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }
  [[nodiscard]] std::vector<std::string> listed() const {
    std::vector<std::string> names;
    for (const auto& backup : ledger.json_lines({"backup", backups(), "--list"})) names.push_back(backup.at("name"));
    return names;
  }

  CliLedger ledger;
};

TEST_F(BackupOfALedger, IsMadeAndListed) {
  ledger.request();
  const auto made = ledger.json({"backup", backups()});
  EXPECT_EQ(made.at("sequence"), 1);
  EXPECT_EQ(made.at("removed"), nlohmann::json::array());
  ledger.request(R"({"n":2})");
  const auto second = ledger.json({"backup", backups(), "--keep", "1"});
  EXPECT_EQ(second.at("removed"), nlohmann::json::array({made.at("name")}));
  const auto list = ledger.json_lines({"backup", backups(), "--list"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].at("name"), second.at("name"));
  EXPECT_EQ(list[0].at("ledger_id"), second.at("ledger_id"));
  EXPECT_EQ(list[0].at("root").get<std::string>().size(), 64U);
  EXPECT_THAT(ledger.run({"backup", backups(), "--list"}).out, HasSubstr(second.at("name").get<std::string>()));
  EXPECT_FALSE(fs::exists(ledger.data() / "copies") && !fs::is_empty(ledger.data() / "copies"));
}

TEST_F(BackupOfALedger, IsRefusedWithACode) {
  ledger.request();
  EXPECT_EQ(failure(ledger.run({"backup", ledger.data()})), "2 backup.other_directory");
  EXPECT_EQ(failure(ledger.run({"backup", backups(), "--list"})), "2 backup.not_found");
  EXPECT_EQ(failure(ledger.run({"backup", backups(), "--keep", "0"})), "2 keep.invalid");
  EXPECT_EQ(failure(ledger.run({"backup", backups(), "--keep", "1", "--list"})), "2 usage");
  EXPECT_FALSE(fs::exists(backups()));
}

TEST_F(BackupOfALedger, WorksWithDamagedRowsAndWithoutRows) {
  ledger.request();
  fs::remove_all(ledger.data() / "rows");
  fs::create_directory(ledger.data() / "rows");
  EXPECT_EQ(ledger.json({"backup", backups()}).at("sequence"), 1);
}

TEST_F(BackupOfALedger, IsMadeBesideADaemonThatIsAppendedTo) {
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> appended = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      const auto client = connect_client({.socket = ledger.data() / "socket", .token = {}});
      for (int i = 0; !stop; ++i) {
        RunRequest request;
        request.workspace = examples::workspace();
        request.type = examples::type("demo.sync");
        request.input = examples::input("{\"n\":" + std::to_string(i * 4 + caller) + "}");
        if (std::holds_alternative<Reply>(client->submit(request, {}))) ++appended;
      }
    });
  }
  std::uint64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t before = appended;
    const auto made = ledger.json({"backup", backups()});
    EXPECT_GE(made.at("sequence").get<std::uint64_t>(), before);  // Every acknowledged event is in it.
    EXPECT_GT(appended, before);                                  // The callers did not wait for it.
    EXPECT_GT(made.at("sequence").get<std::uint64_t>(), last);
    last = made.at("sequence");
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(listed().size(), 3U);
  const std::string copy = ledger.directory() / "copy";
  EXPECT_EQ(ledger.json({"restore", backups(), "--into", copy, "--as", "copy"}).at("head"), last);
  const ProgramResult exported = run_program({program_path(), "--data", copy, "export"});
  EXPECT_EQ(exported.out, ledger.run({"export", "--to", std::to_string(last)}).out) << "it is the same to the byte";
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

// Kills the backup when it has made one file, two files, and so on, round after round.
TEST_F(BackupOfALedger, ThatIsKilledIsNeverListedAndTheNextOneIsWhole) {
  for (int i = 0; i < 5; ++i) ledger.request("{\"n\":" + std::to_string(i) + "}");
  ledger.json({"backup", backups()});
  std::vector<std::string> before = listed();
  const int kills = short_or_long(50, 500);
  for (int killed = 0, files = 1; killed < kills;) {
    const std::size_t from = entries_below(backups());
    Program backup(ledger.command({"backup", backups(), "--keep", "3"}));
    while (entries_below(backups()) < from + static_cast<std::size_t>(files) && !has_ended(backup)) {
      if (fs::exists(fs::path(backups()) / ".partial" / "backup.json")) break;
    }
    backup.signal(SIGKILL);
    const int status = backup.wait().status;
    if (status != 128 + SIGKILL && files == 1) FAIL() << "it ended before it could be killed: " << status;
    killed += status == 128 + SIGKILL ? 1 : 0;
    files = status == 128 + SIGKILL && files < 60 ? files + 1 : 1;
    const std::vector<std::string> now = listed();
    EXPECT_GE(now.size(), std::min<std::size_t>(before.size(), 3));
    EXPECT_TRUE(std::find(now.begin(), now.end(), before.back()) != now.end()) << "the last complete one is gone";
    before = now;
  }
  const auto made = ledger.json({"backup", backups(), "--keep", "2"});
  EXPECT_EQ(listed().size(), 2U);
  EXPECT_FALSE(fs::exists(fs::path(backups()) / ".partial"));
  EXPECT_FALSE(fs::exists(fs::path(backups()) / ".removed"));
  EXPECT_EQ(listed().back(), made.at("name"));
}

}  // namespace
}  // namespace runledger
