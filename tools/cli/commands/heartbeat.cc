// `runledger heartbeat`: keeps an attempt alive.
#include "tools/cli/options/arguments.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class HeartbeatSubcommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "heartbeat",
            .summary = "Extends the lease of an attempt that is at work",
            .example = "  runledger heartbeat 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --attempt 1 --token 2"};
  }

  void declare(Options& options) override {
    attempt_.declare(options);
    options.values("--progress", "KEY=N", "How far the work has come, absolute; may be repeated", progress_);
  }

  ExitStatus run(const Context& context) override {
    const RunName run = RunName::require(attempt_.run);
    Heartbeat heartbeat{.run = {}, .attempt = attempt_.require_ref()};
    take_progress(progress_, heartbeat);
    submit_and_print(context, run, [&](RunId found) -> Ask {
      heartbeat.run = found;
      return heartbeat;
    });
    return ExitStatus::kDone;
  }

 private:
  TypedAttempt attempt_;
  std::vector<std::string> progress_;
};

}  // namespace

std::unique_ptr<Subcommand> make_heartbeat() {
  return std::make_unique<HeartbeatSubcommand>();
}

}  // namespace runledger
