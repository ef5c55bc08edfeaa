// The job assignments.fetch: reads the assignments of a tenant's policies from Microsoft Graph into a snapshot.
#pragma once

#include <memory>

#include "jobs/graph/assignments_options.h"
#include "jobs/worker/job.h"

namespace runledger {

// Makes the job. docs/assignments.md describes its input, its requests and its counts. Throws as require_usable() does.
[[nodiscard]] std::unique_ptr<Job> make_assignments_fetch(const AssignmentsOptions& options);

}  // namespace runledger
