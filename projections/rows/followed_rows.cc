// A thread that catches up whenever the log has grown.
#include "projections/rows/followed_rows.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/base/failure.h"
#include "ledger/log/tail.h"

namespace runledger {

struct FollowedRows::Impl {
  EventLog& log;
  RowStore rows;
  struct Stop {
    std::string code;
    std::string what;
  };
  mutable std::mutex mutex;  // Guards checkpoint, stopped_by and stop_listeners.
  mutable std::condition_variable moved;
  Sequence checkpoint;
  std::optional<Stop> stopped_by;
  std::vector<OnStopped> stop_listeners;
  std::mutex watches_mutex;  // Held while they are told.
  std::vector<RowWatch> watches;
  std::jthread thread;  // Ends before what it uses.

  explicit Impl(EventLog& of) : log(of), rows(of) {
    rows.catch_up();
    checkpoint = rows.checkpoint();
    thread = std::jthread([this](const std::stop_token& stop) { follow(stop); });
  }

  void tell(const std::vector<RowChange>& changes) {
    const std::lock_guard lock(watches_mutex);
    for (const RowWatch& watch : watches) watch(changes);
  }

  Sequence catch_up() {
    rows.catch_up({}, [this](const std::vector<RowChange>& changes) { tell(changes); });
    const std::lock_guard lock(mutex);
    checkpoint = rows.checkpoint();
    moved.notify_all();
    return checkpoint;
  }

  void follow(const std::stop_token& stop) {
    try {
      follow_log(log, rows.checkpoint(), stop, [this](Sequence) { return catch_up(); });
    } catch (const Failure& failure) {
      stop_by({std::string(failure.code()), failure.what()});
    } catch (const std::exception& error) {  // Also of what a watch did: without it, nobody would learn of anything.
      stop_by({"internal", error.what()});
    }
  }

  void stop_by(const Stop& stop) {
    std::vector<OnStopped> listeners;
    {
      const std::lock_guard lock(mutex);
      stopped_by = stop;
      listeners.swap(stop_listeners);
      moved.notify_all();
    }
    for (const OnStopped& tell : listeners) tell(stop.code, stop.what);
  }
};

FollowedRows::FollowedRows(EventLog& log) : impl_(std::make_unique<Impl>(log)) {}

FollowedRows::~FollowedRows() = default;

const RowStore& FollowedRows::rows() const {
  return impl_->rows;
}

void FollowedRows::watch(RowWatch watch) {
  const std::lock_guard lock(impl_->watches_mutex);
  impl_->watches.push_back(std::move(watch));
}

void FollowedRows::on_stopped(OnStopped tell) {
  std::optional<Impl::Stop> stopped;
  {
    const std::lock_guard lock(impl_->mutex);
    stopped = impl_->stopped_by;
    if (!stopped) impl_->stop_listeners.push_back(std::move(tell));
  }
  if (stopped) tell(stopped->code, stopped->what);
}

Sequence FollowedRows::checkpoint() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->checkpoint;
}

bool FollowedRows::wait_for(Sequence sequence, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(impl_->mutex);
  impl_->moved.wait_for(lock, timeout, [&] { return impl_->checkpoint >= sequence || impl_->stopped_by; });
  return impl_->checkpoint >= sequence;
}

std::optional<std::string> FollowedRows::stopped_by() const {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->stopped_by) return std::nullopt;
  return impl_->stopped_by->what;
}

}  // namespace runledger
