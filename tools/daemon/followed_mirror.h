// The mirror in Postgres, kept up beside the daemon.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>

#include "projections/postgres/mirror.h"

namespace runledger {

// A thread of its own follows the log for as long as it lives. The ledger serves whether or not Postgres is there, so
// it waits for it. Any thread may ask.
class FollowedMirror {
 public:
  // Told of what becomes of it; from its thread, so it must not wait.
  struct Listener {
    std::function<void()> opened;
    std::function<void(std::string_view code, std::string_view what)> unreachable;  // Once, until it is opened.
    std::function<void(std::string_view code, std::string_view what)> stopped;
  };

  // `log` is not owned and must outlive it. Every function of `listener` is set.
  FollowedMirror(EventLog& log, const MirrorOptions& options, Listener listener);
  FollowedMirror(const FollowedMirror&) = delete;
  FollowedMirror& operator=(const FollowedMirror&) = delete;

  // Because of something that trying again does not mend.
  [[nodiscard]] bool stopped() const { return stopped_; }
  // Absent until Postgres was reached.
  [[nodiscard]] std::optional<Sequence> checkpoint() const { return mirror_.checkpoint(); }

 private:
  void follow(const std::stop_token& stop);
  [[nodiscard]] bool opened(const std::stop_token& stop);

  Mirror mirror_;
  Listener listener_;
  std::atomic<bool> stopped_ = false;
  std::jthread thread_;  // Ends before what it uses.
};

}  // namespace runledger
