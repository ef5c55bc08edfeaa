// `runledger start`: starts an attempt.
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/answer.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Start final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "start",
            .summary = "Starts an attempt of a run; the answer has its number and token",
            .example = "  runledger start 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --worker w1"};
  }

  void declare(Options& options) override {
    options.argument("RUN", "The run's id", run_);
    options.value("--worker", "NAME", "Who works on it", worker_);
    options.flag("--fail-if-deduped", "Ends with status 3 when the worker has to skip it", fail_if_deduped_);
  }

  ExitStatus run(const Context& context) override {
    const StartAttempt start{.run = require_run_id(run_), .worker = sanitize(worker_.value_or(""))};
    return status_of_reply(submit_and_print(context, start), fail_if_deduped_);
  }

 private:
  std::string run_;
  Typed worker_;
  bool fail_if_deduped_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_start() {
  return std::make_unique<Start>();
}

}  // namespace runledger
