// The common fixture of the tests of ops.reconcile_adapter_runs: a ledger with runs, and a reconciliation of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jobs/builtin_catalog.h"
#include "jobs/reconcile/adapter_runs.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/passing_client.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {

// Adapters' records in memory. They call `before_read` after the job has listed the runs and before it closes any.
class RecordsInMemory final : public AdapterRecords {
 public:
  std::vector<AdapterRecord> read(const Workspace&, const std::vector<RunId>& runs) override {
    ++reads;
    if (before_read) before_read();
    std::vector<AdapterRecord> found;
    for (const RunId& run : runs) {
      if (const auto record = records.find(run); record != records.end()) found.push_back(record->second);
    }
    return found;
  }

  void put(RunId run, AdapterStatus status, std::optional<Time> finished_at, std::uint32_t attempt = 1) {
    records[run] = {.run = run,
                    .adapter = sanitize("graph"),
                    .external_id = sanitize("job-17"),
                    .attempt = AttemptNumber{attempt},
                    .status = status,
                    .finished_at = finished_at};
  }

  std::map<RunId, AdapterRecord> records;
  std::function<void()> before_read;
  int reads = 0;
};

// Passes every command on, but refuses to fail some runs, as a ledger that is short of space would.
class RefusingClient final : public PassingClient {
 public:
  using PassingClient::PassingClient;

  Answer submit(const Ask& ask, const CommandOptions& options) override {
    const auto* fail = std::get_if<FailRun>(&ask);
    const bool is_refused =
        fail != nullptr ? refused.count(fail->run) > 0 : requests_refused && std::holds_alternative<RunRequest>(ask);
    return is_refused ? Answer(reject("storage.full", "no space left")) : PassingClient::submit(ask, options);
  }

  std::set<RunId> refused;  // The runs that it refuses to close.
  bool requests_refused = false;
};

class ReconcileWorld {
 public:
  // Requests a run for a tenant of `workspace`. Every run has another identity.
  RunId request(const std::string& workspace = "acme", const std::string& type = "demo.sync") {
    RunRequest request;
    request.workspace = examples::workspace(workspace);
    if (type != "ops.reconcile_adapter_runs") request.tenant = examples::tenant();
    request.type = examples::type(type);
    if (request.tenant) request.input = examples::input("{\"n\":" + std::to_string(++requested_) + "}");
    return std::get<Reply>(client->submit(request, {})).run;
  }
  Reply start(RunId run) { return std::get<Reply>(client->submit(StartAttempt{.run = run, .worker = {}}, {})); }
  Reply finish(const Reply& started, AttemptOutcome outcome) {
    FinishAttempt finish;
    finish.run = started.run;
    finish.attempt = AttemptRef{started.attempt, started.token};
    finish.outcome = outcome;
    return std::get<Reply>(client->submit(finish, {}));
  }
  void advance(Duration by) { ledger.clock().advance(by); }
  [[nodiscard]] Time now() { return ledger.clock().now(); }

  // Runs the job and returns its report. Throws the exceptions of the job.
  JobReport reconcile(const std::string& input = "{}", const std::stop_token& stop = {}) {
    const auto job = reconcile_adapter_runs_job(
        {.reader = *reader, .client = refusing, .adapters = records, .clock = ledger.clock()});
    return job->run({.run = examples::run_id(1),
                     .scope = examples::workspace_scope(),
                     .type = job->type(),
                     .input = examples::input(input),
                     .attempt = AttemptNumber{1}},
                    stop);
  }

  // Returns all runs of a workspace, the newest first.
  [[nodiscard]] std::vector<OperationRun::Row> rows(const std::string& workspace = "acme") {
    RunFilter filter;
    filter.workspace = examples::workspace(workspace);
    return reader->list(filter, RowStore::kPageMax, "")->rows;
  }
  // Returns the state of a run and the reason for it: "queued", or "failed run.stale_queued".
  [[nodiscard]] std::string standing(RunId run) {
    for (const std::string workspace : {"acme", "globex"}) {
      for (const OperationRun::Row& row : rows(workspace)) {
        if (row.id != run) continue;
        const std::string_view word =
            row.status == RunStatus::kCompleted ? to_string(row.outcome) : to_string(row.status);
        return std::string(word) + (row.reason_code ? " " + row.reason_code->str() : "");
      }
    }
    return "unknown";
  }
  [[nodiscard]] Sequence head() { return ledger.ledger().log().last(); }

  TemporaryLedger ledger{builtin_catalog()};
  std::unique_ptr<LedgerClient> client = embedded_client(ledger.ledger());
  std::unique_ptr<LedgerReader> reader = embedded_reader(ledger.ledger());
  RefusingClient refusing{*client};
  RecordsInMemory records;

 private:
  int requested_ = 0;
};

// Returns "total=3 reconciled=1 skipped=2 failed=0".
[[nodiscard]] inline std::string counts_text(const Counts& counts) {
  std::string text;
  for (const char* key : {"total", "reconciled", "skipped", "failed"}) {
    text += (text.empty() ? "" : " ") + std::string(key) + "=" + std::to_string(counts.at(examples::key(key)));
  }
  return text;
}

}  // namespace runledger
