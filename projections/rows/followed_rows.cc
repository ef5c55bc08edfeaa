// Runs a thread that catches the rows up whenever the log has grown.
//
// The constructor catches up on the calling thread, so that no reader sees rows that are older than the start. Only
// when that would take long does it leave it to the thread, and catching_up() then tells readers.
// Then the thread runs follow_log(), which waits for events past its position and calls catch_up(). After each call it
// rests, the longer the more it had to fold, so that under load the events of many commits are folded together: a run
// that is requested, started and finished meanwhile is written once, and its entries in the indexes of queued and
// running runs never. An event after a quiet time is folded at once, and the rest ends as soon as somebody waits for
// the rows.
//
// Each call folds in batches and does three things in this order:
// 1. RowStore writes a batch, after which every reader can read it.
// 2. tell() calls all watches with the changes of that batch.
// 3. When all batches are done, `checkpoint` moves and wait_for() wakes.
//
// So a caller that sees checkpoint() at a position can rely on both: the rows hold the events up to there, and the
// watches know of them. Claims needs the second half, since it answers "nothing is due" only when its queues know of
// every acknowledged run.
//
// Two mutexes keep the parts apart. `mutex` guards the state that callers wait for and is never held during a callback.
// `watches_mutex` is held while watches run, so a watch that is added during a batch starts with the next one; a
// watch must not add another one.
//
// When folding or a watch throws, the thread ends: rows that skip an event would be wrong for good. stop_by() sets
// `stopped_by` and takes the listeners under one lock, so each listener is called exactly once, either there or in
// on_stopped(). The daemon keeps running, and readers get "rows.stopped" instead of old rows.
#include "projections/rows/followed_rows.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/tail.h"

namespace runledger {
namespace {

// How long the thread rests after it has folded a group: several times as long as that took, so that rows take a
// bounded share of a processor while they keep up. Only a caller that waits for the rows could notice it, and it ends
// the rest.
constexpr auto kRestMin = std::chrono::milliseconds(20);
constexpr auto kRestMax = std::chrono::milliseconds(100);
constexpr int kRestPerWork = 6;

}  // namespace

struct FollowedRows::Impl {
  EventLog& log;
  RowStore rows;
  struct Stopping {};  // Thrown by the thread to itself.
  struct Stop {
    std::string code;
    std::string what;
  };
  mutable Mutex mutex;
  mutable Condition moved;
  mutable Condition hurried;
  Sequence checkpoint RUNLEDGER_GUARDED_BY(mutex);
  mutable Sequence waited_for RUNLEDGER_GUARDED_BY(mutex);  // The last position that anybody has waited for.
  bool closely RUNLEDGER_GUARDED_BY(mutex) = false;         // No rest between groups.
  std::optional<Stop> stopped_by RUNLEDGER_GUARDED_BY(mutex);
  std::vector<OnStopped> stop_listeners RUNLEDGER_GUARDED_BY(mutex);
  Mutex watches_mutex;  // Guards watches; held while they are called.
  std::vector<RowWatch> watches RUNLEDGER_GUARDED_BY(watches_mutex);
  Progress on_catching_up;
  const Sequence begun_at;        // The end of the log at the start.
  std::atomic<bool> caught_up{};  // The rows have been at begun_at.
  std::jthread thread;            // Last, so that it ends before the members that it uses.

  Impl(EventLog& of, Options options) : log(of), rows(of), begun_at(of.last()) {
    if (options.on_stopped) stop_listeners.push_back(std::move(options.on_stopped));
    on_catching_up = std::move(options.on_catching_up);
    if (begun_at.value - rows.checkpoint().value <= options.folded_at_start_max) rows.catch_up();
    caught_up = rows.checkpoint() >= begun_at;
    checkpoint = rows.checkpoint();
    thread = std::jthread([this](const std::stop_token& stop) { follow(stop); });
  }

  void notify(const std::vector<RowChange>& changes) {
    const MutexLock lock(watches_mutex);
    for (const RowWatch& watch : watches) watch(changes);
  }

