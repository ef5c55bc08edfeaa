// Many processes compete for the same runs: one process gets each run, the daemon answers the others with it, and the
// answers together are the history of one ledger.
//
// The test starts a daemon, makes a named pipe, and starts each process as a child test of this program. A child
// connects, prints "ready", and opens the pipe, which blocks. When all are ready the test opens the other end, so that
// they all begin at the same time.
//
// Each child is a Competitor: for some seconds it requests runs of a hundred identities, starts them, sends heartbeats,
// repeats reports, contradicts itself and cancels runs of others, all at random. It records every call with the times
// before and after it, on the clock that all processes of a machine share, and writes the records to a file at the end.
//
// The test ends the daemon, reads the whole log and all records, and gives them to the checks of history_check.h. They
// decide whether the answers could have come from one ledger that carries out one command at a time.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <random>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/history_check.h"
#include "tests/fixtures/world/child_test.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

constexpr int kContendedIdentities = 100;

int processes() {
  return short_or_long(12, 64);
}
std::chrono::seconds duration() {
  return std::chrono::seconds(short_or_long(3, 30));
}

// --- one of the processes --------------------------------------------------------------------------------------------

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

// Requests, starts, ends and fails runs at random, and records its calls.
class Competitor {
 public:
  Competitor(LedgerClient& client, int process)
      : client_(client), process_(process), random_(static_cast<unsigned>(process)) {}

  void step() {
    identity_ = static_cast<int>(random_() % kContendedIdentities);
    const RunId run = request();
    const auto dice = random_() % 100;
    if (dice < 25) work_on(run);
    if (dice >= 97) fail(run);
  }
  [[nodiscard]] const std::vector<RecordedCall>& calls() const { return calls_; }

 private:
  RunId request() {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant();
    request.type = examples::type("demo.contended");
    request.input = examples::input(fmt::format("{{\"n\":{}}}", identity_));
    request.force = random_() % 4 == 0;
    RecordedCall& call = begin(CallKind::kRequest, {});
    call.force = request.force;
    end(call, client_.submit(request, {}));
    return call.reply.run;
  }

  // Leaves some attempts open, as workers that disappear do.
  void work_on(RunId run) {
    RecordedCall& call = begin(CallKind::kStart, run);
    end(call, client_.submit(StartAttempt{.run = run, .worker = sanitize(fmt::format("p{}", process_))}, {}));
    if (call.reply.verdict != Verdict::kStarted || !call.replied) return;
    const AttemptRef attempt{call.reply.attempt, call.reply.token};
    if (random_() % 4 == 0) heartbeat(run, attempt);
    if (random_() % 8 == 0) return;
    const FinishAttempt report = some_report(run, attempt);
    finish(report);
    if (random_() % 4 == 0) finish(report);
    if (random_() % 8 == 0) finish(some_report(run, attempt));
    if (random_() % 8 == 0) heartbeat(run, attempt);
  }

  void heartbeat(RunId run, const AttemptRef& attempt) {
    RecordedCall& call = begin(CallKind::kHeartbeat, run);
    call.attempt = attempt;
    end(call, client_.submit(Heartbeat{.run = run, .attempt = attempt}, {}));
  }

  FinishAttempt some_report(RunId run, const AttemptRef& attempt) {
    constexpr AttemptOutcome kOutcomes[] = {AttemptOutcome::kSucceeded, AttemptOutcome::kFailed,
                                            AttemptOutcome::kFailed, AttemptOutcome::kPartiallySucceeded,
                                            AttemptOutcome::kBlocked};
    FinishAttempt report;
    report.run = run;
    report.attempt = attempt;
    report.outcome = kOutcomes[random_() % std::size(kOutcomes)];
    report.summary_counts = examples::counts({{"items", random_() % 1000}});
    report.retryable = random_() % 3 != 0;
    return report;
  }

  void finish(const FinishAttempt& report) {
    RecordedCall& call = begin(CallKind::kFinish, report.run);
    call.attempt = std::get<AttemptRef>(report.attempt);
    call.outcome = report.outcome;
    call.items = report.summary_counts.begin()->second;
    call.retryable = report.retryable;
    end(call, client_.submit(report, {}));
  }

  void fail(RunId run) {
    RecordedCall& call = begin(CallKind::kFail, run);
    call.outcome = random_() % 2 == 0 ? AttemptOutcome::kCancelled : AttemptOutcome::kFailed;
    const SanitizedText message = sanitize(fmt::format("by p{}, its call {}", process_, calls_.size()));
    if (call.outcome == AttemptOutcome::kCancelled) {
      end(call, client_.submit(CancelRun{.run = run, .message = message}, {}));
    } else {
      end(call, client_.submit(FailRun{.run = run, .reason_code = examples::reason(), .message = message}, {}));
    }
  }

