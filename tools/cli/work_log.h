// A worker's notes as lines of a log.
#pragma once

#include "jobs/worker.h"
#include "tools/daemon/daemon_log.h"

namespace runledger {

// Any thread may use it.
void write_note(DaemonLog& log, const WorkerNote& note);

}  // namespace runledger