  // Ends between two batches when a stop is requested: there can be many when the rows are made again.
  Sequence catch_up(const std::stop_token& stop) {
    const bool is_first = !caught_up;
    const Progress progress = [&](std::uint64_t done, std::uint64_t total) {
      if (is_first && on_catching_up) on_catching_up(done, total);
      if (stop.stop_requested()) throw Stopping{};
    };
    rows.catch_up(progress, [this](const std::vector<RowChange>& changes) { notify(changes); });
    const MutexLock lock(mutex);
    caught_up = true;
    checkpoint = rows.checkpoint();
    moved.notify_all();
    return checkpoint;
  }

  void rest(const std::stop_token& stop, std::chrono::steady_clock::duration worked) {
    MutexLock lock(mutex);
    const auto end = std::chrono::steady_clock::now() +
                     std::clamp<std::chrono::steady_clock::duration>(kRestPerWork * worked, kRestMin, kRestMax);
    while (!closely && waited_for <= checkpoint && !stop.stop_requested() && hurried.wait_until(lock, end)) continue;
  }

  void follow(const std::stop_token& stop) {
    name_thread("rows");
    try {
      follow_log(log, rows.checkpoint(), stop, [&](Sequence) {
        const auto begun = std::chrono::steady_clock::now();
        const Sequence folded = catch_up(stop);
        rest(stop, std::chrono::steady_clock::now() - begun);
        return folded;
      });
    } catch (const Stopping&) {
      // The next start goes on where this one stopped.
    } catch (const Failure& failure) {
      stop_by({std::string(failure.code()), failure.what()});
    } catch (const std::exception& error) {  // Also from a watch: without it, later changes would go unnoticed.
      stop_by({"internal", error.what()});
    }
  }

  void stop_by(const Stop& stop) {
    std::vector<OnStopped> listeners;
    {
      const MutexLock lock(mutex);
      stopped_by = stop;
      listeners.swap(stop_listeners);
      moved.notify_all();
    }
    for (const OnStopped& listener : listeners) listener(stop.code, stop.what);
  }
};

FollowedRows::FollowedRows(EventLog& log, Options options) : impl_(std::make_unique<Impl>(log, std::move(options))) {}

FollowedRows::FollowedRows(EventLog& log, OnStopped listener)
    : FollowedRows(log, Options{.on_stopped = std::move(listener)}) {}

FollowedRows::~FollowedRows() = default;

const RowStore& FollowedRows::rows() const {
  return impl_->rows;
}

void FollowedRows::watch(RowWatch watch) {
  const MutexLock lock(impl_->watches_mutex);
  impl_->watches.push_back(std::move(watch));
}

void FollowedRows::on_stopped(OnStopped listener) {
  std::optional<Impl::Stop> stopped;
  {
    const MutexLock lock(impl_->mutex);
    stopped = impl_->stopped_by;
    if (!stopped) impl_->stop_listeners.push_back(std::move(listener));
  }
  if (stopped) listener(stopped->code, stopped->what);
}

std::optional<FollowedRows::CatchingUp> FollowedRows::catching_up() const {
  if (impl_->caught_up) return std::nullopt;
  return CatchingUp{impl_->rows.checkpoint(), impl_->begun_at};
}

Sequence FollowedRows::checkpoint() const {
  const MutexLock lock(impl_->mutex);
  return impl_->checkpoint;
}

bool FollowedRows::wait_for(Sequence sequence, std::chrono::milliseconds timeout) const {
  MutexLock lock(impl_->mutex);
  if (sequence > impl_->waited_for) {
    impl_->waited_for = sequence;
    impl_->hurried.notify_one();
  }
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (impl_->checkpoint < sequence && !impl_->stopped_by && impl_->moved.wait_until(lock, end)) continue;
  return impl_->checkpoint >= sequence;
}

void FollowedRows::follow_closely(bool closely) {
  const MutexLock lock(impl_->mutex);
  impl_->closely = closely;
  if (closely) impl_->hurried.notify_one();
}

std::optional<std::string> FollowedRows::stopped_by() const {
  const MutexLock lock(impl_->mutex);
  if (!impl_->stopped_by) return std::nullopt;
  return impl_->stopped_by->what;
}

}  // namespace runledger
