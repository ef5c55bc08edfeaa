// Measures the throughput of appends of several sizes and of scans, and the stored bytes per event.
#include <benchmark/benchmark.h>
#include <rocksdb/db.h>

#include <array>
#include <map>
#include <memory>

#include "bench/workload/day.h"
#include "bench/workload/scratch_directory.h"
#include "ledger/base/assert.h"
#include "ledger/log/event_log.h"
#include "ledger/log/log_inspection.h"
#include "ledger/log/workspace_index.h"

namespace runledger {
namespace {

constexpr std::size_t kEvents = 300'000;

// A ledger in a directory of its own.
struct Log {
  workload::ScratchDirectory directory;  // The first member, so that it outlives the store.
  std::unique_ptr<Store> store;
  std::unique_ptr<EventLog> log;

  Log() {
    Store::create({.directory = directory.path() / "ledger"}, IdentityKey::random());
    store = std::make_unique<Store>(Store::Options{.directory = directory.path() / "ledger"});
    log = std::make_unique<EventLog>(*store);
  }

  void append(const AppendBatch& batch) const {
    RUNLEDGER_ASSERT(log->append(batch, WhenBehind::kWait) == AppendOutcome::kAppended);
  }
};

void compact(Store& store) {
  for (int i = 0; i < kFamilyCount; ++i) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    check(store.db().CompactRange(options, store.family(static_cast<Family>(i)), nullptr, nullptr), "compacting");
  }
}

std::uint64_t table_bytes(Store& store, Family family) {
  std::uint64_t bytes = 0;
  store.db().GetIntProperty(store.family(family), "rocksdb.total-sst-files-size", &bytes);
  return bytes;
}

// A log of kEvents events. It is compacted, so that scans and sizes do not depend on the timing of compactions.
Log& filled(bool command_ids = true) {
  static std::array<Log, 2> logs;
  Log& log = logs[command_ids ? 1 : 0];
  if (log.log->last().value == 0) {
    workload::Day day({.command_ids = command_ids});
    while (log.log->last().value < kEvents) log.append(day.next(1000));
    compact(*log.store);
  }
  return log;
}

void Append(benchmark::State& state) {
  Log log;
  workload::Day day({});
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    const AppendBatch batch = day.next(size);
    state.ResumeTiming();
    log.append(batch);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Append)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime();

void Scan(benchmark::State& state) {
  Log& log = filled();
  std::uint64_t events = 0;
  for (auto _ : state) {
    log.log->scan(Sequence{}, log.log->last(), [&events](const Envelope&, std::string_view) {
      ++events;
      return runledger::Scan::kContinue;
    });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}
BENCHMARK(Scan)->Unit(benchmark::kMillisecond);

void ScanAndFold(benchmark::State& state) {
  Log& log = filled();
  std::uint64_t events = 0;
  for (auto _ : state) {
    std::unordered_map<RunId, RunState> runs;
    log.log->scan(Sequence{}, log.log->last(), [&](const Envelope& envelope, std::string_view) {
      evolve(runs[envelope.run], envelope);
      ++events;
      return runledger::Scan::kContinue;
    });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}
BENCHMARK(ScanAndFold)->Unit(benchmark::kMillisecond);

// Also counts the stored bytes, of events with command ids (1) and without (0).
void ScanWithoutDecoding(benchmark::State& state) {
  Log& log = filled(state.range(0) == 1);
  std::uint64_t events = 0;
  for (auto _ : state) {
    LogInspection(*log.store).scan_stored(Sequence{}, log.log->last(), [&events](Sequence, std::string_view) {
      ++events;
    });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  double total = 0;
  const std::map<Family, const char*> families = {{Family::kEvents, "events"},
                                                  {Family::kRunEvents, "run_events"},
                                                  {Family::kScopeEvents, "scope_events"},
                                                  {Family::kRuns, "runs"},
                                                  {Family::kIdentities, "identities"},
                                                  {Family::kMeta, "meta"},
                                                  {Family::kWorkspaceEvents, "workspace_events"}};
  for (const auto& [family, name] : families) {
    const double bytes = static_cast<double>(table_bytes(*log.store, family)) / static_cast<double>(kEvents);
    state.counters[name] = bytes;
    total += bytes;
  }
  state.counters["bytes/event"] = total;
}
BENCHMARK(ScanWithoutDecoding)->ArgName("command_ids")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond);

void FindInWorkspace(benchmark::State& state) {
  Log& log = filled();
  const WorkspaceIndex index(*log.store);
  const Workspace workspace = log.log->find(Sequence{1})->scope.workspace;
  const std::uint64_t count = index.count_at(workspace, log.log->last()).value;
  std::uint64_t n = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(index.find(workspace, WorkspaceSequence{n}, log.log->last()));
    n = (n * 48271) % count + 1;
  }
  state.counters["of"] = static_cast<double>(count);
}
BENCHMARK(FindInWorkspace)->Unit(benchmark::kMicrosecond);

void Find(benchmark::State& state) {
  Log& log = filled();
  std::uint64_t n = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(log.log->find(Sequence{n}));
    n = (n * 48271) % kEvents + 1;  // Jumps through the log, so that consecutive look-ups rarely share a block.
  }
}
BENCHMARK(Find);

}  // namespace
}  // namespace runledger
