// Reads the workspaces with active runs from the rows, and requests a reconciliation of each.
#include "jobs/reconcile/requester.h"

#include <exception>
#include <thread>
#include <utility>

#include "jobs/reconcile/adapter_runs.h"
#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

void visit_runs(const RowStore& rows, RunStatus status, const std::function<void(const OperationRun::Row&)>& visit) {
  RunFilter filter;
  filter.status = status;
  std::string cursor;
  do {
    const Result<RunPage> page = rows.list(filter, RowStore::kPageMax, cursor);
    RUNLEDGER_ASSERT(page);  // Cannot be refused: the cursor comes from the store itself.
    for (const OperationRun::Row& row : page->rows) visit(row);
    cursor = page->next_cursor.value_or("");
  } while (!cursor.empty());
}

constexpr std::chrono::seconds kRowsAskedEvery{1};

RunRequest request_for(const Workspace& workspace) {
  RunRequest request;
  request.workspace = workspace;
  request.type = reconcile_type();
  request.initiator = sanitize("reconcile-every");
  return request;
}

}  // namespace

std::set<Workspace> workspaces_to_reconcile(const RowStore& rows) {
  const RunType type = reconcile_type();
  std::set<Workspace> busy;
  std::set<Workspace> reconciled_soon;
  for (const RunStatus status : {RunStatus::kQueued, RunStatus::kRunning}) {
    visit_runs(rows, status, [&](const OperationRun::Row& row) {
      (row.type == type ? reconciled_soon : busy).insert(row.scope.workspace);
    });
  }
  for (const Workspace& workspace : reconciled_soon) busy.erase(workspace);
  return busy;
}

struct ReconcileRequester::Impl {
  Impl(LedgerClient& the_client, const FollowedRows& the_rows, std::chrono::seconds interval, Report the_report)
      : client(the_client), rows(the_rows), every(interval), report(std::move(the_report)) {}

  void keep_asking() {
    name_thread("reconcile");
    while (rows.catching_up() && !stopped_within(kRowsAskedEvery)) continue;
    if (rows.catching_up()) return;
    do {
      try {
        for (const Workspace& workspace : workspaces_to_reconcile(rows.rows())) ask(workspace);
      } catch (const Failure& failure) {
        report(failure.code(), failure.what());
      } catch (const std::exception& error) {
        report("internal", error.what());
      }
    } while (!stopped_within(every));
  }

  // If another caller requests the same at this moment, the ledger records one of the two as a duplicate.
  void ask(const Workspace& workspace) const {
    const Answer answer = client.submit(request_for(workspace), {});
    if (const auto* rejection = std::get_if<Rejection>(&answer)) report(rejection->code, rejection->detail.str());
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer)) report("outcome.unknown", unknown->what);
  }

  bool stopped_within(std::chrono::seconds time) {
    MutexLock lock(mutex);
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stopping && wakes.wait_until(lock, end)) continue;
    return stopping;
  }

  LedgerClient& client;
  const FollowedRows& rows;
  const std::chrono::seconds every;
  const Report report;
  Mutex mutex;
  Condition wakes;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  std::thread thread;
};

ReconcileRequester::ReconcileRequester(LedgerClient& client, const FollowedRows& rows, std::chrono::seconds every,
                                       Report report)
    : impl_(std::make_unique<Impl>(client, rows, every, std::move(report))) {
  RUNLEDGER_ASSERT(every.count() > 0);
  impl_->thread = std::thread([this] { impl_->keep_asking(); });
}

ReconcileRequester::~ReconcileRequester() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wakes.notify_all();
  impl_->thread.join();
}

}  // namespace runledger
