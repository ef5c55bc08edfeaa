// Workers are killed at any moment: every run still ends, each attempt ends once, the run has the counts of its final
// attempt, and the mirror shows it.
//
// The test runs a daemon, a Graph-like server that is slow and sometimes fails, and a handful of workers.
// RequestStreams request runs at random times. At the same time, let_something_happen() picks a worker at random and
// kills it, stops it, or freezes it with SIGSTOP until it is picked again. The lease is a second, so that killed and
// frozen attempts are lost and tried again while the test runs.
//
// Afterwards the test kills all workers, and drain() runs undisturbed workers until every run has ended. Then
// seen_in() counts the events of every run and attempt in the log, and the checks compare these counts with the rules:
// one request and one end for each run, one start and one end for each attempt, and late reports only for lost
// attempts. The rows, folded and mirrored, must have the counts of the final attempts.
//
// The checks have tests of their own, because a check that finds nothing is only worth something if it can find
// something.
#include <fmt/format.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/history_check.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_postgres.h"
#include "tests/tools/cli/commands/work_world.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr int kTenants = 6;
constexpr int kWorkers = 4;
constexpr int kPolicies = 10;
constexpr int kPoliciesOfARun = 3;
constexpr auto kLease = 1s;

// --- a stream of requests --------------------------------------------------------------------------------------------

// Requests runs of one tenant at random times until it is destroyed.
class RequestStream {
 public:
  RequestStream(LedgerClient& client, int tenant, unsigned seed)
      : client_(client), tenant_(tenant), random_(seed), thread_([this] { run(); }) {}
  ~RequestStream() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stopped_.notify_one();
    thread_.join();
  }
  RequestStream(const RequestStream&) = delete;
  RequestStream& operator=(const RequestStream&) = delete;

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, std::chrono::milliseconds(random_() % 200), [this] { return stopping_; }))
      request();
  }

  void request() {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant(fmt::format("t-{}", tenant_));
    request.type = examples::type("assignments.fetch");
    json policies = json::array();
    const auto first = random_() % (kPolicies - kPoliciesOfARun + 1);
    for (int i = 1; i <= kPoliciesOfARun; ++i)
      policies.push_back(fmt::format("p-{}", first + static_cast<unsigned>(i)));
    request.input = examples::input(json{{"policy_ids", policies}}.dump());
    EXPECT_TRUE(std::holds_alternative<Reply>(client_.submit(request, {})));
  }

  LedgerClient& client_;
  int tenant_;
  std::mt19937 random_;
  std::mutex mutex_;  // Guards stopping_.
  bool stopping_ = false;
  std::condition_variable stopped_;
  std::thread thread_;
};

// --- the runs in the log ---------------------------------------------------------------------------------------------

struct SeenAttempt {
  int starts = 0;
  int ends = 0;
  int late = 0;
  bool lost = false;
  Counts counts;
};
struct ExpectedRunState {
  int requests = 0;
  int ends = 0;
  std::map<std::uint32_t, SeenAttempt> attempts;
};
using SeenRuns = std::map<RunId, ExpectedRunState>;

SeenRuns seen_in(const std::vector<Envelope>& log) {
  SeenRuns runs;
  for (const Envelope& envelope : log) {
    ExpectedRunState& run = runs[envelope.run];
    if (std::holds_alternative<Requested>(envelope.event)) ++run.requests;
    if (std::holds_alternative<RunFailed>(envelope.event)) ++run.ends;
    if (const auto* started = std::get_if<AttemptStarted>(&envelope.event))
      ++run.attempts[started->attempt.value].starts;
    const auto* finished = std::get_if<AttemptFinished>(&envelope.event);
    if (finished == nullptr) continue;
    SeenAttempt& attempt = run.attempts[finished->attempt.value];
    if (finished->disposition == Disposition::kLate) {
      ++attempt.late;
      continue;
    }
    ++attempt.ends;
    attempt.lost = finished->outcome == AttemptOutcome::kLost;
    attempt.counts = finished->summary_counts;
    if (finished->disposition == Disposition::kCompletes) ++run.ends;
  }
  return runs;
}

struct Totals {
  int attempts = 0;
  int lost = 0;
  int late = 0;
};
Totals totals(const SeenRuns& runs) {
  Totals all;
  for (const auto& [id, run] : runs) {
    for (const auto& [number, attempt] : run.attempts) {
      ++all.attempts;
      all.lost += attempt.lost ? 1 : 0;
      all.late += attempt.late;
    }
  }
  return all;
}

