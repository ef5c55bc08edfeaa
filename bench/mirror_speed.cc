// Measures how fast the mirror follows, rebuilds and verifies, and how long Postgres alone needs for the same rows.
//
//   mirror_speed DSN [RUNS]      DSN: a database on this machine, as superuser, that the program may fill and empty.
//                                RUNS: the number of runs; the default is 100000.
//
// Each run has three events. The whole measurement is done twice, with two orders of events in the log:
// - "together": the events of a run are close together, so that a batch holds whole runs;
// - "spread": the next event of a run comes 20,000 runs later, so that a batch holds one event each of many runs.
//
// measure() writes such a log with History, which appends made-up events to an EventLog directly and so bypasses the
// sequencer. Then it times, in this order: following the second half of the log, in small batches and with a long lag;
// following the whole log from the beginning, verifying, a rebuild that finds no difference, the same rows by COPY
// alone, a rebuild of an empty table, the fold without Postgres, and a rebuild in which every row differs. The order
// matters: each step expects the complete table that the one before it leaves.
//
// Each line shows the rate, the wall time, and per item the processor time of this program and of the Postgres servers.
// All data is in the schema "bench" and the table "raw_copy", which are dropped before and after.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/transaction>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/event_log.h"
#include "ledger/values/number.h"
#include "projections/folds/fold.h"
#include "projections/postgres/mirror.h"
#include "projections/postgres/mirror_rows.h"
#include "projections/postgres/mirror_verify.h"

