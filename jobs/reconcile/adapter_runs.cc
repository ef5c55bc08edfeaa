// Lists all active runs first, then closes stuck ones, each only if it is still in the state that was listed.
//
// One Reconciliation is one run of the job, on one thread. Its steps:
// 1. look() lists the queued and the running runs of the workspace from the rows, page by page, into a map ordered by
//    each run's first event. So the oldest runs come first, and a run that moves from queued to running during the look
//    appears once, in its later state. Nothing is closed before the list is complete.
// 2. reconcile() takes batches of kRunsPerReadMax runs; records_of() reads the adapters' records of a batch at once.
// 3. close_if_stuck() decides for one run: an adapter that has ended (for this attempt or a later one) beats the lease,
//    and a queued run is stale after `stale_after`, like one that a journal left open. It sends at most one command.
// 4. settle() counts the answer as reconciled, skipped or failed.
//
// Rows may lag and workers go on at the same time, so nothing that is read here is trusted: FailRun carries the state
// that was seen, and the sequencer refuses it with "run.changed" if the run is in another state; ExpireLease lets the
// sequencer check the lease. These refusals count as skipped. That is why a repeat of the job is harmless.
#include "jobs/reconcile/adapter_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "jobs/reconcile/options.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

// Each run takes about 100 bytes. If there are more, the oldest are kept, and the others are left for the next time.
constexpr std::size_t kSeenMax = 500'000;

// Converts a code of the ledger to a reason code. A code of a single word, such as "overloaded", is no reason code.
ReasonCode reason_of(std::string_view code) {
  Result<ReasonCode> parsed = parse_reason_code(code);
  return parsed ? *std::move(parsed) : *parse_reason_code("reconcile.refused");
}

struct ActiveRun {
  RunId id;
  ExpectedRunState seen;
  std::optional<Time> due_at;  // Absent unless queued.
  // When a journal told of it last, if it left the run open.
  std::optional<Time> imported_until = {};
};

using ActiveRuns = std::map<Sequence, ActiveRun>;  // Ordered by first event: the oldest run comes first.

// The first attempt that has not ended as far as the ledger knows: the one under way, or the next.
AttemptNumber unended_attempt(const ActiveRun& run) {
  return run.seen.status == RunStatus::kRunning ? run.seen.attempt : run.seen.attempt.next();
}

// Whether the run changed between the look and the close, which is progress and not a failure. The last two codes mean
// that its attempt has ended, or was imported from a journal and has no lease.
bool is_race(const Rejection& rejection) {
  for (const std::string_view code :
       {"run.changed", "run.completed", "run.not_found", "attempt.not_open", "attempt.not_leased"}) {
    if (rejection.code == code) return true;
  }
  return false;
}

// One run of the job. Used by one thread.
class Reconciliation {
 public:
  Reconciliation(const ReconcileSources& sources, const JobAssignment& assignment, const ReconcileOptions& options,
                 const std::stop_token& stop)
      : sources_(sources), workspace_(assignment.scope.workspace), options_(options), stop_(stop) {}

  JobReport carry_out() {
    try {
      reconcile(look());
    } catch (const Failure& failure) {
      throw JobFailure(reason_of(failure.code()), failure.what(), failure.may_pass(), counts());
    }
    return report();
  }

 private:
  enum class Closing { kReconciled, kSkipped, kFailed };

  std::vector<ActiveRun> look() {
    ActiveRuns seen;
    for (const RunStatus status : {RunStatus::kQueued, RunStatus::kRunning}) {
      RunFilter filter;
      filter.workspace = workspace_;
      filter.status = status;
      look_through(filter, seen);
    }
    std::vector<ActiveRun> runs;
    runs.reserve(seen.size());
    for (const auto& [age, run] : seen) runs.push_back(run);
    return runs;
  }