// Checks that every run was requested once and ended once, and every attempt started once and ended once.
std::vector<std::string> against_one_end(const SeenRuns& runs) {
  std::vector<std::string> findings;
  for (const auto& [id, run] : runs) {
    const std::string name = format_uuid(id.value);
    if (run.requests != 1) findings.push_back(fmt::format("{} was requested {} times", name, run.requests));
    if (run.ends != 1) findings.push_back(fmt::format("{} ended {} times", name, run.ends));
    for (const auto& [number, attempt] : run.attempts) {
      if (attempt.starts != 1 || attempt.ends != 1)
        findings.push_back(
            fmt::format("attempt {} of {} started {} and ended {} times", number, name, attempt.starts, attempt.ends));
      if (attempt.late > 0 && !attempt.lost)
        findings.push_back(fmt::format("attempt {} of {} came late without having been lost", number, name));
    }
  }
  return findings;
}

json counts_of(const ExpectedRunState& run) {
  json counts = json::object();
  if (run.attempts.empty()) return counts;
  for (const auto& [key, value] : run.attempts.rbegin()->second.counts) counts[key.str()] = value;
  return counts;
}

// Checks that every row has the status of its run and the counts of its final attempt.
std::vector<std::string> against_final_counts(const SeenRuns& runs, const std::vector<json>& rows) {
  std::vector<std::string> findings;
  if (rows.size() != runs.size()) findings.push_back(fmt::format("{} rows of {} runs", rows.size(), runs.size()));
  for (const json& row : rows) {
    const std::string name = row.at("run_id");
    const ExpectedRunState& run = runs.at(RunId{*parse_uuid(name, "run_id")});
    if (row.at("status") != "completed") findings.push_back(name + " is " + row.at("status").get<std::string>());
    const json& counts = row.at("summary_counts");
    if (counts != counts_of(run)) findings.push_back(name + " counts " + counts.dump());
    const std::string outcome = row.at("outcome");
    if ((outcome == "succeeded" || outcome == "partially_succeeded") && counts.value("processed", 0) != kPoliciesOfARun)
      findings.push_back(name + " succeeded with " + counts.dump());
  }
  return findings;
}

// --- tests of these checks -------------------------------------------------------------------------------------------

std::vector<Envelope> log_of(std::vector<Event> events) {
  std::vector<Envelope> log;
  for (Event& event : events) {
    log.emplace_back();
    log.back().run = examples::run_id(1);
    log.back().event = std::move(event);
  }
  return log;
}

AttemptFinished end_of(std::uint32_t attempt, AttemptOutcome outcome, Disposition disposition) {
  AttemptFinished finished;
  finished.attempt = AttemptNumber{attempt};
  finished.outcome = outcome;
  finished.disposition = disposition;
  return finished;
}

AttemptStarted start_of(std::uint32_t attempt) {
  AttemptStarted started;
  started.attempt = AttemptNumber{attempt};
  return started;
}

TEST(KilledWorkersCheck, LetsALateEndOfALostAttemptPass) {
  const auto log = log_of({Requested{}, start_of(1), end_of(1, AttemptOutcome::kLost, Disposition::kRetries),
                           start_of(2), end_of(1, AttemptOutcome::kSucceeded, Disposition::kLate),
                           end_of(2, AttemptOutcome::kSucceeded, Disposition::kCompletes)});
  EXPECT_EQ(summary_of(against_one_end(seen_in(log))), "");
}

TEST(KilledWorkersCheck, FindsAnAttemptThatWasReapedTwice) {
  const AttemptFinished lost = end_of(1, AttemptOutcome::kLost, Disposition::kRetries);
  const auto log = log_of({Requested{}, start_of(1), lost, lost, start_of(2),
                           end_of(2, AttemptOutcome::kSucceeded, Disposition::kCompletes)});
  EXPECT_EQ(against_one_end(seen_in(log)).size(), 1U);
}

TEST(KilledWorkersCheck, FindsWhatNeverEnded) {
  EXPECT_EQ(against_one_end(seen_in(log_of({Requested{}, start_of(1)}))).size(), 2U) << "the attempt and the run";
}

TEST(KilledWorkersCheck, FindsCountsOfAnEarlierAttempt) {
  AttemptFinished counted = end_of(1, AttemptOutcome::kFailed, Disposition::kRetries);
  counted.summary_counts = examples::counts({{"total", 3}});
  const SeenRuns runs = seen_in(log_of({Requested{}, start_of(1), counted, start_of(2),
                                        end_of(2, AttemptOutcome::kFailed, Disposition::kExhausts), RunFailed{}}));
  json row{{"run_id", format_uuid(examples::run_id(1).value)},
           {"status", "completed"},
           {"outcome", "failed"},
           {"summary_counts", json::object()}};
  EXPECT_EQ(summary_of(against_final_counts(runs, {row})), "");
  row["summary_counts"] = {{"total", 3}};
  EXPECT_EQ(against_final_counts(runs, {row}).size(), 1U);
}

// --- the test with killed workers ------------------------------------------------------------------------------------

class KilledWorkers : public WorkWorld {
 protected:
  KilledWorkers()
      : WorkWorld({.policies = kPolicies,
                   .failing_policies = {fmt::format("p-{}", kPolicies)},
                   .throttle_every = 50,
                   .delay_ms = 20}) {}

