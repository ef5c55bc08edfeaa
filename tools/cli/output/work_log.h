// Writes the notes of a worker to the operations log.
#pragma once

#include "jobs/worker/worker.h"
#include "tools/daemon/observe/operations_log.h"

namespace runledger {

// Writes one line for each note: errors for runs whose end the ledger does not know and for failing claims, warnings
// for failed and lost runs, information for the rest. Any thread may use it.
void write_note(OperationsLog& log, const WorkerNote& note);

}  // namespace runledger
