// `runledger finish`: ends an attempt.
#include "ledger/rules/report.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Finish final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "finish",
            .summary = "Ends an attempt, with what it counted and what failed",
            .example =
                "  runledger finish 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --attempt 1 --token 2 \\\n"
                "      --outcome partially_succeeded --count total=3 --count succeeded=2 --count failed=1 \\\n"
                "      --failure 'graph.throttled:429 after 5 tries'"};
  }

  void declare(Options& options) override {
    attempt_.declare(options);
    options.required_value("--outcome", "succeeded|partially_succeeded|blocked|failed|cancelled", "How it ended",
                           outcome_);
    options.values("--count", "KEY=N", "A count of this attempt, absolute; may be repeated", counts_);
    options.values("--failure", "CODE[:MESSAGE]", "Something that failed; may be repeated", failures_);
    options.flag("--no-retry", "After `failed`: another attempt would be pointless", no_retry_);
  }

  ExitStatus run(const Context& context) override {
    const RunName run = RunName::require(attempt_.run);
    FinishAttempt finish;
    finish.attempt = attempt_.require_ref();
    finish.outcome = need(parse_reported_outcome(outcome_));
    take_counts(counts_, finish);
    take_failures(failures_, finish);
    finish.retryable = !no_retry_;
    submit_and_print(context, run, [&](RunId found) -> Ask {
      finish.run = found;
      return finish;
    });
    return ExitStatus::kDone;
  }

 private:
  TypedAttempt attempt_;
  std::string outcome_;
  std::vector<std::string> counts_;
  std::vector<std::string> failures_;
  bool no_retry_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_finish() {
  return std::make_unique<Finish>();
}

}  // namespace runledger