  // A run that is started during the look may be listed twice; its later state replaces the earlier one.
  void look_through(const RunFilter& filter, ActiveRuns& seen) {
    std::string cursor;
    do {
      throw_if_stopped();
      const Result<RunPage> page = sources_.reader.list(filter, RowStore::kPageMax, cursor);
      if (!page) refuse(page.rejection());
      for (const OperationRun::Row& row : page->rows) {
        if (row.type != own_type_) add(row, seen);
      }
      cursor = page->next_cursor.value_or("");
    } while (!cursor.empty());
  }

  static void add(const OperationRun::Row& row, ActiveRuns& seen) {
    seen.insert_or_assign(
        row.first_sequence,
        ActiveRun{.id = row.id,
                  .seen = {.status = row.status, .attempt = row.attempt},
                  .due_at = row.due_at,
                  .imported_until = row.imported_open ? std::optional(row.updated_at) : std::nullopt});
    if (seen.size() > kSeenMax) seen.erase(std::prev(seen.end()));
  }

  void reconcile(const std::vector<ActiveRun>& runs) {
    std::span<const ActiveRun> left(runs);
    while (!left.empty() && !limit_reached()) {
      const auto batch = left.first(std::min(left.size(), AdapterRecords::kRunsPerReadMax));
      reconcile_batch(batch);
      left = left.subspan(batch.size());
    }
  }

  void reconcile_batch(std::span<const ActiveRun> batch) {
    const std::map<RunId, AdapterRecord> records = records_of(batch);
    for (const ActiveRun& run : batch) {
      if (limit_reached()) return;
      throw_if_stopped();
      const auto record = records.find(run.id);
      switch (close_if_stuck(run, record == records.end() ? nullptr : &record->second)) {
        case Closing::kReconciled:
          ++reconciled_;
          break;
        case Closing::kSkipped:
          ++skipped_;
          break;
        case Closing::kFailed:
          ++failed_;
          break;
      }
    }
  }

  std::map<RunId, AdapterRecord> records_of(std::span<const ActiveRun> batch) {
    std::vector<RunId> ids;
    ids.reserve(batch.size());
    for (const ActiveRun& run : batch) ids.push_back(run.id);
    std::map<RunId, AdapterRecord> records;
    for (AdapterRecord& record : sources_.adapters.read(workspace_, ids)) {
      const RunId run = record.run;
      records.emplace(run, std::move(record));
    }
    return records;
  }

  Closing close_if_stuck(const ActiveRun& run, const AdapterRecord* record) {
    if (record != nullptr && is_out_of_sync(run, *record)) return close_out_of_sync(run, *record);
    if (run.imported_until) return close_imported(run);
    if (run.seen.status == RunStatus::kRunning) return expire(run);
    if (run.due_at && *run.due_at + options_.stale_after <= sources_.clock.now()) return close_stale(run);
    return Closing::kSkipped;
  }

  // A record of an earlier attempt is irrelevant: the ledger knows how that attempt ended.
  [[nodiscard]] bool is_out_of_sync(const ActiveRun& run, const AdapterRecord& record) const {
    return has_ended(record.status) && record.attempt >= unended_attempt(run) &&
           *record.finished_at + options_.adapter_grace <= sources_.clock.now();
  }

  Closing close_out_of_sync(const ActiveRun& run, const AdapterRecord& record) {
    const std::string external = record.external_id ? fmt::format(" (its {})", record.external_id->str()) : "";
    return settle(sources_.client.submit(
        FailRun{.run = run.id,
                .reason_code = *parse_reason_code("adapter.out_of_sync"),
                .message = sanitize(
                    fmt::format("adapter {} says that attempt {}{} {} at {}, which nobody reported",
                                record.adapter.str(), record.attempt.value, external,
                                record.status == AdapterStatus::kCancelled ? "was cancelled" : to_string(record.status),
                                format_time(*record.finished_at))),
                .outcome = record.status == AdapterStatus::kCancelled ? RunOutcome::kCancelled : RunOutcome::kFailed,
                .seen = run.seen},
        {}));
  }

  Closing close_stale(const ActiveRun& run) {
    return settle(sources_.client.submit(
        FailRun{.run = run.id,
                .reason_code = *parse_reason_code("run.stale_queued"),
                .message = sanitize(fmt::format("due since {}, and nobody has started it", format_time(*run.due_at))),
                .outcome = RunOutcome::kFailed,
                .seen = run.seen},
        {}));
  }

