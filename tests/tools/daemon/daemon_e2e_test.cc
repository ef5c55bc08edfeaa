// The daemon: many processes on one ledger, access to it, and its end.
//
// Each test has a ledger and a real daemon that listens on the socket in the ledger's directory. Callers are the
// program itself, which finds the daemon by that socket, and clients of the library in the test's process. A test ends,
// kills or stops the daemon by a signal and checks what its clients and the ledger see.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Daemon : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon = serving();

  // Starts a daemon and waits until it listens.
  std::unique_ptr<Program> serving() {
    auto program = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }
  ProgramResult end(int signal = SIGTERM) {
    daemon->signal(signal);
    return daemon->wait();
  }

  [[nodiscard]] std::filesystem::path socket() const { return ledger.data() / "socket"; }
  [[nodiscard]] std::unique_ptr<LedgerClient> client(const std::string& token = "") const {
    return connect_client({.socket = socket(), .token = token});
  }
  [[nodiscard]] std::string issue(const Arguments& scope_and_rights) const {
    Arguments arguments{"token", "issue"};
    arguments.insert(arguments.end(), scope_and_rights.begin(), scope_and_rights.end());
    return ledger.json(arguments).at("token");
  }
  static RunRequest run_request(int number) {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant();
    request.type = examples::type("demo.sync");
    request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    return request;
  }
};

TEST_F(Daemon, HasThreadsThatAreNamedAfterTheirWork) {
  const std::set<std::string> expected = {"runledger", "sequencer", "mark-keeper", "rows",
                                          "claims",    "reaper",    "rpc",         "rpc-reads"};
  std::set<std::string> names;
  // A thread names itself when it begins, which may be a moment after the daemon listens.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end && !std::ranges::includes(names, expected)) {
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", daemon->id()))) {
      std::ifstream comm(task.path() / "comm");
      std::string name;
      std::getline(comm, name);
      names.insert(name);
    }
  }
  EXPECT_TRUE(std::ranges::includes(names, expected)) << fmt::format("{}", fmt::join(names, ", "));
}

TEST_F(Daemon, IsFoundByTheCommandsThatAppend) {
  const std::string run = ledger.request();
  const json started = ledger.start(run);
  EXPECT_EQ(ledger.json({"heartbeat", run, "--attempt", "1", "--token", started.at("token").dump()}).at("decision"),
            "alive");
  EXPECT_EQ(ledger.finish(run, started, {"--outcome", "succeeded"}).at("decision"), "finished");
  EXPECT_EQ(failure(ledger.run({"fail", run, "--reason", "demo.broken"})), "4 run.completed");
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "assignments.fetch"})),
            "2 tenant.required");
  EXPECT_EQ(end().status, 0);
  EXPECT_EQ(ledger.json({"show", run}).at("run").at("status"), "completed");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Daemon, HoldsTheLedgerForItself) {
  const ProgramResult second = ledger.run({"serve", "--lock-wait", "0s"});
  EXPECT_EQ(failure(second), "6 ledger.busy");
  EXPECT_THAT(second.err, HasSubstr(std::to_string(daemon->id())));
  EXPECT_FALSE(ledger.request().empty()) << "the first daemon still serves";
}

TEST_F(Daemon, ThatWaitedInVainForTheLedgerSaysWhoHoldsIt) {
  const ProgramResult second = ledger.run({"serve", "--lock-wait", "1s", "--log-format", "json"});
  EXPECT_EQ(second.status, 6);
  const std::vector<std::string> lines = lines_of(second.err);
  ASSERT_EQ(lines.size(), 2U) << "it says once that it waits, and then that it ends";
  EXPECT_THAT(lines[0], HasSubstr(R"("event":"ledger-awaited","seconds":1)"));
  EXPECT_THAT(lines[0], HasSubstr(fmt::format("process {}", daemon->id())));
  EXPECT_THAT(lines[1], HasSubstr("ledger.busy"));
}

TEST_F(Daemon, StartsWhenWhoeverHoldsTheLedgerLetsItGo) {
  auto next = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(next->wait_for_error("ledger-awaited"));
  EXPECT_EQ(next->output(), "") << "it is not ready yet";
  EXPECT_EQ(end().status, 0);
  ASSERT_TRUE(next->wait_for_output("\"listening\""));
  EXPECT_FALSE(ledger.request().empty());
  next->signal(SIGTERM);
  EXPECT_EQ(next->wait().status, 0);
}

