// `runledger failures`: failures by type and reason code, with the shapes of their messages.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class FailuresCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "failures",
            .summary = "Failures by type and reason code, with the shapes of their messages",
            .example = "  runledger failures --tenant north --since 2026-01-31T12:00:00Z"};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.value(options, "reason_code", "CODE", "Only this reason");
    question_.declare_times(options, "Recorded");
    question_.number(options, "limit", "N", "At most so many groups, 1 to 1000 (default 50)");
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("failures"), [](const JsonValue& answer, Output& out) {
      print_answer(answer, "groups",
                   {{"COUNT", "count"},
                    {"TYPE", "type"},
                    {"REASON", "reason_code"},
                    {"SCOPES", "scopes"},
                    {"FIRST", "first_at"},
                    {"LAST", "last_at"},
                    {"NEWEST RUN", "run_id"}},
                   out);
      if (const auto* groups = answer.find<JsonValue::Array>("groups")) {
        for (const JsonValue& group : *groups) {
          out.line("");
          out.line(cell_text(group.find("type")) + ": " + cell_text(group.find("reason_code")));
          print_answer(group, "shapes", {{"RUNS", "runs"}, {"MESSAGE", "shape"}, {"NEWEST RUN", "run_id"}}, out);
        }
      }
    });
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_failures() {
  return std::make_unique<FailuresCommand>();
}

}  // namespace runledger
