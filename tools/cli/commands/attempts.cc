// `runledger attempts`: attempts, the latest first.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class AttemptsCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "attempts",
            .summary = "Attempts, the latest first",
            .example = "  runledger attempts --worker w1 --since 2h -n 20",
            .has_columns = true};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.value(options, "worker", "NAME", "Only those of this worker");
    question_.declare_times(options, "Recorded");
    question_.declare_page(options);
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("attempts"),
               {.rows = "attempts",
                .columns = {{{"RUN", Fit::kId, 2}, "run_id"},
                            {{"N", Fit::kWhole, 2}, "attempt"},
                            {{"TYPE", Fit::kText, 2}, "type"},
                            {"WORKSPACE", "workspace_id"},
                            {"TENANT", "tenant_id"},
                            {{"WORKER", Fit::kText, 1}, "worker"},
                            {{"STARTED", Fit::kTime, 1}, "started_at"},
                            {{"ENDED", Fit::kTime}, "ended_at"},
                            {{"OUTCOME", Fit::kWhole, 2}, "outcome"},
                            {{"REASON", Fit::kText, 1}, "reason_code"}},
                .members = {"run_id", "attempt", "type", "workspace_id", "tenant_id", "token", "worker", "started_at",
                            "recorded_at", "lease_seconds", "ended_at", "outcome", "reason_code", "late", "run_status",
                            "run_outcome"},
                .every_page = question_.wants_every_page()});
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_attempts() {
  return std::make_unique<AttemptsCommand>();
}

}  // namespace runledger