TEST_F(Daemon, EndsAtOnceWhileItWaitsForTheLedger) {
  Program next(ledger.command({"serve", "--lock-wait", "1h", "--format", "json"}));
  ASSERT_TRUE(next.wait_for_error("ledger-awaited"));
  next.signal(SIGTERM);
  const ProgramResult ended = next.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_FALSE(ledger.request().empty()) << "the first daemon still serves";
}

TEST_F(Daemon, EndsInOrderAndTakesItsSocketAlong) {
  (void)ledger.request();
  const ProgramResult ended = end();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Daemon, ThatWasKilledLosesNothingAndLeavesNobodyStuck) {
  const std::string run = ledger.request();
  EXPECT_EQ(end(SIGKILL).status, 128 + SIGKILL);
  ASSERT_TRUE(std::filesystem::exists(socket())) << "the socket exists, but no daemon listens";
  EXPECT_EQ(ledger.start(run).at("decision"), "started") << "the command goes straight to the directory";
  daemon = serving();
  EXPECT_EQ(ledger.start(run).at("decision"), "skipped") << "the command goes through the new daemon";
}

TEST_F(Daemon, ThatComesBackFindsItsClientsWaiting) {
  const auto remote = client();
  ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(1), {})));
  EXPECT_EQ(end(SIGKILL).status, 128 + SIGKILL);
  std::thread restart([&] { daemon = serving(); });
  const Answer answer = remote->submit(run_request(2), {});
  restart.join();
  ASSERT_TRUE(std::holds_alternative<Reply>(answer));
  EXPECT_EQ(std::get<Reply>(answer).verdict, Verdict::kRequested);
}

TEST_F(Daemon, ThatIsGoneBeforeACommandIsSentHasDoneNothing) {
  const auto hasty = connect_client({.socket = socket(), .token = "", .timeout = std::chrono::milliseconds(300)});
  ASSERT_TRUE(std::holds_alternative<Reply>(hasty->submit(run_request(1), {})));
  EXPECT_EQ(end().status, 0);
  // The link notices a moment later. Until then, a command counts as sent.
  std::string code;
  for (int i = 0; i < 100 && code.empty(); ++i) {
    code = failure_of([&] { return hasty->submit(run_request(2), {}); }).code;
  }
  EXPECT_EQ(code, "daemon.unreachable");
  EXPECT_EQ(ledger.json({"stats"}).at("runs"), 1);
}

TEST_F(Daemon, IsNotReachedByAProcessThatMayOpenNoFilesAndSaysSo) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "this sanitizer needs a pipe to check memory, and so cannot do without files either";
#endif
  std::string line = "ulimit -n 5; exec \"$@\"";
  Arguments limited{"/bin/sh", "-c", line, "sh"};
  for (const std::string& argument : ledger.command({"stats"})) limited.push_back(argument);
  EXPECT_EQ(failure(run_program(limited)), "6 system.exhausted");
}

TEST_F(Daemon, ThatHangsHangsNoClient) {
  const auto hasty = connect_client({.socket = socket(), .token = "", .timeout = std::chrono::milliseconds(300)});
  daemon->signal(SIGSTOP);
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(hasty->submit(run_request(1), {})));
  daemon->signal(SIGCONT);
  EXPECT_TRUE(std::holds_alternative<Reply>(client()->submit(run_request(1), {})));
  EXPECT_TRUE(std::holds_alternative<Reply>(hasty->submit(run_request(1), {}))) << "it connects again";
}

TEST_F(Daemon, LeavesWhatIsNotItsOwnWhereItWouldListen) {
  const CliLedger other;
  const std::string precious = other.file("precious", "text");
  EXPECT_EQ(failure(other.run({"serve", "--listen", "unix:" + precious})), "2 listen.failed");
  EXPECT_EQ(read_file(precious), "text");
  EXPECT_EQ(failure(other.run({"serve", "--listen", "unix:" + socket().string()})), "2 listen.failed");
  EXPECT_FALSE(ledger.request().empty()) << "this daemon still serves";
}

