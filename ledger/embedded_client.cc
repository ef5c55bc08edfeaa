// The client of a ledger in this process: straight to the sequencer.
#include "ledger/client.h"
#include "ledger/ledger.h"

namespace runledger {
namespace {

class EmbeddedClient final : public LedgerClient {
 public:
  explicit EmbeddedClient(Ledger& ledger) : ledger_(ledger) {}

  Answer request(const RunRequest& order, CommandOptions mark) override {
    Result<RequestRun> request = ledger_.prepare_request(order);
    if (!request) return request.rejection();
    return submit(*std::move(request), mark);
  }
  Answer start(const StartAttempt& start, CommandOptions mark) override { return submit(start, mark); }
  Answer start_by_identity(const IdentityStart& start, CommandOptions mark) override {
    Result<RequestRun> request = ledger_.prepare_request(start.order);
    if (!request) return request.rejection();
    return submit(StartByIdentity{.request = *std::move(request), .worker = start.worker}, mark);
  }
  Answer heartbeat(const Heartbeat& heartbeat) override { return submit(heartbeat, {}); }
  Answer finish(const FinishAttempt& finish, CommandOptions mark) override { return submit(finish, mark); }
  Answer fail(const FailRun& fail, CommandOptions mark) override { return submit(fail, mark); }
  Answer expire(RunId run) override { return submit(ExpireLease{run}, {}); }

 private:
  Answer submit(Command command, const CommandOptions& mark) {
    return ledger_.sequencer()
        .submit({.command = std::move(command), .id = mark.id, .occurred_at = mark.occurred_at})
        .get();
  }

  Ledger& ledger_;
};

}  // namespace

std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger) {
  return std::make_unique<EmbeddedClient>(ledger);
}

}  // namespace runledger
