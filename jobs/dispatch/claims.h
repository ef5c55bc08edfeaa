// Hands out queued runs to whoever asks for work: each to one caller, the tenants in turn, and callers that find
// nothing wait for what comes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "jobs/dispatch/scoped_claim.h"
#include "ledger/client.h"
#include "ledger/ledger.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// A thread of its own chooses; the sequencer decides, so a run that was cancelled or started meanwhile is not handed
// out. Any thread may ask.
class Claims {
 public:
  static constexpr std::size_t kWaitingMax = 10'000;  // One more is answered "overloaded".

  // Told once, on a thread of this object, that nothing can be claimed any more; must not wait. May be empty.
  using OnStopped = std::function<void(std::string_view code, std::string_view what)>;

  // None of them is owned; all must outlive it. Throws as RowStore does.
  Claims(Ledger& ledger, FollowedRows& rows, OnStopped on_stopped = {});
  ~Claims();  // Whoever still waits gets NothingDue.
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  using Completion = ClaimCompletion;

  // A caller that waits. Without it there is nobody to give a run to: the claim is withdrawn, and answered NothingDue
  // unless a run is being started for it already.
  class Waiting {
   public:
    Waiting() = default;
    explicit Waiting(std::function<void()> withdraw) : withdraw_(std::move(withdraw)) {}
    Waiting(Waiting&& other) noexcept : withdraw_(std::exchange(other.withdraw_, {})) {}
    Waiting& operator=(Waiting&& other) noexcept {
      std::swap(withdraw_, other.withdraw_);
      return *this;
    }
    ~Waiting() {
      if (withdraw_) withdraw_();
    }

   private:
    std::function<void()> withdraw_;
  };

  // `complete` is called exactly once, on a thread of this object, or at once on the caller's where the claim is
  // refused; it must not wait for another claim, nor throw. Codes "claim.invalid" (no type, too many, or too long a
  // wait), "overloaded", "claims.stopped", and those of a start. UnknownOutcome also where a run was started that could
  // not be read. NothingDue comes not before what was acknowledged before the claim has been looked at, unless the rows
  // are two seconds behind.
  [[nodiscard]] Waiting claim(ScopedClaim order, Completion complete);

  // For a process that is about to end: whoever waits gets NothingDue, as does whoever asks from now on, so that no run
  // is started for a caller that is let go.
  void close();

  // How many wait, or are being given a run.
  [[nodiscard]] std::size_t waiting() const;

  // Why nothing can be claimed any more: the ledger can no longer be read, or the rows no longer follow it. Absent
  // while it can.
  [[nodiscard]] std::optional<std::string> stopped_by() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
