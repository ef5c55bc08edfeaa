// A RunSource that sends each claim to a daemon in one RPC call.
#include <algorithm>
#include <chrono>
#include <utility>

#include "clients/cpp/claim_wire.h"
#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a claim with a short wait waits for a daemon that is being restarted. It is short, because the caller claims
// again in any case, and in between may have to handle a stop.
constexpr milliseconds kTimeoutMin{2000};

class RemoteRunSource final : public RunSource {
 public:
  explicit RemoteRunSource(std::shared_ptr<RpcLink> link) : link_(std::move(link)) {}

  ClaimAnswer claim(const ClaimRequest& claim_request, CommandOptions options) override {
    if (!options.id) options.id = CommandId{random_uuid()};
    if (!options.starter) options.starter = starter_;
    const auto until = steady_clock::now() + claim_request.wait;
    ClaimRequest left = claim_request;
    bool is_repeat = false;
    ClaimAnswer answer = UnknownOutcome{"expected an answer of the daemon"};
    const auto outcome = link_->call(
        [&](RpcLink::Capabilities& daemon) -> kj::Promise<void> {
          auto request = daemon.worker().claimRequest();
          if (std::exchange(is_repeat, true)) left.wait = time_left(until);
          wire::write(request.initClaim(), left, options);
          return request.send().then([&answer](auto&& response) { answer = wire::read(response.getAnswer()); });
        },
        std::min(std::max(claim_request.wait, kTimeoutMin), link_->address().timeout), claim_request.wait);
    if (const auto* failure = std::get_if<Failure>(&outcome)) throw *failure;
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
    if (std::holds_alternative<RpcLink::Lost>(outcome))
      return UnknownOutcome{"the daemon was lost while the claim was on its way"};
    return answer;
  }

 private:
  // A repeat waits only for the rest of the time.
  static milliseconds time_left(steady_clock::time_point until) {
    return std::max(std::chrono::ceil<milliseconds>(until - steady_clock::now()), milliseconds(0));
  }

  std::shared_ptr<RpcLink> link_;
  const std::string starter_ = random_starter();
};

}  // namespace

std::unique_ptr<RunSource> remote_run_source(std::shared_ptr<RpcLink> link) {
  return std::make_unique<RemoteRunSource>(std::move(link));
}

}  // namespace runledger
