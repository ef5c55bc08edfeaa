// Measures the cost of encoding, decoding and hashing one event.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <optional>

#include "bench/workload/day.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/log/merkle.h"
#include "ledger/log/state_codec.h"

namespace runledger {
namespace {

constexpr std::size_t kEvents = 2000;

const AppendBatch& batch() {
  static const AppendBatch made = [] {
    workload::Day day({});
    (void)day.next(kEvents);  // Skips the first requests, so that the next batch contains events of all kinds.
    return day.next(kEvents);
  }();
  return made;
}

std::vector<std::string> stored() {
  std::vector<std::string> bytes;
  for (const Envelope& envelope : batch().events) bytes.push_back(encode(envelope));
  return bytes;
}

void Encode(benchmark::State& state) {
  std::size_t i = 0;
  std::size_t bytes = 0;
  for (auto _ : state) bytes += encode(batch().events[i++ % kEvents]).size();
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes/event"] = benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(Encode);

void Decode(benchmark::State& state) {
  const auto bytes = stored();
  std::size_t i = 0;
  for (auto _ : state) {
    i = (i + 1) % kEvents;
    benchmark::DoNotOptimize(decode(Sequence{i + 1}, bytes[i]));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Decode);

// A tenant's keys, in a directory that is removed at the end.
struct BenchKeys {
  std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("runledger-seal-" + format_uuid(random_uuid()));
  std::optional<SealKeys> keys;
  SealKey key;

  BenchKeys() {
    std::filesystem::create_directory(directory);
    SealKeyFile::create(directory, MasterKeyFile{kSealMasterFile});
    keys.emplace(directory, SealKeyFile::Access::kWrite);
    key = keys->make({.workspace = *parse_workspace("acme"), .tenant = *parse_tenant("contoso")});
  }
  ~BenchKeys() { std::filesystem::remove_all(directory); }
  BenchKeys(const BenchKeys&) = delete;
  BenchKeys& operator=(const BenchKeys&) = delete;
};

void EncodeSealed(benchmark::State& state) {
  const BenchKeys with;
  std::size_t i = 0;
  std::size_t bytes = 0;
  for (auto _ : state) bytes += encode_sealed(batch().events[i++ % kEvents], with.key).size();
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes/event"] = benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(EncodeSealed);

void DecodeSealed(benchmark::State& state) {
  const BenchKeys with;
  std::vector<std::string> bytes;
  for (const Envelope& envelope : batch().events) bytes.push_back(encode_sealed(envelope, with.key));
  std::size_t i = 0;
  for (auto _ : state) {
    i = (i + 1) % kEvents;
    benchmark::DoNotOptimize(decode(Sequence{i + 1}, bytes[i], &*with.keys));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecodeSealed);

void AppendToTree(benchmark::State& state) {
  const auto bytes = stored();
  MerkleFrontier tree;
  std::size_t i = 0;
  for (auto _ : state) tree.append(bytes[i++ % kEvents]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(AppendToTree);

void EncodeRunState(benchmark::State& state) {
  const auto& runs = batch().runs;
  std::size_t i = 0;
  std::size_t bytes = 0;
  for (auto _ : state) bytes += encode_run(runs[i++ % runs.size()].second).size();
  state.counters["bytes/run"] = benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(EncodeRunState);

void DecodeRunState(benchmark::State& state) {
  std::vector<std::string> bytes;
  for (const auto& [id, run] : batch().runs) bytes.push_back(encode_run(run));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(decode_run(bytes[i++ % bytes.size()]));
}
BENCHMARK(DecodeRunState);

void ToJson(benchmark::State& state) {
  const auto bytes = stored();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(envelope_to_json(batch().events[i % kEvents], event_id(bytes[i % kEvents])));
    ++i;
  }
}
BENCHMARK(ToJson);

void FromJson(benchmark::State& state) {
  std::vector<std::string> lines;
  for (const Envelope& envelope : batch().events) lines.push_back(envelope_to_json(envelope));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(envelope_from_json(lines[i++ % kEvents]));
}
BENCHMARK(FromJson);

}  // namespace
}  // namespace runledger
