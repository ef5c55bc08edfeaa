// A pool that claims runs and does their jobs, until it is told to stop.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "jobs/worker/job_registry.h"
#include "jobs/worker/tracked_run.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"

namespace runledger {

// What a worker tells of itself. RunTaken and RunEnded of one run come in this order; otherwise there is none.
struct RunTaken {
  RunId run;
  RunType type;
  Scope scope;
  AttemptNumber attempt;
};
struct RunEnded {
  RunTaken what;
  TrackedEnd end;
  std::chrono::milliseconds took{};
};
// A run's end could not be reported; its lease will run out.
struct RunLeft {
  RunTaken what;
  std::string code;
  std::string why;
};
// Claiming does not work, or does again. Told once each, the first also when its code becomes another.
struct ClaimsFail {
  std::string code;
  std::string why;
  std::optional<Remedy> remedy;  // Of a failure; absent: a refusal.
};
struct ClaimsWork {};
using WorkerNote = std::variant<RunTaken, RunEnded, RunLeft, ClaimsFail, ClaimsWork>;

enum class WorkUntil {
  kStopped,  // Waits for more when nothing is due.
  kIdle,     // Ends when nothing is due and nothing is under way. Retries that are not due yet do not keep it.
  kOneRun,   // Claims once, and ends after that run, or at once when nothing is due.
};

struct WorkerOptions {
  std::vector<RunType> types;   // 1 to kClaimTypesMax, each with a job.
  std::size_t concurrency = 1;  // 1 to Worker::kConcurrencyMax: runs at a time.
  SanitizedText name;           // As the attempts name their worker.
  WorkUntil until = WorkUntil::kStopped;
};

// A thread claims, one run at a time and only while there is room for it; a thread a run does the job. While
// claims fail it makes them again from time to time, unless it is to end by itself: then it ends.
class Worker {
 public:
  static constexpr std::size_t kConcurrencyMax = 256;
  using Tell = std::function<void(const WorkerNote&)>;

  // Begins at once. `client`, `source` and `jobs` are not owned and must outlive it. `tell` is called on the worker's
  // threads, several at once.
  Worker(LedgerClient& client, RunSource& source, const JobRegistry& jobs, WorkerOptions options, Tell tell);
  ~Worker();  // Stops claiming, tells the jobs to stop, and waits for them.
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // No more claims. The one on its way may still bring a run, which is done.
  void stop_claiming();
  // The stop of every job is requested, also of those to come.
  void stop_jobs();
  // Until nothing more will be claimed and every job has ended; false when that takes longer than `patience`.
  [[nodiscard]] bool wait(std::chrono::milliseconds patience);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
