// Measures the cost of counting a commit, an RPC call and an HTTP request, and of writing all metrics as text.
#include <benchmark/benchmark.h>

#include "tools/daemon/observe/metrics.h"

namespace runledger {
namespace {

CommitReport report_of(std::uint32_t commands) {
  CommitReport report;
  report.events = commands;
  report.answers = commands;
  report.took = std::chrono::milliseconds(1);
  report.wrote = true;
  report.replies.at(static_cast<std::size_t>(Verdict::kRequested)).at(CommitReport::kRules) = commands;
  return report;
}

void Committed(benchmark::State& state) {
  DaemonMetrics metrics;
  const CommitReport report = report_of(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) metrics.committed(report);
}
BENCHMARK(Committed)->Arg(1)->Arg(1000);

void Called(benchmark::State& state) {
  DaemonMetrics metrics;
  for (auto _ : state) metrics.called("request", CallEnd::kAnswered, std::chrono::microseconds(300));
}
BENCHMARK(Called);

void Answered(benchmark::State& state) {
  DaemonMetrics metrics;
  const HttpAnswered answer{.route = "/v1/runs", .method = "POST", .status = 201, .took = {}};
  for (auto _ : state) metrics.answered(answer);
}
BENCHMARK(Answered);

void Text(benchmark::State& state) {
  DaemonMetrics metrics;
  metrics.committed(report_of(1));
  metrics.called("request", CallEnd::kAnswered, std::chrono::microseconds(300));
  for (auto _ : state) benchmark::DoNotOptimize(metrics.text({}));
}
BENCHMARK(Text);

}  // namespace
}  // namespace runledger
