// The client of a ledger in this process, which submits directly to its sequencer.
#include "ledger/client.h"
#include "ledger/ledger.h"

namespace runledger {
namespace {

class EmbeddedClient final : public LedgerClient {
 public:
  explicit EmbeddedClient(Ledger& ledger) : ledger_(ledger) {}

  Answer submit(const Ask& ask, const CommandOptions& options) override { return ledger_.submit(ask, options).get(); }

 private:
  Ledger& ledger_;
};

}  // namespace

std::unique_ptr<LedgerClient> embedded_client(Ledger& ledger) {
  return std::make_unique<EmbeddedClient>(ledger);
}

}  // namespace runledger