  // Its attempt has no lease that could run out, and nobody here starts it.
  Closing close_imported(const ActiveRun& run) {
    if (*run.imported_until + options_.stale_after > sources_.clock.now()) return Closing::kSkipped;
    return settle(sources_.client.submit(
        FailRun{.run = run.id,
                .reason_code = *parse_reason_code("run.imported_open"),
                .message = sanitize(fmt::format("a journal left it open, and told nothing more of it since {}",
                                                format_time(*run.imported_until))),
                .outcome = RunOutcome::kFailed,
                .seen = run.seen},
        {}));
  }

  Closing expire(const ActiveRun& run) { return settle(sources_.client.submit(ExpireLease{run.id}, {})); }

  Closing settle(const Answer& answer) {
    if (const auto* reply = std::get_if<Reply>(&answer))
      return reply->verdict == Verdict::kAlive ? Closing::kSkipped : Closing::kReconciled;
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      return note_failure(*parse_reason_code("outcome.unknown"), unknown->what);
    const Rejection& rejection = std::get<Rejection>(answer);
    if (is_race(rejection)) return Closing::kSkipped;
    return note_failure(reason_of(rejection.code), fmt::format("{}: {}", rejection.code, rejection.detail.str()));
  }

  Closing note_failure(ReasonCode code, const std::string& message) {
    if (failures_.size() < kFailuresPerEventMax) failures_.push_back({std::move(code), sanitize(message)});
    return Closing::kFailed;
  }

  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw JobFailure(*parse_reason_code("worker.stopped"), "", true, counts());
  }

  [[noreturn]] void refuse(const Rejection& rejection) const {
    const bool later = rejection.code == "rows.behind" || rejection.code == "rows.catching_up" ||
                       rejection.code == "rows.stopped" || rejection.code == "overloaded";
    throw JobFailure(reason_of(rejection.code), fmt::format("{}: {}", rejection.code, rejection.detail.str()), later,
                     counts());
  }

  // Failed closings count too, so that a job whose every command is refused ends soon.
  [[nodiscard]] bool limit_reached() const { return reconciled_ + failed_ >= options_.limit; }

  [[nodiscard]] Counts counts() const {
    const auto key = [](std::string_view text) { return *parse_count_key(text); };
    return {{key("total"), reconciled_ + skipped_ + failed_},
            {key("reconciled"), reconciled_},
            {key("skipped"), skipped_},
            {key("failed"), failed_}};
  }

  JobReport report() {
    AttemptOutcome outcome = AttemptOutcome::kSucceeded;
    if (failed_ > 0) outcome = reconciled_ > 0 ? AttemptOutcome::kPartiallySucceeded : AttemptOutcome::kFailed;
    return {.outcome = outcome, .summary_counts = counts(), .failures = std::move(failures_), .retryable = true};
  }

  const ReconcileSources& sources_;
  const Workspace workspace_;
  const ReconcileOptions options_;
  const std::stop_token stop_;
  const RunType own_type_ = reconcile_type();
  std::uint64_t reconciled_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<FailureNote> failures_;
};

class ReconcileAdapterRuns final : public Job {
 public:
  explicit ReconcileAdapterRuns(const ReconcileSources& sources) : sources_(sources) {}

  [[nodiscard]] RunType type() const override { return reconcile_type(); }

  JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override {
    const Result<ReconcileOptions> options = parse_reconcile_options(assignment.input);
    if (!options) throw JobFailure(reason_of(options.rejection().code), options.rejection().detail.str(), false);
    return Reconciliation(sources_, assignment, *options, stop).carry_out();
  }

 private:
  const ReconcileSources sources_;
};

}  // namespace

RunType reconcile_type() {
  return *parse_run_type("ops.reconcile_adapter_runs");
}

std::unique_ptr<Job> reconcile_adapter_runs_job(const ReconcileSources& sources) {
  return std::make_unique<ReconcileAdapterRuns>(sources);
}

}  // namespace runledger
