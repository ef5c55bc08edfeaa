// What commands and the daemon do at their clean end when the disk has room for opening the ledger, but not for the
// tables and the mark of that end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/small_disk.h"

namespace runledger {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

namespace fs = std::filesystem;

constexpr std::size_t kEnoughToOpen = 64 * 1024;
constexpr const char* kRoomy = "512m";  // New work is refused below 256 MiB.

// Text that does not compress well.
std::string noise(std::size_t size) {
  std::mt19937 random(20261129);
  std::string text(size, ' ');
  for (char& c : text) c = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[random() % 64];
  return text;
}

// A ledger on a small disk, whose four events are in the engine's own log only: they take three times kEnoughToOpen.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk.mounted()) GTEST_SKIP() << "only root may make a small disk";
    Program daemon(ledger.command({"serve", "--format", "json"}));
    ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
    for (int i = 0; i < 4; ++i)
      run = ledger.request(R"({"n":)" + std::to_string(i) + R"(,"noise":")" + noise(48 * 1024) + R"("})");
    daemon.signal(SIGKILL);
    (void)daemon.wait();
    fs::remove(ledger.data() / "socket");
    fs::copy(ledger.data(), data, fs::copy_options::recursive);
  }
  [[nodiscard]] Arguments command(const Arguments& arguments) const {
    Arguments all = {program_path(), "--data", data.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }
  [[nodiscard]] ProgramResult outcome_of(const Arguments& arguments) const { return run_program(command(arguments)); }
  // A daemon that begins signs a checkpoint of what is there; afterwards it writes nothing.
  void wait_for_checkpoint() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (read_file(data / "audit.checkpoint").find("\n4\n") == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  [[nodiscard]] std::vector<std::string> events_with_room() const {
    disk.resize(kRoomy);
    return lines_of(outcome_of({"export"}).out);
  }

  const SmallDisk disk{kRoomy};
  const fs::path data = disk.path() / "ledger";
  const CliLedger ledger;
  std::string run;
};

TEST_F(FullDisk, DoesNotChangeTheResultOfACommandThatOnlyReads) {
  disk.leave_free(kEnoughToOpen);
  const ProgramResult result = outcome_of({"list"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr(run));
  EXPECT_EQ(result.err, "") << "it writes nothing there";
  EXPECT_THAT(events_with_room(), SizeIs(4));
}

TEST_F(FullDisk, DoesNotChangeTheResultOfACommandThatWasCarriedOut) {
  disk.leave_free(kEnoughToOpen);
  const ProgramResult result = outcome_of({"cancel", run});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("cancelled"));
  EXPECT_THAT(result.err, HasSubstr("runledger: mark-failed: "));
  EXPECT_THAT(result.err, HasSubstr("No space left on device"));
  EXPECT_THAT(result.err, Not(HasSubstr("the process ends")));
  EXPECT_THAT(events_with_room(), SizeIs(5));
}

TEST_F(FullDisk, IsNotFatalForADaemonThatIsStopped) {
  Program daemon(command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  wait_for_checkpoint();
  disk.leave_free(kEnoughToOpen);
  daemon.signal(SIGTERM);
  const ProgramResult result = daemon.wait();
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out + result.err, HasSubstr("mark-failed"));
  EXPECT_THAT(result.out + result.err, Not(HasSubstr("fatal")));
  EXPECT_THAT(events_with_room(), SizeIs(4));
}

}  // namespace
}  // namespace runledger
