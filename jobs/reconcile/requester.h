// Requests, at regular intervals, a reconciliation of every workspace that has active runs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string_view>

#include "ledger/client.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// Returns the workspaces with an active run other than a reconciliation, except those with an active reconciliation:
// another request for these would only be recorded as a duplicate. Throws as RowStore does.
[[nodiscard]] std::set<Workspace> workspaces_to_reconcile(const RowStore& rows);

// Owns a thread that makes the requests: the first immediately, the others after each interval, until the destruction
// of this object. After an error it waits for the next interval like after a success.
class ReconcileRequester {
 public:
  // Called with each error, on this object's thread; must not wait.
  using Report = std::function<void(std::string_view code, std::string_view what)>;

  // `client` and `rows` are not owned and must outlive this object. Requires that `every` is above zero.
  ReconcileRequester(LedgerClient& client, const FollowedRows& rows, std::chrono::seconds every, Report report);
  ~ReconcileRequester();  // Waits for the end of a round that is under way.
  ReconcileRequester(const ReconcileRequester&) = delete;
  ReconcileRequester& operator=(const ReconcileRequester&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
