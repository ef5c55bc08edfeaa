// The jobs that a worker can do, by the type of their runs.
#pragma once

#include <map>
#include <memory>

#include "jobs/worker/job.h"

namespace runledger {

// Filled once, before it is used; then any thread may look.
class JobRegistry {
 public:
  // Requires that no job of this type is there.
  void add(std::unique_ptr<Job> job);

  // Null where there is none.
  [[nodiscard]] Job* find(const RunType& type) const;

 private:
  std::map<RunType, std::unique_ptr<Job>> jobs_;
};

}  // namespace runledger
