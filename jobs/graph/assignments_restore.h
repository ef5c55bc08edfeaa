// The job assignments.restore: writes the assignments of a snapshot back to Microsoft Graph.
#pragma once

#include <memory>

#include "jobs/graph/assignments_options.h"
#include "jobs/worker/job.h"

namespace runledger {

// Makes the job. docs/assignments.md describes its input, its requests and its counts. Throws as require_usable() does.
[[nodiscard]] std::unique_ptr<Job> make_assignments_restore(const AssignmentsOptions& options);

}  // namespace runledger
