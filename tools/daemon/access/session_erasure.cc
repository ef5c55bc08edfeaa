// The erasure of a tenant through the daemon, whose own threads keep the rows and the mirror.
#include <future>
#include <memory>

#include "ledger/base/failure.h"
#include "tools/daemon/access/session.h"

namespace runledger {
namespace {

// An erasure changes all rows of a tenant.
constexpr auto kErasureRowsTimeout = std::chrono::minutes(10);

}  // namespace

// Returns whether the mirror came as far as the event within the time that a caller may wait for it.
bool Session::mirror_reaches(Sequence position) const {
  const auto reached = std::make_shared<std::promise<bool>>();
  const Waiting waiting =
      mirror_->wait({.position = position, .time = MirrorWaits::kWaitMax},
                    [reached](const std::optional<Rejection>& refused) { reached->set_value(!refused); });
  return reached->get_future().get();
}

Result<TenantErasure> Session::erase(const Scope& scope, const SanitizedText& reason, ActiveRuns active) const {
  if (auto denied = grant_.deny_operation()) return *std::move(denied);
  if (auto behind = wait_for_rows(Sequence{})) return *std::move(behind);
  ErasureSteps steps{.follow_rows = [this] {
    if (!rows_->wait_for(ledger_->log().last(), kErasureRowsTimeout))
      throw Failure(Remedy::kRetryLater, "rows.behind", "expected the rows to follow the log, found them behind");
  }};
  if (mirror_ != nullptr) steps.follow_mirror = [this](Sequence position) { return mirror_reaches(position); };
  try {
    return erase_tenant(*ledger_, rows_->rows(), {.scope = scope, .reason = reason, .caller = caller_, .seen = {}},
                        active, steps);
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

}  // namespace runledger
