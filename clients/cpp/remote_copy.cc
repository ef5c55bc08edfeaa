// Has a daemon make a copy of its ledger, or say where its page is.
#include <fmt/format.h>

#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/failure.h"

namespace runledger {

std::string make_remote_copy(RpcLink& link, CopyOf what) {
  std::string name;
  const RpcLink::Outcome outcome = link.call(
      [&name, what](RpcLink::Capabilities& daemon) {
        auto request = daemon.operate().copyRequest();
        request.setLogOnly(what == CopyOf::kLog);
        return request.send().then([&name](auto&& response) { name = response.getName().cStr(); });
      },
      link.address().timeout);
  RpcLink::need_done(outcome,
                     Failure(Remedy::kRetryLater, "daemon.unreachable",
                             fmt::format("expected a copy of the daemon on {}, lost it", link.address().str())));
  return name;
}

std::string page_address(RpcLink& link) {
  std::string address;
  const RpcLink::Outcome outcome = link.call(
      [&address](RpcLink::Capabilities& daemon) {
        return daemon.operate().pageRequest().send().then(
            [&address](auto&& response) { address = response.getAddress().cStr(); });
      },
      link.address().timeout);
  RpcLink::need_done(outcome,
                     Failure(Remedy::kRetryLater, "daemon.unreachable",
                             fmt::format("expected an answer of the daemon on {}, lost it", link.address().str())));
  return address;
}

}  // namespace runledger
