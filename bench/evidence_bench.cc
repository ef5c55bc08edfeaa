// Measures how long proofs of one event and evidence of one run or tenant take to make and to check, on logs of several
// lengths, and what hashing a whole log takes and having the trees of scopes follow it. The argument is the number of
// events in the log.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <map>
#include <memory>
#include <random>

#include "bench/workload/day.h"
#include "bench/workload/scratch_directory.h"
#include "ledger/base/assert.h"
#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/prover.h"
#include "ledger/evidence/scope_prover.h"

namespace runledger {
namespace {

// A ledger of `events` events with an audit key, in a directory of its own.
struct ProvenLedger {
  workload::ScratchDirectory directory;  // The first member, so that it outlives the store.
  std::unique_ptr<Store> store;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<AuditKey> key;
  std::unique_ptr<Prover> prover;

  explicit ProvenLedger(std::uint64_t events) {
    Store::create({.directory = directory.path() / "ledger"}, IdentityKey::random());
    create_audit_key(directory.path() / "ledger", "runledger/bench");
    store = std::make_unique<Store>(Store::Options{.directory = directory.path() / "ledger"});
    log = std::make_unique<EventLog>(*store);
    workload::Day day({});
    while (log->last().value < events)
      RUNLEDGER_ASSERT(log->append(day.next(1000), WhenBehind::kWait) == AppendOutcome::kAppended);
    key = std::make_unique<AuditKey>(directory.path() / "ledger");
    prover = std::make_unique<Prover>(*log);
  }
};

using Ledgers = std::map<std::int64_t, std::unique_ptr<ProvenLedger>>;

void add_ledger(Ledgers& ledgers, std::int64_t events) {
  std::unique_ptr<ProvenLedger>& ledger = ledgers[events];
  if (!ledger) ledger = std::make_unique<ProvenLedger>(static_cast<std::uint64_t>(events));
}

ProvenLedger& ledger_of(std::int64_t events) {
  // It begins with a ledger, so that it is destroyed before the statics of the engine.
  static Ledgers ledgers = [events] {
    Ledgers first;
    add_ledger(first, events);
    return first;
  }();
  add_ledger(ledgers, events);
  return *ledgers.at(events);
}

Sequence any_event(const ProvenLedger& ledger, std::mt19937_64& random) {
  return Sequence{std::uniform_int_distribution<std::uint64_t>(1, ledger.log->last().value)(random)};
}

// With the signature, but without remembering it, since the log does not grow.
void ProveEvent(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  std::mt19937_64 random(1);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = ledger.prover->prove_event(any_event(ledger, random), *ledger.key)->size();
  state.counters["bytes"] = static_cast<double>(bytes);
}

// What a command does that finds the tiles caught up.
void CatchUp(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(Prover(*ledger.log).tree());
}

void CheckProof(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  std::mt19937_64 random(2);
  const std::string proof = *ledger.prover->prove_event(any_event(ledger, random), *ledger.key);
  const std::vector<NoteVerifier> keys{ledger.key->signer().verifier()};
  for (auto _ : state) RUNLEDGER_ASSERT(static_cast<bool>(check_proof_file(proof, keys)));
}

void HashWholeLog(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  for (auto _ : state) HashTiles(*ledger.store).rebuild([&ledger] { return ledger.log->head(); });
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

std::uint64_t bytes_in(const std::filesystem::path& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) bytes += entry.file_size();
  return bytes;
}

void FollowWholeLog(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  const auto newest = [&ledger] { return ledger.log->head(); };
  for (auto _ : state) {
    ledger.store->scopes().discard();
    ScopeTrees(*ledger.store).at_head(newest, [](const ScopesAtHead&) {});
  }
  ledger.store->scopes().read([](const DerivedStore& scopes) { scopes.flush(); });
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_event"] =
      static_cast<double>(bytes_in(ledger.store->directory() / "scopes")) / static_cast<double>(state.range(0));
}

void ProveWholeRun(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  const ScopeProver prover(*ledger.log);
  std::mt19937_64 random(3);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const RunId run = ledger.log->find(any_event(ledger, random))->run;
    bytes = prover.prove_run(run, *ledger.key, Time{})->size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void CheckWholeRun(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  std::mt19937_64 random(4);
  const RunId run = ledger.log->find(any_event(ledger, random))->run;
  const std::string evidence = *ScopeProver(*ledger.log).prove_run(run, *ledger.key, Time{});
  const std::vector<NoteVerifier> keys{ledger.key->signer().verifier()};
  for (auto _ : state) RUNLEDGER_ASSERT(static_cast<bool>(check_run_evidence(evidence, keys)));
}

// The evidence of the tenant of the first event, with all its events.
std::string scope_evidence(const ProvenLedger& ledger) {
  const ScopeProver prover(*ledger.log);
  std::string file;
  prover.write(*prover.prove(ledger.log->find(Sequence{1})->scope, *ledger.key, Time{}),
               [&file](std::string_view piece) { file += piece; });
  return file;
}

void ProveWholeScope(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  std::size_t bytes = 0;
  for (auto _ : state) bytes = scope_evidence(ledger).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}

void CheckWholeScope(benchmark::State& state) {
  const ProvenLedger& ledger = ledger_of(state.range(0));
  const std::string evidence = scope_evidence(ledger);
  const std::vector<NoteVerifier> keys{ledger.key->signer().verifier()};
  std::uint64_t events = 0;
  for (auto _ : state) events = check_scope_evidence(lines_of_text(evidence), keys)->events.size;
  state.counters["events"] = static_cast<double>(events);
}

void sizes(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t events : {10'000, 100'000, 1'000'000}) bench->Arg(events);
  // Takes minutes and gigabytes.
  if (std::getenv("BENCH_LARGE") != nullptr) bench->Arg(10'000'000);
}

BENCHMARK(ProveEvent)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(CatchUp)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(CheckProof)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(HashWholeLog)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(FollowWholeLog)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(ProveWholeRun)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(CheckWholeRun)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(ProveWholeScope)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(CheckWholeScope)->Apply(sizes)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace runledger
