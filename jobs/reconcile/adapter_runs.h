// The job ops.reconcile_adapter_runs, which finds the stuck runs of its workspace and closes each with a reason.
#pragma once

#include <memory>

#include "jobs/worker/job.h"
#include "ledger/client.h"
#include "projections/postgres/adapter_records.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

// The type of the job's runs.
[[nodiscard]] RunType reconcile_type();

// The interfaces that the job uses. They are not owned; all must outlive the job.
struct ReconcileSources {
  LedgerReader& reader;
  LedgerClient& client;
  AdapterRecords& adapters;
  const Clock& clock;
};

// Makes the job. It examines every active run of the workspace except reconciliations, the oldest first, and closes
// those that are stuck, with one of these reasons:
//   adapter.out_of_sync    the adapter says that the work ended some time ago (the run ends as cancelled if it says
//   so); run.stale_queued       the run has been due for too long, and no worker has started it; worker.lease_expired
//   the lease has run out: the attempt is closed as lost, just as the reaper would do it.
// A run that changed after it was examined is left alone. A repeat of the job changes nothing more.
//
// The input has optional members, all whole numbers: "stale_after_seconds" (default 3600), "adapter_grace_seconds"
// (default 30: how long after the adapter's end a worker may still report), "limit" (default 1000: how many runs the
// job tries to close; the others are left for the next time). Counts: total = reconciled + skipped + failed. The
// outcome is partially_succeeded if some runs could not be closed, and failed if all that it tried to close failed.
// Throws JobFailure "reconcile.input_invalid", "adapter.unavailable", and the codes of the ledger's failures and
// refusals.
[[nodiscard]] std::unique_ptr<Job> reconcile_adapter_runs_job(const ReconcileSources& sources);

}  // namespace runledger
