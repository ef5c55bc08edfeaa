// The client of a ledger in this process, which submits directly to its sequencer.
#include "ledger/client.h"
#include "ledger/ledger.h"

namespace runledger {
namespace {

class EmbeddedClient final : public LedgerClient {
 public:
  EmbeddedClient(Ledger& ledger, const Caller& caller) : ledger_(ledger), caller_(caller) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override {
    return ledger_.submit(ask, options, caller_).get();
  }

 private:
  Ledger& ledger_;
  const Caller caller_;
};

}  // namespace

std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger, const Caller& caller) {
  return std::make_unique<EmbeddedClient>(ledger, caller);
}

}  // namespace runledger
