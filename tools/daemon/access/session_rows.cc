// How a session waits for the rows, without which it cannot answer questions about runs.
#include <fmt/format.h>

#include <algorithm>

#include "tools/daemon/access/session.h"

namespace runledger {
namespace {

// How long a read waits for the rows to reach the log's last event.
constexpr auto kRowsTimeout = std::chrono::seconds(5);
constexpr auto kRowsWaits = kRowsTimeout / Session::kTokenCheckedEvery;

// A share tells a caller that is bound to a scope nothing of how many events others have.
std::optional<Rejection> refuse_catching_up(const FollowedRows& rows, const Grant& grant) {
  const std::optional<FollowedRows::CatchingUp> behind = rows.catching_up();
  if (!behind || rows.stopped_by()) return {};
  const std::uint64_t percent = behind->at.value * 100 / std::max<std::uint64_t>(1, behind->target.value);
  const std::string of =
      grant.workspace ? std::string() : fmt::format(", {} of {} events", behind->at.value, behind->target.value);
  return reject(
      "rows.catching_up",
      fmt::format("expected rows that have all events, found that {} % are done{}: the daemon makes them from "
                  "the log, and answers when it is ready",
                  percent, of));
}

}  // namespace

// Waits in short steps, so that it ends soon after the token.
std::optional<Rejection> Session::wait_for_rows(Sequence until) const {
  if (auto behind = refuse_catching_up(*rows_, grant_)) return behind;
  for (auto waits = kRowsWaits; waits > 0; --waits) {
    if (rows_->wait_for(until, kTokenCheckedEvery)) return {};
    if (rows_->stopped_by()) break;
    if (auto ended = deny_ended_token()) return ended;
  }
  if (rows_->stopped_by())
    return reject("rows.stopped",
                  "expected rows that follow the log, found that they have stopped: see the daemon's log");
  return reject("rows.behind", "expected the rows to follow the log, found them behind");
}

}  // namespace runledger
