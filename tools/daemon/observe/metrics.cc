// Holds the daemon's metrics in a prometheus-cpp registry.
//
// A family is a metric with a name; a series is a family with one value for each of its labels. All families are
// registered when Impl is built. Series are made in three ways:
//   - When Impl is built, for metrics without labels or with the transport as their only one. Updating them needs no
//     look-up, which suits what happens on every commit or connection.
//   - On first use and then cached, under `mutex`: decisions by verdict and rule (an array, because few of the pairs
//     occur) and rejections by code (a map, limited to kCodesMax codes; the others are counted as "other").
//   - By Family::Add() at each call, which finds an existing series by its labels: requests over HTTP, calls over RPC
//     and connections that the daemon closes, where a look-up does not matter. The last of these are also made in
//     advance, so that they are shown, as zero, before the first one happens.
//
// Events are pushed as they happen, from any thread; the registry does its own locking. Levels, such as the head of the
// log, the lag and the runs by status, are not kept up to date: text() sets their gauges from the DaemonStanding that
// its caller has just read. Those that may end, such as the series of a type, are in a registry that text() makes.
#include "tools/daemon/observe/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

#include "ledger/base/mutex.h"
#include "ledger/rules/event.h"

namespace runledger {
namespace {

using prometheus::Counter;
template <class Metric>
using FamilyOf = prometheus::Family<Metric>;  // `Family` is the name of a part of the store.
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::Registry;

constexpr std::size_t kCodesMax = 256;  // More than the program has. Further codes are counted as "other".

const Histogram::BucketBoundaries& seconds() {
  static const Histogram::BucketBoundaries all = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                  0.05,   0.1,   0.25,   0.5,   1,    5};
  return all;
}

const Histogram::BucketBoundaries& sizes() {
  static const Histogram::BucketBoundaries all = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048};
  return all;
}

