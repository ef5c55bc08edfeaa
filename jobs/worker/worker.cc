// The claiming thread, the job threads, and the state that they share.
//
// One claiming thread runs the loop run(): wait_for_room() blocks until one of the `concurrency` slots is free, turn()
// makes one claim, and begin() starts a thread in that slot for the claimed run. So the worker never claims a run for
// which it has no slot, and it has at most one claim under way. A job thread runs work(): it finds the job by its type,
// lets run_tracked() do the rest, notes the end, and marks its slot free. The claiming thread joins a finished thread
// when it uses the slot again, or at the end.
//
// `mutex` guards slots and flags; `changed` wakes the claiming thread when a slot becomes free or a stop is requested,
// and wakes wait() at the end. Only the claiming thread touches the thread objects, `claim_options`, `failing` and
// `failed_claims`, which therefore need no lock.
//
// A claim may start a run although its answer is lost. Its command id is therefore kept in `claim_options` until an
// answer has arrived: the next claim repeats it and gets the run that was started, instead of leaving that run to its
// lease.
//
// After a failed claim a worker with kStopped waits, with doubling delays, and claims again. A worker that ends by
// itself (kIdle, kOneRun) ends then. Either way the running jobs come to their end before run() returns.
#include "jobs/worker/worker.h"

#include <algorithm>
#include <exception>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/base/retry.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kClaimWait{2000};  // A stop may have to wait this long for the claim that is under way.
constexpr RetryDelays kClaimAgain{.first = milliseconds(100), .max = milliseconds(5000)};

// A place for one run. `busy` becomes false before the thread ends, so a free slot may still have a thread to join.
struct Slot {
  std::thread thread;
  bool busy = false;
};

RunTaken taken(const ClaimedRun& run) {
  return {run.started.run, run.type, run.scope, run.started.attempt};
}

}  // namespace

struct Worker::Impl {
  LedgerClient& client;
  RunSource& source;
  const JobRegistry& jobs;
  const WorkerOptions options;
  const OnNote on_note;

  Mutex mutex;
  Condition changed;
  std::vector<Slot> slots;  // The mutex guards Slot::busy; only the claiming thread touches Slot::thread.
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  bool done RUNLEDGER_GUARDED_BY(mutex) = false;

  std::stop_source stop_jobs;
  // Used by the claiming thread only.
  const std::string starter = random_starter();
  CommandOptions claim_options;  // Belongs to the claim that has no answer yet.
  unsigned failed_claims = 0;    // In a row.
  std::string failing;           // The code with which claims fail at present; empty: they work.
  std::thread claiming;

  Impl(LedgerClient& client_, RunSource& source_, const JobRegistry& jobs_, WorkerOptions options_, OnNote on_note_)
      : client(client_),
        source(source_),
        jobs(jobs_),
        options(std::move(options_)),
        on_note(std::move(on_note_)),
        slots(options.concurrency) {}

  void run();
  Slot* wait_for_room();
  bool turn(Slot& slot);
  using Claimed = std::variant<ClaimedRun, NothingDue, ClaimsFail>;
  Claimed claim();
  bool begin(Slot& slot, ClaimedRun run);
  void work(const ClaimedRun& run) const;
  bool wait_for_work_to_end(std::size_t busy_before);
  bool note_trouble(const ClaimsFail& trouble);
  [[nodiscard]] std::size_t busy() const RUNLEDGER_REQUIRES(mutex) {
    const auto is_busy = [](const Slot& slot) { return slot.busy; };
    return static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), is_busy));
  }
  [[nodiscard]] std::size_t busy_now() {
    const MutexLock lock(mutex);
    return busy();
  }
};

void Worker::Impl::run() {
  name_thread("worker-claims");
  while (Slot* slot = wait_for_room()) {
    if (!turn(*slot)) break;
  }
  MutexLock lock(mutex);
  while (busy() > 0) changed.wait(lock);
  lock.unlock();
  for (Slot& slot : slots) {
    if (slot.thread.joinable()) slot.thread.join();
  }
  lock.lock();
  done = true;
  changed.notify_all();
}

// Returns null when the worker has to stop.
Slot* Worker::Impl::wait_for_room() {
  const auto is_free = [](const Slot& slot) { return !slot.busy; };
  MutexLock lock(mutex);
  for (; !stopping; changed.wait(lock)) {
    const auto room = std::find_if(slots.begin(), slots.end(), is_free);
    if (room != slots.end()) return &*room;
  }
  return nullptr;
}

// Makes one claim. Returns false when it was the last one.
bool Worker::Impl::turn(Slot& slot) {
  const std::size_t busy_before = busy_now();
  Claimed claimed = claim();
  if (const auto* trouble = std::get_if<ClaimsFail>(&claimed)) return note_trouble(*trouble);
  auto* run = std::get_if<ClaimedRun>(&claimed);
  if (run != nullptr && !begin(slot, std::move(*run)))
    return note_trouble(
        {"threads.exhausted", "expected a thread for a run, found that the system gives none", Remedy::kCallOperator});
  if (!failing.empty()) on_note(ClaimsWork{});
  failing.clear();
  failed_claims = 0;
  if (run != nullptr) return options.until != WorkUntil::kOneRun;
  if (options.until == WorkUntil::kStopped) return true;
  return options.until == WorkUntil::kIdle && wait_for_work_to_end(busy_before);
}

