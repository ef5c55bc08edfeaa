// Asks a daemon whether it can do its work.
#include <fmt/format.h>

#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/failure.h"

namespace runledger {

RemoteHealth ask_health(RpcLink& link) {
  RemoteHealth health;
  const RpcLink::Outcome outcome = link.call(
      [&health](RpcLink::Capabilities& daemon) {
        return daemon.operate().healthRequest().send().then([&health](auto&& response) {
          health.ready = response.getReady();
          health.reason = response.getReason().cStr();
        });
      },
      link.address().timeout);
  RpcLink::need_done(outcome,
                     Failure(Remedy::kRetryLater, "daemon.unreachable",
                             fmt::format("expected an answer of the daemon on {}, lost it", link.address().str())));
  return health;
}

}  // namespace runledger
