// The job ops.reconcile_adapter_runs: finds the runs of its workspace that are stuck, and closes each with a reason.
#pragma once

#include <memory>

#include "jobs/worker/job.h"
#include "ledger/client.h"
#include "projections/postgres/adapter_records.h"
#include "projections/reader/ledger_reader.h"

namespace runledger {

// None is owned; all must outlive the job.
struct ReconcileSources {
  LedgerReader& reader;
  LedgerClient& client;
  AdapterRecords& adapters;
  const Clock& clock;
};

// Looks at every active run of the workspace but reconciliations, the oldest first, and closes it
//   adapter.out_of_sync    when its adapter says that the work ended some time ago (cancelled, where it says that);
//   run.stale_queued       when it has been due for too long and nobody has started it;
//   worker.lease_expired   when it runs without a live lease: its attempt is lost, as the reaper would have it.
// A run that changed after it was looked at is left alone. Running it again changes nothing more.
//
// Input, all optional, whole seconds: "stale_after_seconds" (3600), "adapter_grace_seconds" (30: for so long after its
// adapter's end a worker may still report), "limit" (1000: how many it tries to close; the rest is for the next time).
// Counts: total = reconciled + skipped + failed. Ends partially_succeeded where some could not be closed, failed where
// none could. JobFailure: "reconcile.input_invalid"; "adapter.unavailable"; what the ledger's failures and refusals
// say.
[[nodiscard]] std::unique_ptr<Job> reconcile_adapter_runs_job(const ReconcileSources& sources);

}  // namespace runledger
