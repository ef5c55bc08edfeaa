// A worker's notes as lines of a log.
#pragma once

#include "jobs/worker/worker.h"
#include "tools/daemon/observe/operations_log.h"

namespace runledger {

// Any thread may use it.
void write_note(OperationsLog& log, const WorkerNote& note);

}  // namespace runledger
