// `runledger failures`: failures by type and reason code, with the shapes of their messages.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

void print_shapes(const JsonValue& answer, Output& out) {
  const auto* groups = answer.find<JsonValue::Array>("groups");
  if (groups == nullptr) return;
  for (const JsonValue& group : *groups) {
    out.line("");
    out.line(cell_text(group.find("type")) + ": " + cell_text(group.find("reason_code")));
    print_answer(group, "shapes",
                 {{{"RUNS", Fit::kWhole, 1}, "runs"}, {"MESSAGE", "shape"}, {{"NEWEST RUN", Fit::kId}, "run_id"}}, out);
  }
}

class FailuresCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "failures",
            .summary = "Failures by type and reason code, with the shapes of their messages",
            .example = "  runledger failures --tenant north --since yesterday",
            .has_columns = true};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.value(options, "reason_code", "CODE", "Only this reason");
    question_.declare_times(options, "Recorded");
    question_.declare_limit(options, "At most so many groups, 1 to 1000 (default 50)");
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("failures"),
               {.rows = "groups",
                .columns = {{{"COUNT", Fit::kWhole, 2}, "count"},
                            {{"TYPE", Fit::kText, 2}, "type"},
                            {{"REASON", Fit::kText, 2}, "reason_code"},
                            {{"SCOPES", Fit::kWhole}, "scopes"},
                            {{"FIRST", Fit::kTime}, "first_at"},
                            {{"LAST", Fit::kTime, 1}, "last_at"},
                            {{"NEWEST RUN", Fit::kId, 1}, "run_id"}},
                .members = {"type", "reason_code", "count", "scopes", "first_at", "last_at", "run_id", "shapes"},
                .after_table = print_shapes});
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_failures() {
  return std::make_unique<FailuresCommand>();
}

}  // namespace runledger
