// A ledger that belongs to another user than the one who calls the program, as when an operator works as root.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iterator>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr uid_t kDaemonUser = 65534;  // It needs no name.
constexpr const char* kSetpriv = "/usr/bin/setpriv";
constexpr const char* kNoRun = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";

// Returns the command as a user calls it who is in no group but `group`.
Arguments as_user(uid_t user, gid_t group, const Arguments& command) {
  Arguments all{kSetpriv, fmt::format("--reuid={}", user), fmt::format("--regid={}", group), "--clear-groups", "--"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

class OtherUsersLedger : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can act as two users";
    if (!fs::exists(kSetpriv)) GTEST_SKIP() << "there is no setpriv to change the user";
    ASSERT_EQ(::chmod(ledger.directory().c_str(), 0755), 0);
    give_away(ledger.data());
    for (const auto& entry : fs::recursive_directory_iterator(ledger.data())) give_away(entry.path());
  }

  static void give_away(const fs::path& path) { ASSERT_EQ(::lchown(path.c_str(), kDaemonUser, kDaemonUser), 0); }
  // Returns the paths in the ledger that do not belong to its user.
  [[nodiscard]] std::vector<fs::path> foreign_files() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(ledger.data())) {
      struct stat status {};
      EXPECT_EQ(::lstat(entry.path().c_str(), &status), 0);
      if (status.st_uid != kDaemonUser) paths.push_back(entry.path());
    }
    return paths;
  }

  // Returns the command as the ledger's user calls it.
  [[nodiscard]] Arguments as_owner(const Arguments& arguments) const {
    return as_user(kDaemonUser, kDaemonUser, ledger.command(arguments));
  }
  [[nodiscard]] std::unique_ptr<Program> serve() const {
    auto program = std::make_unique<Program>(as_owner({"serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }

  CliLedger ledger;
};

TEST_F(OtherUsersLedger, IsReadByRootAndStaysAsItIs) {
  for (const Arguments& command : {Arguments{"stats"}, Arguments{"verify"}, Arguments{"list"}})
    EXPECT_EQ(ledger.run(command).status, 0) << command.front();
  EXPECT_EQ(foreign_files(), std::vector<fs::path>());
}

TEST_F(OtherUsersLedger, IsNotWrittenByRootAndStaysUsable) {
  for (const Arguments& command : {Arguments{"serve"}, Arguments{"rebuild"}, Arguments{"cancel", kNoRun}}) {
    const ProgramResult refused = ledger.run(command);
    EXPECT_EQ(failure(refused), "2 ledger.wrong_user") << command.front();
    EXPECT_THAT(refused.err, HasSubstr("(65534)")) << "the owner";
    EXPECT_THAT(refused.err, HasSubstr("(0)")) << "the caller";
  }
  EXPECT_EQ(foreign_files(), std::vector<fs::path>());
  EXPECT_EQ(run_program(as_owner({"stats"})).status, 0);
}

TEST_F(OtherUsersLedger, IsUsedByRootThroughItsDaemon) {
  const auto daemon = serve();
  const std::string run = ledger.request();
  EXPECT_EQ(ledger.json({"stats"}).at("head"), 1);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true) << "root may open the daemon's copy";
  const fs::path copies = ledger.data() / "copies";
  for (int looked = 0; looked < 10'000 && !fs::is_empty(copies); ++looked) (void)ledger.run({"stats"});
  EXPECT_TRUE(fs::is_empty(copies)) << "the daemon removes what root made in the copy";
  EXPECT_EQ(foreign_files(), std::vector<fs::path>());
}

TEST_F(OtherUsersLedger, HasItsTokensManagedByRoot) {
  const std::string first = ledger.json({"token", "issue", "--every-workspace", "--right", "audit"}).at("token");
  const auto daemon = serve();
  const nlohmann::json second = ledger.json({"token", "issue", "--every-workspace", "--right", "audit"});
  EXPECT_EQ(foreign_files(), std::vector<fs::path>());
  const auto list_with = [&](const std::string& token) {
    const std::string file = ledger.file("token", token);
    const std::string socket = "unix:" + (ledger.data() / "socket").string();
    Arguments command{ledger.command({}).front(), "--connect", socket, "--token-file", file, "list"};
    return run_program(command).status;
  };
  EXPECT_EQ(list_with(first), 0);
  EXPECT_EQ(list_with(second.at("token")), 0);
  EXPECT_EQ(ledger.run({"token", "revoke", second.at("id")}).status, 0);
  EXPECT_EQ(list_with(second.at("token")), 4);
  EXPECT_EQ(foreign_files(), std::vector<fs::path>());
}

TEST(SocketGroup, LetsItsMembersInWithATokenAndNobodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can act as two users";
  if (!fs::exists(kSetpriv)) GTEST_SKIP() << "there is no setpriv to change the user";
  constexpr gid_t kGroup = 54'321;
  constexpr uid_t kMember = 54'322;
  const CliLedger ledger;
  ASSERT_EQ(::chmod(ledger.directory().c_str(), 0755), 0);
  const fs::path socket = ledger.directory() / "socket";
  const std::string address = "unix:" + socket.string();
  Program daemon(ledger.command({"serve", "--listen", address, "--socket-group", std::to_string(kGroup)}));
  ASSERT_TRUE(daemon.wait_for_output("serving"));
  struct stat status {};
  ASSERT_EQ(::lstat(socket.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  EXPECT_EQ(status.st_gid, kGroup);
  const auto list = [&](gid_t group, const Arguments& with) {
    Arguments command{ledger.command({}).front(), "--connect", address};
    command.insert(command.end(), with.begin(), with.end());
    command.emplace_back("list");
    return failure(run_program(as_user(kMember, group, command)));
  };
  const auto token_of = [&](std::string_view secret) {
    const std::string file = ledger.file("token", secret);
    EXPECT_EQ(::chown(file.c_str(), kMember, kGroup), 0);
    return Arguments{"--token-file", file};
  };
  const std::string secret = ledger.json({"token", "issue", "--workspace", "acme", "--right", "work"}).at("token");
  EXPECT_EQ(list(kGroup, {}), "4 access.unauthenticated") << "a member is not the owner";
  EXPECT_EQ(list(kGroup, token_of(secret)), "0 ");
  EXPECT_EQ(list(kMember, token_of(secret)).substr(2), "daemon.not_permitted");
}

TEST(SocketGroup, ThatTheMachineDoesNotHaveIsRefused) {
  const CliLedger ledger;
  for (const char* name : {"no-such-group", "", "-1", "4294967295"})
    EXPECT_EQ(failure(ledger.run({"serve", "--check-config", "--socket-group", name})), "2 socket_group.unknown")
        << name;
  EXPECT_EQ(ledger.run({"serve", "--check-config", "--socket-group", "root"}).status, 0);
}

TEST_F(OtherUsersLedger, DoesNotGiveItsSocketToAGroupThatItsUserIsNotIn) {
  for (const Arguments& command : {Arguments{"serve", "--check-config"}, Arguments{"serve"}}) {
    Arguments with_group = as_owner(command);
    with_group.insert(with_group.end(), {"--socket-group", "root"});
    // What it logs until then comes before.
    EXPECT_THAT(run_program(with_group).err, HasSubstr("runledger: listen.failed: "));
  }
  EXPECT_FALSE(fs::exists(ledger.data() / "socket"));
  for (const auto& entry : fs::recursive_directory_iterator(ledger.data())) {
    if (!entry.is_directory()) continue;
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_all) << entry.path();
  }
}

}  // namespace
}  // namespace runledger
