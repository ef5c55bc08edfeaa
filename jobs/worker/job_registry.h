// The jobs that a worker can run, by type.
#pragma once

#include <map>
#include <memory>

#include "jobs/worker/job.h"

namespace runledger {

// The owner adds every job before a worker uses the registry. From then on it is constant, and any thread may call
// find().
class JobRegistry {
 public:
  // Requires that the registry has no job of this type yet.
  void add(std::unique_ptr<Job> job);

  // Returns null when no job has this type. The registry keeps ownership.
  [[nodiscard]] Job* find(const RunType& type) const;

 private:
  std::map<RunType, std::unique_ptr<Job>> jobs_;
};

}  // namespace runledger
