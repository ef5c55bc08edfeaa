// `runledger start`: starts an attempt.
#include "tools/cli/options/arguments.h"
#include "tools/cli/run_name.h"
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
    options.argument("RUN", kRunHelp, run_);
    options.value("--worker", "NAME", "Who works on it", worker_);
    options.value("--starter", "TEXT",
                  "Names who asks, over several calls: a start that is skipped again is not recorded", starter_);
    options.value("--lease", "SECONDS", "How long the attempt lives without a heartbeat, within the type's bounds",
                  lease_);
    options.flag("--respect-not-before", "Skips a run whose retry is not due yet", respect_not_before_);
    options.flag("--fail-if-deduped", "Ends with status 3 when the worker has to skip it", fail_if_deduped_);
  }

  ExitStatus run(const Context& context) override {
    const RunName run = RunName::require(run_);
    StartAttempt start{.run = {},
                       .worker = sanitize(worker_.value_or("")),
                       .key = {},
                       .lease = find_seconds(lease_, 1),
                       .respect_not_before = respect_not_before_};
    CommandOptions options;
    options.starter = starter_ ? need(parse_starter(*starter_)) : random_starter();
    const auto ask = [&](RunId found) -> Ask {
      start.run = found;
      return start;
    };
    return status_of_reply(submit_and_print(context, run, ask, options), fail_if_deduped_);
  }

 private:
  std::string run_;
  Typed worker_;
  Typed starter_;
  Typed lease_;
  bool respect_not_before_ = false;
  bool fail_if_deduped_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_start() {
  return std::make_unique<Start>();
}

}  // namespace runledger
