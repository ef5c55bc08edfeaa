// The daemon under a supervisor: its notifications, and the limits that it is started with.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <deque>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"

namespace runledger {
namespace {

using testing::HasSubstr;

// The datagram socket on which a supervisor such as systemd listens.
class SupervisorSocket {
 public:
  // `name` is a path, or "@NAME" in the abstract namespace.
  explicit SupervisorSocket(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0) << std::strerror(errno);
    const timeval minute{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute));
  }
  ~SupervisorSocket() { ::close(descriptor_); }
  SupervisorSocket(const SupervisorSocket&) = delete;
  SupervisorSocket& operator=(const SupervisorSocket&) = delete;

  // Returns the next datagram; empty when none arrives within a minute.
  [[nodiscard]] std::string next() const {
    char bytes[256];
    const ssize_t size = ::recv(descriptor_, bytes, sizeof(bytes), 0);
    return {bytes, size > 0 ? static_cast<std::size_t>(size) : 0};
  }

 private:
  int descriptor_;
};

RunRequest run_request(int number) {
  RunRequest request;
  request.workspace = examples::workspace();
  request.type = examples::type("demo.sync");
  request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
  return request;
}

TEST(Supervised, TheDaemonSaysWhenItListensAndWhenItStops) {
  const CliLedger ledger;
  for (const std::string& name :
       {(ledger.directory() / "notify").string(), fmt::format("@runledger-test-{}", ::getpid())}) {
    const SupervisorSocket supervisor(name);
    ProgramOptions options;
    options.environment = {{"NOTIFY_SOCKET", name}};
    Program daemon(ledger.command({"serve"}), options);
    EXPECT_EQ(supervisor.next(), "READY=1");
    const auto client = connect_client({.socket = ledger.data() / "socket", .token = {}});
    EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(run_request(1), {})));
    daemon.signal(SIGTERM);
    EXPECT_EQ(supervisor.next(), "STOPPING=1");
    EXPECT_EQ(daemon.wait().status, 0);
  }
}

TEST(Supervised, ByNobodyWhoListensTheDaemonServesAllTheSame) {
  const CliLedger ledger;
  for (const std::string name : {"/nowhere/notify", "not a path", "@", ""}) {
    ProgramOptions options;
    options.environment = {{"NOTIFY_SOCKET", name}};
    Program daemon(ledger.command({"serve", "--format", "json"}), options);
    EXPECT_TRUE(daemon.wait_for_output("\"listening\"")) << name;
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }
}

// Checks the unit file with the path of this build's program.
TEST(Supervised, BySystemdTheDaemonHasAUnitThatHolds) {
  if (run_program({"/bin/sh", "-c", "command -v systemd-analyze"}).status != 0) GTEST_SKIP() << "no systemd here";
  const CliLedger ledger;
  std::string unit = read_file(source_directory() / "scripts/runledger.service");
  const std::string_view installed = "/usr/local/bin/runledger";
  ASSERT_NE(unit.find(installed), std::string::npos);
  unit.replace(unit.find(installed), installed.size(), program_path());
  const ProgramResult checked = run_program(
      {"/bin/sh", "-c", "exec systemd-analyze verify \"$1\"", "sh", ledger.file("runledger.service", unit)});
  EXPECT_EQ(checked.status, 0);
  EXPECT_EQ(checked.out + checked.err, "");
}

// Runs a command under limits in the form of the shell's ulimit.
Arguments with_files(const std::string& limits, const Arguments& command) {
  Arguments all{"/bin/sh", "-c", "ulimit " + limits + "; exec \"$@\"", "sh"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

TEST(OpenFiles, TooFewToServeAreSaidAtOnce) {
  const CliLedger ledger;
  EXPECT_EQ(failure(run_program(with_files("-n 200", ledger.command({"serve"})))), "2 files.too_few");
  EXPECT_EQ(failure(run_program(with_files("-n 200", ledger.command({"serve", "--check-config"})))), "2 files.too_few");
}

TEST(OpenFiles, AreRaisedAsFarAsTheSystemLetsIt) {
  const CliLedger ledger;
  Program daemon(with_files("-Sn 300; ulimit -Hn 400", ledger.command({"serve", "--format", "json"})));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  EXPECT_TRUE(daemon.wait_for_error("files-limited")) << "1024 callers need more files than that";
  std::string limits = read_file(fmt::format("/proc/{}/limits", daemon.id()));
  limits.erase(0, limits.find("Max open files"));
  EXPECT_THAT(limits, testing::MatchesRegex("Max open files +400 +400 (.|\n)*"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

// The sockets of the process among its open files with the number `from` or a larger one.
std::size_t sockets_from(int from, pid_t process) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process))) {
    std::error_code closed;
    const std::string what = std::filesystem::read_symlink(file.path(), closed);
    if (std::stoi(file.path().filename()) >= from && what.starts_with("socket:")) ++count;
  }
  return count;
}

TEST(OpenFiles, ThatAreKeptForTheStoreAreNotForCallers) {
  const CliLedger ledger;
  Program daemon(with_files("-n 256", ledger.command({"serve", "--format", "json"})));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  const auto client = connect_client({.socket = ledger.data() / "socket", .token = {}});
  ASSERT_TRUE(std::holds_alternative<Reply>(client->submit(run_request(1), {})));
  std::deque<RpcPeer> callers;
  for (int i = 0; i < 300; ++i) callers.emplace_back(ledger.data() / "socket");
  EXPECT_TRUE(callers.back().is_closed()) << "there is no room for this caller";
  EXPECT_LE(sockets_from(128, daemon.id()), 1U) << "one that is being closed";
  EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(run_request(2), {})))
      << "connected callers are still served";
  callers.clear();
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
