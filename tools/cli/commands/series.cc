// `runledger series`: what happened in each step of a time: runs requested, completed, failed, duplicates.
#include "tools/cli/ask.h"
#include "tools/cli/options/question_options.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class SeriesCommand final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "series",
            .summary = "What happened in each step of a time: runs requested, completed, failed, duplicates",
            .example = "  runledger series --since 2026-01-31T00:00:00Z --step 3600 --by outcome"};
  }

  void declare(Options& options) override {
    question_.declare_scope(options);
    question_.declare_times(options, "Recorded");
    question_.number(options, "step", "SECONDS", "The length of a step, in whole minutes; at most 400 steps");
    question_.value(options, "by", "WHAT", "outcome, rule, type or tenant");
    question_.value(options, "of", "WHAT",
                    "With --by type or tenant: requested, started, deduped, completed or failed");
  }

  ExitStatus run(const Context& context) override {
    return ask(context, question_.require_question("series"), [](const JsonValue& answer, Output& out) {
      out.line("from " + cell_text(answer.find("since")) + " to " + cell_text(answer.find("until")) + " in steps of " +
               cell_text(answer.find("step_seconds")) + " s");
      print_answer(answer, "series", {{"NAME", "name"}, {"TOTAL", "total"}, {"POINTS", "points"}}, out);
    });
  }

 private:
  TypedQuestion question_;
};

}  // namespace

std::unique_ptr<Subcommand> make_series() {
  return std::make_unique<SeriesCommand>();
}

}  // namespace runledger
