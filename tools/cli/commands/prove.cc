// `runledger prove`: writes the proof of an event, of a run, or that the ledger extends an earlier checkpoint.
#include "ledger/evidence/prover.h"
#include "ledger/evidence/scope_prover.h"
#include "ledger/log/store/data_directory.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/delivered_text.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Prove final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "prove",
            .summary = "A file that proves an event, a run, or that the log extends a checkpoint, for verify --proof",
            .example =
                "  runledger prove --event 1 -o event.tlog-proof\n"
                "  runledger prove --run 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 -o run.proof\n"
                "  runledger prove --run 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --complete -o run.evidence\n"
                "  runledger prove --consistency old.checkpoint -o extension.proof"};
  }

  void declare(Options& options) override {
    options.number("--event", "SEQ", "The event to prove", event_);
    options.value("--run", "RUN", "The run of which all events are proven; the first digits of its id will do", run_);
    options.flag("--complete",
                 "With --run: also proves that the run has no other events, and tells nothing of other tenants",
                 complete_);
    options.value("--consistency", "FILE", "An earlier checkpoint of this ledger", consistency_);
    options.value("-o,--output", "FILE", "Writes this file, whole or not at all, instead of standard output", output_);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (event_.has_value() + run_.has_value() + consistency_.has_value() != 1)
      refuse("usage", "expected one of --event, --run and --consistency");
    if (complete_ && !run_) refuse("usage", "expected --run together with --complete");
    const std::optional<std::uint64_t> sequence = require_number(event_, "event", {.min = 1});
    std::optional<RunName> name;
    if (run_) name = RunName::require(*run_);
    std::string old;
    if (consistency_) old = require_file(*consistency_, "consistency", kNoteBytesMax);
    require_ledger(context.data);
    const AuditKey key(context.data);
    QuiescentLedger resting(context);
    const EventLog& log = resting.ledger().log();
    const auto prove_run = [&] {
      const RunId run = name->find(*embedded_reader(resting.ledger()));
      return complete_ ? ScopeProver(log).prove_run(run, key, SystemClock().now()) : Prover(log).prove_run(run, key);
    };
    const std::string proof = sequence ? require_answer(Prover(log).prove_event(Sequence{*sequence}, key))
                              : name   ? require_answer(prove_run())
                                       : require_sound(Prover(log).prove_extension(old, key));
    deliver_text(context, "proof", proof, output_);
    return ExitStatus::kDone;
  }

 private:
  Typed event_;
  Typed run_;
  Typed consistency_;
  Typed output_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_prove() {
  return std::make_unique<Prove>();
}

}  // namespace runledger
