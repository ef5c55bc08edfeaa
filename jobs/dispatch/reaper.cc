// Leases ordered by the earliest time at which they can run out, and one thread that submits ExpireLease for each.
//
// Leases holds at most one lease per run, that of its attempt under way, in two indexes: a set ordered by time and a
// map by run. Three threads change it, each under `mutex`:
// - the thread that follows the rows: a started attempt adds its lease, and a run that is no longer running removes it;
// - the reaper's own thread: it takes each lease whose time has passed and submits ExpireLease;
// - the sequencer's thread, in settle(): it puts the lease back if the attempt is alive, or after "overloaded".
//
// A heartbeat extends a lease only in the sequencer, so the time here is a lower bound: too early at worst, never too
// late. An attempt that is still alive is answered kAlive with the rest of its lease, and is put back for that time. So
// heartbeats cost the reaper nothing, and a living attempt costs one command per lease.
//
// At most kAskedMax commands are under way, so that after a long pause the reaper does not fill the sequencer's queue.
// The destructor waits until all of them are answered. Once the write path is broken (UnknownOutcome), the thread only
// waits for its end, because no attempt can be closed any more.
#include "jobs/dispatch/reaper.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kAskedMax = 256;                    // Commands that the sequencer has not answered yet.
constexpr auto kAskAgainAfter = std::chrono::seconds(1);  // After "overloaded".
constexpr auto kReaperSleepMax = std::chrono::seconds(60);

struct Lease {
  SteadyClock::time_point over;  // The earliest time at which the lease can have run out.
  RunId run;
  AttemptNumber attempt;
  friend auto operator<=>(const Lease&, const Lease&) = default;
};

// At most one lease per run: that of its attempt under way.
class Leases {
 public:
  [[nodiscard]] bool empty() const { return by_time_.empty(); }
  [[nodiscard]] const Lease& next() const { return *by_time_.begin(); }

  // Replaces the lease of the run unless that belongs to a later attempt: answers and rows may arrive out of order.
  void put(const Lease& lease) {
    const auto found = by_run_.find(lease.run);
    if (found != by_run_.end() && found->second->attempt > lease.attempt) return;
    remove(lease.run);
    by_run_[lease.run] = by_time_.insert(lease).first;
  }
  void remove(RunId run) {
    const auto found = by_run_.find(run);
    if (found == by_run_.end()) return;
    by_time_.erase(found->second);
    by_run_.erase(found);
  }
  Lease take_next() {
    const Lease lease = next();
    remove(lease.run);
    return lease;
  }

 private:
  std::set<Lease> by_time_;
  std::unordered_map<RunId, std::set<Lease>::const_iterator> by_run_;
};

}  // namespace

// Shared with the completions of commands that the sequencer has not answered yet.
struct Reaper::Impl : std::enable_shared_from_this<Reaper::Impl> {
  Ledger& ledger;
  Mutex mutex;
  Condition changed;
  Leases leases RUNLEDGER_GUARDED_BY(mutex);
  std::size_t asked RUNLEDGER_GUARDED_BY(mutex) = 0;
  bool is_broken RUNLEDGER_GUARDED_BY(mutex) = false;  // The write path is broken: no attempt can be closed any more.
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  std::thread thread;

  explicit Impl(Ledger& of) : ledger(of) {}

  void look_after(RunId run, AttemptNumber attempt, SteadyClock::duration lease) {
    {
      const MutexLock lock(mutex);
      leases.put({SteadyClock::now() + lease, run, attempt});
    }
    changed.notify_one();
  }
  void forget(RunId run) {
    const MutexLock lock(mutex);
    leases.remove(run);
  }
  void load(const RowStore& rows);
  void run();
  void ask(const Lease& lease);
  void settle(const Lease& lease, const Answer& answer);
};

// Each attempt that is already under way is asked about immediately: the answer says how much of its lease is left.
void Reaper::Impl::load(const RowStore& rows) {
  RunFilter running;
  running.status = RunStatus::kRunning;
  std::string cursor;
  for (;;) {
    const Result<RunPage> page = rows.list(running, RowStore::kPageMax, cursor);
    RUNLEDGER_ASSERT(page);
    for (const OperationRun::Row& row : page->rows) look_after(row.id, row.attempt, {});
    if (!page->next_cursor) return;
    cursor = *page->next_cursor;
  }
}

void Reaper::Impl::run() {
  name_thread("reaper");
  MutexLock lock(mutex);
  while (!stopping) {
    const auto now = SteadyClock::now();
    if (!is_broken && asked < kAskedMax && !leases.empty() && leases.next().over <= now) {
      const Lease lease = leases.take_next();
      ++asked;
      lock.unlock();
      ask(lease);
      lock.lock();
      continue;
    }
    const bool may_ask = !is_broken && asked < kAskedMax && !leases.empty();
    (void)changed.wait_until(lock,
                             may_ask ? std::min(leases.next().over, now + kReaperSleepMax) : now + kReaperSleepMax);
  }
  while (asked > 0) changed.wait(lock);
}

void Reaper::Impl::ask(const Lease& lease) {
  ledger.sequencer().submit({.command = ExpireLease{lease.run}, .is_internal = true},
                            [self = shared_from_this(), lease](const Answer& answer) { self->settle(lease, answer); });
}

void Reaper::Impl::settle(const Lease& lease, const Answer& answer) {
  const auto* reply = std::get_if<Reply>(&answer);
  const auto* rejection = std::get_if<Rejection>(&answer);
  std::optional<SteadyClock::duration> again;
  // A later attempt has its own lease here, which came from its row.
  if (reply != nullptr && reply->verdict == Verdict::kAlive && reply->attempt == lease.attempt)
    again = reply->retry_after;
  // All other refusals are final: the attempt is over, or has no lease.
  if (rejection != nullptr && rejection->code == "overloaded") again = kAskAgainAfter;
  {
    const MutexLock lock(mutex);
    --asked;
    if (again) leases.put({SteadyClock::now() + *again, lease.run, lease.attempt});
    if (std::holds_alternative<UnknownOutcome>(answer)) is_broken = true;
    changed.notify_all();
  }
}

Reaper::Reaper(Ledger& ledger, FollowedRows& rows) : impl_(std::make_shared<Impl>(ledger)) {
  rows.watch([impl = impl_](const std::vector<RowChange>& changes) {
    for (const RowChange& change : changes) {
      if (!change.is_running) impl->forget(change.run);
      if (change.leased_for) impl->look_after(change.run, change.attempt, *change.leased_for);
    }
  });
  impl_->load(rows.rows());
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Reaper::~Reaper() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  impl_->thread.join();
}

}  // namespace runledger
