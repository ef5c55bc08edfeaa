// The thread that claims, the threads that work, and what they share.
#include "jobs/worker/worker.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/base/retry.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kClaimWait{2000};  // Also how long a stop may have to wait for the claim on its way.
constexpr RetryDelays kClaimAgain{.first = milliseconds(100), .max = milliseconds(5000)};

// Room for one run.
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
  const Tell tell;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Slot> slots;  // Guarded by mutex, as are the flags. A thread is touched by the claiming one only.
  bool stopping = false;
  bool done = false;

  std::stop_source stop_jobs;
  CommandOptions mark;  // Of the claim whose answer is not known yet. Of the claiming thread alone, as is the next.
  unsigned failed_claims = 0;  // In a row.
  std::string failing;         // With which code claims fail; empty: they do not.
  std::thread claiming;

  Impl(LedgerClient& client_, RunSource& source_, const JobRegistry& jobs_, WorkerOptions options_, Tell tell_)
      : client(client_),
        source(source_),
        jobs(jobs_),
        options(std::move(options_)),
        tell(std::move(tell_)),
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
  // Requires the mutex.
  [[nodiscard]] std::size_t busy() const {
    const auto is_busy = [](const Slot& slot) { return slot.busy; };
    return static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), is_busy));
  }
  [[nodiscard]] std::size_t busy_now() {
    const std::lock_guard lock(mutex);
    return busy();
  }
};

void Worker::Impl::run() {
  while (Slot* slot = wait_for_room()) {
    if (!turn(*slot)) break;
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return busy() == 0; });
  lock.unlock();
  for (Slot& slot : slots) {
    if (slot.thread.joinable()) slot.thread.join();
  }
  lock.lock();
  done = true;
  changed.notify_all();
}

// Null: it is time to stop.
Slot* Worker::Impl::wait_for_room() {
  const auto is_free = [](const Slot& slot) { return !slot.busy; };
  std::unique_lock lock(mutex);
  auto room = slots.end();
  changed.wait(lock, [&] {
    room = std::find_if(slots.begin(), slots.end(), is_free);
    return stopping || room != slots.end();
  });
  return stopping ? nullptr : &*room;
}

// One claim. False: it was the last one.
bool Worker::Impl::turn(Slot& slot) {
  const std::size_t busy_before = busy_now();
  Claimed claimed = claim();
  if (const auto* trouble = std::get_if<ClaimsFail>(&claimed)) return note_trouble(*trouble);
  auto* run = std::get_if<ClaimedRun>(&claimed);
  if (run != nullptr && !begin(slot, std::move(*run)))
    return note_trouble(
        {"threads.exhausted", "expected a thread for a run, found that the system gives none", Remedy::kCallOperator});
  if (!failing.empty()) tell(ClaimsWork{});
  failing.clear();
  failed_claims = 0;
  if (run != nullptr) return options.until != WorkUntil::kOneRun;
  if (options.until == WorkUntil::kStopped) return true;
  return options.until == WorkUntil::kIdle && wait_for_work_to_end(busy_before);
}

// A claim whose answer was lost is made again as it was: it brings the run that it had got.
Worker::Impl::Claimed Worker::Impl::claim() {
  if (!mark.id) mark.id = CommandId{random_uuid()};
  const milliseconds wait = options.until == WorkUntil::kStopped ? kClaimWait : milliseconds(0);
  try {
    ClaimAnswer answer = source.claim({.types = options.types, .worker = options.name, .wait = wait}, mark);
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer))
      return ClaimsFail{"outcome.unknown", unknown->what, Remedy::kAskLedger};
    mark = {};
    if (const auto* refused = std::get_if<Rejection>(&answer))
      return ClaimsFail{refused->code, refused->detail.str(), std::nullopt};
    if (auto* run = std::get_if<ClaimedRun>(&answer)) return std::move(*run);
    return NothingDue{};
  } catch (const Failure& failure) {
    // This claim was not sent; one before it may have been.
    if (failure.code() != "daemon.unreachable") mark = {};
    return ClaimsFail{failure.code(), failure.what(), failure.remedy()};
  } catch (const std::exception& error) {
    return ClaimsFail{"outcome.unknown", error.what(), Remedy::kAskLedger};
  }
}

// Waits before the next claim. False: there is none, because it is to end anyway.
bool Worker::Impl::note_trouble(const ClaimsFail& trouble) {
  if (failing != trouble.code) tell(trouble);
  failing = trouble.code;
  if (options.until != WorkUntil::kStopped) return false;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, kClaimAgain.after(++failed_claims), [this] { return stopping; });
  return true;
}

// Nothing was due while so many runs were under way. False: there were none, from which more could have come. What
// ended since then may have left something that the claim did not see.
bool Worker::Impl::wait_for_work_to_end(std::size_t busy_before) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return stopping || busy_before == 0 || busy() < busy_before; });
  return busy_before > 0;
}

// False: there is no thread for it, and its lease will run out.
bool Worker::Impl::begin(Slot& slot, ClaimedRun run) {
  if (slot.thread.joinable()) slot.thread.join();  // It has ended: the slot is free.
  {
    const std::lock_guard lock(mutex);
    slot.busy = true;
  }
  const RunTaken what = taken(run);
  try {
    slot.thread = std::thread([this, &slot, run = std::move(run)] {
      work(run);
      const std::lock_guard lock(mutex);
      slot.busy = false;
      changed.notify_all();
    });
    return true;
  } catch (const std::system_error& error) {
    tell(RunLeft{what, "threads.exhausted", error.what()});
    const std::lock_guard lock(mutex);
    slot.busy = false;
    return false;
  }
}

void Worker::Impl::work(const ClaimedRun& run) const {
  const RunTaken what = taken(run);
  tell(what);
  const auto begun = steady_clock::now();
  Job* job = jobs.find(run.type);
  RUNLEDGER_ASSERT(job != nullptr);
  try {
    const TrackedEnd end =
        run_tracked(client, {run.started.run, {run.started.attempt, run.started.token}, run.lease}, *job,
                    {run.started.run, run.scope, run.type, run.input, run.started.attempt}, stop_jobs.get_token());
    tell(RunEnded{what, end, std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun)});
  } catch (const Failure& failure) {
    tell(RunLeft{what, failure.code(), failure.what()});
  } catch (const std::exception& error) {
    tell(RunLeft{what, "internal", error.what()});
  }
}

Worker::Worker(LedgerClient& client, RunSource& source, const JobRegistry& jobs, WorkerOptions options, Tell tell)
    : impl_(std::make_unique<Impl>(client, source, jobs, std::move(options), std::move(tell))) {
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
  const std::lock_guard lock(impl_->mutex);
  impl_->stopping = true;
  impl_->changed.notify_all();
}

void Worker::stop_jobs() {
  impl_->stop_jobs.request_stop();
}

bool Worker::wait(milliseconds patience) {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, patience, [this] { return impl_->done; });
}

}  // namespace runledger
