// Has a daemon erase what a tenant has written.
#include <fmt/format.h>

#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "clients/cpp/wire_fields.h"
#include "ledger/base/failure.h"

namespace runledger {
namespace {

// Tables of rows are rewritten meanwhile, and the daemon may wait for its mirror.
constexpr std::chrono::hours kErasureMax{1};

}  // namespace

Result<TenantErasure> erase_remotely(RpcLink& link, const EraseContent& asked, ActiveRuns active) {
  TenantErasure done;
  const RpcLink::Outcome outcome = link.call(
      [&](RpcLink::Capabilities& daemon) {
        auto request = daemon.operate().eraseRequest();
        request.setWorkspace(wire::to_text(asked.scope.workspace.str()));
        request.setTenant(wire::to_text(asked.scope.tenant.value().str()));
        request.setReason(wire::to_text(asked.reason.str()));
        request.setCancelActive(active == ActiveRuns::kCancel);
        return request.send().then([&done](auto&& response) {
          done = {.at = Sequence{response.getSequence()},
                  .cancelled_runs = response.getCancelledRuns(),
                  .keys_destroyed = response.getKeysDestroyed(),
                  .mirror_erased = response.getMirrorErased()};
        });
      },
      link.address().timeout, kErasureMax);
  if (const auto* refused = std::get_if<Rejection>(&outcome)) return *refused;
  RpcLink::need_done(outcome, Failure(Remedy::kAskLedger, "outcome.unknown",
                                      fmt::format("expected the answer of the daemon on {}, lost it: erase again",
                                                  link.address().str())));
  return done;
}

}  // namespace runledger
