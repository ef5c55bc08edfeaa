// Measures what must not slow down as a ledger grows: fills one with events of bench/workload, then appends, opens,
// reads, lists, deduplicates and verifies. Prints one line of JSON.
#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/transaction_log.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "bench/workload/day.h"
#include "ledger/base/assert.h"
#include "ledger/ledger.h"
#include "ledger/rules/run.h"
#include "ledger/values/json_writer.h"
#include "projections/rows/store.h"
#include "projections/verify/verify.h"

namespace runledger::compare {
namespace {

constexpr std::size_t kBatch = 1000;          // Events of an append.
constexpr std::uint64_t kSmall = 100'000;     // What a large ledger is compared with.
constexpr std::uint64_t kRawEvents = 50'000;  // Their batches fit into the engine's own log.
constexpr std::size_t kSamples = 1000;        // Of each latency.

template <class T>
T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(fmt::format("{}: {}", result.rejection().code, result.rejection().detail.str()));
  return *std::move(result);
}

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// The median and the 99th percentile, in microseconds.
struct Latency {
  double p50 = 0;
  double p99 = 0;
};

Latency latency_of(const std::function<void(std::size_t)>& work, std::size_t times = kSamples) {
  std::vector<double> took;
  for (std::size_t i = 0; i < times; ++i) took.push_back(seconds_of([&] { work(i); }) * 1e6);
  std::sort(took.begin(), took.end());
  return {took[times / 2], took[times * 99 / 100]};
}

// The store and the log of one directory.
struct Opened {
  Store store;
  EventLog log;

  explicit Opened(const std::filesystem::path& directory) : store({.directory = directory}), log(store) {}
};

double append(EventLog& log, workload::Day& day, std::uint64_t events) {
  double took = 0;
  for (std::uint64_t done = 0; done < events; done += kBatch) {
    const AppendBatch batch = day.next(kBatch);
    took += seconds_of([&] { RUNLEDGER_ASSERT(log.append(batch, WhenBehind::kWait) == AppendOutcome::kAppended); });
  }
  return static_cast<double>(events) / took;
}

RunRequest numbered_request(std::size_t number) {
  return {.workspace = must(parse_workspace("workspace-1")),
          .tenant = must(parse_tenant("tenant-0001")),
          .type = must(parse_run_type("assignments.fetch")),
          .input = must(RunInput::parse(fmt::format(R"({{"sample":{}}})", number))),
          .initiator = {}};
}

// Appends in groups, with rows that follow, until somebody kills the process.
[[noreturn]] void append_until_killed(const std::filesystem::path& directory) {
  constexpr std::size_t kGroup = 256;
  Ledger ledger({.directory = directory});
  RowStore rows(ledger.log());
  for (std::size_t number = kSamples;; number += kGroup) {
    std::vector<std::future<Answer>> answers;
    for (std::size_t i = 0; i < kGroup; ++i) answers.push_back(ledger.submit(numbered_request(number + i), {}));
    for (std::future<Answer>& answer : answers) (void)answer.get();
    rows.catch_up();
  }
}

class Scale {
 public:
  Scale(std::filesystem::path directory, std::uint64_t events)
      : directory_(std::move(directory)), ledger_(directory_ / "ledger"), events_(events) {
    Store::create({.directory = ledger_}, IdentityKey::random());
  }

  std::string measure() {
    json_.begin_object().member("events", events_);
    fill();
    raw_engine();
    read();
    rows();
    lists();
    dedupe();
    after_a_kill();
    verify();
    json_.end_object();
    return json_.take();
  }

 private:
  void note(std::string_view name, double value) { json_.member(name, value); }
  void note(const std::string& name, const Latency& latency) {
    note(name + "_p50_us", latency.p50);
    note(name + "_p99_us", latency.p99);
  }

  void fill() {
    Opened opened(ledger_);
    const std::uint64_t first = std::min(kSmall, events_ / 2);
    note("append_small_per_second", append(opened.log, day_, first));
    collect(opened.store, std::min(kRawEvents, first));
    if (events_ > 2 * first) (void)append(opened.log, day_, events_ - 2 * first);
    note("append_large_per_second", append(opened.log, day_, first));
  }

  // Keeps the batches that the log has written last.
  void collect(Store& store, std::uint64_t events) {
    std::unique_ptr<rocksdb::TransactionLogIterator> updates;
    const rocksdb::SequenceNumber last = store.db().GetLatestSequenceNumber();
    const rocksdb::SequenceNumber from = last - std::min<rocksdb::SequenceNumber>(last - 1, events * 6);
    check(store.db().GetUpdatesSince(from, &updates), "reading the engine's log");
    for (; updates->Valid(); updates->Next()) batches_.push_back(updates->GetBatch().writeBatchPtr->Data());
  }

  // Writes the same batches into an empty store, without a ledger.
  void raw_engine() {
    const std::filesystem::path raw = directory_ / "raw";
    Store::create({.directory = raw}, IdentityKey::random());
    Store store({.directory = raw});
    store.begin_writing();
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const double took = seconds_of([&] {
      for (const std::string& bytes : batches_) {
        rocksdb::WriteBatch batch(bytes);
        check(store.db().Write(durable, &batch), "writing a batch");
      }
    });
    note("raw_batches_of_1000_events_per_second", static_cast<double>(batches_.size() * kBatch) / took);
    batches_.clear();
  }