// If the answer to the last claim was lost, this repeats that claim, and the ledger returns the run that it started.
Worker::Impl::Claimed Worker::Impl::claim() {
  if (!claim_options.id) claim_options = {.id = CommandId{random_uuid()}, .occurred_at = {}, .starter = starter};
  const milliseconds wait = options.until == WorkUntil::kStopped ? kClaimWait : milliseconds(0);
  try {
    ClaimAnswer answer = source.claim({.types = options.types, .worker = options.name, .wait = wait}, claim_options);
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      return ClaimsFail{"outcome.unknown", unknown->what, Remedy::kAskLedger};
    claim_options = {};
    if (const auto* refused = std::get_if<Rejection>(&answer))
      return ClaimsFail{refused->code, refused->detail.str(), std::nullopt};
    if (auto* run = std::get_if<ClaimedRun>(&answer)) return std::move(*run);
    return NothingDue{};
  } catch (const Failure& failure) {
    // "daemon.unreachable" only says that this try was not sent. An earlier try with this id may have started a run.
    if (failure.code() != "daemon.unreachable") claim_options = {};
    return ClaimsFail{failure.code(), failure.what(), failure.remedy()};
  } catch (const std::exception& error) {
    return ClaimsFail{"outcome.unknown", error.what(), Remedy::kAskLedger};
  }
}

// Waits before the next claim. Returns false when there is no next one, because the worker ends by itself.
bool Worker::Impl::note_trouble(const ClaimsFail& trouble) {
  if (failing != trouble.code) on_note(trouble);
  failing = trouble.code;
  if (options.until != WorkUntil::kStopped) return false;
  MutexLock lock(mutex);
  const auto again = steady_clock::now() + kClaimAgain.after(++failed_claims);
  while (!stopping && changed.wait_until(lock, again)) continue;
  return true;
}

// The last claim found nothing due while `busy_before` jobs were running. Any of them may request more runs, so this
// waits until one has ended and returns true for another claim. Returns false when no job was running.
bool Worker::Impl::wait_for_work_to_end(std::size_t busy_before) {
  MutexLock lock(mutex);
  while (!stopping && busy_before > 0 && busy() >= busy_before) changed.wait(lock);
  return busy_before > 0;
}

// Returns false when the system has no thread for the run; the run's lease will then run out.
bool Worker::Impl::begin(Slot& slot, ClaimedRun run) {
  if (slot.thread.joinable()) slot.thread.join();  // Does not block for long: its job has ended.
  {
    const MutexLock lock(mutex);
    slot.busy = true;
  }
  const RunTaken what = taken(run);
  try {
    slot.thread = std::thread([this, &slot, run = std::move(run)] {
      name_thread("worker-run");
      work(run);
      const MutexLock lock(mutex);
      slot.busy = false;
      changed.notify_all();
    });
    return true;
  } catch (const std::system_error& error) {
    on_note(RunLeft{what, "threads.exhausted", error.what()});
    const MutexLock lock(mutex);
    slot.busy = false;
    return false;
  }
}

void Worker::Impl::work(const ClaimedRun& run) const {
  const RunTaken what = taken(run);
  on_note(what);
  const auto begun = steady_clock::now();
  Job* job = jobs.find(run.type);
  RUNLEDGER_ASSERT(job != nullptr);
  try {
    const TrackedEnd end =
        run_tracked(client, {run.started.run, {run.started.attempt, run.started.token}, run.lease}, *job,
                    {run.started.run, run.scope, run.type, run.input, run.started.attempt}, stop_jobs.get_token());
    on_note(RunEnded{what, end, std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun)});
  } catch (const Failure& failure) {
    on_note(RunLeft{what, failure.code(), failure.what()});
  } catch (const std::exception& error) {
    on_note(RunLeft{what, "internal", error.what()});
  }
}

Worker::Worker(LedgerClient& client, RunSource& source, const JobRegistry& jobs, WorkerOptions options, OnNote on_note)
    : impl_(std::make_unique<Impl>(client, source, jobs, std::move(options), std::move(on_note))) {
  RUNLEDGER_ASSERT(impl_->options.concurrency >= 1 && impl_->options.concurrency <= kConcurrencyMax);
  RUNLEDGER_ASSERT(!impl_->options.types.empty() && impl_->options.types.size() <= kClaimTypesMax);
  impl_->claiming = std::thread([impl = impl_.get()] { impl->run(); });
}

Worker::~Worker() {
  stop_claiming();
  stop_jobs();
  impl_->claiming.join();
}

void Worker::stop_claiming() {
  const MutexLock lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
}

void Worker::stop_jobs() {
  impl_->stop_jobs.request_stop();
}

bool Worker::wait(milliseconds timeout) {
  MutexLock lock(impl_->mutex);
  const auto end = steady_clock::now() + timeout;
  while (!impl_->done && impl_->changed.wait_until(lock, end)) continue;
  return impl_->done;
}

}  // namespace runledger
