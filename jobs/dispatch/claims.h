// Hands out queued runs to callers that ask for work: each run to one caller, and tenants take turns. A caller for
// which nothing is due waits.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/dispatch/scoped_claim.h"
#include "ledger/base/waiting.h"
#include "ledger/client.h"
#include "ledger/ledger.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// A thread of this object chooses a due run for each caller, and the sequencer decides whether to start it; so a run
// that was cancelled or started in between is not handed out. Any thread may call any function.
class Claims {
 public:
  // Callers at the same time. One more takes the place of the one that came last among those of the token or tenant
  // that holds most, if it holds less itself; one of the two is answered "overloaded".
  static constexpr std::size_t kWaitingMax = 10'000;
  static constexpr std::chrono::milliseconds kDeniedEvery{500};  // See ScopedClaim::deny.

  // Called once, on a thread of this object, when no run can be claimed any more; must not wait. May be empty.
  using OnStopped = std::function<void(std::string_view code, std::string_view what)>;

  // `ledger` and `rows` are not owned; both must outlive this object. Throws as RowStore does.
  Claims(Ledger& ledger, FollowedRows& rows, OnStopped on_stopped = {});
  ~Claims();  // Answers NothingDue to callers that still wait, and waits for the runs that are being started.
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  using Completion = ClaimCompletion;

  // Its destruction withdraws the claim, which is then answered NothingDue unless a run is already being started for
  // it. It may outlive the Claims.
  using Waiting = runledger::Waiting;

  // Calls `complete` exactly once: on a thread of this object or, if the claim is refused immediately, on the caller's
  // thread. It must neither wait for another claim nor throw. Codes: "claim.invalid" (no type, too many types, or a
  // wait that is negative or too long), "overloaded", "claims.stopped", the codes of a start, and what `deny` returns.
  // The answer is UnknownOutcome, too, if a run was started but could not be read. The answer is NothingDue only after
  // every run that was acknowledged before the claim has been considered, unless the rows lag by more than two seconds.
  [[nodiscard]] Waiting claim(ScopedClaim claim, Completion complete);

  // For a process that is about to end: answers NothingDue to all waiting callers and to all later ones, so that no run
  // is started for a caller whose connection is about to be closed.
  void close();

  // The number of callers that have no answer yet.
  [[nodiscard]] std::size_t waiting() const;

  // The number of callers that wait for runs of this type and scope. With a workspace, and a tenant, only those count
  // that are bound to them.
  [[nodiscard]] std::size_t waiting_for(const RunType& type, const Scope& scope,
                                        const std::optional<Workspace>& workspace,
                                        const std::optional<Tenant>& tenant) const;

  // Why no run can be claimed any more: the ledger can no longer be read, or the rows no longer follow it. Absent while
  // claims work.
  [[nodiscard]] std::optional<std::string> stopped_by() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace runledger
