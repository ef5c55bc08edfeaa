// Tests commands that only read, without a daemon: beside a process that writes, on a read-only file system, as another
// user.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "ledger/log/store/data_directory.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kSetpriv = "/usr/bin/setpriv";
constexpr uid_t kAuditor = 54'321;

const std::vector<Arguments>& reads() {
  static const std::vector<Arguments> all = {
      {"list"},   {"stats"},      {"replay"},   {"replay", "--state"}, {"export"}, {"tail", "--from", "1", "-n", "1"},
      {"verify"}, {"duplicates"}, {"attempts"}, {"failures"},          {"workers"}};
  return all;
}

TEST(Reading, WaitsForNobodyAndNobodyForIt) {
  const CliLedger ledger;
  const std::string run = ledger.request();
  Program tail(ledger.command({"tail", "--from", "1"}));
  ASSERT_TRUE(tail.wait_for_output("requested"));
  (void)ledger.start(run);
  EXPECT_TRUE(tail.wait_for_output("attempt 1 started")) << "it sees what others append";
  {
    const DataDirectory held(ledger.data(), DataDirectory::Purpose::kUse);
    for (const Arguments& read : reads()) EXPECT_EQ(ledger.run(read).status, 0) << read.front();
    EXPECT_EQ(ledger.run({"show", run}).status, 0);
    EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync", "--input", "{}"})),
              "6 ledger.busy");
  }
  tail.signal(SIGTERM);
  EXPECT_EQ(tail.wait().status, 0);
}

TEST(Reading, SyncsTheLogOfTheEngineThatItShows) {
  const char* const strace = "/usr/bin/strace";
  if (!fs::exists(strace)) GTEST_SKIP() << "there is no strace to see the calls";
  const CliLedger ledger;
  (void)ledger.request();
  const std::string calls = ledger.directory() / "calls";
  Arguments command = {strace, "-f", "-y", "-e", "trace=fsync", "-o", calls};
  for (const std::string& word : ledger.command({"list"})) command.push_back(word);
  const ProgramResult done = run_program(command);
  if (done.err.find("ptrace") != std::string::npos) GTEST_SKIP() << "this machine lets nobody trace";
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(read_file(calls), testing::ContainsRegex("fsync\\([0-9]+<" + (ledger.data() / "store").string() +
                                                       "/[0-9]+\\.log>\\) += 0"));
}

TEST(Reading, FoldsWhatRowsLackAndLeavesItToWriters) {
  const CliLedger ledger;
  for (int i = 0; i < 3; ++i) (void)ledger.request("{\"n\":" + std::to_string(i) + "}");
  EXPECT_EQ(ledger.json_lines({"list"}).size(), 3U);
  EXPECT_FALSE(fs::exists(ledger.data() / "rows" / "CURRENT")) << "a reader writes nothing";
}

TEST(Reading, OfAnImportedJournalFindsTheRowsFolded) {
  const CliLedger ledger;
  (void)ledger.json({"import", ledger.file("journal", journal::plain_journal(1500))});
  EXPECT_TRUE(fs::exists(ledger.data() / "rows" / "CURRENT"));
}

TEST(Reading, WorksOnAReadOnlyFileSystem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may mount";
  const CliLedger ledger;
  const std::string run = ledger.request();
  const std::string script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && shift && exec \"$@\"";
  const auto read_only = [&](const Arguments& read) {
    Arguments command = {"/usr/bin/unshare", "-m", "/bin/sh", "-c", script, "sh", ledger.data()};
    for (const std::string& word : ledger.command(read)) command.push_back(word);
    return run_program(command);
  };
  if (run_program({"/usr/bin/unshare", "-m", "/bin/true"}).status != 0)
    GTEST_SKIP() << "this machine lets nobody mount";
  for (const Arguments& read : reads()) {
    const ProgramResult done = read_only(read);
    EXPECT_EQ(done.status, 0) << read.front() << done.err;
  }
  EXPECT_EQ(failure(read_only({"cancel", run})), "2 ledger.not_writable");
}

class ForeignLedger : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can act as two users";
    if (!fs::exists(kSetpriv)) GTEST_SKIP() << "there is no setpriv to change the user";
    run = ledger.request();
    ASSERT_EQ(::chmod(ledger.directory().c_str(), 0755), 0);
  }
  [[nodiscard]] ProgramResult as_auditor(const Arguments& arguments) const {
    Arguments command = {kSetpriv,        "--reuid", std::to_string(kAuditor), "--regid", std::to_string(kAuditor),
                         "--clear-groups"};
    for (const std::string& word : ledger.command(arguments)) command.push_back(word);
    return run_program(command);
  }
  void open_files() const {
    ASSERT_EQ(::chmod(ledger.data().c_str(), 0755), 0);
    for (const auto& entry : fs::recursive_directory_iterator(ledger.data())) {
      const std::string name = entry.path().filename();
      if (name.find("key") != std::string::npos || name == "lock") continue;
      ASSERT_EQ(::chmod(entry.path().c_str(), entry.is_directory() ? 0755 : 0644), 0);
    }
  }

  CliLedger ledger;
  std::string run;
};

TEST_F(ForeignLedger, IsReadByWhoeverMayReadItsFiles) {
  (void)ledger.json({"rebuild"});
  open_files();
  for (const Arguments& read : reads()) {
    const ProgramResult done = as_auditor(read);
    EXPECT_EQ(done.status, 0) << read.front() << done.err;
  }
  EXPECT_EQ(failure(as_auditor({"explain", "--workspace", "acme", "--type", "demo.sync", "--input", "{}"})),
            "2 ledger.wrong_user");
  EXPECT_EQ(failure(as_auditor({"cancel", run})), "2 ledger.wrong_user");
}

TEST_F(ForeignLedger, ThatIsClosedNamesBothUsers) {
  EXPECT_EQ(failure(as_auditor({"list"})), "2 ledger.not_writable");
  ASSERT_EQ(::chmod(ledger.data().c_str(), 0755), 0);
  const ProgramResult refused = as_auditor({"list"});
  EXPECT_EQ(failure(refused), "2 ledger.wrong_user");
  EXPECT_THAT(refused.err, HasSubstr("(0)"));
  EXPECT_THAT(refused.err, HasSubstr("54321"));
}

}  // namespace
}  // namespace runledger