  std::string dsn = PrivatePostgres::shared().make_database();
  unsigned seed = std::random_device{}();
  std::mt19937 random{seed};
  struct Mortal {
    std::unique_ptr<Program> program;
    bool is_frozen = false;
  };
  std::vector<Mortal> workers;
  int killed = 0;
  int stopped = 0;
  int frozen = 0;

  std::unique_ptr<Program> start_worker() const {
    ProgramOptions options = environment();
    options.error_to = (ledger.directory() / "workers.log").string();
    return std::make_unique<Program>(
        ledger.command({"work", "--type", "assignments.fetch", "--concurrency", "3", "--grace", "0"}), options);
  }
  void kill(Program& worker) {
    worker.signal(SIGKILL);
    EXPECT_EQ(worker.wait().status, 128 + SIGKILL);
    ++killed;
  }
  void stop(Program& worker) {
    worker.signal(SIGTERM);
    const int status = worker.wait().status;
    EXPECT_TRUE(status == 0 || status == 128 + SIGTERM)
        << status << ": SIGTERM may also end a worker that has only just started";
    ++stopped;
  }
  // Stops a worker until it is chosen again. Its leases may run out in the meantime, and its reports come late then.
  void freeze(Mortal& worker) {
    worker.program->signal(SIGSTOP);
    worker.is_frozen = true;
    ++frozen;
  }
  void let_something_happen() {
    Mortal& worker = workers[random() % workers.size()];
    if (worker.is_frozen) {
      worker.program->signal(SIGCONT);
      worker.is_frozen = false;
      return;
    }
    const auto what = random() % 8;
    if (what == 0) return freeze(worker);
    if (what == 1) {
      stop(*worker.program);
    } else {
      kill(*worker.program);
    }
    worker.program = start_worker();
  }

  // Kills, stops and freezes workers for that long while requests stream in, and then kills all workers.
  void live(std::chrono::seconds duration) {
    const auto client = connect_client({.socket = ledger.data() / "socket", .token = {}});
    std::vector<std::unique_ptr<RequestStream>> streams;
    for (int tenant = 0; tenant < kTenants; ++tenant)
      streams.push_back(std::make_unique<RequestStream>(*client, tenant, random()));
    while (std::ssize(workers) < kWorkers) workers.push_back({.program = start_worker()});
    std::mutex mutex;
    std::condition_variable never_notified;
    const auto deadline = steady_clock::now() + duration;
    while (steady_clock::now() < deadline) {
      std::unique_lock lock(mutex);
      never_notified.wait_for(lock, std::chrono::milliseconds(random() % 300));  // The time is random on purpose.
      let_something_happen();
    }
    for (Mortal& worker : workers) kill(*worker.program);
  }

  // Waits until every run has ended.
  void drain() const {
    const auto reader = remote_reader(connect_link({.socket = ledger.data() / "socket", .token = {}}));
    const auto has = [&](RunStatus status) {
      RunFilter filter;
      filter.status = status;
      return !reader->list(filter, 1, "")->rows.empty();
    };
    const auto deadline = steady_clock::now() + 2min;
    while (has(RunStatus::kQueued) || has(RunStatus::kRunning)) {
      ASSERT_LT(steady_clock::now(), deadline) << "runs are left: " << read_file(ledger.directory() / "workers.log");
      const ProgramResult done = work({"--type", "assignments.fetch", "--concurrency", "16", "--until-idle"});
      ASSERT_EQ(done.status, 0) << done.err;
    }
  }
};

TEST_F(KilledWorkers, LeaveEveryRunEndedOnceWithTheCountsOfItsFinalAttempt) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  serve(kLease, {"--postgres", dsn});
  // Only a kill ends the worker that gets this response.
  graph.plan({.part = "GET", .trouble = GraphTrouble::kSilence});
  live(std::chrono::seconds(short_or_long(5, 120)));
  drain();
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait().status, 0);

  const std::vector<Envelope> log = whole_log(ledger.data());
  const SeenRuns runs = seen_in(log);
  const auto [attempts, lost, late] = totals(runs);
  fmt::print(
      "{} workers killed, {} stopped, {} frozen; {} runs, {} attempts, {} of them lost, {} late ends; {} events\n",
      killed, stopped, frozen, runs.size(), attempts, lost, late, log.size());
  EXPECT_GT(lost, 0);
  EXPECT_EQ(summary_of(against_one_end(runs)), "");
  EXPECT_EQ(summary_of(against_one_active_run(log)), "");
  EXPECT_EQ(summary_of(against_final_counts(runs, ledger.json_lines({"replay", "--state"}))), "");
  ledger.json({"project", "--postgres", dsn, "--once"});  // Mirrors the events that the daemon had no time for.
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
  const json mirrored = ledger.json({"verify", "--postgres", dsn});
  EXPECT_EQ(mirrored.at("ok"), true);
  EXPECT_EQ(runs.size(), mirrored.at("mirror_rows"));
}

}  // namespace
}  // namespace runledger
