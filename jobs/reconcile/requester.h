// Asks for reconciliation of every workspace that has work under way, again and again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string_view>

#include "ledger/client.h"
#include "projections/rows/followed_rows.h"

namespace runledger {

// Those with an active run that is no reconciliation, but without an active reconciliation: asking for another one
// would only be recorded as a duplicate. Throws as RowStore does.
[[nodiscard]] std::set<Workspace> workspaces_to_reconcile(const RowStore& rows);

// At once and then at every interval, from a thread of its own, for as long as it lives. What fails is tried again the
// next time.
class ReconcileRequester {
 public:
  // Told of what failed; from its thread, so it must not wait.
  using Report = std::function<void(std::string_view code, std::string_view what)>;

  // `client` and `rows` are not owned and must outlive it. `every` is above zero.
  ReconcileRequester(LedgerClient& client, const FollowedRows& rows, std::chrono::seconds every, Report report);
  ~ReconcileRequester();
  ReconcileRequester(const ReconcileRequester&) = delete;
  ReconcileRequester& operator=(const ReconcileRequester&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
