// Looks, records and completes. Between the look and the record, the tenant's commands go on; the record is refused
// when one of them has come, and the look is repeated.
#include "jobs/erase_tenant.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/log/ledger_events.h"
#include "projections/rows/erasure.h"

namespace runledger {
namespace {

constexpr std::size_t kRunsPerPage = 1000;
constexpr int kLooksMax = 20;  // After the last round that cancelled a whole page of runs.

// The position of the tenant's erasure that was recorded, but not completed: what did it was killed.
std::optional<Sequence> interrupted_erasure(const Store& store, const Scope& scope) {
  const std::vector<SealKeyId> retired = store.seal_keys()->retired();
  const LedgerEvents events = LedgerEvents::stored_in(store);
  std::optional<Sequence> found;
  for (const LedgerEvents::Erasure& erasure : events.erasures()) {
    const bool is_pending = std::any_of(erasure.what.keys.begin(), erasure.what.keys.end(), [&](std::uint64_t key) {
      return std::find(retired.begin(), retired.end(), SealKeyId{key}) != retired.end();
    });
    if (is_pending && erasure.what.scope == scope) found = erasure.at;
  }
  return found;
}

RunPage active_runs(const RowStore& rows, const Scope& scope) {
  RunFilter filter;
  filter.workspace = scope.workspace;
  filter.tenant = scope.tenant;
  filter.status.insert(RunStatus::kQueued);
  filter.status.insert(RunStatus::kRunning);
  RunPage page = need(rows.list(filter, kRunsPerPage, ""));
  while (page.rows.empty() && page.next_cursor) page = need(rows.list(filter, kRunsPerPage, *page.next_cursor));
  return page;
}

[[noreturn]] void refuse_active(const RunPage& active) {
  refuse(
      "erase.active_runs",
      fmt::format("expected no active run of the tenant, found {}{}, such as {}: end them, or use --cancel-active",
                  active.rows.size(), active.next_cursor ? " or more" : "", format_uuid(active.rows.front().id.value)));
}

class TenantEraser {
 public:
  TenantEraser(Ledger& ledger, const RowStore& rows, const EraseContent& asked, ActiveRuns active,
               const ErasureSteps& steps)
      : ledger_(ledger), rows_(rows), asked_(asked), active_(active), steps_(steps) {}

  TenantErasure run() {
    Store& store = ledger_.log().store();
    if (store.seal_keys() == nullptr)
      refuse("seal.not_sealed", "expected a ledger made with init --seal-tenants, found one that seals nothing");
    if (const std::optional<Sequence> interrupted = interrupted_erasure(store, asked_.scope)) {
      done_.at = *interrupted;
    } else {
      // Before anything is cancelled.
      if (store.seal_keys()->has_file() && !store.seal_keys()->find(asked_.scope))
        refuse("erase.nothing", "expected content of the tenant, found none since it was last erased, or ever");
      record();
    }
    steps_.follow_rows();
    if (steps_.follow_mirror) done_.mirror_erased = steps_.follow_mirror(done_.at);
    done_.keys_destroyed = complete_erasures(store, rows_);
    return done_;
  }

 private:
  void record() {
    for (int looks = 1;; ++looks) {
      EraseContent asked = asked_;
      asked.seen = ledger_.states().load_scope(asked.scope);
      steps_.follow_rows();
      const RunPage active = active_runs(rows_, asked.scope);
      if (!active.rows.empty()) {
        if (active_ == ActiveRuns::kRefuse || looks >= kLooksMax) refuse_active(active);
        cancel(active);
        if (active.next_cursor) looks = 0;
        continue;
      }
      const Answer answer = ledger_.sequencer().erase(std::move(asked)).get();
      if (const auto* reply = std::get_if<Reply>(&answer)) {
        done_.at = reply->sequence;
        return;
      }
      const auto* refused = std::get_if<Rejection>(&answer);
      if (refused == nullptr || refused->code != "scope.changed" || looks >= kLooksMax) throw_not_done(answer);
    }
  }

  void cancel(const RunPage& active) {
    for (const OperationRun::Row& row : active.rows) {
      CancelRun cancel{.run = row.id, .message = asked_.reason, .initiator = {}};
      const Answer answer = ledger_.submit(std::move(cancel), {}, asked_.caller).get();
      const auto* refused = std::get_if<Rejection>(&answer);
      if (refused != nullptr && refused->code == "run.completed") continue;  // Since the look.
      if (!std::holds_alternative<Reply>(answer)) throw_not_done(answer);
      ++done_.cancelled_runs;
    }
  }

  [[noreturn]] static void throw_not_done(const Answer& answer) {
    if (const auto* refused = std::get_if<Rejection>(&answer)) throw Refused(*refused);
    throw Failure(Remedy::kAskLedger, "outcome.unknown", std::get<UnknownOutcome>(answer).what + "; erase it again");
  }

  Ledger& ledger_;
  const RowStore& rows_;
  const EraseContent& asked_;
  const ActiveRuns active_;
  const ErasureSteps& steps_;
  TenantErasure done_;
};

}  // namespace

TenantErasure erase_tenant(Ledger& ledger, const RowStore& rows, const EraseContent& asked, ActiveRuns active,
                           const ErasureSteps& steps) {
  return TenantEraser(ledger, rows, asked, active, steps).run();
}

}  // namespace runledger
