// The local rows of a running daemon, which a thread of their own keeps up to date with the log.
#pragma once

#include <chrono>
#include <cstdint>
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

  // How many events the constructor folds at most, which takes about two seconds. After a crash there are fewer; there
  // are more when the rows are made again, such as after an upgrade.
  static constexpr std::uint64_t kFoldedAtStartMax = 100'000;

  struct Options {
    OnStopped on_stopped = {};  // May be empty; see on_stopped().
    std::uint64_t folded_at_start_max = kFoldedAtStartMax;
    // Called after each batch until the rows have caught up for the first time, with the events done and all that there
    // are to do. Not called when the constructor catches up. It holds up the rows. May be empty.
    Progress on_catching_up = {};
  };

  // Catches up before it returns, unless the rows are too far behind: then the thread that follows does it. `log` is
  // not owned and must outlive this object. Throws as RowStore does.
  FollowedRows(EventLog& log, Options options);
  explicit FollowedRows(EventLog& log, OnStopped listener = {});
  ~FollowedRows();

  // How far the rows have come, as long as they have not caught up for the first time with the log as it was at the
  // start: a caller that needs all rows has to wait, or to refuse.
  struct CatchingUp {
    Sequence at;
    Sequence target;
  };
  [[nodiscard]] std::optional<CatchingUp> catching_up() const;

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
