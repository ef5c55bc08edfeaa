// The mirror in Postgres, kept up to date while the daemon serves.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

#include "projections/postgres/mirror.h"
#include "tools/daemon/access/mirror_rebuilds.h"

namespace runledger {

// Follows the log on a thread of its own, from construction to destruction, and carries out the rebuilds that callers
// request. The ledger serves whether or not Postgres can be reached, so the mirror waits for Postgres and nothing waits
// for the mirror. Any thread may use it.
class FollowedMirror {
 public:
  // Notified of what happens to the mirror, on the mirror's own thread, which must not be blocked.
  struct Listener {
    // The mirror follows the log: called when Postgres was reached, and again after stopped().
    std::function<void(std::string_view schema)> opened;
    std::function<void(Sequence checkpoint)> advanced;  // As Mirror::OnCheckpoint.
    // Called once at most, before `opened`: the mirror goes on trying.
    std::function<void(std::string_view code, std::string_view what)> unreachable;
    // The mirror has failed; see FollowedMirror::stopped().
    std::function<void(std::string_view code, std::string_view what)> stopped;
  };

  // `log` and `rebuilds` are not owned and must outlive the mirror. Requires that every function of `listener` is set.
  FollowedMirror(EventLog& log, const MirrorOptions& options, MirrorRebuilds& rebuilds, Listener listener);
  FollowedMirror(const FollowedMirror&) = delete;
  FollowedMirror& operator=(const FollowedMirror&) = delete;

  // Whether the mirror has stopped because of a failure that another try would not cure. Only a rebuild that succeeds
  // makes it follow again.
  [[nodiscard]] bool stopped() const { return stopped_; }
  // The position up to which Postgres has the log. Absent until Postgres was reached.
  [[nodiscard]] std::optional<Sequence> checkpoint() const { return mirror_.checkpoint(); }

 private:
  void keep(const std::stop_token& stop);
  void follow(const std::stop_token& until);
  [[nodiscard]] bool opened(const std::stop_token& until);
  void open(std::chrono::milliseconds timeout);
  void announce();
  void note_stopped(std::string_view code, std::string_view what);
  void answer(const MirrorRebuilds::Request& request, const std::stop_token& stop);
  [[nodiscard]] Result<RebuiltMirror> rebuild(bool dry_run, const std::stop_token& stop);

  Mirror mirror_;
  MirrorRebuilds& rebuilds_;
  Listener listener_;
  bool is_open_ = false;       // Used by the thread only, as the next two.
  bool is_announced_ = false;  // The listener knows that the mirror follows.
  bool reported_unreachable_ = false;
  std::atomic<bool> stopped_ = false;
  std::jthread thread_;  // Last, so that it ends before the members that it uses are destroyed.
};

}  // namespace runledger
