// A map from types to jobs in which no type appears twice.
#include "jobs/worker/job_registry.h"

#include <utility>

#include "ledger/base/assert.h"

namespace runledger {

void JobRegistry::add(std::unique_ptr<Job> job) {
  RunType type = job->type();
  RUNLEDGER_ASSERT(jobs_.emplace(std::move(type), std::move(job)).second);
}

Job* JobRegistry::find(const RunType& type) const {
  const auto found = jobs_.find(type);
  return found == jobs_.end() ? nullptr : found->second.get();
}

}  // namespace runledger
