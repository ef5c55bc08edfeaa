// `runledger heartbeat`: keeps an attempt alive.
#include "tools/cli/options/arguments.h"
#include "tools/cli/output/answer.h"
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

  void declare(Options& options) override { attempt_.declare(options); }

  ExitStatus run(const Context& context) override {
    const Heartbeat heartbeat{.run = require_run_id(attempt_.run), .attempt = attempt_.require_ref()};
    submit_and_print(context, heartbeat);
    return ExitStatus::kDone;
  }

 private:
  TypedAttempt attempt_;
};

}  // namespace

std::unique_ptr<Subcommand> make_heartbeat() {
  return std::make_unique<HeartbeatSubcommand>();
}

}  // namespace runledger