  void read() {
    Opened opened(ledger_);
    const Sequence to = opened.log.last();
    const auto rate = [&](const std::function<void()>& work) {
      return static_cast<double>(to.value) / seconds_of(work);
    };
    std::uint64_t bytes = 0;
    const auto raw = [&] {
      const std::unique_ptr<rocksdb::Iterator> entry(
          opened.store.db().NewIterator({}, opened.store.family(Family::kEvents)));
      for (entry->SeekToFirst(); entry->Valid(); entry->Next()) bytes += entry->value().size();
    };
    (void)rate(raw);  // Reads the files into memory.
    note("raw_iterator_events_per_second", rate(raw));
    note("replay_events_per_second", rate([&] {
           opened.log.scan(Sequence{}, to, [](const Envelope&, std::string_view) { return Scan::kContinue; });
         }));
    note("replay_with_fold_events_per_second", rate([&] {
           std::unordered_map<RunId, RunState> runs;
           opened.log.scan(Sequence{}, to, [&runs](const Envelope& envelope, std::string_view) {
             evolve(runs[envelope.run], envelope);
             return Scan::kContinue;
           });
         }));
  }

  void rows() {
    Opened opened(ledger_);
    RowStore rows(opened.log);
    const double took = seconds_of([&] { rows.catch_up(); });
    rows.flush();
    note("rows_events_per_second", static_cast<double>(opened.log.last().value) / took);
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::DB& db = opened.store.derived().db();
    check(db.CompactRange(all, nullptr, nullptr), "compacting the rows");
    std::uint64_t bytes = 0;
    RUNLEDGER_ASSERT(db.GetIntProperty("rocksdb.total-sst-files-size", &bytes));
    const auto runs = static_cast<double>(rows.totals({}).statistics.runs);
    note("runs", runs);
    note("row_bytes_per_run", static_cast<double>(bytes) / runs);
  }

  void lists() {
    Opened opened(ledger_);
    const RowStore rows(opened.log);
    const auto list = [&](const std::string& name, const RunFilter& filter) {
      note("list_" + name, latency_of([&](std::size_t) { (void)must(rows.list(filter, 20, "")); }, 100));
    };
    const Scope scope{must(parse_workspace("workspace-1")), must(parse_tenant("tenant-0001"))};
    list("all", {});
    list("failed", {.status = RunStatus::kCompleted, .outcome = RunOutcome::kFailed});
    list("scope", {.workspace = scope.workspace, .tenant = scope.tenant});
    list("type_and_failed", {.type = must(parse_run_type("assignments.fetch")), .outcome = RunOutcome::kFailed});
    list("workspace_and_blocked", {.workspace = scope.workspace, .outcome = RunOutcome::kBlocked});
    const Time before_all = opened.log.find(Sequence{1})->recorded_at;
    list("until_that_matches_nothing", {.until = before_all});
    list("since_that_matches_nothing", {.type = must(parse_run_type("assignments.fetch")),
                                        .since = opened.log.head().recorded_at + std::chrono::hours(1)});
  }

  // New requests, then the same ones again, after the first were moved out of memory.
  void dedupe() {
    for (const bool again : {false, true}) {
      Ledger ledger({.directory = ledger_});
      note(std::string(again ? "request_that_is_deduped" : "request_that_is_new"), latency_of([&](std::size_t i) {
             const Answer answer = ledger.submit(numbered_request(i), {}).get();
             RUNLEDGER_ASSERT((std::get<Reply>(answer).verdict == Verdict::kDeduped) == again);
           }));
    }
  }

  // The time until a ledger is open whose process was killed while it appended, and until its rows have caught up.
  void after_a_kill() {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe");
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(program.c_str(), program.c_str(), "--append-until-killed", ledger_.c_str(), nullptr);
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::seconds(3));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) throw std::runtime_error("the process that appends ended before it was killed");
    std::optional<Opened> opened;
    note("open_after_kill_seconds", seconds_of([&] { opened.emplace(ledger_); }));
    std::optional<RowStore> rows;
    const double took = seconds_of([&] { rows.emplace(opened->log); });
    const Sequence kept = rows->checkpoint();
    note("rows_after_kill_seconds", took + seconds_of([&] { rows->catch_up(); }));
    note("rows_after_kill_events", static_cast<double>(rows->checkpoint().value - kept.value));
  }

  void verify() {
    Opened opened(ledger_);
    const double took = seconds_of([&] {
      const VerifyReport report = verify_ledger(opened.log);
      if (!report.ok()) throw std::runtime_error(report.findings.front().detail);
    });
    note("verify_events_per_second", static_cast<double>(opened.log.last().value) / took);
  }

  std::filesystem::path directory_;
  std::filesystem::path ledger_;
  std::uint64_t events_;
  workload::Day day_{{}};
  std::vector<std::string> batches_;
  JsonWriter json_;
};

}  // namespace
}  // namespace runledger::compare

int main(int argc, char** argv) {
  CLI::App app("Measures a ledger of a given size.");
  std::uint64_t events = 1'000'000;
  std::string directory;
  std::string appending;
  app.add_option("--events", events, "How many events the ledger has");
  app.add_option("--directory", directory, "An empty directory");
  app.add_option("--append-until-killed", appending, "A ledger to append to; used by the program itself");
  CLI11_PARSE(app, argc, argv);
  try {
    if (directory.empty() && appending.empty()) throw std::runtime_error("expected --directory, an empty one");
    if (!appending.empty()) runledger::compare::append_until_killed(appending);
    fmt::print("{}\n", runledger::compare::Scale(directory, events).measure());
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ledger_scale: {}\n", failure.what());
    return 1;
  }
}
