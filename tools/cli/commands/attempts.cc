// `runledger attempts`: attempts, the latest first.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class AttemptsCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "attempts",
            .summary = "Attempts, the latest first",
            .example = "  runledger attempts --worker w1 --since 2026-01-31T12:00:00Z --limit 20"};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.value(options, "worker", "NAME", "Only those of this worker");
    question_.declare_times(options, "Recorded");
    question_.declare_page(options);
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("attempts"), [](const JsonValue& answer, Output& out) {
      print_answer(answer, "attempts",
                   {{"RUN", "run_id"},
                    {"N", "attempt"},
                    {"TYPE", "type"},
                    {"WORKSPACE", "workspace_id"},
                    {"TENANT", "tenant_id"},
                    {"WORKER", "worker"},
                    {"STARTED", "started_at"},
                    {"ENDED", "ended_at"},
                    {"OUTCOME", "outcome"},
                    {"REASON", "reason_code"}},
                   out);
    });
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_attempts() {
  return std::make_unique<AttemptsCommand>();
}

}  // namespace runledger
