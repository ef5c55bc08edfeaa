// `runledger fail` and `runledger cancel`: end a run without the end of an attempt.
#include "tools/cli/options/arguments.h"
#include "tools/cli/run_name.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

std::optional<SanitizedText> sanitized(const Typed& name) {
  return name ? std::optional(sanitize(*name)) : std::nullopt;
}

class Fail final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "fail",
            .summary = "Ends a run as failed, without an attempt's end",
            .example =
                "  runledger fail 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --reason run.stale_queued \\\n"
                "      --message 'never picked up'"};
  }

  void declare(Options& options) override {
    options.argument("RUN", kRunHelp, run_);
    options.required_value("--reason", "CODE", "Why, as a stable code such as dispatch.failed", reason_);
    options.value("--message", "TEXT", "Why, for people", message_);
    options.value("--initiator", "NAME", "Who ends the run", initiator_);
  }

  ExitStatus run(const Context& context) override {
    const RunName run = RunName::require(run_);
    FailRun fail{.run = {},
                 .reason_code = need(parse_reason_code(reason_)),
                 .message = sanitize(message_.value_or("")),
                 .outcome = RunOutcome::kFailed,
                 .initiator = sanitized(initiator_)};
    submit_and_print(context, run, [&](RunId found) -> Ask {
      fail.run = found;
      return fail;
    });
    return ExitStatus::kDone;
  }

 private:
  std::string run_;
  std::string reason_;
  Typed message_;
  Typed initiator_;
};

class Cancel final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "cancel",
            .summary = "Ends a run as cancelled",
            .example =
                "  runledger cancel 5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11 --message 'asked for by mistake' \\\n"
                "      --initiator ann"};
  }

  void declare(Options& options) override {
    options.argument("RUN", kRunHelp, run_);
    options.value("--message", "TEXT", "Why, for people", message_);
    options.value("--initiator", "NAME", "Who ends the run", initiator_);
  }

  ExitStatus run(const Context& context) override {
    const RunName run = RunName::require(run_);
    CancelRun cancel{.run = {}, .message = sanitize(message_.value_or("")), .initiator = sanitized(initiator_)};
    submit_and_print(context, run, [&](RunId found) -> Ask {
      cancel.run = found;
      return cancel;
    });
    return ExitStatus::kDone;
  }

 private:
  std::string run_;
  Typed message_;
  Typed initiator_;
};

}  // namespace

std::unique_ptr<Subcommand> make_fail() {
  return std::make_unique<Fail>();
}
std::unique_ptr<Subcommand> make_cancel() {
  return std::make_unique<Cancel>();
}

}  // namespace runledger
