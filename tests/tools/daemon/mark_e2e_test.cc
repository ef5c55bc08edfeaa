// What is left of a ledger whose daemon has ended and whose engine's own log is then lost, emptied or cut.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace fs = std::filesystem;

class DaemonThatEnded : public testing::Test {
 protected:
  // Appends 40 events through a daemon, of which the mark is of the last when it returns, and ends it with `signal`.
  void end_by(int signal) {
    Program daemon(ledger.command({"serve", "--format", "json"}));
    ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
    for (int i = 0; i < 40; ++i) (void)ledger.request(R"({"n":)" + std::to_string(i) + "}");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (read_file(ledger.data() / "mark").find("\"sequence\":40,") == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    daemon.signal(signal);
    (void)daemon.wait();
  }
  // The files of the engine's own log that hold something.
  [[nodiscard]] std::vector<fs::path> engine_logs() const {
    std::vector<fs::path> logs;
    for (const fs::directory_entry& file : fs::directory_iterator(ledger.data() / "store")) {
      if (file.path().extension() == ".log" && file.file_size() > 0) logs.push_back(file.path());
    }
    return logs;
  }

  const CliLedger ledger;
};

TEST_F(DaemonThatEnded, CleanlyLeavesNothingThatOnlyTheEnginesLogHolds) {
  end_by(SIGTERM);
  for (const fs::path& log : engine_logs()) fs::remove(log);
  EXPECT_THAT(lines_of(ledger.run({"export"}).out), SizeIs(40));
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
}

TEST_F(DaemonThatEnded, ByAKillIsMissedWhenItsEngineLogIsLost) {
  end_by(SIGKILL);
  for (const fs::path& log : engine_logs()) fs::remove(log);
  for (const char* command : {"export", "verify", "stats"}) {
    const ProgramResult result = ledger.run({command});
    EXPECT_EQ(error_code(result), "storage.damaged") << command;
    EXPECT_THAT(result.err, HasSubstr("40 are missing")) << command;
  }
}

TEST_F(DaemonThatEnded, ByAKillIsMissedWhereverItsEngineLogIsCut) {
  end_by(SIGKILL);
  const std::vector<fs::path> logs = engine_logs();
  ASSERT_THAT(logs, SizeIs(1));
  const fs::path store = ledger.data() / "store";
  const fs::path whole = ledger.directory() / "whole";
  fs::copy(store, whole, fs::copy_options::recursive);
  const auto restore = [&] {
    fs::remove_all(store);
    fs::copy(whole, store, fs::copy_options::recursive);
  };
  const std::uintmax_t size = fs::file_size(logs.front());
  for (std::uintmax_t cut = 0; cut + 1 < size; cut += 1 + size / 50) {
    fs::resize_file(logs.front(), cut);
    EXPECT_EQ(error_code(ledger.run({"stats"})), "storage.damaged") << cut;
    restore();
  }
  EXPECT_THAT(lines_of(ledger.run({"export"}).out), SizeIs(40));
}

}  // namespace
}  // namespace runledger