TEST_F(Daemon, StartsByIdentityForAWorkerThatHasOnlyItsInput) {
  const auto remote = client();
  const IdentityStart start{.request = run_request(1), .worker = sanitize("w")};
  const CommandOptions options{.id = CommandId{examples::run_id(7).value}};
  const Reply first = std::get<Reply>(remote->submit(start, options));
  EXPECT_EQ(first.verdict, Verdict::kStarted);
  EXPECT_EQ(first.attempt, AttemptNumber{1});
  EXPECT_TRUE(std::get<Reply>(remote->submit(start, options)).repeated);
  EXPECT_EQ(std::get<Reply>(remote->submit(start, {})).rule, DedupeRule::kAttemptActive);
  const RunId queued = std::get<Reply>(remote->submit(run_request(2), {})).run;
  const Reply taken =
      std::get<Reply>(remote->submit(IdentityStart{.request = run_request(2), .worker = sanitize("w")}, {}));
  EXPECT_EQ(taken.verdict, Verdict::kStarted);
  EXPECT_EQ(queued, taken.run) << "the queued run of the same identity is started";
}

TEST_F(Daemon, AnswersManyCallersWithOneRunPerIdentity) {
  constexpr int kCallers = 16;
  constexpr int kIdentities = 20;
  std::vector<std::thread> callers;
  std::vector<std::vector<Reply>> replies(kCallers);
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const auto remote = client();
      for (int n = 0; n < kIdentities; ++n) {
        replies[static_cast<std::size_t>(i)].push_back(std::get<Reply>(remote->submit(run_request(n), {})));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (std::size_t n = 0; n < kIdentities; ++n) {
    std::set<RunId> runs;
    int requested = 0;
    for (const std::vector<Reply>& of_one : replies) {
      runs.insert(of_one[n].run);
      if (of_one[n].verdict == Verdict::kRequested) ++requested;
    }
    EXPECT_EQ(runs.size(), 1U) << "identity " << n;
    EXPECT_EQ(requested, 1) << "identity " << n;
  }
  EXPECT_EQ(end().status, 0);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Daemon, KnowsItsCallersByTheirTokens) {
  const auto north = client(issue({"--workspace", "acme", "--tenant", "north", "--right", "request"}));
  RunRequest mine = run_request(1);
  mine.tenant = examples::tenant("north");
  EXPECT_TRUE(std::holds_alternative<Reply>(north->submit(mine, {})));
  const Answer foreign = north->submit(run_request(1), {});
  EXPECT_EQ(std::get<Rejection>(foreign).code, "scope.not_found");
  const Answer unrightful = north->submit(StartAttempt{.run = examples::run_id(1), .worker = {}}, {});
  EXPECT_EQ(std::get<Rejection>(unrightful).code, "access.denied");
  const auto stranger = client("rlt_" + std::string(64, '0'));
  EXPECT_EQ(std::get<Rejection>(stranger->submit(mine, {})).code, "access.unauthenticated");
}

TEST_F(Daemon, FailsARunOnlyAsItWasSeen) {
  const auto worker = client();
  const RunId run = std::get<Reply>(worker->submit(run_request(1), {})).run;
  FailRun fail{.run = run, .reason_code = examples::reason("adapter.out_of_sync"), .message = {}};
  fail.outcome = RunOutcome::kCancelled;
  fail.seen = ExpectedRunState{.status = RunStatus::kRunning, .attempt = AttemptNumber{1}};
  EXPECT_EQ(std::get<Rejection>(worker->submit(fail, {})).code, "run.changed");
  ASSERT_TRUE(std::holds_alternative<Reply>(worker->submit(StartAttempt{.run = run, .worker = {}}, {})));
  EXPECT_EQ(std::get<Reply>(worker->submit(fail, {})).outcome, RunOutcome::kCancelled);
  EXPECT_EQ(end().status, 0);
  EXPECT_EQ(ledger.json({"show", format_uuid(run.value)}).at("run").at("reason_code"), "adapter.out_of_sync");
}

TEST_F(Daemon, RecordsWhoFailedOrCancelledARun) {
  const auto caller = client();
  FailRun fail{.run = {}, .reason_code = examples::reason(), .message = {}};
  fail.initiator = sanitize("ann");
  fail.run = std::get<Reply>(caller->submit(run_request(1), {})).run;
  const CancelRun cancel{
      .run = std::get<Reply>(caller->submit(run_request(2), {})).run, .message = {}, .initiator = sanitize("bob")};
  EXPECT_TRUE(std::holds_alternative<Reply>(caller->submit(fail, {})));
  EXPECT_TRUE(std::holds_alternative<Reply>(caller->submit(cancel, {})));
  EXPECT_EQ(end().status, 0);
  const std::vector<json> events = ledger.json_lines({"replay"});
  EXPECT_EQ(events.at(2).at("data").at("initiator"), "ann");
  EXPECT_EQ(events.at(3).at("data").at("initiator"), "bob");
}

TEST_F(Daemon, TellsWhatIsLeftOfALease) {
  const auto worker = client();
  const RunId run = std::get<Reply>(worker->submit(run_request(1), {})).run;
  EXPECT_EQ(std::get<Rejection>(worker->submit(ExpireLease{run}, {})).code, "attempt.not_open");
  ASSERT_TRUE(std::holds_alternative<Reply>(worker->submit(StartAttempt{.run = run, .worker = {}}, {})));
  const Reply left = std::get<Reply>(worker->submit(ExpireLease{run}, {}));
  EXPECT_EQ(left.verdict, Verdict::kAlive);
  EXPECT_GT(*left.retry_after, std::chrono::seconds(0));
  EXPECT_EQ(std::get<Rejection>(worker->submit(ExpireLease{examples::run_id(9)}, {})).code, "run.not_found");
  const auto stranger = client(issue({"--workspace", "globex", "--right", "work"}));
  EXPECT_EQ(std::get<Rejection>(stranger->submit(ExpireLease{run}, {})).code, "run.not_found");
}

// Sends bytes that belong to no protocol, and returns whether the daemon closes the connection.
bool is_closed_after(const std::filesystem::path& socket, std::string_view bytes) {
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  EXPECT_EQ(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(static_cast<ssize_t>(bytes.size()), ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  ::shutdown(connection, SHUT_WR);
  char received[4096];
  ssize_t count = 0;
  while ((count = ::recv(connection, received, sizeof(received), 0)) > 0) {
  }
  ::close(connection);
  return count <= 0;
}

TEST_F(Daemon, ClosesConnectionsThatSpeakNoRpcAndServesTheOthers) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"\xFF\xFF\xFF\xFF"s, "\xFF\xFF\xFF\x7F\0\0\0\0"s, std::string(4096, '\xFF'), "GET / HTTP/1.1\r\n\r\n"s,
        "\0\0\0\0\xFF\xFF\xFF\xFF"s, "\0\0\0\0\1\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, "\0"s, ""s}) {
    EXPECT_TRUE(is_closed_after(socket(), bytes));
  }
  EXPECT_FALSE(ledger.request().empty());
}

TEST_F(Daemon, CannotListenOnAPathThatIsTooLong) {
  const CliLedger other;
  EXPECT_EQ(failure(other.run({"serve", "--listen", "unix:/tmp/" + std::string(120, 'a')})), "2 listen.failed");
  EXPECT_EQ(failure(other.run({"serve", "--listen", "127.0.0.1"})), "2 listen.invalid");
}

TEST(HttpOption, OpensTheSameLedgerToHttp) {
  const CliLedger ledger;
  const std::string token =
      ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "request"}).at("token");
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"http\""));
  const std::string run = ledger.request();
  daemon.signal(SIGTERM);
  const ProgramResult ended = daemon.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(json::parse(ended.out).at("http").get<std::string>().starts_with("http://127.0.0.1:"));
  EXPECT_EQ(ledger.json({"show", run}).at("run").at("status"), "queued");
}

