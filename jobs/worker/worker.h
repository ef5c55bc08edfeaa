// A pool of threads that claims runs and does their jobs until it is stopped.
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

// The notes that a worker emits about itself. RunTaken precedes RunEnded or RunLeft of the same run; a run for which no
// thread could be started has RunLeft alone. Notes of different runs have no order.
//
// The worker has claimed a run and begins its job.
struct RunTaken {
  RunId run;
  RunType type;
  Scope scope;
  AttemptNumber attempt;
};
// The job has ended, and run_tracked() has returned.
struct RunEnded {
  RunTaken what;
  TrackedEnd end;
  std::chrono::milliseconds took{};
};
// The job could not be started, or its end could not be reported; the run's lease will run out.
struct RunLeft {
  RunTaken what;
  std::string code;
  std::string why;
};
// Claims fail, or work again. Each note is emitted once per change: ClaimsFail again only when the code changes.
struct ClaimsFail {
  std::string code;
  std::string why;
  std::optional<Remedy> remedy;  // Absent: the ledger refused the claim.
};
struct ClaimsWork {};
using WorkerNote = std::variant<RunTaken, RunEnded, RunLeft, ClaimsFail, ClaimsWork>;

enum class WorkUntil {
  kStopped,  // Waits for more runs when nothing is due.
  kIdle,     // Ends when nothing is due and no job is running. It does not wait for retries that are not due yet.
  kOneRun,   // Claims once, and ends after that run, or immediately when nothing is due.
};

struct WorkerOptions {
  std::vector<RunType> types;   // 1 to kClaimTypesMax, each with a job.
  std::size_t concurrency = 1;  // Runs at the same time, 1 to Worker::kConcurrencyMax.
  SanitizedText name;           // Stored with each attempt.
  WorkUntil until = WorkUntil::kStopped;
};

// One thread claims runs, one at a time and only while a slot is free; each run's job has a thread of its own. When a
// claim fails, a worker with kStopped tries again with growing delays, and any other worker ends.
class Worker {
 public:
  static constexpr std::size_t kConcurrencyMax = 256;
  using OnNote = std::function<void(const WorkerNote&)>;

  // Begins to claim immediately. `client`, `source` and `jobs` are not owned and must outlive the worker. `on_note` is
  // called on the worker's threads, on several at once.
  Worker(LedgerClient& client, RunSource& source, const JobRegistry& jobs, WorkerOptions options, OnNote on_note);
  ~Worker();  // Stops claiming, requests the stop of all jobs, and waits for them.
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Makes no further claims. A claim that is under way may still return a run, whose job is then done.
  void stop_claiming();
  // Requests the stop of every job, including jobs that begin later.
  void stop_jobs();
  // Waits until no more runs will be claimed and every job has ended. Returns false when that takes longer than
  // `timeout`.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
