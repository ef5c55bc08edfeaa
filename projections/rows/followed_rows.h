// The local rows of a running daemon, kept up with the log by a thread of their own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "projections/rows/store.h"

namespace runledger {

// Any thread may use it.
class FollowedRows {
 public:
  // Catches up before it returns, then follows. `log` is not owned and must outlive it. Throws as RowStore does.
  explicit FollowedRows(EventLog& log);
  ~FollowedRows();

  [[nodiscard]] const RowStore& rows() const;

  // From now on `watch` is told of the changes of every batch, beside those that were asked for before. What it uses
  // must outlive this.
  void watch(RowWatch watch);

  // Up to here the rows hold what the log does, and every watch was told.
  [[nodiscard]] Sequence checkpoint() const;

  // Waits until the rows hold the event at `sequence`; false when `timeout` passed first, or they no longer follow.
  [[nodiscard]] bool wait_for(Sequence sequence, std::chrono::milliseconds timeout) const;

  // Told once, on the thread that follows, that they no longer do; at once on the caller's, where they have stopped
  // already. Must not wait. What it uses must outlive this.
  using OnStopped = std::function<void(std::string_view code, std::string_view what)>;
  void on_stopped(OnStopped tell);

  // Why they no longer follow; absent while they do.
  [[nodiscard]] std::optional<std::string> stopped_by() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