TEST(HttpOption, RefusesWhatItCannotListenOn) {
  const CliLedger ledger;
  for (const char* address : {"8080", ":8080", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:8 080"})
    EXPECT_EQ(failure(ledger.run({"serve", "--http", address})), "2 http.invalid") << address;
  EXPECT_EQ(failure(ledger.run({"serve", "--http", "0.0.0.0:0"})), "2 http.invalid") << "the port has no encryption";
  EXPECT_EQ(failure(ledger.run({"serve", "--http-host", "runs.example"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"serve", "--http", "192.0.2.1:80", "--insecure-listen"})), "2 listen.failed");
}

TEST(ConnectOption, NamesADaemonElsewhere) {
  const CliLedger ledger;
  const std::string file = ledger.file("token", "rlt_0\n");
  EXPECT_EQ(failure(ledger.run(
                {"--connect", "unix:/nowhere", "--token-file", file, "start", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"})),
            "6 daemon.unreachable");
  EXPECT_EQ(failure(ledger.run({"--connect", "nowhere", "types"})), "2 connect.invalid");
  EXPECT_EQ(failure(ledger.run({"--token-file", file, "types"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"--connect", "unix:/nowhere", "--token-file", "/nowhere", "types"})),
            "2 token_file.unreadable");
}

TEST(TokenCommand, IssuesListsAndRevokes) {
  const CliLedger ledger;
  const json issued = ledger.json({"token", "issue", "--workspace", "acme", "--right", "work", "--right", "audit"});
  EXPECT_EQ(issued.at("rights"), json::array({"work", "audit"}));
  const ProgramResult listed = ledger.run({"token", "list"});
  EXPECT_THAT(listed.out, HasSubstr(issued.at("id").get<std::string>()));
  EXPECT_EQ(listed.out.find(issued.at("token").get<std::string>().substr(4)), std::string::npos);
  ledger.json({"token", "revoke", issued.at("id")});
  EXPECT_EQ(failure(ledger.run({"token", "revoke", issued.at("id")})), "4 token.not_found");
}

TEST_F(Daemon, KnowsTheDayOnWhichATokenWasLastUsed) {
  const std::string used = issue({"--workspace", "acme", "--right", "request"});
  const std::string unused = issue({"--workspace", "acme", "--right", "request"});
  const std::string before = format_time(SystemClock().now()).substr(0, 10);
  (void)client(used)->submit(run_request(1), {});
  EXPECT_EQ(end().status, 0);
  const std::string after = format_time(SystemClock().now()).substr(0, 10);
  const std::vector<json> listed = ledger.json_lines({"token", "list"});
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_THAT(listed[0].at("last_used_on"), testing::AnyOf(before, after));
  EXPECT_EQ(listed[1].at("last_used_on"), nullptr);
  EXPECT_THAT(ledger.run({"token", "list"}).out, HasSubstr("LAST USED"));
}

TEST(TokenCommand, RotatesATokenUnderItsName) {
  const CliLedger ledger;
  const json issued = ledger.json(
      {"token", "issue", "--name", "ci runner", "--workspace", "acme", "--right", "work", "--expires", "30d"});
  EXPECT_EQ(issued.at("name"), "ci runner");
  const json rotated = ledger.json({"token", "rotate", issued.at("id"), "--overlap", "2h"});
  EXPECT_EQ(rotated.at("name"), "ci runner");
  EXPECT_EQ(rotated.at("rights"), json::array({"work"}));
  EXPECT_NE(rotated.at("token"), issued.at("token"));
  EXPECT_GE(rotated.at("expires_at"), issued.at("expires_at"));
  const std::vector<json> listed = ledger.json_lines({"token", "list"});
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_LT(listed[0].at("expires_at"), issued.at("expires_at"));
  EXPECT_EQ(listed[1].at("id"), rotated.at("id"));
  EXPECT_THAT(ledger.run({"token", "list"}).out, HasSubstr("ci runner"));
  EXPECT_EQ(ledger.run({"token", "rotate", rotated.at("id"), "--overlap", "0s"}).status, 0);
  EXPECT_EQ(failure(ledger.run({"token", "rotate", rotated.at("id")})), "4 token.not_found");
}

TEST(TokenCommand, RefusesWhatMakesNoSense) {
  const CliLedger ledger;
  const std::string id = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  EXPECT_EQ(failure(ledger.run({"token", "rotate", id, "--right", "work"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"token", "rotate", id, "--overlap", "1"})), "2 overlap.invalid");
  EXPECT_EQ(failure(ledger.run({"token", "rotate", id, "--expires", "0d"})), "2 expires.invalid");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--workspace", "acme", "--right", "work", "--overlap", "1h"})),
            "2 usage");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--workspace", "acme", "--right", "work", "--name", " "})),
            "2 token_name.invalid");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--right", "work"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--workspace", "acme"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"token", "make"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--workspace", "acme", "--right", "fly"})), "2 right.invalid");
  EXPECT_EQ(failure(ledger.run({"token", "issue", "--workspace", "acme", "--right", "operate"})), "2 right.invalid");
  EXPECT_EQ(failure(ledger.run(
                {"token", "issue", "--workspace", "acme", "--right", "work", "--expires", "2001-01-01T00:00:00Z"})),
            "2 expires.invalid");
  EXPECT_EQ(failure(ledger.run({"token", "revoke", "1"})), "2 token_id.invalid");
}

}  // namespace
}  // namespace runledger