  RecordedCall& begin(CallKind kind, RunId run) {
    RecordedCall& call = calls_.emplace_back();
    call.process = process_;
    call.kind = kind;
    call.identity = identity_;
    call.run = run;
    call.invoked = now_ns();
    return call;
  }
  static void end(RecordedCall& call, const Answer& answer) {
    call.returned = now_ns();
    call.answered_by(answer);
  }

  LedgerClient& client_;
  int process_;
  int identity_ = 0;
  std::mt19937 random_;
  std::vector<RecordedCall> calls_;
};

std::filesystem::path calls_file(const std::filesystem::path& directory, int process) {
  return directory / fmt::format("calls-{}", process);
}

// The name of a pipe that the processes open for reading, which blocks until the test opens it for writing. So they all
// start at the same time.
constexpr char kStartingGun[] = "go";

TEST(Contention, DISABLED_OneOfTheProcesses) {
  const char* directory = child_directory();
  if (directory == nullptr) GTEST_SKIP() << "only as a child of another test";
  const int process = std::atoi(std::getenv("LEDGER_TESTS_CHILD_NUMBER"));
  const auto client = connect_client({.socket = std::filesystem::path(directory) / "data" / "socket", .token = {}});
  Competitor competitor(*client, process);
  std::puts("ready");
  std::fflush(stdout);
  ::close(::open((std::filesystem::path(directory) / kStartingGun).c_str(), O_RDONLY));
  const auto deadline = std::chrono::steady_clock::now() + duration();
  while (std::chrono::steady_clock::now() < deadline) competitor.step();
  write_calls(calls_file(directory, process), competitor.calls());
}

// --- all processes ---------------------------------------------------------------------------------------------------

std::vector<std::unique_ptr<Program>> start_all(const std::filesystem::path& directory) {
  std::vector<std::unique_ptr<Program>> all;
  for (int process = 0; process < processes(); ++process) {
    ProgramOptions options;
    options.environment["LEDGER_TESTS_CHILD_NUMBER"] = std::to_string(process);
    all.emplace_back(new Program(start_child("Contention.DISABLED_OneOfTheProcesses", directory, options)));
  }
  return all;
}

void print_figures(const std::vector<RecordedCall>& calls, const std::vector<Envelope>& log) {
  std::map<std::string, int> by_answer;
  for (const RecordedCall& call : calls) {
    std::string answer = call.replied ? std::string(to_string(call.reply.verdict)) : std::string(call.rejection());
    if (call.replied && call.reply.rule) answer += fmt::format(" by {}", to_string(*call.reply.rule));
    ++by_answer[answer + (call.replied && call.reply.repeated ? " again" : "")];
  }
  fmt::print("{} processes, {} calls, {} events\n", processes(), calls.size(), log.size());
  for (const auto& [answer, count] : by_answer) fmt::print("{:>8} {}\n", count, answer);
}

TEST(Contention, OfManyProcessesLeavesALinearizableHistoryWithOneActiveRunPerIdentity) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  const std::filesystem::path gun = ledger.directory() / kStartingGun;
  ASSERT_EQ(::mkfifo(gun.c_str(), 0600), 0);
  auto all = start_all(ledger.directory());
  for (auto& each : all) ASSERT_TRUE(each->wait_for_output("ready"));
  const int fired = ::open(gun.c_str(), O_RDWR);  // It stays open, so that no process comes too late.
  std::vector<RecordedCall> calls;
  for (int process = 0; process < processes(); ++process) {
    const ProgramResult ended = all[static_cast<std::size_t>(process)]->wait();
    ASSERT_EQ(ended.status, 0) << ended.out << ended.err;
    const auto own = read_calls(calls_file(ledger.directory(), process));
    calls.insert(calls.end(), own.begin(), own.end());
  }
  ::close(fired);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  const std::vector<Envelope> log = whole_log(ledger.data());
  print_figures(calls, log);
  EXPECT_EQ(summary_of(against_real_time(calls)), "");
  EXPECT_EQ(summary_of(against_the_rules(calls, log)), "");
  EXPECT_EQ(summary_of(against_a_register(calls)), "");
  EXPECT_EQ(summary_of(against_one_active_run(log)), "");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