FamilyOf<Counter>& counters(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

FamilyOf<Gauge>& gauges(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

FamilyOf<Histogram>& histograms(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

double as_seconds(std::chrono::steady_clock::duration took) {
  return std::chrono::duration<double>(took).count();
}

double as_number(std::uint64_t count) {
  return static_cast<double>(count);
}

double unix_seconds(Time at) {
  return static_cast<double>(at.unix_us) / static_cast<double>(kMicrosecondsPerSecond);
}

std::string text_of(std::string_view text) {
  return std::string(text);
}

void add_types(Registry& registry, const std::vector<TypeStanding>& types) {
  FamilyOf<Gauge>& completed =
      gauges(registry, "runledger_completed_runs", "Completed runs by type and outcome, as the local rows have them.");
  FamilyOf<Gauge>& last_success =
      gauges(registry, "runledger_last_success_timestamp_seconds",
             "When the ledger recorded the newest run that succeeded, in seconds since 1970.");
  FamilyOf<Gauge>& durations =
      gauges(registry, "runledger_run_duration_seconds",
             "How long the runs that were completed in the last hour took at most, from their first attempt.");
  FamilyOf<Gauge>& overdue = gauges(registry, "runledger_overdue_scopes",
                                    "Scopes in which the type has not succeeded for longer than the catalog expects.");
  for (const TypeStanding& of : types) {
    for (const auto& [outcome, count] : of.completed)
      completed.Add({{"type", of.type}, {"outcome", outcome}}).Set(as_number(count));
    if (of.last_succeeded_at) last_success.Add({{"type", of.type}}).Set(unix_seconds(*of.last_succeeded_at));
    for (const auto& [share, most] : of.durations)
      durations.Add({{"type", of.type}, {"quantile", fmt::format("{}", share)}}).Set(in_seconds(most));
    if (of.overdue_scopes) overdue.Add({{"type", of.type}}).Set(as_number(*of.overdue_scopes));
  }
}

// The series that may end while the daemon runs, such as those of a type that leaves the catalog, are in a registry of
// their own for each reading.
std::vector<prometheus::MetricFamily> collect_passing(const DaemonStanding& standing) {
  Registry registry;
  FamilyOf<Gauge>& oldest_due =
      gauges(registry, "runledger_oldest_due_timestamp_seconds",
             "Since when the run that has been due for longest is due, in seconds since 1970.");
  if (standing.runs && standing.runs->oldest_due) oldest_due.Add({}).Set(unix_seconds(*standing.runs->oldest_due));
  FamilyOf<Gauge>& token_end = gauges(registry, "runledger_token_end_timestamp_seconds",
                                      "When the first of the lasting access tokens ends, in seconds since 1970.");
  if (standing.token_ends_at) token_end.Add({}).Set(unix_seconds(*standing.token_ends_at));
  if (standing.runs) add_types(registry, standing.runs->types);
  return registry.Collect();
}

// One series for each transport.
template <class Metric>
using ByTransport = std::array<Metric*, kEnumWords<Transport>.size()>;

template <class Metric>
ByTransport<Metric> by_way(FamilyOf<Metric>& family) {
  ByTransport<Metric> all{};
  for (const auto& [transport, way] : kEnumWords<Transport>)
    all.at(static_cast<std::size_t>(transport)) = &family.Add({{"way", text_of(way)}});
  return all;
}

template <class Metric>
Metric& of(const ByTransport<Metric>& all, Transport transport) {
  return *all.at(static_cast<std::size_t>(transport));
}

}  // namespace

struct DaemonMetrics::Impl {
  Registry registry;

  Counter& events = counters(registry, "runledger_events_appended_total", "Events made durable.").Add({});
  FamilyOf<Counter>& decisions = counters(registry, "runledger_decisions_total",
                                          "Commands decided, by what became of them and the rule that said so.");
  Counter& repeated = counters(registry, "runledger_repeated_total",
                               "Commands answered as they had been answered before, under the same id.")
                          .Add({});
  Counter& reaped =
      counters(registry, "runledger_reaped_attempts_total", "Attempts closed because their lease ran out.").Add({});
  Counter& mark_failures = counters(registry, "runledger_mark_failures_total",
                                    "Times that the mark of how far the log has come could not be written.")
                               .Add({});
  FamilyOf<Gauge>& backup_at = gauges(registry, "runledger_backup_last_success_timestamp_seconds",
                                      "When the newest backup was made, also before the daemon began.");
  FamilyOf<Gauge>& backup_interval = gauges(registry, "runledger_backup_interval_seconds",
                                            "From one backup that the daemon makes by itself to the next.");
  FamilyOf<Gauge>& backup_bytes =
      gauges(registry, "runledger_backup_last_bytes", "Bytes of that backup, and those of them that were copied.");
  Counter& backup_failures =
      counters(registry, "runledger_backup_failures_total", "Backups that failed, and were tried again.").Add({});
  Counter& pauses = counters(registry, "runledger_pauses_total",
                             "Pauses of the process, after each of which every lease began again.")
                        .Add({});
  Histogram& commit_commands =
      histograms(registry, "runledger_commit_commands", "Commands answered by a commit that wrote something.")
          .Add({}, sizes());
  Histogram& commit_seconds =
      histograms(registry, "runledger_commit_seconds",
                 "From the first decision of a commit that wrote something until it is durable.")
          .Add({}, seconds());

  FamilyOf<Counter>& http_requests =
      counters(registry, "runledger_http_requests_total", "Requests answered over HTTP.");
  FamilyOf<Histogram>& http_seconds =
      histograms(registry, "runledger_http_request_seconds", "From a request's header to its answer.");
  FamilyOf<Counter>& rpc_calls = counters(registry, "runledger_rpc_calls_total", "Calls over RPC, by how they ended.");
  FamilyOf<Histogram>& rpc_seconds = histograms(registry, "runledger_rpc_call_seconds", "From a call to its answer.");
  FamilyOf<Counter>& rejections =
      counters(registry, "runledger_rejected_total", "Requests and commands refused, by their code.");

  ByTransport<Gauge> connections = by_way(gauges(registry, "runledger_connections", "Connections that are open."));
  ByTransport<Counter> connections_opened =
      by_way(counters(registry, "runledger_connections_opened_total", "Connections accepted."));
  ByTransport<Counter> connections_refused = by_way(
      counters(registry, "runledger_connections_refused_total", "Connections closed because there were too many."));
  FamilyOf<Counter>& connections_cut = counters(registry, "runledger_connections_cut_total",
                                                "Connections that the daemon closed before their caller did.");
  ByTransport<Counter> handshake_failures = by_way(
      counters(registry, "runledger_handshake_failures_total", "Connections on which the TLS handshake failed."));
  ByTransport<Counter> authentication_failures =
      by_way(counters(registry, "runledger_authentication_failures_total",
                      "Callers without a token where one is needed, or whose token is not in force."));

  Gauge& ready = gauges(registry, "runledger_ready", "1 while the daemon can do all of its work, otherwise 0.").Add({});
  Gauge& began_at =
      gauges(registry, "process_start_time_seconds", "When the daemon began, in seconds since 1970.").Add({});
  FamilyOf<Gauge>& resident_bytes =
      gauges(registry, "process_resident_memory_bytes", "Memory that the process has in RAM.");
  FamilyOf<Gauge>& free_bytes =
      gauges(registry, "runledger_data_free_bytes", "Free bytes of the file system that holds the ledger.");
  FamilyOf<Gauge>& certificate_end = gauges(registry, "runledger_tls_certificate_end_timestamp_seconds",
                                            "When the daemon's TLS certificate runs out, in seconds since 1970.");
  Gauge& head = gauges(registry, "runledger_log_head", "Position of the last event.").Add({});
  Gauge& queue_depth = gauges(registry, "runledger_queue_depth", "Commands that wait for the sequencer.").Add({});
  FamilyOf<Gauge>& lag =
      gauges(registry, "runledger_projector_lag_events", "Events by which a projection is behind the log.");
  Gauge& rows_lag = lag.Add({{"projector", "rows"}});
  FamilyOf<Gauge>& mirror_stopped =
      gauges(registry, "runledger_mirror_stopped", "1 when the mirror has stopped and waits for a rebuild.");
  // Their series are made with the first checkpoint: a daemon without an audit key has none.
  FamilyOf<Gauge>& checkpoint_events =
      gauges(registry, "runledger_checkpoint_events", "Events that the newest signed checkpoint covers.");
  FamilyOf<Gauge>& checkpoint_time = gauges(registry, "runledger_checkpoint_timestamp_seconds",
                                            "When the newest checkpoint was signed, in seconds since 1970.");
  FamilyOf<Gauge>& handed_out_events =
      gauges(registry, "runledger_checkpoint_handed_out_events",
             "Events of the newest checkpoint that is there; 0: none since the start.");
  FamilyOf<Gauge>& handed_out_time = gauges(registry, "runledger_checkpoint_handed_out_timestamp_seconds",
                                            "When it was handed out, in seconds since 1970.");
  FamilyOf<Gauge>& witness_events = gauges(registry, "runledger_witness_events",
                                           "Events of the newest checkpoint that a witness has cosigned; 0: unknown.");
  FamilyOf<Gauge>& witness_time = gauges(registry, "runledger_witness_timestamp_seconds",
                                         "When the witness cosigned it, by its own clock, in seconds since 1970.");
  FamilyOf<Gauge>& runs = gauges(registry, "runledger_runs", "Runs by status, as the local rows have them.");
  FamilyOf<Gauge>& open_attempts =
      gauges(registry, "runledger_open_attempts", "Attempts that have not ended, as the local rows have them.");

  Mutex mutex;
  std::array<std::array<Counter*, CommitReport::kRules + 1>, CommitReport::kVerdicts> replies
      RUNLEDGER_GUARDED_BY(mutex){};
  std::map<std::string, Counter*, std::less<>> by_code RUNLEDGER_GUARDED_BY(mutex);

  Impl() {
    began_at.Set(unix_seconds(SystemClock().now()));
    gauges(registry, "runledger_build_info", "1, with the version of the program.")
        .Add({{"version", RUNLEDGER_VERSION}})
        .Set(1);
    for (const auto& [transport, way] : kEnumWords<Transport>) {
      for (const auto& [why, reason] : kEnumWords<CloseReason>)
        connections_cut.Add({{"way", text_of(way)}, {"reason", text_of(reason)}});
    }
  }

  void set_surroundings(const DaemonStanding& standing) {
    ready.Set(standing.ready ? 1 : 0);
    if (standing.mirror_stopped) mirror_stopped.Add({}).Set(*standing.mirror_stopped ? 1 : 0);
    if (standing.free_bytes) free_bytes.Add({}).Set(static_cast<double>(*standing.free_bytes));
    if (standing.resident_bytes) resident_bytes.Add({}).Set(static_cast<double>(*standing.resident_bytes));
    if (standing.certificate_ends_at) certificate_end.Add({}).Set(unix_seconds(*standing.certificate_ends_at));
    if (standing.backup_interval) backup_interval.Add({}).Set(static_cast<double>(standing.backup_interval->count()));
  }

  void set_runs(const std::map<std::string, std::uint64_t, std::less<>>& by_status) {
    for (const RunStatus status : {RunStatus::kQueued, RunStatus::kRunning, RunStatus::kCompleted}) {
      const auto found = by_status.find(to_string(status));
      const double count = found == by_status.end() ? 0 : as_number(found->second);
      runs.Add({{"status", text_of(to_string(status))}}).Set(count);
      if (status == RunStatus::kRunning)
        open_attempts.Add({}).Set(count);  // Each running run has exactly one open attempt.
    }
  }

  // Makes the series on first use, because few of the pairs occur.
  Counter& reply(std::size_t verdict, std::size_t rule) RUNLEDGER_REQUIRES(mutex) {
    Counter*& counter = replies.at(verdict).at(rule);
    if (counter == nullptr) {
      const std::string of_rule = rule == CommitReport::kRules ? "" : text_of(to_string(static_cast<DedupeRule>(rule)));
      counter = &decisions.Add({{"kind", text_of(to_string(static_cast<Verdict>(verdict)))}, {"rule", of_rule}});
    }
    return *counter;
  }
};

DaemonMetrics::DaemonMetrics() : impl_(std::make_unique<Impl>()) {}

DaemonMetrics::~DaemonMetrics() = default;

void DaemonMetrics::committed(const CommitReport& report) {
  Impl& impl = *impl_;
  impl.events.Increment(static_cast<double>(report.events));
  impl.reaped.Increment(static_cast<double>(report.lost_attempts));
  impl.repeated.Increment(report.repeated);
  if (report.wrote) {
    impl.commit_commands.Observe(static_cast<double>(report.answers));
    impl.commit_seconds.Observe(as_seconds(report.took));
  }
  const MutexLock lock(impl.mutex);
  for (std::size_t verdict = 0; verdict < report.replies.size(); ++verdict) {
    for (std::size_t rule = 0; rule < report.replies.at(verdict).size(); ++rule) {
      const std::uint32_t count = report.replies.at(verdict).at(rule);
      if (count > 0) impl.reply(verdict, rule).Increment(count);
    }
  }
  if (report.rejections > 0) impl.decisions.Add({{"kind", "rejected"}, {"rule", ""}}).Increment(report.rejections);
  if (report.unknown > 0) impl.decisions.Add({{"kind", "unknown"}, {"rule", ""}}).Increment(report.unknown);
}

void DaemonMetrics::mark_failed() {
  impl_->mark_failures.Increment();
}

// The gauges are absent while there is no backup, because zero would be a time.
void DaemonMetrics::backed_up(Time at, std::uint64_t bytes, std::uint64_t new_bytes) {
  impl_->backup_at.Add({}).Set(unix_seconds(at));
  impl_->backup_bytes.Add({{"part", "all"}}).Set(static_cast<double>(bytes));
  impl_->backup_bytes.Add({{"part", "new"}}).Set(static_cast<double>(new_bytes));
}

void DaemonMetrics::backup_failed() {
  impl_->backup_failures.Increment();
}

void DaemonMetrics::paused() {
  impl_->pauses.Increment();
}

void DaemonMetrics::answered(const HttpAnswered& answer) {
  const std::string route = answer.route.empty() ? "none" : text_of(answer.route);
  const std::string method = answer.route.empty() ? "any" : text_of(answer.method);
  impl_->http_requests.Add({{"route", route}, {"method", method}, {"status", std::to_string(answer.status)}})
      .Increment();
  impl_->http_seconds.Add({{"route", route}, {"method", method}}, seconds()).Observe(as_seconds(answer.took));
  if (!answer.code.empty()) rejected(answer.code);
}

void DaemonMetrics::called(std::string_view method, CallEnd end, std::chrono::steady_clock::duration took) {
  impl_->rpc_calls.Add({{"method", text_of(method)}, {"result", text_of(to_string(end))}}).Increment();
  impl_->rpc_seconds.Add({{"method", text_of(method)}}, seconds()).Observe(as_seconds(took));
}

void DaemonMetrics::rejected(std::string_view code) {
  const MutexLock lock(impl_->mutex);
  auto found = impl_->by_code.find(code);
  if (found == impl_->by_code.end()) {
    const std::string label = impl_->by_code.size() < kCodesMax ? text_of(code) : "other";
    found = impl_->by_code.emplace(label, &impl_->rejections.Add({{"code", label}})).first;
  }
  found->second->Increment();
}

void DaemonMetrics::connection_opened(Transport transport) {
  of(impl_->connections, transport).Increment();
  of(impl_->connections_opened, transport).Increment();
}

void DaemonMetrics::connection_closed(Transport transport) {
  of(impl_->connections, transport).Decrement();
}

void DaemonMetrics::connection_refused(Transport transport) {
  of(impl_->connections_refused, transport).Increment();
}

void DaemonMetrics::connection_cut(Transport transport, CloseReason why) {
  impl_->connections_cut.Add({{"way", text_of(to_string(transport))}, {"reason", text_of(to_string(why))}}).Increment();
}

void DaemonMetrics::handshake_failed(Transport transport) {
  of(impl_->handshake_failures, transport).Increment();
}

void DaemonMetrics::authentication_failed(Transport transport) {
  of(impl_->authentication_failures, transport).Increment();
}

std::string DaemonMetrics::text(const DaemonStanding& standing) {
  Impl& impl = *impl_;
  const auto behind = [&](Sequence at) {
    return static_cast<double>(standing.head.value - std::min(standing.head.value, at.value));
  };
  impl.set_surroundings(standing);
  impl.head.Set(static_cast<double>(standing.head.value));
  impl.queue_depth.Set(static_cast<double>(standing.queue_depth));
  impl.rows_lag.Set(behind(standing.rows));
  if (const auto& checkpoint = standing.checkpoint) {
    impl.checkpoint_events.Add({}).Set(static_cast<double>(checkpoint->events));
    impl.checkpoint_time.Add({}).Set(unix_seconds(checkpoint->at));
  }
  for (const HandedOutStanding& each : standing.handed_out) {
    const prometheus::Labels labels{{"place", text_of(each.place)}};
    impl.handed_out_events.Add(labels).Set(each.newest ? static_cast<double>(each.newest->events) : 0);
    if (each.newest) impl.handed_out_time.Add(labels).Set(unix_seconds(each.newest->at));
  }
  for (const WitnessStanding& witness : standing.witnesses) {
    const prometheus::Labels labels{{"witness", witness.name}};
    impl.witness_events.Add(labels).Set(static_cast<double>(witness.events));
    if (witness.unix_time) impl.witness_time.Add(labels).Set(static_cast<double>(*witness.unix_time));
  }
  if (standing.mirror) impl.lag.Add({{"projector", "mirror"}}).Set(behind(*standing.mirror));
  if (standing.runs) impl.set_runs(standing.runs->by_status);
  std::ostringstream out;
  std::vector<prometheus::MetricFamily> all = impl.registry.Collect();
  std::vector<prometheus::MetricFamily> passing = collect_passing(standing);
  std::move(passing.begin(), passing.end(), std::back_inserter(all));
  prometheus::TextSerializer().Serialize(out, all);
  return out.str();
}

}  // namespace runledger
