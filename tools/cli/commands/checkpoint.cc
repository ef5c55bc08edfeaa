// `runledger checkpoint`: signs the size and the root of the ledger's tree.
#include "ledger/evidence/prover.h"
#include "ledger/log/store/data_directory.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/output/delivered_text.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class CheckpointCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "checkpoint",
            .summary = "A signed note of the log's length and root, to be kept elsewhere; verify compares it",
            .example = "  runledger checkpoint -o /srv/witness/runs.checkpoint"};
  }

  void declare(Options& options) override {
    options.value("-o,--output", "FILE", "Writes this file, whole or not at all, instead of standard output", output_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    require_ledger(context.data);
    const AuditKey key(context.data);  // First: the copy of a daemon's ledger is then the newest that is signed.
    QuiescentLedger resting(context, Served::kCopy, Unserved::kLock);
    deliver_text(context, "checkpoint", Prover(resting.ledger().log()).checkpoint(key), output_);
    return ExitStatus::kDone;
  }

 private:
  Typed output_;
};

}  // namespace

std::unique_ptr<Subcommand> make_checkpoint() {
  return std::make_unique<CheckpointCommand>();
}

}  // namespace runledger
