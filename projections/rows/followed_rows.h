// The local rows of a running daemon, which a thread of their own keeps up to date with the log.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "projections/rows/store.h"

namespace runledger {

// Any thread may use it. The destructor ends the thread.
class FollowedRows {
 public:
  using OnStopped = std::function<void(std::string_view code, std::string_view what)>;

  // Catches up before it returns, then follows. `log` is not owned and must outlive this object. `listener` may be
  // empty; see on_stopped(). Throws as RowStore does.
  explicit FollowedRows(EventLog& log, OnStopped listener = {});
  ~FollowedRows();

  // For reading. The rows live as long as this object.
  [[nodiscard]] const RowStore& rows() const;

  // From now on `watch` is called with the changes of every batch, in addition to the watches that were added before.
  // The objects that it uses must outlive this one.
  void watch(RowWatch watch);

  // The rows hold the log up to this position, and every watch has been called for it.
  [[nodiscard]] Sequence checkpoint() const;

  // Waits until the rows hold the event at `sequence`. Returns false when `timeout` passed first, or when the rows no
  // longer follow and are not that far.
  [[nodiscard]] bool wait_for(Sequence sequence, std::chrono::milliseconds timeout) const;

  // Whether the rows follow every commit at once. Otherwise they fold the events of 20 to 100 ms together, unless
  // somebody is in wait_for(): under load that takes less processor time, and nobody notices it.
  void follow_closely(bool closely);

  // Called once when the rows stop following, on the thread that follows; immediately and on the calling thread when
  // they have stopped already. It must not wait. The objects that it uses must outlive this one.
  void on_stopped(OnStopped listener);

  // The reason why the rows no longer follow; absent while they do.
  [[nodiscard]] std::optional<std::string> stopped_by() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