namespace runledger {
namespace {

constexpr std::int64_t kMorningUs = 1'767'600'000'000'000;  // 2026-01-05T08:00:00Z

// The cost of a piece of work in seconds: wall time, and processor time of this program and of the Postgres servers. On
// a machine that others use as well, the processor times say more than the wall time.
struct Cost {
  double wall = 0;
  double own = 0;
  double servers = 0;
};

// The processor time so far of all processes named "postgres".
double server_seconds() {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (!std::getline(file, line) || line.find("(postgres)") == std::string::npos) continue;
    std::istringstream fields(line.substr(line.find(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Cost now() {
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(wall).count(), static_cast<double>(std::clock()) / CLOCKS_PER_SEC,
          server_seconds()};
}

Cost cost_of(const std::function<void()>& work) {
  const Cost start = now();
  work();
  const Cost end = now();
  return {end.wall - start.wall, end.own - start.own, end.servers - start.servers};
}

void print(const std::string& what, double count, const char* unit, const Cost& cost) {
  fmt::print("{:<38} {:>9.0f} {:>6}/s {:>7.2f} s; processor per one: {:>6.2f} us here, {:>6.2f} us in Postgres\n", what,
             count / cost.wall, unit, cost.wall, 1e6 * cost.own / count, 1e6 * cost.servers / count);
  (void)std::fflush(stdout);
}

template <class T>
T valid(Result<T> result) {
  if (!result) std::abort();
  return *std::move(result);
}

// Writes the three events of each of `runs` runs. In step N, run N gets its first event, run N - `under_way` its
// second, and run N - 2 * `under_way` its third. So 1 keeps the events of a run close together.
class History {
 public:
  History(EventLog& log, int runs, int under_way) : log_(log), runs_(runs), under_way_(under_way) {}

  [[nodiscard]] int steps() const { return runs_ + 2 * under_way_; }

  // Writes the events of the next steps, up to the one before `end`.
  void write(int end) {
    for (; step_ < end; ++step_) {
      if (step_ < runs_) add(step_, 1);
      if (step_ >= under_way_ && step_ - under_way_ < runs_) add(step_ - under_way_, 2);
      if (step_ >= 2 * under_way_) add(step_ - 2 * under_way_, 3);
    }
    flush();
  }

 private:
  void add(int run, std::uint32_t version) {
    Envelope envelope;
    envelope.sequence = Sequence{++sequence_};
    for (std::size_t byte = 0; byte < 16; ++byte)
      envelope.run.value.bytes[byte] =
          static_cast<std::uint8_t>(mix(static_cast<std::uint64_t>(run) * 2 + (byte > 7)) >> (8 * (byte % 8)));
    envelope.run_version = RunVersion{version};
    const int tenant = run % 50;
    envelope.scope = Scope{workspace_, valid(parse_tenant(fmt::format("tenant-{}", tenant)))};
    envelope.scope_sequence = ScopeSequence{++scopes_[static_cast<std::size_t>(tenant)]};
    envelope.recorded_at = Time{kMorningUs + static_cast<std::int64_t>(sequence_) * 731};
    envelope.event = event(run, version);
    batch_.events.push_back(std::move(envelope));
    if (batch_.events.size() == 4096) flush();
  }

  Event event(int run, std::uint32_t version) const {
    if (version == 2) return AttemptStarted{AttemptNumber{1}, worker_, std::chrono::seconds(60), {}};
    if (version == 3) {
      AttemptFinished finished;
      finished.attempt = AttemptNumber{1};
      for (const char* key : {"total", "processed", "succeeded", "failed"})
        finished.summary_counts.emplace(valid(parse_count_key(key)), static_cast<std::uint64_t>(run % 500));
      return finished;
    }
    Requested requested;
    requested.type = type_;
    requested.fingerprint_version = 1;
    requested.initiator = sanitize("scheduler");
    for (std::size_t i = 0; i < 32; ++i)
      requested.identity.digest.bytes[i] =
          static_cast<unsigned char>(mix(static_cast<std::uint64_t>(run) * 4 + i / 8) >> (8 * (i % 8)));
    requested.input =
        valid(RunInput::parse(fmt::format(R"({{"policy_ids":["p{}","p{}"],"window":"2026-01-05"}})", run, run + 1)));
    return requested;
  }

  static std::uint64_t mix(std::uint64_t value) {  // splitmix64
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
  }

  void flush() {
    RUNLEDGER_ASSERT(log_.append(batch_, WhenBehind::kWait) == AppendOutcome::kAppended);
    batch_.events.clear();
  }

  EventLog& log_;
  int runs_;
  int under_way_;
  int step_ = 0;
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> scopes_ = std::vector<std::uint64_t>(50);
  AppendBatch batch_;
  Workspace workspace_ = valid(parse_workspace("acme"));
  RunType type_ = valid(parse_run_type("assignments.fetch"));
  SanitizedText worker_ = sanitize("worker-1");
};

void run_sql(const std::string& dsn, const std::string& statement) {
  pqxx::connection connection(dsn);
  pqxx::nontransaction(connection).exec(statement);
}

void empty(const std::string& dsn) {
  run_sql(dsn, "drop schema if exists bench cascade; drop table if exists raw_copy");
}

// Lets Postgres alone copy the same rows from a file into a table, and then build the indexes. A rebuild of an empty
// mirror can hardly be faster than this.
Cost raw_copy_then_index(const std::string& dsn, const std::string& file) {
  run_sql(dsn, "copy (select * from bench.operation_runs order by id) to '" + file + "'");
  return cost_of([&] {
    run_sql(dsn, "begin; create table raw_copy (like bench.operation_runs); copy raw_copy from '" + file +
                     "';"
                     "alter table raw_copy add primary key (id);"
                     "create unique index on raw_copy (workspace_id, tenant_id, run_identity_hash)"
                     "  where tenant_id is not null and status in ('queued', 'running');"
                     "create unique index on raw_copy (workspace_id, run_identity_hash)"
                     "  where tenant_id is null and status in ('queued', 'running');"
                     "create index on raw_copy (workspace_id, tenant_id, requested_at desc);"
                     "create index on raw_copy (type, requested_at desc);"
                     "create index on raw_copy (status, requested_at desc); commit");
  });
}

// Appends the second half of the history to a log whose mirror has caught up: a quarter in small pieces, each of which
// the mirror follows before the next one comes, and then the last quarter at once.
void follow_the_rest(const std::string& dsn, EventLog& log, History& history, const std::string& name) {
  constexpr int kStepsPerPiece = 2'000;
  empty(dsn);
  Mirror mirror(log, {.dsn = dsn, .schema = "bench"});
  mirror.open(std::chrono::seconds(5));
  (void)mirror.catch_up();
  const int middle = history.steps() - history.steps() / 4;
  Cost total;
  const std::uint64_t before = log.last().value;
  for (int step = history.steps() / 2; step < middle; step += kStepsPerPiece) {
    history.write(std::min(step + kStepsPerPiece, middle));
    const Cost cost = cost_of([&] { (void)mirror.catch_up(); });
    total = {total.wall + cost.wall, total.own + cost.own, total.servers + cost.servers};
  }
  const std::uint64_t pieces = log.last().value - before;
  print(name + ": follow, small batches", static_cast<double>(pieces), "events", total);
  history.write(history.steps());
  const std::uint64_t rest = log.last().value - before - pieces;
  print(name + ": follow, long lag", static_cast<double>(rest), "events", cost_of([&] { (void)mirror.catch_up(); }));
  empty(dsn);
}

void measure(const std::string& dsn, int runs, int under_way, const std::string& name) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / fmt::format("runledger-bench-{}", ::getpid());
  Store::create({.directory = directory}, IdentityKey::random());
  {
    Store store({.directory = directory});
    EventLog log(store);
    History history(log, runs, under_way);
    history.write(history.steps() / 2);
    follow_the_rest(dsn, log, history, name);
    const auto events = static_cast<double>(log.last().value);

    Mirror mirror(log, {.dsn = dsn, .schema = "bench"});
    mirror.open(std::chrono::seconds(5));
    print(name + ": follow from the beginning", events, "events", cost_of([&] { (void)mirror.catch_up(); }));
    VerifyReport report;
    const auto verify = [&] { MirrorSnapshot({.dsn = dsn, .schema = "bench"}).compare(log, report); };
    print(name + ": verify", runs, "rows", cost_of(verify));
    if (!report.ok()) fmt::print("NOT SOUND: {}\n", report.findings.front().detail);
    print(name + ": rebuild, nothing differs", runs, "rows", cost_of([&] { (void)mirror.rebuild(false); }));
    const Cost raw = raw_copy_then_index(dsn, directory.string() + ".copy");
    run_sql(dsn, "truncate bench.operation_runs, bench.operation_run_attempts");
    const Cost rebuilt = cost_of([&] { (void)mirror.rebuild(false); });
    print(name + ": rebuild of an empty table", runs, "rows", rebuilt);
    print(name + ": raw COPY, then indexes", runs, "rows", raw);
    print(name + ": fold alone", events, "events",
          cost_of([&] { fold_all(log, log.last(), [](const OperationRun::Row&) {}); }));
    run_sql(dsn, "update bench.operation_runs set attempt = attempt + 1");
    print(name + ": rebuild, every row differs", runs, "rows", cost_of([&] { (void)mirror.rebuild(false); }));
    empty(dsn);
  }
  std::filesystem::remove_all(directory);
  std::filesystem::remove(directory.string() + ".copy");
}

}  // namespace
}  // namespace runledger

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: mirror_speed DSN [RUNS]\n");
    return 2;
  }
  const auto given = runledger::parse_number(argc > 2 ? argv[2] : "100000", "runs", {.min = 1, .max = 10'000'000});
  if (!given) {
    fmt::print(stderr, "mirror_speed: {}\n", given.rejection().detail.str());
    return 2;
  }
  const int runs = static_cast<int>(*given);
  try {
    runledger::measure(argv[1], runs, 1, "together");
    runledger::measure(argv[1], runs, 20'000, "spread");
  } catch (const runledger::Failure& failure) {
    fmt::print(stderr, "mirror_speed: {}: {}\n", failure.code(), failure.what());
    return 1;
  }
  return 0;
}
